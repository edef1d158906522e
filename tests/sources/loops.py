"""What the tests of sources share: a loop in the role of ours, and one in the role of the kernel's."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from notebook_stream.events import Event, Reasoning, Refusal, Text
from notebook_stream.sources import Source, as_events

from ..servers import Server

SEEN_S = 2.5
"""Ten times what the contract says of a stop (K3: the server sees it within 250 ms)."""


def run(main: Any) -> Any:
    """Run a coroutine as notebook_stream's loop would, and assert that it leaves nothing behind."""
    complaints: list[dict[str, Any]] = []

    async def whole() -> Any:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        result = await asyncio.wait_for(main, 20)
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    result = asyncio.run(whole())
    gc.collect()
    assert complaints == []
    return result


async def collect(source: Source) -> list[Event]:
    return [event async for event in source]


async def first(source: Source, kind: type[Event] = Text) -> Event:
    async for event in source:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"ended without {kind.__name__}")


async def asked(server: Server) -> None:
    while not server.requests:  # noqa: ASYNC110  the server has no loop that could set an event
        await asyncio.sleep(0.01)


async def stop(source: Source, server: Server, by: str) -> float:
    """Stop in mid-stream; how long (seconds) until the server saw it."""
    await first(source)
    reading = asyncio.ensure_future(anext(source))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    if by == "cancel":
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    await source.aclose()
    await asyncio.gather(reading, return_exceptions=True)
    assert not source.still_running
    while server.connections[0].closed_at is None:
        assert time.monotonic() - began < SEEN_S
        await asyncio.sleep(0.002)
    return server.connections[0].closed_at - began


def text_of(events: list[Event], kind: type[Text] | type[Reasoning] | type[Refusal] = Text) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def source_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "notebook-stream source"]


class OtherLoop:
    """A loop on a thread of its own, in the role of the kernel's."""

    def __enter__(self) -> OtherLoop:
        self.loop = asyncio.new_event_loop()
        self.complaints: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self.complaints.append(context))
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        return self

    def call(self, main: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(main, self.loop).result(10)

    def as_events(self, make: Callable[[], Any]) -> Source:
        """`as_events` as a cell on this loop would call it; `make` may be async."""

        async def cell() -> Source:
            made = make()
            return as_events(await made if asyncio.iscoroutine(made) else made)

        source: Source = self.call(cell())
        return source

    def block(self, seconds: float) -> None:
        self.loop.call_soon_threadsafe(time.sleep, seconds)

    def __exit__(self, *_: object) -> None:
        self.call(self._finish())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        gc.collect()
        assert self.complaints == []

    async def _finish(self) -> None:
        await asyncio.sleep(0.05)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        await self.loop.shutdown_asyncgens()


async def async_pieces(seen: dict[str, Any]) -> AsyncIterator[str]:
    try:
        seen["loop"] = asyncio.get_running_loop()
        yield "a"
        await asyncio.sleep(0)
        yield "b"
        if seen.get("waits"):
            await asyncio.sleep(60)
    finally:
        seen["closed"] = seen.get("closed", 0) + 1


def raising(exc: BaseException) -> Iterator[str]:
    yield "so far"
    raise exc


async def async_raising(exc: BaseException) -> AsyncIterator[str]:
    yield "so far"
    raise exc
