"""What already streams, as one asynchronous iterator of our events: starts, chains and stops the readers.

Made on the caller's thread, used on one loop, which is notebook_stream's own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial

from ..errors import SourceError, StreamError, UsageError
from ..events import End, Event
from .closing import discard
from .handoff import Handoff, Made, Outcome
from .kinds import home_of, is_async, makes_async
from .task import GONE, WATCH_S, TaskReader, Watch
from .thread import ThreadReader

PACE_S = 0.005
"""Batches are at least this far apart (seconds): a flood of tokens wakes the loop 200 times a second."""
AGAIN_S = 0.05
"""How often (seconds) `aclose()` tries meanwhile to end a read that waits."""
SETTLE_S = 0.3
"""How long (seconds) `aclose()` waits for a source that is slow to end, before it leaves it behind."""


class Source:
    """An asynchronous iterator of events; the last one is `End`. Raises SourceError where the source raised.

    Cancelling the task that reads it, or `aclose()`, stops and closes the source. `aclose()` returns when
    that is done, or after 0.3 s: a plain generator cannot be closed while it computes. Then `still_running`
    is true until it has come to its next `yield` and has been closed; what it gives is dropped.
    `caller` is the loop that ran `as_events`, `home` the one to read an async source on (None: ours).
    """

    def __init__(
        self,
        source: object,
        caller: asyncio.AbstractEventLoop | None,
        home: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._source = source
        self._caller = caller
        self._home = home
        self._handoff = Handoff()
        self._reader: ThreadReader | TaskReader | None = None
        self._watch: Watch | None = None
        self._ready: deque[Event] = deque()
        self._last_batch = 0.0
        self._has_ended = False

    def __repr__(self) -> str:
        return f"<Source of {type(self._source).__qualname__} {self._handoff!r}>"

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is read on a loop of its caller's, which a cell that waits would block."""
        return self._home is not None

    @property
    def still_running(self) -> bool:
        """Whether the source, although stopped, has not come to its end yet. Any thread."""
        return self._handoff.closed and self._reader is not None and not self._handoff.finished

    def __aiter__(self) -> Source:
        return self

    async def __anext__(self) -> Event:
        try:
            while not self._ready and not self._has_ended:
                await self._fill()
        except asyncio.CancelledError:
            self._stop()
            raise
        except StreamError:
            self._has_ended = True
            raise
        if not self._ready:
            raise StopAsyncIteration
        return self._ready.popleft()

    async def aclose(self) -> None:
        """Stop, and wait until the source has been closed, 0.3 s at most. Does nothing the second time."""
        self._stop()
        deadline = time.monotonic() + SETTLE_S
        while self.still_running and time.monotonic() < deadline:
            await self._handoff.wait(AGAIN_S)
            if self.still_running and self._reader is not None:
                self._reader.stop()  # it may have begun to wait for its server only now

    def __del__(self) -> None:
        self._stop()

    # Reading

    async def _fill(self) -> None:
        if self._reader is None:
            self._begin(self._source, self._home)
        await asyncio.sleep(max(0.0, self._last_batch + PACE_S - time.monotonic()))
        # Asked before `take`: what its last task left behind still counts.
        is_gone = self._watch is not None and self._watch.is_gone
        notice = self._watch.look() if self._watch else None
        events, outcome = self._handoff.take()
        if notice is not None:
            self._ready.append(notice)
        if events:
            self._ready.extend(events)
            self._last_batch = time.monotonic()
        elif outcome is not None:
            self._settle(outcome)
        elif self._handoff.closed:
            self._has_ended = True
        elif is_gone:
            raise SourceError(GONE)
        elif notice is None:
            await self._handoff.wait(WATCH_S if self._watch else None)

    def _begin(self, source: object, home: asyncio.AbstractEventLoop | None) -> None:
        loop = asyncio.get_running_loop()
        if makes_async(source) or is_async(source):
            is_ours = home is None or home is loop
            self._reader = TaskReader(source, self._handoff, home or loop, is_ours=is_ours)
            if not is_ours and home is not None:
                self._watch = Watch(home, self._handoff)
        else:
            self._reader = ThreadReader(source, self._handoff, partial(discard, caller=self._caller))

    def _settle(self, outcome: Outcome) -> None:
        if isinstance(outcome, StreamError):
            raise outcome
        if isinstance(outcome, Made):
            self._handoff = Handoff()
            try:
                self._begin(outcome.source, home_of(outcome.source, self._caller))
            except UsageError as exc:
                raise SourceError(str(exc)) from exc
        else:
            self._ready.append(End())
            self._has_ended = True

    # Stopping

    def _stop(self) -> None:
        if self._handoff.closed:
            return
        outcome = self._handoff.close()
        self._has_ended = True
        self._ready.clear()
        if isinstance(outcome, Made):
            discard(outcome.source, self._caller)
        if self._reader is not None:
            self._reader.stop()
        else:
            discard(self._source, self._caller)
