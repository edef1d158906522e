"""The runs of a comparison: begun in their turns, stopped, begun again in their places, until all have ended.

Knows no page.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Sequence

from ..session import Limits
from ..widget import Stream, begin_in_cell
from .agreement import Agreement, agreement
from .budget import Budget
from .queue import Queue

Make = Callable[[], Stream]
"""Makes the run of a cell, which is not begun yet."""
Groups = Sequence[tuple[int, ...]]


class Runs:
    """The run of each cell `now`. `groups`: the cells that ask the same; `on_end` is called on the loop.

    `numbers` counts the runs that each cell has had before. `stop_reason`: why all were stopped, or None.
    """

    def __init__(
        self,
        first: Sequence[Stream],
        makers: Sequence[Make],
        groups: Groups,
        *,
        concurrency: int,
        max_seconds: float | None,
        max_cost: float | None,
        on_end: Callable[[], None],
    ) -> None:
        self.now = list(first)
        self.numbers = [0] * len(self.now)
        self.agreements: dict[tuple[int, ...], Agreement] = {}
        self.stop_reason: str | None = None
        self._makers = list(makers)
        self._group_of = {cell: group for group in groups for cell in group}
        self._queue = Queue(concurrency)
        self._limits = Limits(max_seconds=max_seconds, max_cost=max_cost)
        self._budget = Budget(self._limits, lambda: self.now, self.stop)
        self._on_end = on_end
        self._spent_s = 0.0
        self._began: float | None = None
        self._lock = threading.Lock()
        self._all_ended = threading.Event()
        self._is_under_way = False
        self._at_end: list[Callable[[], object]] = []
        if self.have_ended:  # they come from a file
            self._all_ended.set()
            for group in groups:
                self._note_agreement(group[0])

    def begin(self, cells: Sequence[int] | None = None, *, in_cell: bool = True) -> None:
        """Let the runs of `cells` (all) begin; `in_cell`: running the notebook's cell again stops them."""
        # What is asked again while others run is a part of what the limits are for.
        is_new = not self._is_under_way or self._all_ended.is_set() or self.stop_reason is not None
        self._is_under_way = True
        self._all_ended.clear()
        self.stop_reason = None
        self._began = time.monotonic() if self._began is None else self._began
        for cell in range(len(self.now)) if cells is None else cells:
            run = self.now[cell]
            if in_cell:
                begin_in_cell(run)
            run.queue(functools.partial(self._queue.hurry, run))
            run._session.when_ended(functools.partial(self._run_ended, run, cell))
            self._queue.add(run)
            if run._session.is_asked_to_end:  # before somebody would have been told
                self._queue.hurry(run)
        if is_new:
            self._budget.begin()

    def renew(self, cells: Sequence[int], *, rest: bool = False) -> list[tuple[int, Stream, Stream]]:
        """Make other runs for `cells`, and stop those that are there: each cell, the run before, the new one.

        `rest`: they go on with the answers that are there. Raises UsageError: a request was not kept, or its
        server cannot go on.
        """
        if rest:
            made = [self.now[cell].prepare_rest(display=False) for cell in cells]
        else:
            made = [self._makers[cell]() for cell in cells]
        changes = []
        for cell, run in zip(cells, made, strict=True):
            before, self.now[cell] = self.now[cell], run
            self.numbers[cell] += 1
            before._session.stop("user")
            self._budget.add_spent(before)
            changes.append((cell, before, run))
        return changes

    def stop(self, reason: str) -> None:
        """End all, those that wait for their turn as well; does not wait."""
        if not self.have_ended:
            self.stop_reason = reason
        said = self._limits.said(reason)
        detail = f"the comparison's {said}" if said else ""
        for run in self.now:
            run._session.stop(reason, detail)

    @property
    def have_ended(self) -> bool:
        """Whether all have."""
        return all(run._session.has_ended for run in self.now)

    def elapsed_s(self) -> float:
        """Seconds that something has run."""
        return self._spent_s + (0.0 if self._began is None else time.monotonic() - self._began)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the end of all; False when `timeout` seconds have passed before it."""
        return self._all_ended.wait(timeout)

    def when_ended(self, callback: Callable[[], object]) -> None:
        """Call `callback` at the end of all (on the loop), or at once where it has come."""
        with self._lock:
            if not self._all_ended.is_set():
                self._at_end.append(callback)
                return
        callback()

    def _run_ended(self, run: Stream, cell: int) -> None:
        if run._session.stop_reason == "cost" and self.stop_reason is None:
            self.stop("cost")  # it alone has cost what all together may
            self.stop_reason = "cost"
        self._queue.ended(run)
        self._note_agreement(cell)
        with self._lock:
            if not self.have_ended or self._all_ended.is_set():
                return
            self._all_ended.set()
            self._spent_s, self._began = self.elapsed_s(), None
            callbacks, self._at_end = self._at_end, []
        self._budget.end()
        self._on_end()
        for callback in callbacks:
            callback()

    def _note_agreement(self, cell: int) -> None:
        group = self._group_of[cell]
        if len(group) == 1:
            return
        ended = [c for c in group if self.now[c]._session.has_ended and self.now[c].text]
        seconds = [self.now[c].metrics.total_s or 0.0 for c in ended]
        found = agreement([self.now[c].text for c in ended], seconds)
        others = {cells: a for cells, a in self.agreements.items() if cells[0] not in group}
        # Another one at once, for other threads read it.
        self.agreements = others if found is None else {**others, tuple(ended): found}
