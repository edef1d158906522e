"""Many answers at a pace, in the shape of OpenAI's chat chunks, from one process that costs little.

In: requests that name a stream (`seed`; without one the sum of the numbers that prompt and model end in), its
`tokens` and its `pace`. Out: each event one write, at its time;
and what has been written so far. The demo server has a thread for each answer, which two hundred of them make
dearer than what is measured. Knows nothing of its clients.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

REPO = Path(__file__).resolve().parents[1]
TICK_S = 0.005
"""Seconds: events leave at the next multiple of this; the streams' own times are spread over all of them."""

PARAGRAPH = 40
"""Tokens of a paragraph."""

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Written:
    """What the server has written: tokens in all, answers that run, and by stream the SHA-256 of its text.

    `first_at`: by stream when its first token was due, in seconds since the epoch. `latest_s`: how late an
    event was written at most, in seconds.
    """

    tokens: int
    running: int
    ended: dict[str, str]
    first_at: dict[str, float]
    latest_s: float


@contextmanager
def serving() -> Iterator[str]:
    """The server as a child process: gives its address."""
    command = [sys.executable, "-m", "benchmarks.many_server"]
    with subprocess.Popen(
        command, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the server was started without pipes")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def written(address: str) -> Written:
    """What the server at `address` has written since the last `forget`."""
    with urlopen(f"{address}/written", timeout=30) as answer:
        return Written(**json.load(answer))


def forget(address: str) -> None:
    """Count anew from here."""
    with urlopen(f"{address}/forget", timeout=30) as answer:
        answer.read()


class _Stream:
    """One answer: what is left of it, and when it is due."""

    def __init__(
        self, asked: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, now: float
    ) -> None:
        seed = _seed(asked)
        self.name = str(seed)
        self.reader = reader
        self.writer = writer
        self.done = asyncio.Event()
        self.tokens = int(asked["tokens"])
        self.sent = 0
        self._interval = 1 / float(asked["pace"])
        self.began = now + (seed * 0.37 % 1) * self._interval
        self._sha = hashlib.sha256()

    def due_at(self) -> float:
        return self.began + self.sent * self._interval

    def write_token(self) -> None:
        self.sent += 1
        text = f"s{self.name}t{self.sent:06d}" + (" " if self.sent % PARAGRAPH else "\n\n")
        self._sha.update(text.encode())
        self._write({"delta": {"content": text}, "finish_reason": None})

    def write_end(self) -> str:
        """Everything has been written; returns the SHA-256 of the text."""
        self._write({"delta": {}, "finish_reason": "stop"})
        self.writer.write(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        self.done.set()
        return self._sha.hexdigest()

    def _write(self, choice: dict[str, object]) -> None:
        event = {
            "id": "chatcmpl-Bq7fJ0oV1sXw3uYt5RkZ2mNcA8dEg",
            "object": "chat.completion.chunk",
            "created": 1763800000,
            "model": "many",
            "choices": [{"index": 0, "logprobs": None, **choice}],
        }
        self.writer.write(_chunk(b"data: " + json.dumps(event).encode() + b"\n\n"))


def _seed(asked: dict[str, Any]) -> int:
    if "seed" in asked:
        return int(asked["seed"])
    return int(asked["messages"][-1]["content"]) + int(asked["model"].rpartition("-")[2])


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class _Server:
    def __init__(self) -> None:
        self._streams: set[_Stream] = set()
        self.forget()

    def forget(self) -> None:
        self._ended: dict[str, str] = {}
        self._first_at: dict[str, float] = {}
        self._tokens = 0
        self._latest_s = 0.0

    async def tick(self) -> None:
        """Write what is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            for stream in list(self._streams):
                if stream.reader.at_eof() or stream.writer.is_closing():  # the client has closed it
                    self._streams.discard(stream)
                    stream.done.set()
                else:
                    self._write_due(stream, began)
            await asyncio.sleep(max(0.0, began + TICK_S - loop.time()))

    def _write_due(self, stream: _Stream, now: float) -> None:
        self._latest_s = max(self._latest_s, now - stream.due_at())
        while stream.sent < stream.tokens and stream.due_at() <= now:
            stream.write_token()
            self._tokens += 1
        if stream.sent == stream.tokens:
            self._ended[stream.name] = stream.write_end()
            self._streams.discard(stream)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, which may ask more than once."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
                await self._answer(head.split()[1].decode(), body, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._streams -= {stream for stream in self._streams if stream.writer is writer}
            writer.close()

    async def _answer(
        self, path: str, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if path.endswith("/chat/completions"):
            writer.write(_HEAD)
            now = asyncio.get_running_loop().time()
            stream = _Stream(json.loads(body), reader, writer, now)
            self._first_at[stream.name] = time.time() + stream.began - now
            self._streams.add(stream)
            await stream.done.wait()
            return
        if path == "/forget":
            self.forget()
        told = Written(self._tokens, len(self._streams), self._ended, self._first_at, self._latest_s)
        answer = json.dumps(asdict(told)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(answer) + answer)


async def _serve() -> None:
    server = _Server()
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1000) as listening:
        print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
        await server.tick()


if __name__ == "__main__":
    asyncio.run(_serve())
