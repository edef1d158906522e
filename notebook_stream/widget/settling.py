"""The end of a run and what the page says of its views in; when the displays become the static copy out.

The copy is made on a thread of its own, for it takes a while; all else happens on the loop. Knows no mime
bundle and no page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

NOBODY_SECONDS = 1.5
"""A page that shows the run answers its end at once; without an answer nobody is there to be waited for."""
READER_SECONDS = 30.0
"""How long the change-over waits while pointer, focus or a selection is in a view."""


class Settling(Generic[T]):
    """One change-over. `make` gives the static copy, `show` puts it into the displays."""

    def __init__(self, make: Callable[[], T], show: Callable[[T], None]) -> None:
        self._make = make
        self._show = show
        self._is_due = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._began_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def is_over(self) -> bool:
        """Whether the displays have been changed."""
        return self._task is not None and self._task.done()

    def begin(self, *, at_once: bool) -> None:
        """The run has ended: make the copy, and wait for what the page says, or change over `at_once`."""
        loop = asyncio.get_running_loop()
        self._began_at = loop.time()
        self._timer = loop.call_later(0.0 if at_once else NOBODY_SECONDS, self._is_due.set)
        self._task = loop.create_task(self._run())

    def hear(self, *, is_held: bool) -> None:
        """The page has views, and the reader is in one of them, or in none."""
        if self._timer is not None:
            self._timer.cancel()
        if is_held:
            until = self._began_at + READER_SECONDS
            self._timer = asyncio.get_running_loop().call_at(until, self._is_due.set)
        else:
            self._is_due.set()

    async def _run(self) -> None:
        try:
            copy = await asyncio.to_thread(self._make)
            await self._is_due.wait()
        except asyncio.CancelledError:  # the process is ending: now or never
            self._show(self._make())
            raise
        self._show(copy)
