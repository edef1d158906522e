"""When a run is to be ended without being asked to: the numbers, and the check that they are some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UsageError


@dataclass(frozen=True)
class Limits:
    """When a run is ended without being asked to. Seconds, characters, US dollars; None: no such limit.

    `first_byte_timeout`: from the request to the first byte of the answer's body. `idle_timeout`: silence on
    the wire after that. `content_timeout`: no content, whatever heartbeats come. These three interrupt;
    `max_seconds`, `max_chars`, `max_cost` (where the server reports cost) and `stop_when` stop.
    """

    first_byte_timeout: float | None = 600
    idle_timeout: float | None = 120
    content_timeout: float | None = 600
    max_seconds: float | None = 1800
    max_chars: int | None = 2_000_000
    max_cost: float | None = None
    stop_when: Callable[[str], object] | None = None


def check_limits(limits: Limits) -> None:
    """Raise UsageError for limits that are no positive numbers."""
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
    if limits.stop_when is not None and not callable(limits.stop_when):
        raise UsageError("stop_when= takes a function of the text so far, e.g. lambda text: 'END' in text.")
