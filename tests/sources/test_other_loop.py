"""Async sources read on the loop they belong to, the notebook's: blocked, stopped, gone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import End, Notice, Text
from notebook_stream.sources import Source, as_events

from ..waiting import until
from .loops import OtherLoop, async_pieces, async_raising, collect, run, text_of


def test_what_has_begun_is_read_where_it_began(kernel: OtherLoop) -> None:
    seen: dict[str, Any] = {}

    async def begun() -> AsyncIterator[str]:
        source = async_pieces(seen)
        await anext(source)
        return source

    events = kernel.as_events(begun)
    assert text_of(run(collect(events))) == "b"
    assert seen["loop"] is kernel.loop


queue: asyncio.Queue[str] = asyncio.Queue()


async def from_a_global() -> AsyncIterator[str]:
    while (piece := await queue.get()) != "end":
        yield piece


async def through(source: AsyncIterator[str]) -> AsyncIterator[str]:
    async for piece in source:
        yield piece


class Stepwise:
    def __init__(self, seen: dict[str, Any]) -> None:
        self.pieces = iter("ab")
        self.seen = seen

    def __aiter__(self) -> Stepwise:
        return self

    async def __anext__(self) -> str:
        self.seen["loop"] = asyncio.get_running_loop()
        for piece in self.pieces:
            return piece
        raise StopAsyncIteration


def test_what_may_be_bound_to_the_callers_loop_is_read_there(kernel: OtherLoop) -> None:
    seen: dict[str, Any] = {}
    assert text_of(run(collect(kernel.as_events(lambda: Stepwise(seen))))) == "ab"
    assert seen.pop("loop") is kernel.loop
    assert text_of(run(collect(kernel.as_events(lambda: through(Stepwise(seen)))))) == "ab"
    assert seen.pop("loop") is kernel.loop
    assert text_of(run(collect(kernel.as_events(lambda: async_pieces(seen))))) == "ab"
    assert seen.pop("loop") is not kernel.loop

    async def put() -> None:
        for piece in ("q", "end"):
            await asyncio.sleep(0.05)
            await queue.put(piece)

    events = kernel.as_events(from_a_global)  # the cell awaits nothing: an async generator is no coroutine
    asyncio.run_coroutine_threadsafe(put(), kernel.loop)
    assert text_of(run(collect(events))) == "q"


def test_a_begun_generator_without_its_loop_is_refused() -> None:
    async def begun() -> AsyncIterator[str]:
        source = async_pieces({})
        await anext(source)
        return source

    loop = asyncio.new_event_loop()
    source: Any = loop.run_until_complete(begun())
    with pytest.raises(UsageError, match=r"show\(lambda"):
        as_events(source)
    loop.run_until_complete(source.aclose())
    loop.close()


async def slow_elsewhere(seen: dict[str, Any]) -> AsyncIterator[str]:
    source = async_pieces(seen)
    await anext(source)
    return source


def test_a_blocked_loop_is_told_and_told_to_go_on(kernel: OtherLoop) -> None:
    source = kernel.as_events(lambda: slow_elsewhere({}))
    kernel.block(2.0)
    events = run(collect(source))
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "the source is read on the notebook's own loop, which a running cell blocks; "
        "show(lambda: ...) avoids this",
        "",
    ]
    assert [type(event) for event in events] == [Notice, Notice, Text, End]


def test_stop_while_the_other_loop_is_blocked(kernel: OtherLoop) -> None:
    seen: dict[str, Any] = {"waits": True}
    source = kernel.as_events(lambda: slow_elsewhere(seen))

    async def main() -> None:
        assert await anext(source) == Text("b")
        kernel.block(1.5)
        began = time.monotonic()
        await source.aclose()
        assert time.monotonic() - began < 1.0
        assert source.still_running

    run(main())
    assert "closed" not in seen
    until(lambda: not source.still_running)
    assert seen["closed"] == 1


def test_stop_before_the_blocked_loop_has_begun(kernel: OtherLoop) -> None:
    seen: dict[str, Any] = {"waits": True}
    source = kernel.as_events(lambda: slow_elsewhere(seen))

    async def main() -> None:
        kernel.block(0.7)
        reading = asyncio.ensure_future(anext(source))
        await asyncio.sleep(0.05)
        await source.aclose()
        await asyncio.gather(reading, return_exceptions=True)

    run(main())
    until(lambda: not source.still_running)
    assert seen["closed"] == 1


def test_stop_on_the_other_loop(kernel: OtherLoop) -> None:
    seen: dict[str, Any] = {"waits": True}
    source = kernel.as_events(lambda: slow_elsewhere(seen))

    async def main() -> None:
        assert await anext(source) == Text("b")
        await source.aclose()
        assert not source.still_running

    run(main())
    assert seen["closed"] == 1


def test_a_loop_that_is_gone() -> None:
    with OtherLoop() as other:
        source = other.as_events(lambda: Stepwise({}))
    with pytest.raises(SourceError, match="has been closed"):
        run(collect(source))


class Endless:
    def __aiter__(self) -> Endless:
        return self

    async def __anext__(self) -> str:
        await asyncio.Event().wait()
        return ""


def test_a_loop_that_goes_while_it_is_read() -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, context: None)  # asyncio complains of the task that it lost
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def cell() -> Source:
        return as_events(Endless())

    def go() -> None:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    async def main() -> None:
        source = asyncio.run_coroutine_threadsafe(cell(), loop).result(5)
        reading = asyncio.ensure_future(collect(source))
        await asyncio.sleep(0.05)
        go()
        with pytest.raises(SourceError, match="has been closed"):
            await reading

    run(main())


def test_a_source_that_interrupts_its_own_loop_ends_that_loop_not_ours() -> None:
    async def main() -> Source:
        source = async_raising(KeyboardInterrupt())
        await anext(source)
        events = as_events(source)
        threading.Thread(target=lambda: ended.append(catch(events))).start()
        await asyncio.sleep(5)
        return events

    def catch(events: Source) -> str:
        with pytest.raises(SourceError) as caught:
            run(collect(events))
        return str(caught.value)

    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    until(lambda: ended)
    assert ended == ["the source raised KeyboardInterrupt"]
