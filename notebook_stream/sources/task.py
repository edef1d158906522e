"""An async source, read by a task on one event loop: our own, or the one it is connected on."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

from ..errors import SourceError, quote
from ..events import Notice
from .closing import aclose, async_iterator_of, discard
from .handoff import Handoff, Outcome, Over
from .items import Items, source_error
from .kinds import is_async, is_manager, is_unbegun, made_by_function, makes_async

STALL_S = 1.0
"""A loop that has not answered for this long (seconds) is said to be blocked."""
WATCH_S = 0.25
"""How often (seconds) the consumer looks whether the loop answers, while nothing comes."""
GONE = "the event loop that the source is connected on has been closed"
BREATH_S = 0.005
"""How long (seconds) a source that never waits may keep its loop."""
STALLED = (
    "the source is read on the notebook's own loop, which a running cell blocks; "
    "show(lambda: ...) avoids this"
)


class TaskReader:
    """Reads `source` on `loop` into `handoff` until its end, or until the hand-off is closed; then closes it.

    `is_ours`: the loop is the one that the consumer runs on. Raises SourceError where the loop is closed.
    """

    def __init__(
        self, source: object, handoff: Handoff, loop: asyncio.AbstractEventLoop, *, is_ours: bool
    ) -> None:
        self._source = source
        self._handoff = handoff
        self._loop = loop
        self._is_ours = is_ours
        self._is_reading = False
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        handoff.on_room = self._make_room
        if not self._on_loop(self._start):
            raise SourceError(GONE)

    def stop(self) -> None:
        """After the hand-off has been closed: end a read that waits."""
        self._on_loop(self._cancel)

    def _make_room(self) -> None:
        self._on_loop(self._room.set)

    def _on_loop(self, function: Callable[[], object]) -> bool:
        with suppress(RuntimeError):  # it is closed, and with it whatever this would have reached
            self._loop.call_soon_threadsafe(function)
            return True
        return False

    def _start(self) -> None:
        self._task = self._loop.create_task(self._run())
        # Nobody awaits the task, and asyncio complains of an exception that nobody asked for.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    def _cancel(self) -> None:
        # Not before it reads, or the task would never start; not after, or the closing would be cut short.
        if self._task is not None and self._is_reading:
            self._is_reading = False
            self._task.cancel()

    async def _run(self) -> None:
        try:
            async with AsyncExitStack() as closing:
                outcome = await self._read(closing)
        except GeneratorExit:
            self._handoff.finish(SourceError(GONE))
            raise
        except BaseException as exc:
            self._handoff.finish(source_error(exc))
            # On our own loop it would end every run of the process; elsewhere it is the loop's owner's.
            if isinstance(exc, KeyboardInterrupt | SystemExit) and not self._is_ours:
                raise
        else:
            self._handoff.finish(outcome)

    async def _read(self, closing: AsyncExitStack) -> Outcome:
        if self._handoff.closed and is_unbegun(self._source):
            discard(self._source, None)
            return Over()
        self._is_reading = True
        try:
            source = await self._open(closing)
            iterator = async_iterator_of(source)
            closing.push_async_callback(aclose, iterator)
            await self._pass_on(iterator, source)
        finally:
            self._is_reading = False
        return Over()

    async def _open(self, closing: AsyncExitStack) -> Any:
        source: Any = self._source
        if makes_async(source):
            source = source()
        if inspect.iscoroutine(source):
            source = made_by_function(await source)
        if is_manager(source) and is_async(source):
            source = await closing.enter_async_context(source)
        if not hasattr(type(source), "__aiter__") and not hasattr(type(source), "__anext__"):
            name = quote(type(source).__qualname__)
            raise SourceError(f"the async function made a {name}, where an async iterable is shown")
        return source

    async def _pass_on(self, iterator: AsyncIterator[object], source: object) -> None:
        items = Items()
        breath = self._loop.time()
        while not self._handoff.closed:
            try:
                item = await iterator.__anext__()
            except StopAsyncIteration:
                for event in items.rest(source):
                    self._handoff.put(event)
                return
            for event in items(item):
                self._handoff.put(event)
            await self._await_room()
            # A generator that never waits would keep the loop to itself.
            if self._loop.time() - breath > BREATH_S:
                await asyncio.sleep(0)
                breath = self._loop.time()

    async def _await_room(self) -> None:
        while self._handoff.is_full:
            self._room.clear()
            if self._handoff.is_full:
                await self._room.wait()


class Watch:
    """Asks another loop for a sign of life, and tells the consumer when it begins and ceases to stall."""

    def __init__(self, loop: asyncio.AbstractEventLoop, handoff: Handoff) -> None:
        self._loop = loop
        self._handoff = handoff
        self._asked_at: float | None = None
        self._is_stalled = False

    @property
    def is_gone(self) -> bool:
        """Whether the loop has been closed, so that nothing more can come from it."""
        return self._loop.is_closed()

    def look(self) -> Notice | None:
        """What there is to say, if anything; asks again."""
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
            with suppress(RuntimeError):  # closed, see is_gone
                self._loop.call_soon_threadsafe(self._answer)
            if self._is_stalled:
                self._is_stalled = False
                return Notice("")
        elif now - self._asked_at > STALL_S and not self._is_stalled:
            self._is_stalled = True
            return Notice(STALLED)
        return None

    def _answer(self) -> None:
        self._asked_at = None
        if self._is_stalled:
            self._handoff.wake()
