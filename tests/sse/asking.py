"""How the tests of sse.py ask: a handler of a real loopback server in, the items and the error out."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from typing import Any

from notebook_stream import sse
from notebook_stream.errors import Secret, StreamError

from ..servers import SSE_HEADERS, Connection, Handler, Server

KEY = "sk-canary-4711-abcdefgh-XYZ"
HELLO = [b"data: hello\n\n", b"data: [DONE]\n\n"]


def request(url: str, **more: Any) -> sse.Request:
    return sse.Request(url, {"model": "m", "prompt": "hi"}, key=Secret(KEY), **more)


TRUST = ssl.create_default_context()  # made once: it takes longer than a test


async def collect(what: sse.Request, verify: Any = TRUST) -> tuple[list[sse.Item], StreamError | None]:
    """Everything that one request gives, and the error at its end if there is one."""
    items: list[sse.Item] = []
    async with sse.make_client(verify) as client:
        try:
            async with aclosing(sse.read(client, what)) as reading:
                async for item in reading:
                    items.append(item)
        except StreamError as error:
            return items, error
    return items, None


def ask(handler: Handler, **more: Any) -> tuple[list[sse.Item], StreamError | None]:
    with Server(handler) as server:
        return asyncio.run(collect(request(server.url, **more)))


def messages(items: list[sse.Item]) -> list[tuple[str, str]]:
    return [(item.event, item.data) for item in items if isinstance(item, sse.Message)]


def texts(items: list[sse.Item]) -> list[str]:
    return [data for _, data in messages(items)]


def raw(*parts: bytes, headers: dict[str, str] | None = None) -> Handler:
    """A body that ends where the connection ends."""

    def handle(connection: Connection) -> None:
        connection.head(200, {**SSE_HEADERS, **(headers or {})})
        for part in parts:
            connection.send(part)

    return handle
