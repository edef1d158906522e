"""A server that goes wrong on demand: "/<wire format>/<fault>/<number>" in the path in, that answer out.

Asynchronous and in a process of its own, so that its memory and its work are not counted with the client's.
Knows nothing of the product.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

WORDS = 40
"""Pieces of a whole answer."""


def word(number: int) -> str:
    """A piece of the answer; together they can be checked from their beginning on."""
    return f"w{number} "


def data(payload: object, event: str = "") -> bytes:
    """One server-sent event."""
    return (f"event: {event}\n" if event else "").encode() + f"data: {json.dumps(payload)}\n\n".encode()


def line(payload: object) -> bytes:
    """One line of NDJSON."""
    return json.dumps(payload).encode() + b"\n"


def typed(kind: str, **fields: object) -> bytes:
    """An event whose name is its type."""
    return data({"type": kind, **fields}, kind)


@dataclass(frozen=True)
class Dialect:
    """How one wire format says it."""

    piece: Callable[[str], bytes]
    end: bytes
    start: bytes = b""
    content_type: str = "text/event-stream"


def _chat(delta: dict[str, str], reason: str | None = None) -> bytes:
    return data({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def _gemini(text: str, **more: str) -> bytes:
    return data({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, **more}]})


def _cohere(text: str) -> bytes:
    return typed("content-delta", index=0, delta={"message": {"content": {"text": text}}})


DONE = b"data: [DONE]\n\n"
_PLACE = {"item_id": "i", "output_index": 0, "content_index": 0}
CHAT = Dialect(lambda text: _chat({"content": text}), _chat({}, "stop") + DONE)

DIALECTS: dict[str, Dialect] = {
    "openai-chat": CHAT,
    "mistral": CHAT,
    "completions": Dialect(
        lambda text: data({"choices": [{"index": 0, "text": text}]}),
        data({"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}) + DONE,
    ),
    "openai-responses": Dialect(
        lambda text: typed("response.output_text.delta", delta=text, **_PLACE),
        typed("response.completed", response={"status": "completed"}),
    ),
    "anthropic": Dialect(
        lambda text: typed("content_block_delta", index=0, delta={"type": "text_delta", "text": text}),
        typed("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": WORDS})
        + typed("message_stop"),
        typed("message_start", message={"model": "m", "content": []}),
    ),
    "gemini": Dialect(_gemini, _gemini("", finishReason="STOP")),
    "cohere": Dialect(_cohere, typed("message-end", delta={"finish_reason": "COMPLETE"})),
    "ollama": Dialect(
        lambda text: line({"model": "m", "message": {"role": "assistant", "content": text}, "done": False}),
        line(
            {
                "model": "m",
                "message": {"role": "assistant", "content": ""},
                "done": True,
                "done_reason": "stop",
            }
        ),
        content_type="application/x-ndjson",
    ),
    "llama-cpp": Dialect(
        lambda text: data({"content": text, "stop": False}),
        data({"content": "", "stop": True, "stop_type": "eos"}),
    ),
}


class Exchange:
    """One request and the means to answer it badly."""

    def __init__(self, dialect: Dialect, writer: asyncio.StreamWriter, first: bool) -> None:
        self.dialect = dialect
        self.writer = writer
        self.first = first

    async def send(self, content: bytes, pause_s: float = 0.0) -> None:
        """Waits while the client does not read."""
        self.writer.write(content)
        await self.writer.drain()
        if pause_s:
            await asyncio.sleep(pause_s)

    async def refuse(self, status: int, **headers: str) -> None:
        """A whole answer with an error in it."""
        body = b'{"error": {"message": "so it is", "code": "soak"}}'
        fields = {"content-type": "application/json", "content-length": str(len(body)), **headers}
        await self.send(self.head(status, fields) + body)

    def head(self, status: int = 200, fields: dict[str, str] | None = None) -> bytes:
        """Status line and headers."""
        given = {"content-type": self.dialect.content_type, "connection": "close", **(fields or {})}
        told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
        return f"HTTP/1.1 {status} X\r\n{told}\r\n".encode()

    def body(self, words: int = WORDS) -> bytes:
        """The answer, or its beginning."""
        return self.dialect.start + b"".join(self.dialect.piece(word(i)) for i in range(words))

    async def begin(self, words: int = WORDS, pause_s: float = 0.02) -> None:
        """Headers, and pieces at a reader's pace."""
        await self.send(self.head() + self.dialect.start)
        for i in range(words):
            await self.send(self.dialect.piece(word(i)), random.random() * 2 * pause_s)

    async def whole(self) -> None:
        """As it should be."""
        await self.begin()
        await self.send(self.dialect.end)


async def forever(exchange: Exchange, piece: bytes, pause_s: float) -> None:
    """Until the client goes: then sending fails."""
    while True:
        await exchange.send(piece, pause_s)


async def _busy_once(x: Exchange) -> None:
    await (x.refuse(429, retry_after_ms="50") if x.first else x.whole())


async def _reset(x: Exchange) -> None:
    await x.begin(5)
    await asyncio.sleep(0.1)
    sock: socket.socket = x.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    x.writer.transport.abort()


async def _silence(x: Exchange) -> None:
    await x.begin(5)
    await asyncio.sleep(60)


async def _heartbeats(x: Exchange) -> None:
    await x.begin(5)
    await forever(x, b"\n" if "json" in x.dialect.content_type else b": ping\n\n", 0.05)


async def _garbage(x: Exchange) -> None:
    await x.begin(5)
    bad = b"{no json" + b"x" * 300
    await x.send(bad + b"\n" if "json" in x.dialect.content_type else b"data: " + bad + b"\n\n")


async def _error_event(x: Exchange) -> None:
    await x.begin(5)
    error = {"error": {"message": "too busy", "type": "overloaded_error"}}
    await x.send(line(error) if "json" in x.dialect.content_type else data(error, "error"))


async def _too_large(x: Exchange) -> None:
    await x.begin(5)
    await x.send(b"" if "json" in x.dialect.content_type else b"data: ")
    for _ in range(200):
        await x.send(b"x" * 100_000)


async def _packed(x: Exchange) -> None:
    await x.send(x.head(fields={"content-encoding": "gzip"}) + gzip.compress(x.body() + x.dialect.end))


@cache
def _packed_bomb(dialect: Dialect) -> bytes:
    # Packed once: it takes longer than all the rest, and would hold up every other answer.
    return gzip.compress(dialect.start + dialect.piece("x" * 500) * 20_000, 6)


async def _bomb(x: Exchange) -> None:
    await x.send(x.head(fields={"content-encoding": "gzip"}) + _packed_bomb(x.dialect))


async def _drip(x: Exchange) -> None:
    await x.send(x.head() + x.dialect.start)
    rest = x.dialect.piece(word(0)) + x.dialect.end
    for start in range(0, len(rest), 5):
        await x.send(rest[start : start + 5], 0.002)


async def _slow_head(x: Exchange) -> None:
    await x.send(b"HTTP/1.1 200 OK\r\n")
    await forever(x, b"x-a: b\r\n", 0.05)


async def _html(x: Exchange) -> None:
    await x.send(x.head(fields={"content-type": "text/html"}) + b"<h1>Log in</h1>")


async def _bad_chunk(x: Exchange) -> None:
    body = x.body(5)
    head = x.head(fields={"transfer-encoding": "chunked"})
    await x.send(head + b"%x\r\n%s\r\nzz\r\n" % (len(body), body), 0.05)


async def _endless(x: Exchange) -> None:
    await x.send(x.head() + x.dialect.start)
    number = 0
    while True:
        await x.send(b"".join(x.dialect.piece(word(i)) for i in range(number, number + 100)))
        number += 100


async def _hold_open(x: Exchange) -> None:
    await x.whole()
    await asyncio.sleep(60)


FAULTS: dict[str, Callable[[Exchange], Awaitable[None]]] = {
    "none": Exchange.whole,
    "refused": lambda x: x.refuse(401),
    "busy once": _busy_once,
    "down": lambda x: x.refuse(500),
    "cut": lambda x: x.begin(5),
    "reset": _reset,
    "silence": _silence,
    "heartbeats": _heartbeats,
    "garbage": _garbage,
    "error event": _error_event,
    "too large": _too_large,
    "packed": _packed,
    "bomb": _bomb,
    "drip": _drip,
    "slow head": _slow_head,
    "html": _html,
    "empty": lambda x: x.send(x.head()),
    "bad chunk": _bad_chunk,
    "endless": _endless,
    "hold open": _hold_open,
}


class Server:
    """Counts its open connections; `GET /open` tells how many there are beside the one that asks."""

    def __init__(self) -> None:
        self.open = 0
        self.seen: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.open += 1
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        if path == "/open":
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n%d" % (self.open - 1))
            await writer.drain()
            return
        lengths = [
            row.split(b":")[1] for row in head.lower().split(b"\r\n") if row.startswith(b"content-length:")
        ]
        await reader.readexactly(int(lengths[0]))
        _, dialect, fault, number, *_ = path.split("/")
        exchange = Exchange(DIALECTS[dialect], writer, number not in self.seen)
        self.seen.add(number)
        answering = asyncio.ensure_future(FAULTS[fault.replace("-", " ")](exchange))
        gone = asyncio.ensure_future(reader.read())  # the client sends no more: this ends when it has closed
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        for task in (answering, gone):
            task.cancel()
        await asyncio.gather(answering, gone, return_exceptions=True)


async def main() -> None:
    """Serves until its input ends; the port is its first line of output."""
    for dialect in DIALECTS.values():
        _packed_bomb(dialect)
    server = await asyncio.start_server(Server().serve, "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  how the parent learns of it
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
