"""Blocking iterables: what comes out, when, and how fast."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.errors import UsageError
from notebook_stream.events import End, Reasoning, Text, TokenLogprob, ToolCall
from notebook_stream.sources import as_events
from notebook_stream.sources.handoff import MAX_CHARS, Handoff

from .loops import collect, run, source_threads, text_of


def generator(pieces: list[str]) -> Iterator[str]:
    yield from pieces


@pytest.mark.parametrize("make", [list, tuple, iter, generator, lambda pieces: lambda: generator(pieces)])
def test_iterables_of_str(make: Callable[[list[str]], Any]) -> None:
    events = run(collect(as_events(make(["a", "", "b\n", "c"]))))
    assert text_of(events) == "ab\nc"
    assert events[-1] == End()
    assert sum(isinstance(event, End) for event in events) == 1


def test_nothing_at_all_is_an_answer() -> None:
    exhausted = generator([])
    assert list(exhausted) == []
    assert run(collect(as_events([]))) == [End()]
    assert run(collect(as_events(exhausted))) == [End()]


def test_an_open_file_is_read_and_left_open(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("one\ntwo\n", encoding="utf-8")
    with path.open(encoding="utf-8") as file:
        assert text_of(run(collect(as_events(file)))) == "one\ntwo\n"
        file.seek(0)
        assert file.read(3) == "one"
    with path.open("rb") as file, pytest.raises(UsageError, match="open it in text mode"):
        as_events(file)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    read: list[int] = []

    def source() -> Iterator[str]:
        read.append(1)
        yield "a"

    events = as_events(source())
    time.sleep(0.05)
    assert read == []
    assert source_threads() == []
    run(collect(events))
    assert read == [1]


def test_pieces_come_as_they_are_made() -> None:
    gate = threading.Event()

    def source() -> Iterator[str]:
        yield "first"
        gate.wait(5)
        yield "second"

    async def main() -> None:
        events = as_events(source())
        assert await anext(events) == Text("first")
        gate.set()
        assert await anext(events) == Text("second")
        assert await anext(events) == End()
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    run(main())


def test_a_flood_is_coalesced_and_does_not_starve_the_loop() -> None:
    async def main() -> None:
        gaps: list[float] = []
        last = time.perf_counter()

        async def tick() -> None:
            nonlocal last
            while True:
                await asyncio.sleep(0.001)
                gaps.append(time.perf_counter() - last)
                last = time.perf_counter()

        ticker = asyncio.create_task(tick())
        began = time.perf_counter()
        events = await collect(as_events("x" for _ in range(200_000)))
        seconds = time.perf_counter() - began
        ticker.cancel()
        await asyncio.gather(ticker, return_exceptions=True)
        assert text_of(events) == "x" * 200_000
        assert len(events) < 20 + 250 * seconds
        assert max(gaps) < 1.0

    run(main())


@pytest.mark.parametrize("is_async", [False, True])
def test_a_slow_consumer_holds_the_source_back(is_async: bool) -> None:
    made = 0

    def endless() -> Iterator[str]:
        nonlocal made
        while True:
            made += 1
            yield "x" * 1_000

    async def async_endless() -> AsyncIterator[str]:
        for piece in endless():
            yield piece

    async def main() -> None:
        events = as_events(async_endless() if is_async else endless())
        await anext(events)
        await asyncio.sleep(0.3)
        held = made
        await asyncio.sleep(0.1)
        assert made == held
        assert made <= 2 * MAX_CHARS // 1_000 + 2
        for _ in range(3):
            await anext(events)
        await asyncio.sleep(0.1)
        assert made > held
        await events.aclose()
        assert not events.still_running

    run(main())


def test_the_handoff_counts_events_that_do_not_join() -> None:
    handoff = Handoff()
    for position in range(600):
        handoff.put(ToolCall(position))
    assert handoff.is_full
    events, _ = handoff.take()
    assert len(events) == 600
    assert not handoff.is_full


def test_only_like_pieces_are_joined() -> None:
    handoff = Handoff()
    scored = Text("c", logprobs=(TokenLogprob("c", -1.0),))
    for event in (Text("a"), Text("b"), scored, Text("d"), Text("e", 1), Reasoning("f"), Reasoning("g")):
        handoff.put(event)
    assert handoff.take()[0] == [Text("ab"), scored, Text("d"), Text("e", 1), Reasoning("fg")]


@pytest.mark.parametrize("pieces", [["\ud83d", "\ude00"], ["a\ud83d", "\ude00b"], ["é\ud83d\ude00"]])
def test_halves_of_a_pair_are_joined(pieces: list[str]) -> None:
    async def asynchronous() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    for source in (pieces, asynchronous()):
        assert text_of(run(collect(as_events(source)))).strip("abé") == "\U0001f600"


def test_lone_halves_are_replaced() -> None:
    assert text_of(run(collect(as_events(["\ud83dx", "\ude00", "\ud83d"])))) == "\ufffdx\ufffd\ufffd"
