"""Every way to a stream of the real SDKs, sync and async, against a loopback server; what each must give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from notebook_stream.events import Citation, End, Event, Start, Usage
from notebook_stream.sources import Source

from ..formats.reading import by_choice
from ..servers import Connection, Handler
from .loops import text_of
from .sdk_streams import ANTHROPIC, CHAT, COMPLETION, RESPONSES

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")


@dataclass(frozen=True)
class Way:
    """`make(client)` gives a source, or a coroutine that gives it."""

    client: str
    make: Callable[[Any], Any]
    parts: list[bytes]

    @property
    def is_async(self) -> bool:
        return self.client.startswith("Async")

    def open(self, url: str, **options: Any) -> Any:
        module = openai if "OpenAI" in self.client else anthropic
        base = url.removesuffix("/chat") if module is openai else url.removesuffix("/v1/chat")
        return getattr(module, self.client)(api_key="k" * 20, base_url=base, max_retries=0, **options)


ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
ASK_CLAUDE: dict[str, Any] = {**ASK, "max_tokens": 9}
MADE: dict[str, tuple[str, Callable[[Any], Any], list[bytes]]] = {
    "chat": ("OpenAI", lambda c: c.chat.completions.create(**ASK, stream=True), CHAT),
    "chat.stream": ("OpenAI", lambda c: c.chat.completions.stream(**ASK), CHAT),
    "completion": ("OpenAI", lambda c: c.completions.create(model="m", prompt="x", stream=True), COMPLETION),
    "responses": ("OpenAI", lambda c: c.responses.create(model="m", input="x", stream=True), RESPONSES),
    "responses.stream": ("OpenAI", lambda c: c.responses.stream(model="m", input="x"), RESPONSES),
    "messages": ("Anthropic", lambda c: c.messages.create(**ASK_CLAUDE, stream=True), ANTHROPIC),
    "messages.stream": ("Anthropic", lambda c: c.messages.stream(**ASK_CLAUDE), ANTHROPIC),
}
SYNC = {name: Way(*told) for name, told in MADE.items()}
ASYNC = {f"async {name}": Way(f"Async{c}", make, parts) for name, (c, make, parts) in MADE.items()}


def assert_whole(name: str, events: list[Event]) -> None:
    name = name.removeprefix("async ")
    assert text_of(events) == "Hello"
    assert events[-1] == End()
    assert sum(isinstance(event, End) for event in events) == 1
    assert next(event for event in events if isinstance(event, Start)).model == "m"
    choice = by_choice(events)[0]
    finish = {"completion": "length", "messages": "tool_calls", "messages.stream": "tool_calls"}
    assert choice.finish is not None
    assert choice.finish.reason == finish.get(name, "stop")
    if name != "completion":
        assert choice.reasoning == "hm"
    if name.startswith("responses"):
        assert choice.citations == [Citation("https://x.test/", "X", start=0, end=5)]
        assert_usage(events, 3, 9, 4, 1)
    if name.startswith("messages"):
        assert choice.citations == [Citation("", "D", "so")]
        assert_usage(events, 7, 9, None, 4)
    if name.startswith("chat"):
        assert_usage(events, 3, 2, None, None)
    if name.startswith(("responses", "messages")):
        call = choice.tool_calls[0]
        assert (call["name"], call["arguments"], call["kind"]) == ("f", '{"a":1}', "function")
        assert call["id"] == ("t1" if name.startswith("messages") else "k1")


def assert_usage(events: list[Event], into: int, out: int, reasoning: int | None, cached: int | None) -> None:
    usage = [event for event in events if isinstance(event, Usage)][-1]
    told = (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens)
    assert told == (into, out, reasoning, cached)
    assert usage.raw["output_tokens" if "output_tokens" in usage.raw else "completion_tokens"] == out


async def gather_into(events: list[Event], source: Source) -> None:
    async for event in source:
        events.append(event)


def parts_until_text(way: Way) -> list[bytes]:
    place = next(place for place, piece in enumerate(way.parts) if b"Hel" in piece)
    return way.parts[: place + 1]


def stalls(parts: list[bytes], headers: dict[str, str] | None = None) -> Handler:
    """Sends these and no more, until the client goes away."""

    def handle(connection: Connection) -> None:
        fields = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
        connection.head(200, {**fields, **(headers or {})})
        for piece in parts:
            connection.chunk(piece)
        connection.wait_closed()

    return handle
