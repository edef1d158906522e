"""A comparison as the page sees it: many runs in one widget with one comm. Makes no request."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import traitlets as t

from .. import loop, wire
from ..errors import UsageError
from ..widget import STATIC, Bundle, Staying, Stream
from . import files, static
from .agreement import Agreement
from .arrangement import arrange, layout_of
from .axes import Axis
from .courier import Courier
from .runs import Make, Runs


class Grid(Staying):
    """The widget of a comparison, without what the user does with it."""

    requests = Staying.requests | {"stop_cells", "again", "resume", "missing"}

    _esm = t.Unicode((STATIC / "comparison.js").read_text(encoding="utf-8")).tag(sync=True)
    _layout = t.Any(None).tag(sync=True)
    _opening = t.Any(None).tag(sync=True)

    def __init__(
        self,
        axes: Sequence[Axis],
        points: Sequence[Sequence[int]],
        first: Sequence[Stream],
        makers: Sequence[Make],
        *,
        concurrency: int = 8,
        max_seconds: float | None = None,
        max_cost: float | None = None,
        keep_running: bool = False,
        note: str = "",
        version: str = "",
    ) -> None:
        self.axes = tuple(axes)
        self._points = tuple(tuple(point) for point in points)
        self._arranged = arrange(self.axes)
        self._concurrency = concurrency
        self._max_cost = max_cost
        self._version = version
        self._refusal = ""
        self._note = " ".join(
            filter(None, (note, _notes(first), _unpriced(first) if max_cost is not None else ""))
        )
        self._runs = Runs(
            first,
            makers,
            [group for row in self._arranged.cells for group in row],
            concurrency=concurrency,
            max_seconds=max_seconds,
            max_cost=max_cost,
            on_end=self._on_end,
        )
        self._renewing = threading.Lock()  # the user and the page may ask at the same time
        self._courier = Courier(self._send_message, self._describe, self._open_parts)
        for cell, run in enumerate(first):
            self._courier.place(run, cell, 0)
        super().__init__(keep_running=keep_running)
        self._layout = layout_of(self.axes, self._points)

    def begin(self) -> None:
        """Let the runs begin, each in its turn."""
        self._runs.begin()

    def _on_end(self) -> None:
        self._courier.rest()
        with contextlib.suppress(Exception):  # the saved state only; the page has the messages
            if self.comm is not None:
                self.send_state(["_opening"])

    def _again(self, cells: Sequence[int], *, in_cell: bool, rest: bool = False) -> None:
        with self._renewing:
            self._renew(cells, in_cell=in_cell, rest=rest)

    def _renew(self, cells: Sequence[int], *, in_cell: bool, rest: bool) -> None:
        changes = self._runs.renew(cells, rest=rest)
        if not changes:
            return
        self._begins_anew()
        for cell, before, run in changes:
            self._courier.drop(before)
            self._courier.place(run, cell, self._runs.numbers[cell])
        self._runs.begin(cells, in_cell=in_cell)
        for _, _, run in changes:
            loop.background().call(self._courier.add, run)
        if self._displays.any:
            self._displays.renew()
            self._has_been_displayed()

    @property
    def stop_reason(self) -> str | None:
        """Why all of it was stopped: user, seconds, cost, abandoned; None where it was not."""
        return self._runs.stop_reason

    def _saved(self) -> files.Saved:
        records = tuple(run._record() for run in self._runs.now)
        return files.Saved(self.axes, self._points, records, self._version)

    # What `Shown` asks

    @property
    def _has_ended(self) -> bool:
        return self._runs.have_ended

    def _when_ended(self, callback: Callable[[], object]) -> None:
        self._runs.when_ended(callback)

    def _stop_for(self, reason: str) -> None:
        self._runs.stop(reason)

    def _is_read(self) -> bool:
        return any(run._waiting or run._is_read() for run in self._runs.now)

    def _copy(self, remark: str) -> Bundle:
        return static.bundle(self._saved(), self._runs.agreements, remark)

    def _plain(self) -> str:
        return repr(self)

    @contextlib.contextmanager
    def _opening_state(self) -> Iterator[None]:
        with self._courier.lock:
            self._open_parts(self._courier.needed())
            yield

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The synced state; what is in the cells is of one moment."""
        with self._courier.lock:
            state = dict(super().get_state(key, drop_defaults))
            if "_opening" in state:
                state["_opening"] = self._courier.opening()
            return state

    def _answer_request(self, kind: str, content: Mapping[str, Any]) -> None:
        if kind == "missing":
            self._courier.send_missing(content.get("known"))
            return
        cells = self._not_renewed(self._meant(content.get("cells")), content)
        if kind == "stop_cells":
            for cell in cells:
                self._runs.now[cell]._session.stop("user")
        else:
            self._again_from_page(cells, rest=kind == "resume")

    def _again_from_page(self, cells: list[int], *, rest: bool) -> None:
        try:
            self._again(cells, in_cell=False, rest=rest)
            self._refusal = ""
        except UsageError as exc:  # of a file that holds no prompts, or the server's key is not here
            self._refusal = str(exc)
            self._courier.send_pending()

    def _not_renewed(self, cells: list[int], request: Mapping[str, Any]) -> list[int]:
        """Those of `cells` whose run is still that which the page knew: a request may come by two routes."""
        given, runs = request.get("cells"), request.get("runs")
        if not isinstance(given, list) or not isinstance(runs, list):
            return []
        known = list(zip(given, runs, strict=False))
        return [cell for cell in cells if (cell, self._runs.numbers[cell]) in known]

    def _meant(self, cells: object) -> list[int]:
        """The cells that a page names, as far as they are there."""
        given = cells if isinstance(cells, list) else []
        known = range(len(self._runs.now))
        return sorted({c for c in given if isinstance(c, int) and not isinstance(c, bool) and c in known})

    def _describe(self) -> wire.GridState:
        elapsed_s = round(self._runs.elapsed_s(), 3)
        return {
            "elapsed_s": elapsed_s,
            "total_s": elapsed_s if self._has_ended else None,
            "concurrency": self._concurrency,
            "max_cost": self._max_cost,
            "note": self._remark(" ".join(filter(None, (self._note, self._refusal)))),
            "stop_reason": self.stop_reason,
            "settling": self._settling_state(),
            "agreements": [_told(cells, a) for cells, a in self._runs.agreements.items()],
        }


def _told(cells: tuple[int, ...], found: Agreement) -> wire.Agreement:
    return {
        "cells": list(cells),
        "distinct": found.distinct,
        "prefix": found.prefix,
        "before": found.before,
        "after": list(found.after),
        "alike": found.alike,
        "chars": list(found.chars),
        "seconds": list(found.seconds),
    }


def _notes(runs: Sequence[Stream]) -> str:
    """What several runs have to say alike, once: that they ask the built-in demo."""
    notes = {run._note for run in runs}
    return notes.pop() if len(notes) == 1 else ""


def _unpriced(runs: Sequence[Stream]) -> str:
    """What is to be said of a limit on cost where not all costs can be known."""
    count = sum(not run._session.cost.is_knowable for run in runs)
    if not count:
        return ""
    told = f"No price is known for {count} of {len(runs)} cells"
    return f"max_cost: {told}; they count only where the server tells a cost."
