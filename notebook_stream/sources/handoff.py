"""Between a reader (a thread, or a task on any loop) and the one consumer on our loop: bounded, coalescing.

Events go in one by one and come out in batches; a full hand-off tells the reader to wait. Knows nothing of
where events come from.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from ..errors import StreamError
from ..events import Event, Reasoning, Text

MAX_CHARS = 200_000
"""Characters that may wait for the consumer: a fast source is read no further ahead than this."""
MAX_EVENTS = 500
"""Events that may wait, a run of text pieces counting as one."""


@dataclass(frozen=True)
class Made:
    """What a function made, where it must be read by another kind of reader than the one that called it."""

    source: object


@dataclass(frozen=True)
class Over:
    """The source came to its own end."""


Outcome = Made | Over | StreamError


@dataclass
class _Run:
    """Pieces of the same text, joined once when the consumer takes them."""

    kind: type[Text] | type[Reasoning]
    index: int
    pieces: list[str] = field(default_factory=list)

    def event(self) -> Event:
        return self.kind("".join(self.pieces), self.index)


class Handoff:
    """`put` and `finish` belong to the reader, `take`, `wait` and `close` to the consumer; any thread.

    `on_room` is set by the reader and called when a full hand-off has been emptied or closed.
    """

    def __init__(self) -> None:
        # Reentrant: a garbage collection inside `put` may run Source.__del__, which closes.
        self._lock = threading.RLock()
        self._waiting: deque[_Run | Event] = deque()
        self._chars = 0
        self._outcome: Outcome | None = None
        self._sleepers: list[asyncio.Future[None]] = []
        self.closed = False
        self.finished = False
        self.on_room: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        state = "closed" if self.closed else "finished" if self.finished else "open"
        return f"<Handoff {state} {len(self._waiting)} events {self._chars} characters>"

    @property
    def is_full(self) -> bool:
        """Whether the reader should wait before it reads on; never once it is closed."""
        return not self.closed and (self._chars >= MAX_CHARS or len(self._waiting) >= MAX_EVENTS)

    def put(self, event: Event) -> None:
        """Add an event; dropped once the consumer has gone."""
        with self._lock:
            if self.closed:
                return
            if isinstance(event, Text | Reasoning):
                self._chars += len(event.text)
                if not self._joins(event):
                    self._waiting.append(_as_run(event))
            else:
                self._waiting.append(event)
            self._wake()

    def _joins(self, event: Text | Reasoning) -> bool:
        last = self._waiting[-1] if self._waiting else None
        if not isinstance(last, _Run) or type(event) is not last.kind or event.index != last.index:
            return False
        if isinstance(event, Text) and event.logprobs:
            return False
        last.pieces.append(event.text)
        return True

    def finish(self, outcome: Outcome) -> bool:
        """The reader has closed its source and goes. False: nobody is there to take the outcome."""
        with self._lock:
            self.finished = True
            if not self.closed:
                self._outcome = outcome
            self._wake()
            return not self.closed

    def close(self) -> Outcome | None:
        """The consumer goes: what waits is dropped. Gives an outcome that nobody took."""
        with self._lock:
            self.closed = True
            self._waiting.clear()
            outcome, self._outcome = self._outcome, None
            self._wake()
        self.on_room()
        return outcome

    def take(self) -> tuple[list[Event], Outcome | None]:
        """Everything that waits, in order; the outcome only once nothing waits any more."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
            self._chars = 0
            outcome = None
            if not taken:
                outcome, self._outcome = self._outcome, None
        self.on_room()
        return [entry.event() if isinstance(entry, _Run) else entry for entry in taken], outcome

    async def wait(self, timeout: float | None = None) -> None:
        """Until there is something to take, the reader has finished, or `timeout` seconds have passed."""
        with self._lock:
            if self._waiting or self._outcome is not None or self.finished:
                return
            sleeper = asyncio.get_running_loop().create_future()
            self._sleepers.append(sleeper)
        try:
            await asyncio.wait({sleeper}, timeout=timeout)
        finally:
            with self._lock:
                if sleeper in self._sleepers:
                    self._sleepers.remove(sleeper)

    def wake(self) -> None:
        """Let the consumer look around, although nothing came."""
        with self._lock:
            self._wake()

    def _wake(self) -> None:
        # A sleeper is woken once, so a flood of events schedules one callback, not one each.
        sleepers, self._sleepers = self._sleepers, []
        for sleeper in sleepers:
            with suppress(RuntimeError):  # its loop is closed: the process is ending
                sleeper.get_loop().call_soon_threadsafe(_set, sleeper)


def _as_run(event: Text | Reasoning) -> _Run | Event:
    if isinstance(event, Text) and event.logprobs:
        return event
    return _Run(type(event), event.index, [event.text])


def _set(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
