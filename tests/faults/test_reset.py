"""Connections that break (R): what had come is kept, the end is no end mark, and nothing is asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from notebook_stream.errors import InterruptedStream

from ..servers import SSE_HEADERS, Connection, Handler, in_turn
from ..servers import sse as events
from ..waiting import until
from .asking import DONE, FINISH, Ask, delta, held, raw, whole
from .rows import row


def reset_after(*parts: bytes) -> Handler:
    def handle(connection: Connection) -> None:
        raw(*parts)(connection)
        time.sleep(0.2)  # a reset at once would take the data with it
        connection.reset()

    return handle


def head_only(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\ncontent-")
    time.sleep(0.05)


def reset_in_head(connection: Connection) -> None:
    head_only(connection)
    connection.reset()


@row("R1")
@pytest.mark.parametrize(
    "handler", [lambda connection: connection.reset(), lambda connection: None, head_only, reset_in_head]
)
def test_r1_before_the_answer_has_begun(ask: Ask, quick_retries: None, handler: Handler) -> None:
    end = ask(handler)
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "", 3)
    assert ask(in_turn(handler, whole("at last"))).text == "at last"


@row("R2")
def test_r2_between_events(ask: Ask) -> None:
    server = ask.serve(in_turn(reset_after(delta("kept ")), whole("anew")))
    end = ask(server)
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "kept ", 1)
    assert "s.again()" in end.error.hint
    again = end.stream.again()
    assert again.result(20).text == "anew"  # a new message: the old one stays as it was
    assert end.text == "kept "
    ask.streams.append(again)


@row("R3")
@pytest.mark.parametrize("make", [reset_after, raw])
@pytest.mark.parametrize("cut", [7, 40, -3, -1])
def test_r3_inside_an_event(ask: Ask, make: Callable[..., Handler], cut: int) -> None:
    end = ask(make(delta("kept"), delta(" lost")[:cut]))
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "kept", 1)


@row("R4")
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_r4_inside_a_character(ask: Ask, cut: int) -> None:
    emoji = '{"choices":[{"delta":{"content":"😀'.encode()
    end = ask(raw(delta("kept"), b"data: " + emoji[: -4 + cut]))
    assert (end.status, end.text) == ("interrupted", "kept")
    assert "�" not in repr(end.stream.events)


@row("R5", "G0")
@pytest.mark.parametrize("make", [events, lambda parts: raw(*parts)])
def test_r5_without_an_end_mark(ask: Ask, make: Callable[..., Handler]) -> None:
    end = ask(make([delta("half an "), delta("answer")]))
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "half an answer", 1)
    assert "end mark" in end.error.message


@row("R5")
def test_r5_a_finish_reason_is_an_end_mark_too(ask: Ask) -> None:
    assert ask(events([delta("all"), FINISH])).status == "done"
    first = 'event: message_start\ndata: {"type":"message_start","message":{"content":[]}}\n\n'
    piece = (
        "event: content_block_delta\n"
        'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half"}}\n\n'
    )
    end = ask(events([first.encode(), piece.encode()]), wire_format="anthropic")
    assert (end.status, end.text) == ("interrupted", "half")


@row("R6")
@pytest.mark.parametrize(
    ("last", "status", "text"),
    [
        (b"data: [DONE]", "done", "a"),
        (b"data: [DONE]\n", "done", "a"),
        (b"data: [DONE]\r\n", "done", "a"),
        (delta("lost")[:-2], "interrupted", "a"),
        (delta("lost")[:-1], "interrupted", "a"),
        (b"data: [DONE", "interrupted", "a"),
    ],
)
def test_r6_the_last_line_without_a_blank_one(ask: Ask, last: bytes, status: str, text: str) -> None:
    end = ask(raw(delta("a"), last))
    assert (end.status, end.text) == (status, text)


@row("R7")
def test_r7_shorter_than_told(ask: Ask) -> None:
    end = ask(raw(delta("kept"), headers={"content-length": "1000"}))
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "kept", 1)


@row("R8")
@pytest.mark.parametrize("broken", [b"", b"zz\r\n", b"5\r\nab", b"f" * 22 + b"\r\n", b"-1\r\n"])
def test_r8_broken_chunks(ask: Ask, broken: bytes) -> None:
    def handle(connection: Connection) -> None:
        connection.head(200, {**SSE_HEADERS, "transfer-encoding": "chunked"})
        connection.chunk(delta("kept"))
        connection.send(broken)

    end = ask(handle)
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "kept", 1)


@row("R9")
def test_r9_a_peer_that_is_gone_without_a_word(ask: Ask) -> None:
    gone = threading.Event()

    def handle(connection: Connection) -> None:
        raw(delta("kept"))(connection)
        gone.wait(20)  # neither reads nor writes nor closes: so a laptop that sleeps, a NAT that forgot

    end = ask(handle, idle_timeout=0.3, within=5)
    gone.set()
    assert (end.status, end.text, end.error.code) == ("interrupted", "kept", "idle_timeout")
    assert len(end.requests) == 1


@row("G0")
def test_g0_closed_at_each_kind_of_end(ask: Ask) -> None:
    ends = [
        ask(held(delta("a"), FINISH, DONE)),
        ask(held(delta("a")), max_chars=1),
        ask(held(delta("a")), idle_timeout=0.2),
        ask(held(delta("a"), b"event: error\ndata: {}\n\n")),
    ]
    assert [end.status for end in ends] == ["done", "stopped", "interrupted", "error"]
    assert [end.text for end in ends] == ["a"] * 4
    for end in ends:
        assert end.server is not None
        connection = end.server.connections[0]
        until(partial(getattr, connection, "closed_at"))
        assert len(end.requests) == 1
