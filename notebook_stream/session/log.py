"""The events of a run, kept for readers that come late: any thread, any event loop, each from the first on.

Beyond `MAX_EVENTS` adjacent early events are joined, so that memory stays bounded and no text is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from typing import Generic, TypeVar

from ..events import Event, Text, merged

MAX_EVENTS = 50_000
T = TypeVar("T")
Watch = Callable[[], AbstractContextManager[Callable[[], bool]]]


@contextlib.contextmanager
def _never() -> Iterator[Callable[[], bool]]:
    yield lambda: False


class Log:
    """An append-only list of events with blocking and asynchronous readers."""

    def __init__(self, max_events: int = MAX_EVENTS) -> None:
        self._events: list[Event] = []
        self._max = max_events
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._blocked = 0
        self._cursors: weakref.WeakSet[Cursor] = weakref.WeakSet()
        self._wakers: set[Callable[[], None]] = set()
        self.closed = False

    def append(self, event: Event) -> None:
        """Add an event and wake the readers."""
        with self._lock:
            self._events.append(event)
            if len(self._events) > self._max:
                self._compact()
            if self._blocked or self._wakers:
                self._wake()

    def close(self) -> None:
        """Nothing more will come: readers end after what is here."""
        with self._lock:
            self.closed = True
            self._wake()

    def events(self) -> list[Event]:
        """All events so far."""
        with self._lock:
            return list(self._events)

    @property
    def readers(self) -> int:
        """How many readers wait or read now."""
        return len(self._cursors)

    def cursor(self) -> Cursor:
        """A new reader's place, before the first event."""
        with self._lock:
            cursor = Cursor()
            self._cursors.add(cursor)
            return cursor

    def wait(self, cursor: Cursor) -> list[Event]:
        """Block until there is something after `cursor`; an empty list means the end."""
        with self._lock:
            while cursor.place >= len(self._events) and not self.closed:
                self._block()
            return self._read(cursor)

    def _block(self) -> None:
        self._blocked += 1
        try:
            self._changed.wait()
        finally:
            self._blocked -= 1

    async def wait_async(self, cursor: Cursor) -> list[Event]:
        """The same on the caller's event loop."""
        loop, ready = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # The reader's loop may be gone by then: asyncio.run in a cell ends while the run goes on.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ready.set)

        while True:
            with self._lock:
                if cursor.place < len(self._events) or self.closed:
                    return self._read(cursor)
                self._wakers.add(wake)
            try:
                await ready.wait()
            finally:
                with self._lock:
                    self._wakers.discard(wake)
            ready.clear()

    def _read(self, cursor: Cursor) -> list[Event]:
        events = self._events[cursor.place :]
        cursor.place = len(self._events)
        return events

    def _wake(self) -> None:
        if self._blocked:  # to notify nobody takes ten times as long as to ask
            self._changed.notify_all()
        for wake in list(self._wakers):
            wake()

    def _compact(self) -> None:
        # The older half is joined between the places where readers stand, so that none reads anything twice.
        half = len(self._events) // 2
        places = sorted({c.place for c in self._cursors if 0 < c.place < half} | {0, half})
        new: list[Event] = []
        moved = {0: 0}
        for start, end in pairwise(places):
            new += merged(self._events[start:end])
            moved[end] = len(new)
        shift = half - len(new)
        for cursor in self._cursors:
            cursor.place = moved.get(cursor.place, cursor.place - shift)
        self._events[:half] = new
        # Where nothing could be joined, trying again at every event would be quadratic.
        self._max = max(self._max, 2 * len(self._events) - half)


class Cursor:
    """One reader's place in a log."""

    __slots__ = ("__weakref__", "place")

    def __init__(self) -> None:
        self.place = 0


class Readable(Generic[T]):
    """An iterable, plain and asynchronous, over what a log holds and will hold, each time from the first on.

    `pick` turns an event into an item, or None to leave it out. `at_end` is called when the log has ended, to
    raise where the run failed; `on_interrupt` when Ctrl-C or the notebook's ■ ends the loop. An asynchronous
    loop is then cancelled: `watch` tells that from any other cancellation.
    """

    def __init__(
        self,
        log: Log,
        pick: Callable[[Event], T | None],
        *,
        at_end: Callable[[], object],
        on_interrupt: Callable[[], object],
        watch: Watch = _never,
    ) -> None:
        self._log = log
        self._pick = pick
        self._at_end = at_end
        self._on_interrupt = on_interrupt
        self._watch = watch

    def __iter__(self) -> Iterator[T]:
        cursor = self._log.cursor()
        while events := self._wait(cursor):
            for event in events:
                item = self._pick(event)
                if item is not None:
                    yield item
        self._at_end()

    def _wait(self, cursor: Cursor) -> list[Event]:
        try:
            return self._log.wait(cursor)
        except KeyboardInterrupt:
            self._on_interrupt()
            raise

    async def __aiter__(self) -> AsyncIterator[T]:
        # Watched from the first item to the last: an interrupt between two waits cancels the next one.
        with self._watch() as interrupted:
            try:
                async for item in self._items():
                    yield item
            except (asyncio.CancelledError, GeneratorExit):
                if interrupted():
                    self._on_interrupt()
                raise
        self._at_end()

    async def _items(self) -> AsyncIterator[T]:
        cursor = self._log.cursor()
        while events := await self._log.wait_async(cursor):
            for event in events:
                item = self._pick(event)
                if item is not None:
                    yield item


def text_of(event: Event) -> str | None:
    """The piece of the first answer in `event`, if there is one."""
    return event.text if isinstance(event, Text) and event.index == 0 else None
