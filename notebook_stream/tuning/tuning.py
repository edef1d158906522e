"""`Tuning`: a template with its controls, run again and again; its runs, one of them shown. Asks nobody."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ipywidgets

from .. import hosts
from .. import template as templates
from ..errors import UsageError, brief
from ..widget import Displays, Stream, belongs_to_cell, displayed, settled
from .code import code_of
from .controls import Controls
from .differences import side_by_side
from .keeping import Bundle, bundle_of
from .names import check_changes
from .panel import Panel
from .trial import Trial, figures, label, said, varied

MAX_RUNS = 50
"""How many runs are kept; the oldest go first."""
CLASS = "notebook-stream-tuning"
KEPT_CLASS = "notebook-stream-kept"
"""On the element around it where the notebook keeps a copy; its twins are in js/src/notebook.ts."""


class Tuning(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A template with its controls. Made by `tune()`.

    `controls` has the widgets by name, `settings` what they say now. `run()` asks with these, `runs` has what
    was asked so far, and `stream` is the one that is shown; `code` repeats it.
    """

    def __init__(
        self,
        template: str,
        controls: Controls,
        options: Mapping[str, Any],
        ask: Callable[..., Stream],
    ) -> None:
        self._template = template
        self._options = dict(options)
        self._ask = ask
        self._known = inspect.signature(ask).parameters
        self._is_private = options.get("save_prompt") is False
        self._trials: list[Trial] = []
        self._made = 0
        self._present: Trial | None = None
        self._cell = hosts.current_cell()
        self._displays = Displays()
        self._displayed_in: str | None = None
        self._is_frozen = False
        self._lock = threading.RLock()  # a run ends on another thread than that of the clicks
        self._setter = 0  # the thread that is turning the list itself, for what it does is no choice
        self.controls = controls
        self._panel = Panel(controls.shown, self._bundle, "" if self._is_private else template)
        super().__init__(children=self._panel.children)
        self.add_class(CLASS)
        self._panel.run.on_click(lambda _: self._run_from_page())
        self._panel.stop.on_click(lambda _: self.stop())
        self._panel.compare.on_click(lambda _: self._compare())
        self._panel.runs.observe(lambda _: self._selected(), "value")
        self._panel.code.observe(lambda _: self._show_code(), "value")

    # What it says

    @property
    def settings(self) -> dict[str, Any]:
        """What the controls say now, by name."""
        return self.controls.settings()

    @property
    def runs(self) -> list[Trial]:
        """The runs so far, the oldest first, `MAX_RUNS` at most; each has its `settings` and its `stream`."""
        return list(self._trials)

    @property
    def stream(self) -> Stream | None:
        """The run that is shown; None before the first."""
        return self._present.stream if self._present else None

    @property
    def code(self) -> str:
        """Python that repeats the run that is shown; before the first run, what Run would ask."""
        if self._present:
            return code_of(self._present.prompt, self._present.params)
        return code_of(*self._request({}))

    # What it does

    @brief
    def run(self, **changes: Any) -> Stream:
        """Turn the controls named in `changes`, and ask with what all of them say now.

        A change that no control is named for is a parameter of this run alone.

        Raises:
            UsageError: a change that its control does not take, one that is no control and no parameter that
                is known, or whatever `stream()` finds wrong.
        """
        check_changes(changes, self.controls, self._known)
        self.controls.set({name: value for name, value in changes.items() if name in self.controls})
        settings = self.settings
        prompt, params = self._request({n: v for n, v in changes.items() if n not in self.controls})
        stream = self._ask(prompt, **params)
        with self._lock:
            self._made += 1
            trial = Trial(self._made, prompt, settings, params, stream)
            self._trials = [*self._trials, trial][-MAX_RUNS:]
            self._show(trial)
        if self._cell is not None:
            belongs_to_cell(stream, self._cell)
        stream.observe(lambda change: self._run_changed(trial), "status")
        if trial.has_ended:  # perhaps before there was an observer
            self._run_changed(trial)
        return stream

    def stop(self) -> None:
        """Stop what is running, and keep its text."""
        for trial in self._running():
            trial.stream.stop()

    def close(self) -> None:
        """Stop what is running, and remove the live view; the copy in the notebook stays."""
        self.stop()
        settled(self)
        parts = self._parts()
        self._panel.answer.children = ()
        if self._present:
            self._present.stream.left_layout()
        for part in parts:
            part.close()
        super().close()

    @brief
    def freeze(self) -> None:
        """Leave only the static copy, and let go of the controls.

        Raises:
            UsageError: a run has not ended.
        """
        if self._running():
            raise UsageError("freeze() keeps a finished answer; one is still coming: stop it, or wait.")
        self._is_frozen = True
        self._displays.freeze(self._bundle())
        self.close()

    def _request(self, more: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The filled template, and the parameters of `stream()`: an empty text or None is not sent."""
        settings = self.settings
        prompt = templates.fill(self._template, settings)
        own = {name: value for name, value in settings.items() if name not in self.controls.variables}
        said = {name: value for name, value in own.items() if value is not None and value != ""}
        return prompt, {**said, **self._options, **more}

    def _running(self) -> list[Trial]:
        return [trial for trial in self._trials if not trial.has_ended]

    # What is pressed on the page

    def _run_from_page(self) -> None:
        try:
            self.run()
        except UsageError as exc:
            self._panel.say(str(exc))
        except Exception as exc:  # of a control of the user's; it would be lost in a log
            self._panel.say(f"{type(exc).__name__}: {exc}")

    def _selected(self) -> None:
        """One run is chosen: bring it back. Two: they can be compared."""
        if self._setter == threading.get_ident():
            return
        with self._lock:
            chosen = self._chosen()
            if len(chosen) == 1 and chosen[0] is not self._present:
                self._show(chosen[0])
                self._bring_back_controls(chosen[0])
            self._refresh()

    def _bring_back_controls(self, trial: Trial) -> None:
        try:
            self.controls.set(trial.settings)
        except UsageError as exc:
            self._panel.say(str(exc))

    def _compare(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 2:
            names = varied(chosen)
            sides = [(label_of(trial, names), trial.stream.text) for trial in chosen]
            self._panel.show_comparison(side_by_side(sides[0], sides[1]))

    def _show_code(self) -> None:
        try:
            self._panel.code_view.code = self.code if self._panel.code.value else ""
        except UsageError as exc:
            self._panel.say(str(exc))

    # What is shown

    def _show(self, trial: Trial) -> None:
        with self._lock:
            before, self._present = self._present, trial
            self._panel.say("")
            self._panel.show_prompt("" if trial.is_private else trial.prompt)
            # Where no page is, nbclient would keep the whole state of a live view in the notebook's file.
            self._panel.answer.children = [] if hosts.is_headless() else [trial.stream]
            if before is not None and before.stream is not trial.stream:
                before.stream.left_layout()
        self._refresh()
        if trial.has_ended:
            self._keep()

    def _run_changed(self, trial: Trial) -> None:
        self._refresh()
        with self._lock:
            if trial is not self._present:
                trial.stream.left_layout()  # where it was still running as another took its place
        if self._present and self._present.has_ended:
            self._keep()

    def _refresh(self) -> None:
        """Have every part say how things stand. On any thread."""
        with self._lock:
            panel, trials = self._panel, self._trials
            is_running = bool(self._running())
            panel.run.disabled, panel.stop.disabled = is_running, not is_running
            panel.show_history(len(trials))
            self._list_runs(trials)
            chosen = self._chosen()
            panel.compare.disabled = len(chosen) != 2
            if len(chosen) != 2:
                panel.show_comparison("")
            self._show_code()

    def _list_runs(self, trials: list[Trial]) -> None:
        names = varied(trials)
        options = [(label(trial, names), trial.number) for trial in reversed(trials)]
        numbers = [number for _, number in options]
        chosen = tuple(number for number in self._panel.runs.value if number in numbers)
        if len(chosen) < 2 and self._present:
            chosen = tuple(number for number in (self._present.number,) if number in numbers)
        with self._own_changes():
            if list(self._panel.runs.options) != options:
                self._panel.runs.options = options
            self._panel.runs.value = chosen

    def _chosen(self) -> list[Trial]:
        return [trial for trial in self._trials if trial.number in self._panel.runs.value]

    @contextmanager
    def _own_changes(self) -> Iterator[None]:
        self._setter = threading.get_ident()
        try:
            yield
        finally:
            self._setter = 0

    def _parts(self) -> list[ipywidgets.Widget]:
        """All that it consists of, layouts and styles as well, but for the streams."""
        parts: list[ipywidgets.Widget] = [self.layout, *self.children]
        for part in parts:
            inner = (
                *getattr(part, "children", ()),
                getattr(part, "layout", None),
                getattr(part, "style", None),
            )
            new = (each for each in inner if isinstance(each, ipywidgets.Widget) and each not in parts)
            parts += [each for each in new if not isinstance(each, Stream)]
        return parts

    # What the notebook keeps

    def _bundle(self, remark: str = "") -> Bundle:
        present = self._present
        answer = present.stream.copy_now("" if present.has_ended else remark) if present else None
        is_private = self._is_private or any(trial.is_private for trial in self._trials)
        return bundle_of(self._template, self._trials, present, answer, is_private)

    def _keep(self, remark: str = "") -> None:
        """Put the copy of what there is now into its places."""
        if self._displays.are_due:
            copy = self._bundle(remark)
            self._displays.settle(copy, is_whole=False)
            self._panel.code_view.kept(self.model_id, copy)

    def settle_here(self, remark: str) -> None:
        """As `Shown.settle_here`: the copy of now, for a client that reads nothing after the cell's end."""
        self._keep(remark)

    def display(self) -> None:
        """Show it here and now, in a notebook."""
        self._ipython_display_()

    def _ipython_display_(self) -> None:
        here = hosts.current_execution()
        if hosts.in_displayhook() and here is not None and here == self._displayed_in:
            return  # the last expression of the cell that has displayed it already
        self._displayed_in = here
        if not hosts.in_notebook():
            print(repr(self))  # noqa: T201  # a terminal has no controls
        elif self._is_frozen:
            self._displays.show_copy(self._bundle())
        else:
            self.add_class(KEPT_CLASS)
            self._displays.show_beside(self._live_bundle)
            displayed(self)
            self._keep()

    def _live_bundle(self) -> Bundle:
        if hosts.is_headless():
            return {"text/plain": repr(self)}, {}  # no page is there
        data = super()._repr_mimebundle_()
        return {**(data[0] if isinstance(data, tuple) else data), "text/plain": repr(self)}, {}

    def __repr__(self) -> str:
        count = len(self._trials)
        return (
            f"<Tuning of {', '.join(self.controls) or 'no controls'}: {count} run{'' if count == 1 else 's'}>"
        )


def label_of(trial: Trial, names: list[str]) -> str:
    """The title of one side of a comparison."""
    return " · ".join(filter(None, (f"Run {trial.number}", said(trial.settings, names), figures(trial))))
