"""Stop of a blocking source in every phase: it is closed once, and no thread is left."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Iterator

import pytest

from notebook_stream.sources import Source, as_events

from ..waiting import until
from .loops import collect, first, run


class Closing:
    """An iterator that counts how often it was closed."""

    def __init__(self, pause_s: float = 0.0, pieces: int = 10**9) -> None:
        self.closed = 0
        self.pause_s = pause_s
        self.pieces = pieces

    def __iter__(self) -> Closing:
        return self

    def __next__(self) -> str:
        time.sleep(self.pause_s)
        self.pieces -= 1
        if self.pieces < 0:
            raise StopIteration
        return "x" * 50_000

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("pieces", [0, 3])
def test_closed_once_at_the_end(pieces: int) -> None:
    source = Closing(pieces=pieces)

    async def main() -> None:
        events = as_events(source)
        await collect(events)
        await events.aclose()
        await events.aclose()

    run(main())
    assert source.closed == 1


@pytest.mark.parametrize("pause_s", [0.0, 0.02], ids=["while it waits for room", "while it reads"])
def test_closed_once_when_stopped(pause_s: float) -> None:
    source = Closing(pause_s)

    async def main() -> None:
        events = as_events(source)
        await first(events)
        await asyncio.sleep(0.1)
        await events.aclose()
        await events.aclose()
        assert not events.still_running
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    run(main())
    assert source.closed == 1


def test_stopped_before_the_beginning() -> None:
    source = Closing()
    run(as_events(source).aclose())
    assert source.closed == 1


def test_a_source_that_is_forgotten_is_stopped() -> None:
    source = Closing(0.01)

    async def main() -> None:
        events = as_events(source)
        await first(events)
        del events

    run(main())
    until(lambda: source.closed == 1)


def test_cancelling_alone_stops_and_closes() -> None:
    source = Closing(0.01)

    async def main() -> None:
        events = as_events(source)
        reading = asyncio.ensure_future(collect(events))
        await asyncio.sleep(0.05)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        del reading
        held.append(events)

    held: list[Source] = []  # so that it is not the garbage collector who stops it
    run(main())
    until(lambda: not held[0].still_running)
    assert source.closed == 1


@pytest.mark.parametrize("by", ["cancel", "aclose"])
def test_a_generator_that_computes_is_left_behind(by: str) -> None:
    closed = threading.Event()

    def source() -> Iterator[str]:
        try:
            yield "a"
            time.sleep(1.5)
            yield "b"
        finally:
            closed.set()

    async def main() -> Source:
        events = as_events(source())
        await first(events)
        reading = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        if by == "cancel":
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
        await events.aclose()
        if by == "aclose":
            with pytest.raises(StopAsyncIteration):
                await reading
        assert time.monotonic() - began < 1.0
        assert events.still_running
        assert not closed.is_set()
        return events

    events = run(main())
    until(lambda: not events.still_running)
    assert closed.is_set()


@pytest.mark.parametrize("is_async", [False, True])
def test_stop_while_the_function_still_makes_it(is_async: bool) -> None:
    async def nothing() -> list[str]:
        return []

    gate = threading.Event()
    source = Closing()
    coroutine = nothing()

    def make() -> object:
        gate.wait(5)
        return coroutine if is_async else source

    async def main() -> Source:
        events = as_events(make)
        reading = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.05)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await events.aclose()
        assert events.still_running
        return events

    events = run(main())
    gate.set()
    until(lambda: not events.still_running)
    if is_async:
        until(lambda: inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED)
    else:
        assert source.closed == 1
    coroutine.close()
