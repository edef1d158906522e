"""Every kind of source that is no SDK's: what comes out, how it stops, and what is left behind."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import End, Notice, Reasoning, Text, TokenLogprob, ToolCall
from notebook_stream.sources import Source, as_events
from notebook_stream.sources.handoff import MAX_CHARS, Handoff

from .source_help import OtherLoop, collect, first, run, source_threads, text_of, until


@pytest.fixture(autouse=True, scope="module")
def _quick_collections() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what other modules have loaded need not be looked at each time
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    gc.collect()
    until(lambda: not source_threads())


@pytest.fixture
def kernel() -> Iterator[OtherLoop]:
    with OtherLoop() as other:
        yield other


# Blocking iterables


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


# What goes wrong


def raising(exc: BaseException) -> Iterator[str]:
    yield "so far"
    raise exc


async def async_raising(exc: BaseException) -> AsyncIterator[str]:
    yield "so far"
    raise exc


@pytest.mark.parametrize("make", [raising, async_raising])
@pytest.mark.parametrize(
    ("exc", "said"),
    [
        (ValueError("bad\nluck"), "the source raised ValueError: bad luck"),
        (KeyboardInterrupt(), "the source raised KeyboardInterrupt"),
        (SystemExit(3), "the source raised SystemExit: 3"),
        (asyncio.CancelledError(), "the source raised CancelledError"),
        (StopAsyncIteration("x"), "the source raised"),
    ],
)
def test_a_source_that_raises(make: Any, exc: BaseException, said: str) -> None:
    async def main() -> None:
        events = as_events(make(exc))
        assert await anext(events) == Text("so far")
        with pytest.raises(SourceError) as caught:
            await anext(events)
        assert str(caught.value).startswith(said)
        assert caught.value.__cause__ is not None
        with pytest.raises(StopAsyncIteration):
            await anext(events)
        await events.aclose()

    run(main())


def test_a_key_in_the_exception_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop")
    with pytest.raises(SourceError) as caught:
        run(collect(as_events(raising(ValueError("Incorrect key sk-proj-abcdefghij****")))))
    assert "abcdefgh" not in str(caught.value)


def test_what_is_no_text_is_named() -> None:
    with pytest.raises(SourceError, match="type int"):
        run(collect(as_events(iter(["a", 1]))))
    with pytest.raises(SourceError, match="bytes: decode"):
        run(collect(as_events(iter([b"a"]))))
    with pytest.raises(SourceError, match="dict"):
        run(collect(as_events(lambda: {"a": 1})))
    with pytest.raises(SourceError, match="another function"):
        run(collect(as_events(lambda: lambda: ["a"])))


class Whole:
    """As pydantic makes them: iterating gives the fields."""

    model_fields: dict[str, object] = {}  # noqa: RUF012

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield ("a", "b")


def needs_an_argument(prompt: str) -> list[str]:
    return [prompt]


@pytest.mark.parametrize(
    "wrong",
    ["text", b"text", bytearray(), {"a": 1}, {"a"}, 7, None, ["a", 1], Whole(), needs_an_argument, Path("x")],
    ids=repr,
)
def test_what_cannot_be_shown_is_said_at_the_call(wrong: object) -> None:
    with pytest.raises(UsageError, match=r"show\(\) takes") as caught:
        as_events(wrong)
    assert len(str(caught.value).splitlines()) <= 3


def test_awaitables_that_are_under_way() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(asyncio.sleep(0))
        with pytest.raises(UsageError, match="under way"):
            as_events(task)
        await task
        coroutine = asyncio.sleep(0)
        await coroutine
        with pytest.raises(UsageError, match="awaited already"):
            as_events(coroutine)

    run(main())


# Stop, in every phase


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


# Async sources on our own loop


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


def kinds_of_async(seen: dict[str, Any]) -> dict[str, Any]:
    async def coroutine() -> AsyncIterator[str]:
        return async_pieces(seen)

    async def generator_function() -> AsyncIterator[str]:
        async for piece in async_pieces(seen):
            yield piece

    class Iterable:
        def __aiter__(self) -> AsyncIterator[str]:
            return async_pieces(seen)

    return {
        "generator": lambda: async_pieces(seen),
        "coroutine": coroutine,
        "generator function": lambda: generator_function,
        "coroutine function": lambda: coroutine,
        "function that makes a generator": lambda: lambda: async_pieces(seen),
        "function that makes a coroutine": lambda: lambda: coroutine(),
        "iterable": Iterable,
    }


ASYNC_KINDS = list(kinds_of_async({}))


@pytest.mark.parametrize("kind", ASYNC_KINDS)
def test_async_sources(kind: str) -> None:
    seen: dict[str, Any] = {}
    events = run(collect(as_events(kinds_of_async(seen)[kind]())))
    assert text_of(events) == "ab"
    assert events[-1] == End()
    assert seen["closed"] == 1


@pytest.mark.parametrize("kind", ASYNC_KINDS)
@pytest.mark.parametrize("by", ["cancel", "aclose"])
def test_async_sources_stopped(kind: str, by: str) -> None:
    seen: dict[str, Any] = {"waits": True}

    async def main() -> None:
        events = as_events(kinds_of_async(seen)[kind]())
        text = ""
        while text != "ab":
            text += text_of([await anext(events)])
        if by == "cancel":
            reading = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0.02)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        await events.aclose()
        assert not events.still_running
        assert seen["closed"] == 1

    run(main())


@pytest.mark.parametrize("kind", ASYNC_KINDS)
def test_async_sources_stopped_before_the_beginning(kind: str) -> None:
    seen: dict[str, Any] = {}

    async def main() -> None:
        await as_events(kinds_of_async(seen)[kind]()).aclose()
        events = as_events(kinds_of_async(seen)[kind]())
        reading = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await events.aclose()

    run(main())
    assert seen.get("closed", 0) == ("loop" in seen)


def test_an_async_function_must_give_an_async_iterable() -> None:
    async def make() -> list[str]:
        return ["a"]

    with pytest.raises(SourceError, match="made a list"):
        run(collect(as_events(make)))


# Async sources on the loop they belong to


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
