"""Slow, silent, endless and oversized answers (S): time limits, size limits, memory and the loop's stalls."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from notebook_stream.errors import InterruptedStream

from ..servers import SSE_HEADERS, Connection, Handler
from ..waiting import until
from .asking import DONE, FINISH, Ask, data, delta, held, raw, whole
from .conftest import Cost
from .measured import measure
from .rows import row


def every(piece: bytes, pause_s: float, *first: bytes) -> Handler:
    """The same piece again and again, until the client goes."""

    def handle(connection: Connection) -> None:
        raw(*first)(connection)
        while True:
            connection.send(piece)
            time.sleep(pause_s)

    return handle


@row("S2")
@pytest.mark.parametrize("first", [[delta("kept"), delta(" lost")[:-9]], [b"data: {"], [delta("kept")]])
def test_s2_silence_in_mid_answer(ask: Ask, first: list[bytes]) -> None:
    end = ask(held(*first), idle_timeout=0.4, within=6)
    assert isinstance(end.error, InterruptedStream)
    text = "kept" if first[0] == delta("kept") else ""
    assert (end.status, end.text, end.error.code, len(end.requests)) == (
        "interrupted",
        text,
        "idle_timeout",
        1,
    )
    assert end.seconds >= 0.4
    assert "fell silent for 0.4 s" in end.error.message


@row("S2")
def test_s2_any_byte_is_no_silence(ask: Ask) -> None:
    end = ask(raw(*(b":%d\n" % i for i in range(10)), delta("a"), DONE, pause_s=0.1), idle_timeout=0.6)
    assert (end.status, end.text) == ("done", "a")


@row("S3")
@pytest.mark.parametrize("beat", [b": ping\n\n", b"event: ping\ndata: {}\n\n", b"data:\n\n", b": ping\n"])
@pytest.mark.parametrize("first", [[], [delta("kept")]])
def test_s3_nothing_but_heartbeats(ask: Ask, beat: bytes, first: list[bytes]) -> None:
    server = ask.serve(every(beat, 0.05, *first))
    began = time.monotonic()
    s = ask.start(server, idle_timeout=0.6, content_timeout=0.8)
    until(lambda: s._session.elapsed_s() > 0.5)
    assert s._describe()["status"] == ("streaming" if first else "connecting")  # it waits, and the clock runs
    end = ask.end(s, began, 8)
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.error.code, len(end.requests)) == ("interrupted", "content_timeout", 1)
    assert end.text == "kept" * len(first)
    assert "heartbeats" in end.error.message


@row("S4")
def test_s4_a_byte_at_a_time(ask: Ask) -> None:
    body = itertools.cycle(b"".join(map(delta, "abcdef")))

    def drip(connection: Connection) -> None:
        raw()(connection)
        for byte in body:
            connection.send(bytes([byte]))
            time.sleep(0.002)

    server = ask.serve(drip)
    began = time.monotonic()
    s = ask.start(server, max_seconds=1.5)
    until(lambda: s.text)
    assert ask(whole("beside")).seconds < 1  # others are not held up
    end = ask.end(s, began, 15)
    assert (end.status, s.stop_reason) == ("stopped", "seconds")
    assert ("abcdef" * 99).startswith(end.text)
    assert len(end.text) > 1


@row("S4")
def test_s4_costs_no_time(cost: Cost) -> None:
    found = measure(every(b"d", 0.1), cost, max_seconds=2)
    assert (found.status, found.stop_reason) == ("stopped", "seconds")


@row("S5")
@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream"]
)
def test_s5_headers_a_byte_at_a_time(ask: Ask, head: bytes) -> None:
    def drip(connection: Connection) -> None:
        connection.send(head)
        for byte in itertools.cycle(b"x-a: b\r\n"):
            connection.send(bytes([byte]))
            time.sleep(0.02)

    end = ask(drip, first_byte_timeout=0.6, idle_timeout=5, within=8)
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.text, end.error.code, len(end.requests)) == (
        "interrupted",
        "",
        "first_byte_timeout",
        1,
    )
    assert end.seconds >= 0.6


@row("S5")
def test_s5_headers_and_then_nothing(ask: Ask) -> None:
    end = ask(held(), first_byte_timeout=0.4, within=6)
    assert (end.status, end.error.code, len(end.requests)) == ("interrupted", "first_byte_timeout", 1)


# Floods, in a process of their own


def flood(piece: bytes, times: int, start: bytes = b"", end: bytes = b"") -> Handler:
    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(start)
        for _ in range(times):
            connection.send(piece)
        connection.send(end)

    return handle


MEGABYTE = b"x" * 1_000_000
OPEN = b'data: {"choices":[{"index":0,"delta":{"content":"'
CLOSE = b'"}}]}\n\n' + FINISH + DONE


@row("S6")
@pytest.mark.parametrize(
    "handler",
    [
        flood(MEGABYTE, 100, OPEN, CLOSE),
        flood(MEGABYTE, 100, OPEN + "😀".encode(), CLOSE),  # one wide character makes each take four bytes
        pytest.param(flood(b"data:ab\n" * 100_000, 100), marks=pytest.mark.whole),
        pytest.param(flood(b"event:ab\n" * 100_000, 100), marks=pytest.mark.whole),
    ],
    ids=["wide", "one emoji", "short lines", "names"],
)
def test_s6_one_event_of_100_mb(cost: Cost, handler: Handler) -> None:
    found = measure(handler, cost)
    assert (found.status, found.error) == ("interrupted", "LimitError")
    assert "larger than 8 MiB" in found.told


@row("S6")
def test_s6_the_text_before_it_is_kept(ask: Ask) -> None:
    end = ask(flood(MEGABYTE, 9, delta("kept") + OPEN))
    assert (end.status, end.text, end.error.code) == ("interrupted", "kept", "limit")


@row("S6")
def test_s6_a_large_event_within_the_limit(cost: Cost) -> None:
    found = measure(flood(MEGABYTE, 4, OPEN, CLOSE), cost, max_chars=5_000_000)
    assert (found.status, found.chars) == ("done", 4_000_000)


def endless(make: Callable[[int], bytes]) -> Handler:
    def handle(connection: Connection) -> None:
        raw()(connection)
        for start in itertools.count(0, 100):
            connection.send(b"".join(map(make, range(start, start + 100))))

    return handle


@row("S7", "S9")
def test_s7_s9_endless_text(cost: Cost) -> None:
    found = measure(endless(lambda i: delta(f"word {i} " * 4)), cost)
    assert (found.status, found.stop_reason, found.chars) == ("stopped", "chars", 2_000_000)
    assert found.appends <= 30 * found.seconds + 3
    assert found.gap_s < 1  # an interrupt is answered as soon as the main thread runs


@row("S7", "S9")
def test_s7_s9_endless_for_some_time(cost: Cost) -> None:
    found = measure(endless(lambda i: delta("x")), cost, max_seconds=2)
    assert (found.status, found.stop_reason) == ("stopped", "seconds")
    assert found.seconds < 20
    assert found.appends <= 30 * found.seconds + 3
    assert found.gap_s < 1


def probable(number: int) -> bytes:
    token = {
        "token": "x",
        "logprob": -1,
        "top_logprobs": [{"token": f"{k}", "logprob": -2} for k in range(20)],
    }
    return data({"choices": [{"delta": {"content": "x"}, "logprobs": {"content": [token]}}]})


WITHOUT_TEXT: dict[str, Callable[[int], bytes]] = {
    "unknown events": lambda i: data({"object": f"unknown.{i}", "filler": "x" * 500}),
    "usage": lambda i: data({"choices": [], "usage": {"completion_tokens": i}}),
    "large usage": lambda i: data({"choices": [], "usage": {"completion_tokens": i, "x": "y" * 100_000}}),
    "models": lambda i: data({"choices": [], "model": f"m{i}", "id": f"i{i}"}),
    "choices": lambda i: data({"choices": [{"index": i % 10_000, "delta": {"content": "x"}}]}),
    "calls": lambda i: data({"choices": [{"delta": {"tool_calls": [{"index": i % 10_000, "id": f"{i}"}]}}]}),
    "citations": lambda i: data({"citations": [f"http://x/{i}"], "choices": []}),
    "log probabilities": probable,
}
"""What `max_chars` does not bound."""

BY_DEFAULT = ("unknown events", "log probabilities")


@row("S7")
@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        *((name, 1.5) for name in BY_DEFAULT),
        *(pytest.param(name, 12, marks=pytest.mark.whole) for name in WITHOUT_TEXT),
    ],
)
def test_s7_endless_without_text(cost: Cost, name: str, seconds: float) -> None:
    # Joining 25,000 old events at once takes its time; this row sets no bound for a stall, an interrupt does.
    found = measure(endless(WITHOUT_TEXT[name]), cost, max_seconds=seconds, max_stall_cpu_s=1)
    assert found.status in ("stopped", "interrupted")
    assert found.stop_reason == "seconds" or "127.0.0.1" in found.told
    assert found.seconds < 60


@row("S8")
@pytest.mark.parametrize(
    "handler",
    [
        flood(b"data:\n" * 100_000, 1, b"", b"\n" + b"".join([FINISH, DONE])),
        flood(b": c\n" * 100_000, 10, delta("a")[:-1], b"\n" + FINISH + DONE),
        pytest.param(flood(b"\n" * 1_000_000, 8, b"", FINISH + DONE), marks=pytest.mark.whole),
        pytest.param(flood(b"\r" * 1_000_000, 8, b"", FINISH + DONE), marks=pytest.mark.whole),
        pytest.param(flood(b":" + MEGABYTE, 100, b"", b"\n" + FINISH + DONE), marks=pytest.mark.whole),
    ],
    ids=["empty data", "comments", "line ends", "CR", "one comment"],
)
def test_s8_many_lines_in_one_event(cost: Cost, handler: Handler) -> None:
    found = measure(handler, cost)
    assert found.status == "done"
