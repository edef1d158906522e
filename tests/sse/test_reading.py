"""An ordinary answer to one request: what was asked, what comes, in which form."""

from __future__ import annotations

import asyncio
import json

import pytest

from notebook_stream import sse
from notebook_stream.errors import LimitError, UsageError
from notebook_stream.sse.body import JsonLines

from ..servers import Connection, Server, one
from ..servers import sse as stream
from .asking import HELLO, KEY, ask, collect, raw, request, texts


def test_a_stream_opens_and_brings_its_events() -> None:
    items, error = ask(stream([b"event: a\ndata: 1\n\n", b": ping\n\n", b"data: 2\nda", b"ta: 3\n\n"]))
    assert error is None
    assert isinstance(items[0], sse.Opened)
    assert items[0].status_code == 200
    assert ("content-type", "text/event-stream") in items[0].headers
    assert items[1:] == [sse.Message("a", "1"), sse.Pulse("ping"), sse.Pulse(), sse.Message("", "2\n3")]


def test_the_request_is_what_was_asked() -> None:
    with Server(stream(HELLO)) as server:
        asyncio.run(collect(request(server.url, headers={"X-Own": "1"}, key_header=("x-api-key", ""))))
        head, _, content = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /v1/chat http/1.1"
    assert {"x-own: 1", "accept-encoding: identity", f"x-api-key: {KEY.lower()}"} <= set(lines)
    assert not any(line.startswith("authorization") for line in lines)
    assert json.loads(content) == {"model": "m", "prompt": "hi"}


def test_a_halved_character_in_the_prompt_is_sent_as_a_replacement() -> None:
    what = {"joined": "\ud83d\ude00", "alone": "\ud83d"}
    with Server(stream(HELLO)) as server:
        asyncio.run(collect(sse.Request(server.url, what)))
        sent = json.loads(server.requests[0].partition(b"\r\n\r\n")[2])
    assert sent == {"joined": "😀", "alone": "�"}


def test_a_request_that_is_not_json_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="not JSON"):
        asyncio.run(collect(sse.Request("http://127.0.0.1:1/", {"x": object()})))


def test_a_whole_json_answer_is_a_body() -> None:
    content = json.dumps({"text": "grüße " * 9000}, ensure_ascii=False).encode()
    items, error = ask(one(200, {"content-type": "Application/JSON; charset=latin-1"}, content))
    assert error is None
    bodies = [item for item in items if isinstance(item, sse.Body)]
    assert [item.text for item in bodies] == [content.decode()]
    assert any(isinstance(item, sse.Pulse) for item in items)


def test_a_whole_json_answer_is_bounded() -> None:
    def handle(connection: Connection) -> None:
        connection.head(200, {"content-type": "application/json"})
        for _ in range(200):
            connection.send(b"x" * 65536)

    items, error = ask(handle)
    assert isinstance(error, LimitError)
    assert not any(isinstance(item, sse.Body) for item in items)


def test_json_lines_are_events() -> None:
    kind = {"content-type": "application/x-ndjson"}
    items, _ = ask(raw(b'{"a":1}\n{"b"', b':2}\r\n\n{"c":3}', headers=kind))
    assert texts(items) == ['{"a":1}', '{"b":2}', '{"c":3}']
    items, _ = ask(raw(b'{"a":1}\n{"b"', headers=kind))
    assert texts(items) == ['{"a":1}']


def test_a_json_line_in_many_small_pieces_is_no_larger_than_its_text() -> None:
    line = '{"a": "' + "é" * 280_000 + '"}'
    framing = JsonLines("host")
    for character in line:
        assert not framing.feed(character)
    assert len(framing._line) < len(line) / 1000
    assert "".join(framing.feed("\n")) == f"data:{line}\n\n"
