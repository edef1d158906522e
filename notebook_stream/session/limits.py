"""When a run is to be ended without being asked to: the numbers, the check that they are some, the words."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError
from . import conditions
from .conditions import Condition, check_condition


@dataclass(frozen=True)
class Limits:
    """When a run is ended without being asked to. Seconds, characters, US dollars; None: no such limit.

    `first_byte_timeout`: from the request to the first byte of the answer's body. `idle_timeout`: silence on
    the wire after that. `content_timeout`: no content, whatever heartbeats come. These three interrupt;
    `max_seconds`, `max_chars`, `max_cost` (where a cost is known, if only an estimate) and `stop_when` stop.
    """

    first_byte_timeout: float | None = 600
    idle_timeout: float | None = 120
    content_timeout: float | None = 600
    max_seconds: float | None = 1800
    max_chars: int | None = 2_000_000
    max_cost: float | None = None
    stop_when: Condition | None = None

    def said(self, reason: str | None, *, is_estimated: bool = False) -> str:
        """Words for the limit that was reached, by its `stop_reason`; "" where it was none of these."""
        if reason == "seconds" and self.max_seconds is not None:
            return f"time limit of {_number(self.max_seconds)} s reached"
        if reason == "chars" and self.max_chars is not None:
            unit = "character" if self.max_chars == 1 else "characters"
            return f"limit of {_number(self.max_chars)} {unit} reached"
        if reason == "cost" and self.max_cost is not None:
            return f"cost limit of ${_number(self.max_cost)} reached{' (estimated)' if is_estimated else ''}"
        if reason == "stop_when" and self.stop_when is not None:
            return conditions.said(self.stop_when)
        return ""


def _number(value: float) -> str:
    """As one would write it: 1,800 and 0.00005, never 5e-05."""
    return f"{value:,.10f}".rstrip("0").rstrip(".")


def check_limits(limits: Limits) -> None:
    """Raise UsageError for limits that are no positive numbers, and for a condition that is none."""
    for name in (
        "first_byte_timeout",
        "idle_timeout",
        "content_timeout",
        "max_seconds",
        "max_chars",
        "max_cost",
    ):
        value = getattr(limits, name)
        if value is not None and not (
            isinstance(value, int | float) and not isinstance(value, bool) and value > 0
        ):
            raise UsageError(f"{name}={value!r}: give a number above 0, or None for no limit.")
    if limits.max_chars is not None and not isinstance(limits.max_chars, int):
        raise UsageError(f"max_chars={limits.max_chars!r}: give a whole number, or None for no limit.")
    check_condition(limits.stop_when)
