"""A run once more, from what was recorded of it: events with their times in, a session as it was then out.

Nothing waits: the clock of the session stands where the last event put it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..events import Event
from .bounds import Bounds
from .limits import Limits
from .run import Session
from .status import Verdict


class Rerun:
    """The run again. `on_event` is called with each event as the run takes it: cut where it was stopped."""

    def __init__(
        self,
        model: str,
        *,
        origin: str,
        begins_with: Sequence[Event] = (),
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._now = 0.0
        self._is_over = False
        self._last: int | None = None
        self._chars = 0
        self.session = Session(
            model,
            origin=origin,
            limits=Limits(None, None, None, None, None),
            begins_with=begins_with,
            on_event=on_event,
            clock=lambda: self._now,
        )

    def ends_after(self, taken: int, chars: int) -> None:
        """It took so many events (see `Session.taken`) and kept so many characters: the last may be cut."""
        self._last, self._chars = taken, chars

    def take(self, event: Event, at_s: float) -> None:
        """Take the event that came `at_s` seconds after the start."""
        left = None if self._last is None else self._last - self.session.taken
        if self._is_over or (left is not None and left <= 0):
            return
        if left == 1:
            event = Bounds(self._chars, None, _tell_nobody).kept(event, self.session.answer.chars)
        self._now = max(self._now, at_s)
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


def _tell_nobody(text: str) -> None:
    """The bound is one of the run that was; what it said then is among its events."""
