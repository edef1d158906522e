"""Floods (S): the memory and the stalls of reading them, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import zlib
from pathlib import Path
from typing import Any

import pytest

from ..servers import SSE_HEADERS, Connection, Handler, Server, in_turn, one
from ..servers import sse as stream
from .asking import HELLO

MEASURE = """
import asyncio, json, sys, time
from contextlib import aclosing
from notebook_stream import sse
from notebook_stream.errors import StreamError

def peak_mb():
    # Not ru_maxrss: over fork and exec that keeps the peak of the process that ran the tests.
    lines = open("/proc/self/status").read().split("\\n")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

async def main(url):
    longest, last = 0.0, time.monotonic()
    longest_cpu, last_cpu = 0.0, time.process_time()
    async def watch():
        nonlocal longest, last, longest_cpu, last_cpu
        while True:
            await asyncio.sleep(0)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            now = time.process_time()
            longest_cpu, last_cpu = max(longest_cpu, now - last_cpu), now
    counts, error = {}, ""
    async with sse.make_client() as client:
        async def once():
            nonlocal error, counts
            counts = {}
            try:
                async with aclosing(sse.read(client, sse.Request(url, {}))) as reading:
                    async for item in reading:
                        counts[type(item).__name__] = counts.get(type(item).__name__, 0) + 1
            except StreamError as e:
                error = type(e).__name__
        await once()  # imports, the pool, the first connection: all that is there before
        before = peak_mb()
        error, last, last_cpu = "", time.monotonic(), time.process_time()
        watching = asyncio.create_task(watch())
        started = time.monotonic()
        await once()
        seconds = time.monotonic() - started
        watching.cancel()
    cost = {"mb": peak_mb() - before, "stall_s": longest, "stall_cpu_s": longest_cpu, "seconds": seconds}
    print(json.dumps(cost | {"error": error, "counts": counts}))

asyncio.run(main(sys.argv[1]))
"""


def measure(handler: Handler) -> dict[str, Any]:
    """What reading the answer costs: megabytes of growth, the longest stall of the loop, and how it ended."""
    with Server(in_turn(stream(HELLO), handler)) as server:
        root = Path(__file__).parents[2]
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(MEASURE), server.url],
            capture_output=True, text=True, timeout=120, check=True, cwd=root,
        )  # fmt: skip
    print(done.stdout)  # noqa: T201  the figures, shown by pytest -rP
    return dict(json.loads(done.stdout))


def flood(piece: bytes, times: int, start: bytes = b"", end: bytes = b"") -> Handler:
    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(start)
        for _ in range(times):
            connection.send(piece)
        connection.send(end)

    return handle


def tiny_chunks(connection: Connection) -> None:
    connection.head(200, {**SSE_HEADERS, "transfer-encoding": "chunked"})
    connection.send(b"1\r\nd\r\n" * 20_000 + b"0\r\n\r\n")


def bomb() -> Handler:
    packer = zlib.compressobj(9, wbits=31)
    million = (b"data: " + b"x" * 9992 + b"\n\n") * 100
    packed = [*(packer.compress(million) for _ in range(150)), packer.flush()]
    return one(200, {**SSE_HEADERS, "content-encoding": "gzip"}, b"".join(packed))


EMOJI = "😀".encode()
FLOODS: dict[str, tuple[Handler, str]] = {
    "S6 an event of 100 MB": (flood(b"x" * 1_000_000, 100, b"data: "), "LimitError"),
    "S6 an event just below the limit": (flood(b"x" * 1_000_000, 8, b"data: ", b"\n\n"), ""),
    "S6 a wide event just below the limit": (flood(EMOJI * 1_000_000, 4, b"data: ", b"\n\n"), ""),
    "S6 one emoji makes it wide": (flood(b"x" * 1_000_000, 8, b"data: " + EMOJI, b"\n\n"), "LimitError"),
    "S6 many short lines": (flood(b"data:ab\n" * 100_000, 100), "LimitError"),
    "S6 many events lines": (flood(b"event:ab\n" * 100_000, 100), "LimitError"),
    "S6 an endless comment": (flood(b"x" * 1_000_000, 100, b":"), ""),
    "S8 100,000 empty data lines": (flood(b"data:\n" * 100_000, 1, b"", b"\n"), ""),
    "S8 1 M comment lines": (flood(b": c\n" * 100_000, 10, b"data: a\n", b"\n"), ""),
    "S8 2 M line ends": (flood(b"\n" * 1_000_000, 2), ""),
    "S8 2 M CR": (flood(b"\r" * 1_000_000, 2), ""),
    "small events at full speed": (flood(b'data: {"a":1}\n\n' * 10_000, 10), ""),
    "tiny chunks": (tiny_chunks, ""),
}


@pytest.mark.parametrize("name", FLOODS)
def test_s6_s8_memory_and_stalls(name: str) -> None:
    handler, error = FLOODS[name]
    cost = measure(handler)
    assert cost["error"] == error
    assert cost["mb"] < 64
    assert cost["stall_s"] < 1.0  # the goal is 0.1
    assert cost["stall_cpu_s"] < 0.1  # which no other load on the machine disturbs


def test_e2_gzip_bomb() -> None:
    cost = measure(bomb())
    assert cost["error"] == "LimitError"
    assert cost["mb"] < 64
    assert cost["stall_cpu_s"] < 0.1
