"""The ways to read one streamed chat answer whose CPU is held against each other, each a function.

In: the base URL of an OpenAI-compatible server. Out: the text of the answer, put together. Times nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

import httpx
from httpx_sse import aconnect_sse
from openai import AsyncOpenAI, OpenAI

from notebook_stream import formats, retry, sse, stream
from notebook_stream.events import Event, Text
from notebook_stream.session import Session

MODEL = "gpt-4o-mini"
PATH = "/chat/completions"
BODY: dict[str, Any] = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


def _piece(data: Any) -> str:
    choices = json.loads(data)["choices"]
    return choices[0]["delta"].get("content") or "" if choices else ""


async def _raw(base_url: str) -> str:
    """The least that can be done: no line of it holds for another server than this."""
    pieces: list[str] = []
    tail = b""
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", base_url + PATH, json=BODY) as response,
    ):
        async for chunk in response.aiter_raw():
            *found, tail = (tail + chunk).split(b"\n\n")
            pieces += [_piece(event[6:]) for event in found if event != b"data: [DONE]"]
    return "".join(pieces)


async def _httpx_sse(base_url: str) -> str:
    pieces: list[str] = []
    async with (
        httpx.AsyncClient() as client,
        aconnect_sse(client, "POST", base_url + PATH, json=BODY) as source,
    ):
        async for event in source.aiter_sse():
            if event.data != "[DONE]":
                pieces.append(_piece(event.data))
    return "".join(pieces)


async def _openai(base_url: str) -> str:
    pieces: list[str] = []
    async with AsyncOpenAI(base_url=base_url, api_key="none") as client:
        chunks = await client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Hello"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in chunks:
            if chunk.choices:
                pieces.append(chunk.choices[0].delta.content or "")
    return "".join(pieces)


def _openai_sync(base_url: str) -> str:
    with OpenAI(base_url=base_url, api_key="none") as client:
        chunks = client.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Hello"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


async def _sse(base_url: str) -> None:
    """Our first stage: events, not read as JSON."""
    last = ""
    async with sse.make_client() as client, aclosing(sse.read(client, _request(base_url))) as items:
        async for item in items:
            last = item.data if isinstance(item, sse.Message) else last
    if last != "[DONE]":
        raise RuntimeError("the answer was cut off")


async def _decoded(base_url: str) -> str:
    """And the wire format's decoder, with what asks again."""
    pieces: list[str] = []
    async with sse.make_client() as client, aclosing(_events(client, base_url)) as events:
        async for event in events:
            if isinstance(event, Text):
                pieces.append(event.text)
    return "".join(pieces)


async def _session(base_url: str) -> str:
    """And the session: limits, log, the answer put together."""
    session = Session(MODEL)
    async with sse.make_client() as client:
        await session.run(_events(client, base_url))
    return session.outcome().text


def _stream(base_url: str) -> str:
    """And the outbox: all of it, to `result()`; there is no page, so nothing is sent."""
    return stream("Hello", model=MODEL, base_url=base_url, display=False).result().text


def _events(client: httpx.AsyncClient, base_url: str) -> AsyncGenerator[Event, None]:
    decoder = formats.get("openai-chat").decoder
    return retry.ask(lambda: sse.read(client, _request(base_url)), decoder, retries=0)


def _request(base_url: str) -> sse.Request:
    return sse.Request(base_url + PATH, BODY)


def _run(read: Callable[[str], Coroutine[Any, Any, str | None]]) -> Callable[[str], str | None]:
    return lambda base_url: asyncio.run(read(base_url))


READERS: dict[str, Callable[[str], str | None]] = {
    "floor: httpx, split, json": _run(_raw),
    "httpx-sse + json": _run(_httpx_sse),
    "openai SDK, async": _run(_openai),
    "openai SDK, sync": _openai_sync,
    "ours: sse": _run(_sse),
    "ours: + decoder": _run(_decoded),
    "ours: + session": _run(_session),
    "ours: stream() to result()": _stream,
}
"""By the name in the table. None for the text where a stage knows none."""
