"""The ways to read one streamed answer whose CPU is held against each other, each a function.

In: the base URL of a server of `kernel_server`. Out: the text of the answer, put together. Times nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import Any

import comm
import httpx
import msgspec
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import RawMessageStreamEvent
from httpx_sse import aconnect_sse
from openai import AsyncOpenAI, OpenAI

from notebook_stream import formats, retry, sse, stream
from notebook_stream.events import Event, Text
from notebook_stream.session import Session

PROMPT = [{"role": "user", "content": "Hello"}]
CHAT: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": PROMPT,
    "stream": True,
    "stream_options": {"include_usage": True},
}
MESSAGES: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 8192,
    "messages": PROMPT,
    "stream": True,
}
WIRES = {"openai-chat": ("/chat/completions", CHAT), "anthropic": ("/messages", MESSAGES)}
"""Path and request of each wire format."""

Read = Callable[[str], Coroutine[Any, Any, str | None]]


class _Delta(msgspec.Struct):
    content: str = ""
    text: str = ""


class _Choice(msgspec.Struct):
    delta: _Delta


class _Event(msgspec.Struct):
    """What of an event is text, in either wire format."""

    choices: list[_Choice] = []
    delta: _Delta = msgspec.field(default_factory=_Delta)


def _typed(decode: Callable[[bytes], _Event], data: bytes) -> str:
    event = decode(data)
    return event.choices[0].delta.content if event.choices else event.delta.text


def _of_mapping(loads: Callable[[Any], Any], data: Any) -> str:
    event = loads(data)
    if choices := event.get("choices"):
        return choices[0]["delta"].get("content") or ""
    return event.get("delta", {}).get("text") or ""


async def _raw(piece: Callable[[bytes], str], wire: str, base_url: str) -> str:
    """The least that can be done: no line of it holds for another server than this."""
    path, body = WIRES[wire]
    pieces: list[str] = []
    tail = b""
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", base_url + path, json=body) as response,
    ):
        async for chunk in response.aiter_raw():
            *found, tail = (tail + chunk).split(b"\n\n")
            pieces += [
                piece(event[event.index(b"data: ") + 6 :]) for event in found if event != b"data: [DONE]"
            ]
    return "".join(pieces)


async def _httpx_sse(wire: str, base_url: str) -> str:
    path, body = WIRES[wire]
    pieces: list[str] = []
    async with (
        httpx.AsyncClient() as client,
        aconnect_sse(client, "POST", base_url + path, json=body) as source,
    ):
        async for event in source.aiter_sse():
            if event.data != "[DONE]":
                pieces.append(_of_mapping(json.loads, event.data))
    return "".join(pieces)


async def _openai(base_url: str) -> str:
    pieces: list[str] = []
    async with AsyncOpenAI(base_url=base_url, api_key="none") as client:
        async for chunk in await client.chat.completions.create(**CHAT):
            if chunk.choices:
                pieces.append(chunk.choices[0].delta.content or "")
    return "".join(pieces)


def _openai_sync(base_url: str) -> str:
    with OpenAI(base_url=base_url, api_key="none") as client:
        chunks = client.chat.completions.create(**CHAT)
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def _said(event: RawMessageStreamEvent) -> str:
    is_text = event.type == "content_block_delta" and event.delta.type == "text_delta"
    return event.delta.text if is_text else ""  # type: ignore[union-attr]  # told by both types


async def _anthropic(base_url: str) -> str:
    pieces: list[str] = []
    async with AsyncAnthropic(base_url=base_url.removesuffix("/v1"), api_key="none") as client:
        async for event in await client.messages.create(**MESSAGES):
            pieces.append(_said(event))
    return "".join(pieces)


def _anthropic_sync(base_url: str) -> str:
    with Anthropic(base_url=base_url.removesuffix("/v1"), api_key="none") as client:
        return "".join(map(_said, client.messages.create(**MESSAGES)))


async def _sse(wire: str, base_url: str) -> None:
    """Our first stage: events, not read as JSON."""
    last = ""
    request = _request(wire, base_url)
    async with sse.make_client() as client, aclosing(sse.read(client, request)) as items:
        async for item in items:
            last = item.data if isinstance(item, sse.Message) else last
    if last not in ("[DONE]", '{"type":"message_stop"}'):
        raise RuntimeError("the answer was cut off")


async def _decoded(wire: str, base_url: str) -> str:
    """And the wire format's decoder, with what asks again."""
    pieces: list[str] = []
    async with sse.make_client() as client, aclosing(_events(client, wire, base_url)) as events:
        async for event in events:
            if isinstance(event, Text):
                pieces.append(event.text)
    return "".join(pieces)


async def _session(wire: str, base_url: str) -> str:
    """And the session: limits, log, the answer put together."""
    session = Session(wire)
    async with sse.make_client() as client:
        await session.run(_events(client, wire, base_url))
    return session.outcome().text


def _stream(wire: str, base_url: str) -> str:
    """And the outbox: all of it, to `result()`; there is no page, so nothing is sent."""
    model = WIRES[wire][1]["model"]
    return stream("Hello", model=model, base_url=base_url, wire_format=wire, display=False).result().text


class _NoPage(comm.base_comm.BaseComm):
    """A comm whose messages are made, and go nowhere."""

    def publish_msg(self, msg_type: str, *arguments: Any, **more: Any) -> None:
        """Sent nowhere."""


def _stream_to_page(wire: str, base_url: str) -> str:
    """And the messages to a page that is not there."""

    comm.create_comm = _NoPage
    model = WIRES[wire][1]["model"]
    s = stream("Hello", model=model, base_url=base_url, wire_format=wire, display=False)
    if not s.model_id:  # asking for it opens the comm
        raise RuntimeError("no comm")
    return s.result().text


def _events(client: httpx.AsyncClient, wire: str, base_url: str) -> AsyncGenerator[Event, None]:
    decoder = formats.get(wire).decoder
    return retry.ask(lambda: sse.read(client, _request(wire, base_url)), decoder, retries=0)


def _request(wire: str, base_url: str) -> sse.Request:
    path, body = WIRES[wire]
    return sse.Request(base_url + path, body)


def _run(read: Read) -> Callable[[str], str | None]:
    return lambda base_url: asyncio.run(read(base_url))


FLOORS: dict[str, Callable[[bytes], str]] = {
    "msgspec": partial(_typed, msgspec.json.Decoder(_Event).decode),
    "json": partial(_of_mapping, json.loads),
}
HTTPX_SSE = "httpx-sse + json"
WHOLE = "ours: stream() to result()"


def _same_for_both(wire: str) -> dict[str, Callable[[str], str | None]]:
    return {
        **{
            f"floor: httpx, split, {name}": _run(partial(_raw, piece, wire)) for name, piece in FLOORS.items()
        },
        HTTPX_SSE: _run(partial(_httpx_sse, wire)),
        "ours: sse": _run(partial(_sse, wire)),
        "ours: + decoder": _run(partial(_decoded, wire)),
        "ours: + session": _run(partial(_session, wire)),
        WHOLE: partial(_stream, wire),
        "ours: and messages to a page": partial(_stream_to_page, wire),
    }


SDKS: dict[str, dict[str, Callable[[str], str | None]]] = {
    "openai-chat": {"SDK, async": _run(_openai), "SDK, sync": _openai_sync},
    "anthropic": {"SDK, async": _run(_anthropic), "SDK, sync": _anthropic_sync},
}
READERS: dict[str, Callable[[str], str | None]] = {
    f"{wire}/{name}": read for wire in WIRES for name, read in {**_same_for_both(wire), **SDKS[wire]}.items()
}
"""By wire format and name in the table. None for the text where a stage knows none."""
