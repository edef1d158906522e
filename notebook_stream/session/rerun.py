"""A run once more, from what was recorded of it: events with their times in, a session as it was then out.

Nothing waits: the clock of the session stands where the last event put it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..events import Event
from .limits import Limits
from .run import Session
from .status import Verdict


class Rerun:
    """The run again. `max_chars`: characters at which it was stopped, None where it was not.

    `on_event` is called with each event as the run takes it: cut off where the run was stopped.
    """

    def __init__(
        self,
        model: str,
        *,
        origin: str,
        max_chars: int | None = None,
        begins_with: Sequence[Event] = (),
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._now = 0.0
        self._is_over = False
        self.session = Session(
            model,
            origin=origin,
            limits=Limits(None, None, None, None, max_chars),
            begins_with=begins_with,
            on_event=on_event,
            clock=lambda: self._now,
        )

    def take(self, event: Event, at_s: float) -> None:
        """Take the event that came `at_s` seconds after the start."""
        self._now = max(self._now, at_s)
        if not self._is_over:
            self._is_over = self.session._take(event, self._now) is not None

    def end(
        self,
        verdict: Verdict,
        at_s: float,
        *,
        notice: str = "",
        cost: tuple[float | None, bool] = (None, False),
    ) -> Session:
        """End it as it ended, `at_s` seconds after the start; `cost`: US dollars, and whether estimated."""
        self._now = max(self._now, at_s)
        if cost[0] is not None:
            self.session.cost.restore(*cost)
        self.session._end(verdict, notice)
        return self.session
