"""Runs that wait come in; so many at a time are begun, each in its turn. Lives on the background loop."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from .. import loop


class Waiting(Protocol):
    """A run that can be begun, and tells its end."""

    def start(self) -> None:
        """Begin."""


class Queue:
    """At most `concurrency` runs at a time. `ended` is to be called with each run that has."""

    def __init__(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._waiting: deque[Waiting] = deque()
        self._running: set[Waiting] = set()

    def add(self, run: Waiting) -> None:
        """It waits for its turn."""
        self._waiting.append(run)
        loop.background().call(self._fill)

    def hurry(self, run: Waiting) -> None:
        """It is to end before its turn: it begins at once, and so ends. On any thread."""
        loop.background().call(self._hurry, run)

    def ended(self, run: Waiting) -> None:
        """It has ended: the next one's turn."""
        self._running.discard(run)
        self._fill()

    def _hurry(self, run: Waiting) -> None:
        if run in self._waiting:
            self._waiting.remove(run)
            run.start()

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self._concurrency:
            run = self._waiting.popleft()
            self._running.add(run)
            run.start()
