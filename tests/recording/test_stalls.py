"""A long recording holds up nobody: one loop serves all runs, and no work of seconds is done on it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Recording, loop, replay, stream
from notebook_stream.recording import Cache, Header, Row

from ..inspector.test_inspector import Page, comms
from ..servers import Server
from ..servers import sse as answer_of
from ..test_widget import messages
from ..waiting import until

__all__ = ["comms"]

ROWS = 100_000
GOAL_S = 0.05
CHUNK = (
    '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m",'
    '"choices":[{"index":0,"delta":{"content":"word %s "},"finish_reason":null}]}'
)


class Beats:
    """How long the loop's own thread worked without a turn at most, in seconds of its CPU time.

    Of the clock on the wall other programs of the machine would have their part.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self.is_over = False

    def beat(self, last: float) -> None:
        now = time.thread_time()
        self.worst = max(self.worst, now - last)
        if not self.is_over:
            asyncio.get_running_loop().call_later(0.002, self.beat, now)


@contextlib.contextmanager
def no_stall() -> Iterator[None]:
    beats = Beats()
    gc.collect()
    gc.freeze()  # what thousands of tests have left in this process is not looked through on the loop's time
    loop.background().call(lambda: beats.beat(time.thread_time()))
    try:
        yield
        time.sleep(0.02)
    finally:
        beats.is_over = True
        gc.unfreeze()
    assert beats.worst < 10 * GOAL_S


@pytest.fixture(scope="module")
def long() -> Recording:
    rows = [Row(0.001 * number, "", CHUNK % number) for number in range(ROWS)]
    header = Header(wire_format="openai-chat", model="m")
    end = [Row(0.001 * ROWS, "", "[DONE]"), Row(0.001 * ROWS, ":end", '{"status": "done"}')]
    return Recording(header, [*rows, *end])


def test_a_long_answer_from_the_cache(
    long: Recording, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Cache, "find", lambda cache, fingerprint: long)
    made = stream("Hi", model="demo/logprobs", cache=tmp_path, display=False)
    with no_stall():
        assert made.result(60).text.startswith("word 0 word 1 ")


def test_keeping_a_long_answer_in_the_cache(tmp_path: Path) -> None:
    sent = "".join(f"data: {CHUNK % number}\n\n" for number in range(ROWS)) + "data: [DONE]\n\n"
    options: dict[str, Any] = {"model": "m", "cache": tmp_path, "display": False, "max_chars": None}
    with Server(answer_of([sent.encode()])) as server, no_stall():
        made = stream("Hi", base_url=f"http://127.0.0.1:{server.port}/v1", **options)
        made.result(60)
    (kept,) = tmp_path.glob("*.jsonl")  # it is there when the end is announced
    assert len(Recording.load(kept)) == ROWS + 3


def test_what_a_page_asks_for_of_a_long_recording(long: Recording) -> None:
    page = Page(replay(long, display=False))

    def was_told(track: int, first: int) -> bool:
        return any(m["track"] == track and m["from"] == first for m in messages(page.comm, "moments"))

    with no_stall():
        page.ask(type="moments", track=0, **{"from": ROWS - 10})
        until(functools.partial(was_told, 0, ROWS - 10))
