"""Async sources read on our own loop: every kind of them, to the end, stopped, and stopped before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from notebook_stream.errors import SourceError
from notebook_stream.events import End
from notebook_stream.sources import as_events

from .loops import async_pieces, collect, run, text_of


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
