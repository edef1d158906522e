"""`Stream`: what the user holds of a run: what has come, its end, its display. Parses nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from .. import hosts, loop, marimo, saved
from ..errors import UsageError, brief
from ..recording import Recording
from ..session import Event, Readable, Result, text_of
from . import terminal
from .live import LiveWidget
from .record import session_of
from .recorded import Recorded, kept_in
from .shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STOP_WAIT_SECONDS = 1.0
"""How long `stop()` waits for the connection to be closed; usually it takes milliseconds."""


class Stream(LiveWidget):
    """One run: its text as it comes, Stop, its end. Made by `stream()` and `show()`.

    `await s` and `s.result()` give the `Result`, or raise `StreamError` (with `.result`, the partial text)
    where the run was interrupted or failed. `for piece in s.text_stream` and `async for` give the text as it
    comes, from the first piece on. `s.observe(f, "text")` calls `f` with each change, coalesced.
    """

    _begin: ClassVar[Callable[[Stream], Stream]]
    """Starts a prepared run, and shows it where it is to be; set by whoever knows how to ask, like these:"""
    ask_again: ClassVar[Callable[..., Stream] | None] = None
    """What prepares a request of a notebook's again, with changes."""
    options_kept: ClassVar[Callable[..., dict[str, Any]] | None] = None
    """What such a request may bring to a follow-up (`after=`)."""
    ask_rest: ClassVar[Callable[..., Stream]]
    """What prepares the request for the rest of an answer that was cut off, with changes."""
    ask_branch: ClassVar[Callable[[Stream, str], Stream]]
    """What prepares the request for an answer that goes on after a text."""
    branch_at: ClassVar[Callable[[Stream, int, int | str], Stream]]
    """The same after one of its tokens, with an alternative."""
    inspected: ClassVar[Callable[..., Shown]]
    """What makes an inspector of it."""

    def __init__(self, *, messages: list[dict[str, Any]], **options: Any) -> None:
        self._options: dict[str, Any] = {}
        self._remake: Callable[..., Stream] | None = None
        self._messages = messages
        super().__init__(**options)

    @classmethod
    def from_output(cls, metadata: Mapping[str, Any]) -> Stream:
        """The finished run that a notebook's output was made of: for its text, `again()` and `inspect()`.

        `metadata` is that of the output, as nbformat reads it. Its key is not kept anywhere: `again()` takes
        it from the environment, or as `api_key=` (where it names a server of its own, with `base_url=`).

        Raises:
            UsageError: it is not the metadata of a stream's output.
        """
        record = saved.from_metadata(metadata)
        session = session_of(record)
        request = record.request
        made = cls(
            make_session=lambda on_event, on_end: session,
            messages=[dict(message) for message in (request or {}).get("messages") or ()],
            asked={"json": True} if record.is_json else {},
            request=request,
            version=record.version,
            recorded=kept_in(record.recording),
        )
        if request is not None and cls.ask_again is not None and cls.options_kept is not None:
            made._remake = functools.partial(cls.ask_again, request)
            made._options = cls.options_kept(request)
        return made

    @classmethod
    def from_recording(cls, recording: Recording) -> Stream:
        """The finished run that `recording` is of."""
        session = recording.session()
        return cls(
            make_session=lambda on_event, on_end: session,
            messages=[],
            asked=cast(Any, dict(recording.header.asked)),
            recorded=Recorded(recording=recording),
        )

    # What has come

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the request, without the answer: what `stream(..., after=s)` puts before."""
        return [dict(message) for message in self._messages]

    @property
    def events(self) -> list[Event]:
        """The events so far."""
        return self._session.log.events()

    @property
    def recording(self) -> Recording:
        """What has come so far and when: to be saved, replayed and looked into.

        Raises UsageError: the run was not recorded (`record=False`).
        """
        return self._recorded.now(self._session)

    @property
    def text_stream(self) -> Readable[str]:
        """The answer's pieces from the first on: `for` and `async for`. Raises what `result()` raises."""
        return self._readable(text_of)

    @property
    def event_stream(self) -> Readable[Event]:
        """The events from the first on: `for` and `async for`."""
        return self._readable(lambda event: event)

    def _readable(self, pick: Callable[[Event], Any]) -> Readable[Any]:
        session = self._session
        return Readable(
            session.log,
            pick,
            at_end=session.outcome,
            on_interrupt=session.stop,
            watch=hosts.watch_interrupts,
        )

    # Its end

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end and return the `Result`.

        Raises StreamError for a run that was interrupted or failed, TimeoutError after `timeout` seconds (the
        run goes on). An interrupt of the cell stops the run and keeps its text.
        """
        __tracebackhide__ = True
        self._block(self._session.wait, timeout)
        return self._session.outcome()

    def __await__(self) -> Generator[Any, None, Result]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> Result:
        __tracebackhide__ = True
        await self._until_ended()
        return self._session.outcome()

    def stop(self) -> None:
        """End the run and keep its text: any thread, any time, twice is fine."""
        self._session.stop()
        if not loop.background().is_current():
            self._session.wait(STOP_WAIT_SECONDS)

    @brief
    def again(self, **changes: Any) -> Stream:
        """The same request with `changes`, as a new Stream."""
        return self.prepare_again(**changes)._begin()

    def prepare_again(self, **changes: Any) -> Stream:
        """The same for somebody else to begin. Raises UsageError: it cannot be asked again."""
        if self._remake is None:
            raise UsageError("again() needs a request or a function; this stream came from show(iterable).")
        return self._remake(**changes)

    @brief
    def resume(self, **changes: Any) -> Stream:
        """Continue: a new Stream that goes on where this answer was cut off, with `changes` to the request.

        For an answer that was stopped, interrupted, or cut off at its token limit, where the server can go on
        with one: see the README for which. The new one's `text` begins with what is here already; it is shown
        as one answer. Its usage, metrics and limits (`max_chars`, `max_cost`, ...) are of the new run alone,
        which pays for the text so far as a part of its prompt. A `stop_when` that has been met is taken away.

        Raises UsageError where there is nothing to go on with, or the server cannot; it says what instead.
        """
        return self.prepare_rest(**changes)._begin()

    def prepare_rest(self, **changes: Any) -> Stream:
        """The same for somebody else to begin."""
        return type(self).ask_rest(self, **changes)

    @property
    def can_branch(self) -> bool:
        """Whether its server is known to go on with a text, and so from any token."""
        return self._goes_on is not None and self._remake is not None and self._goes_on("A text")

    def prepare_branch(self, text: str) -> Stream:
        """The same request, prepared for the answer to go on after `text`. Raises UsageError: it cannot."""
        return type(self).ask_branch(self, text)

    @brief
    def branch(self, token: int, alternative: int | str) -> Stream:
        """Go on from the `token`th token (from 0) of the answer with another one in its place: a new Stream.

        `alternative` is a text, or the number of one of that token's alternatives, the likeliest first. Its
        `text` begins with what goes before. Raises UsageError: there is no such token, or the server cannot
        go on with a text (see the README for which can).
        """
        return type(self).branch_at(self, token, alternative)._begin()

    def close(self) -> None:
        """Stop the run and remove its live views; where its answer is displayed, the static copy stays."""
        session = getattr(self, "_session", None)
        if session is not None and not session.has_ended:
            session.stop("user")
        if getattr(self, "comm", None) is not None:
            self._close_comm()

    def __repr__(self) -> str:
        m = self._session.metrics()
        seconds = f"{self._session.elapsed_s():.1f} s"
        tokens = f"{'≈ ' if m.estimated else ''}{m.tokens} tokens"
        return f"<Stream {' '.join(filter(None, (self.model, self.status, seconds, tokens)))}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Stream cannot be pickled: it holds a connection; pickle s.result() instead.")

    # Display

    def _ipython_display_(self) -> None:
        if self._is_shown_by_cell():
            return
        if not hosts.in_notebook():
            self._may_open = True
            self.open()
            terminal.show(self)
        elif not self._settle and not hosts.is_headless():
            self._show_to_stay()
        elif self._session.has_ended:
            self._displays.show_copy(self._make_copy())
        else:
            self._show_live()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The live view, or the static copy of a run that has ended; for hosts that ask for it."""
        if self._settle and self._session.has_ended:
            return self._make_copy()
        return super()._repr_mimebundle_(**kwargs)

    def _display_(self) -> Any:
        """What marimo shows: the live view, or the static copy of a run that has ended."""
        if self._settle and self._session.has_ended:
            data, _ = self._make_copy()
            return marimo.as_html(data["text/html"])
        return marimo.as_widget(self)

    def display(self) -> None:
        """Show it here and now, in a notebook."""
        if marimo.is_here():
            marimo.show(self)
        else:
            self._ipython_display_()

    @brief
    def inspect(self, view: str = "tokens", *, projector: bool = False, display: bool = True) -> Shown:
        """Show what has come and how: the answer, its tokens, their times, the events of the wire.

        Live, and after the end, when it can be played again. `view`: what is open at first beside the answer:
        answer, tokens, timing or wire. `projector`: large type. The view stays; what the notebook's file
        keeps of it is a static copy in a second output right below. Returns the `Inspector`. Raises
        UsageError: there is no such view.
        """
        return type(self).inspected(self, view=view, projector=projector, display=display)

    @brief
    def plot_timing(self) -> Figure:
        """A picture of when the answer came so far: see `Recording.plot_timing`."""
        return self.recording.plot_timing()

    @brief
    def plot_tokens(self) -> Figure:
        """A picture of the tokens that came so far: see `Recording.plot_tokens`."""
        return self.recording.plot_tokens()

    def freeze(self) -> None:
        """Leave only the static copy of each view that stays, and let go of the widget.

        Raises:
            UsageError: the run has not ended.
        """
        if not self._session.has_ended:
            raise UsageError("freeze() keeps a finished answer; this one is still coming: await or stop it.")
        self._freeze()
