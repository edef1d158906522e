"""A coroutine in, its result out, by a clock that skips every wait: exact times, however busy the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
LOOK_S = 1e-6
"""What one turn of the loop takes: without it, a wait too short for the clock's digits would never end."""


class TurnedLoop(asyncio.SelectorEventLoop):
    """Waits for timers by moving its clock on; nothing else may be waited for."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()
        selector: Any = self._selector  # type: ignore[attr-defined]  # asyncio's own
        look = selector.select

        def select(timeout: float | None = None) -> Any:
            assert timeout is not None, "nothing is planned: this would wait for ever"
            self._now += max(timeout, 0.0) + LOOK_S
            return look(0)

        selector.select = select

    def time(self) -> float:
        """Seconds of the turned clock."""
        return self._now


def run(main: Coroutine[Any, Any, T]) -> T:
    """The result of `main`, whose loop has a turned clock (`asyncio.get_running_loop().time`)."""
    loop = TurnedLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()
