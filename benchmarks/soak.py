"""Two hundred streams at once for minutes, each in a random wire format with a random fault, some stopped.

In: minutes and a seed. Out: a table of ends by fault, memory over time, and what is left behind at the end:
tasks, connections on either side, running streams. Knows the server only by its addresses.
"""

# ruff: noqa: T201, S101  # what it prints is what it is for; pipes that are there

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import queue
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import comm
import psutil  # type: ignore[import-untyped]  # it comes with ipykernel

from notebook_stream import Stream, loop, stop_all, stream, streams

from .misbehaving import DIALECTS, FAULTS, WORDS, word

MAX_CHARS = 20_000
STOPPED_SHARE = 0.15
REPORT_S = 30.0
SETTLE_S = 2.0

EXPECTED: dict[str, str] = {
    **dict.fromkeys(("none", "busy once", "packed", "drip", "hold open"), "done"),
    **dict.fromkeys(("refused", "down", "garbage", "error event", "html"), "error"),
    **dict.fromkeys(("cut", "reset", "silence", "heartbeats", "too large"), "interrupted"),
    **dict.fromkeys(("slow head", "empty", "bad chunk"), "interrupted"),
    **dict.fromkeys(("endless", "bomb"), "stopped"),
}
LIMITS: dict[str, Any] = {
    "idle_timeout": 15,
    "content_timeout": 20,
    "first_byte_timeout": 20,
    "max_seconds": 120,
}
"""Seconds scaled down, and yet long enough for a machine that 200 streams keep busy."""

BEGINNING = "".join(map(word, range(MAX_CHARS)))


class NoPage(comm.base_comm.BaseComm):
    """A page that nobody looks at."""

    def publish_msg(self, msg_type: str, *arguments: Any, **more: Any) -> None:
        """Sent nowhere."""


class Soak:
    """Keeps `at_once` streams running and counts how they end."""

    def __init__(self, port: int, at_once: int, seed: int, patience: float) -> None:
        self._port = port
        timeouts = {name: limit * patience for name, limit in LIMITS.items()}
        self._limits: dict[str, Any] = timeouts | {"max_chars": MAX_CHARS}
        self._at_once = at_once
        self._random = random.Random(seed)
        self._ended: queue.Queue[tuple[Stream, str, bool]] = queue.Queue()
        self._stops: list[tuple[float, Stream]] = []
        self.running = 0
        self.started = 0
        self.ends: Counter[tuple[str, str]] = Counter()
        self.wrong: list[str] = []

    def run(self, seconds: float) -> None:
        """For so long; then no new ones, and the rest to their ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until or self.running:
            while self.running < self._at_once and time.monotonic() < until:
                self._start()
            self._stop_some()
            self._take_ends()

    def _start(self) -> None:
        fault, dialect = self._random.choice(list(FAULTS)), self._random.choice(list(DIALECTS))
        self.started += 1
        self.running += 1
        url = f"http://127.0.0.1:{self._port}/{dialect}/{fault.replace(' ', '-')}/{self.started}"
        s = stream("hi", model="m", base_url=url, wire_format=dialect, display=False, **self._limits)
        if self.started % 2:
            assert s.model_id  # which opens its comm
        stopped = self._random.random() < STOPPED_SHARE
        if stopped:
            self._stops.append((time.monotonic() + self._random.random(), s))
        s._session.when_ended(lambda: self._ended.put((s, f"{fault}/{dialect}", stopped)))

    def _stop_some(self) -> None:
        now = time.monotonic()
        for _, s in [stop for stop in self._stops if stop[0] <= now]:
            s._session.stop()
        self._stops = [stop for stop in self._stops if stop[0] > now]

    def _take_ends(self) -> None:
        try:
            s, name, stopped = self._ended.get(timeout=0.05)
        except queue.Empty:
            return
        self.running -= 1
        fault = name.partition("/")[0]
        status = str(s.status)
        self.ends[fault, status] += 1
        right = {EXPECTED[fault], "stopped" if stopped else EXPECTED[fault]}
        text = s._session.result().text
        kept = fault == "bomb" or BEGINNING.startswith(text)
        whole = fault == "drip" or status != "done" or text == "".join(map(word, range(WORDS)))
        if status not in right or not kept or not whole:
            self.wrong.append(f"{name}: {status} {len(text)} characters {s.error}")
        s.close()


@contextmanager
def server() -> Iterator[int]:
    """The port of a server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.misbehaving"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(20)


def rss_mb() -> float:
    """What this process holds now, without what has been freed and only the allocator still has."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def left(port: int) -> dict[str, int]:
    """What is still there when everything has ended; each should be 0."""
    with urlopen(f"http://127.0.0.1:{port}/open", timeout=10) as answer:
        at_server = int(answer.read())
    connections = psutil.Process().net_connections("tcp")
    return {
        "tasks": len(asyncio.all_tasks(loop.background().loop)),
        "running streams": len(streams()),
        "connections here": sum(
            bool(c.raddr) and c.raddr.port == port and c.status != "TIME_WAIT" for c in connections
        ),
        "connections at the server": at_server,
    }


def table(ends: Counter[tuple[str, str]]) -> Iterator[str]:
    """A row for each fault, a column for each end."""
    columns = ("done", "stopped", "interrupted", "error")
    yield f"{'fault':12}" + "".join(f"{name:>13}" for name in columns)
    for fault in FAULTS:
        yield f"{fault:12}" + "".join(f"{ends[fault, name]:13}" for name in columns)
    totals = {name: sum(count for (_, end), count in ends.items() if end == name) for name in columns}
    yield f"{'together':12}" + "".join(f"{totals[name]:13}" for name in columns)


def main() -> int:
    """0 when every end was right and nothing is left."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--streams", type=int, default=200, help="at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=1, help="factor of the time limits: busy machines")
    options = parser.parse_args()
    comm.create_comm = lambda **fields: NoPage(**fields)
    with server() as port:
        Soak(port, options.streams, options.seed, options.patience).run(
            10
        )  # the pool, the threads, what is loaded once
        start_mb = rss_mb()
        print(f"{start_mb:.0f} MB after the first {SETTLE_S + 8:.0f} s")
        soak = Soak(port, options.streams, options.seed + 1, options.patience)
        ends_at = time.monotonic() + options.minutes * 60
        while (remains := ends_at - time.monotonic()) > 0:
            soak.run(min(REPORT_S, remains))
            print(f"{soak.started:6} streams, {rss_mb():.0f} MB, {len(soak.wrong)} wrong", flush=True)
        stop_all()
        time.sleep(SETTLE_S)
        found = left(port)
    print(*table(soak.ends), sep="\n")
    print(*soak.wrong[:20], sep="\n")
    print(
        f"{soak.started} streams; {len(soak.wrong)} wrong ends; "
        f"{start_mb:.0f} MB before, {rss_mb():.0f} MB after"
    )
    print(", ".join(f"{name}: {count}" for name, count in found.items()))
    return 1 if soak.wrong or any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
