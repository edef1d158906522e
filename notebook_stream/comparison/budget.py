"""The limits of a comparison as a whole: seconds since its begin, dollars of all its runs. On the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from .. import loop
from ..session import Limits
from ..widget import Stream

LOOK_SECONDS = 0.2
"""How often the cost of all runs is added up."""


class Budget:
    """Calls `stop("seconds")` or `stop("cost")` once a limit is reached; None: no such limit."""

    def __init__(
        self,
        limits: Limits,
        runs: Callable[[], Sequence[Stream]],
        stop: Callable[[str], None],
    ) -> None:
        self._limits = limits
        self._runs = runs
        self._stop = stop
        self._spent = 0.0
        self._end_of_time: asyncio.TimerHandle | None = None
        self._next_look: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Time and cost count from now; from any thread."""
        self._spent = 0.0
        loop.background().call(self._begin)

    def add_spent(self, run: Stream) -> None:
        """Another run takes the place of this one, which has cost something all the same."""
        self._spent += run.metrics.cost or 0.0

    def end(self) -> None:
        """All have ended."""
        for timer in (self._end_of_time, self._next_look):
            if timer is not None:
                timer.cancel()

    def _begin(self) -> None:
        self.end()
        if self._limits.max_seconds is not None:
            later = asyncio.get_running_loop().call_later
            self._end_of_time = later(self._limits.max_seconds, self._stop, "seconds")
        if self._limits.max_cost is not None:
            self._look(self._limits.max_cost)

    def _look(self, max_cost: float) -> None:
        if self.cost() > max_cost:
            self._stop("cost")
            return
        self._next_look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, max_cost)

    def cost(self) -> float:
        """Dollars so far, estimates among them, of the runs whose cost is known."""
        return self._spent + sum(run.metrics.cost or 0.0 for run in self._runs())
