"""Every way to a stream of one package, sync and async, against a loopback server; what each must give."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from notebook_stream.events import End, Event, Start, ToolCall, Usage
from notebook_stream.sources import as_events

from ...formats.reading import by_choice
from ...servers import Server, sse
from ..loops import SEEN_S, OtherLoop, collect, run, stop, text_of
from ..sdk_ways import stalls

KEY = "k" * 20
MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "x"}]


@dataclass(frozen=True)
class Way:
    """`client(url)` makes the client, `make(client)` a source or a coroutine that gives it.

    `has`: what the package passes on of the answer's parts: call, finish, model, reasoning, usage.
    """

    client: Callable[[str], Any]
    make: Callable[[Any], Any]
    parts: list[bytes]
    has: str = "call finish model reasoning usage"
    headers: dict[str, str] = field(default_factory=dict)


def root(url: str) -> str:
    return url.removesuffix("/v1/chat")


def base(url: str) -> str:
    return url.removesuffix("/chat")


def assert_whole(way: Way, events: list[Event]) -> None:
    assert text_of(events) == "Hello"
    assert events[-1] == End()
    assert sum(isinstance(event, End) for event in events) == 1
    choice = by_choice(events)[0]
    if "reasoning" in way.has:
        assert choice.reasoning == "hm"
    if "call" in way.has:
        assert len({event.position for event in events if isinstance(event, ToolCall)}) == 1
        assert choice.tools[0]["name"] == "f"
        assert json.loads(choice.tools[0]["arguments"]) == {"a": 1}
    if "finish" in way.has:
        assert choice.finish is not None
        assert choice.finish.reason == ("tool_calls" if "call" in way.has else "stop")
    if "model" in way.has:
        assert next(event for event in events if isinstance(event, Start)).model == "m"
    if "usage" in way.has:
        usage = [event for event in events if isinstance(event, Usage)][-1]
        assert usage.input_tokens is not None
        assert usage.output_tokens is not None
        assert usage.output_tokens >= 2


def check_sync(way: Way) -> None:
    """The object itself, and the function that makes it."""
    for by_function in (False, True):
        with Server(sse(way.parts, way.headers)) as server:
            client = way.client(server.url)
            source = as_events((lambda: way.make(client)) if by_function else way.make(client))  # noqa: B023
            assert_whole(way, run(collect(source)))


def check_async(way: Way) -> None:
    """Made on our own loop by a function; and in a cell, on the notebook's own."""
    with Server(sse(way.parts, way.headers)) as server:
        client = way.client(server.url)
        assert_whole(way, run(collect(as_events(lambda: way.make(client)))))
    with OtherLoop() as kernel, Server(sse(way.parts, way.headers, pause_s=0.01)) as server:
        client = way.client(server.url)
        assert_whole(way, run(collect(kernel.as_events(lambda: way.make(client)))))


def check_stop(way: Way) -> None:
    """The connection ends although the server says no more."""
    place = next(place for place, piece in enumerate(way.parts) if b"Hel" in piece)
    with Server(stalls(way.parts[: place + 1], way.headers)) as server:
        client = way.client(server.url)
        assert run(stop(as_events(lambda: way.make(client)), server, "aclose")) < SEEN_S


def params(ways: dict[str, Way]) -> list[Any]:
    return [pytest.param(way, id=name) for name, way in ways.items()]
