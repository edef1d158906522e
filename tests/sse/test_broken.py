"""Connections that break (R): what had come is kept, and the end is no end mark."""

from __future__ import annotations

import time

import pytest

from notebook_stream.errors import InterruptedStream

from ..servers import SSE_HEADERS, Connection
from .asking import ask, raw, texts


def test_r1_reset_before_and_in_the_headers() -> None:
    def before(connection: Connection) -> None:
        connection.reset()

    def closed(connection: Connection) -> None:
        pass

    def middle(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-")
        time.sleep(0.05)
        connection.reset()

    def middle_closed(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-")

    for handler in (before, closed, middle, middle_closed):
        items, error = ask(handler)
        assert items == []
        assert isinstance(error, InterruptedStream), handler
        assert error.retryable


def test_r2_reset_between_events() -> None:
    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(b"data: a\n\n")
        time.sleep(0.2)  # a reset at once would take the data with it
        connection.reset()

    items, error = ask(handle)
    assert texts(items) == ["a"]
    assert isinstance(error, InterruptedStream)
    assert not error.retryable


def test_r7_shorter_than_told() -> None:
    items, error = ask(raw(b"data: a\n\n", headers={"content-length": "100"}))
    assert texts(items) == ["a"]
    assert isinstance(error, InterruptedStream)


@pytest.mark.parametrize("end", [b"", b"zz\r\n", b"5\r\nab", b"ffffffffffffffffffffff\r\n"])
def test_r8_bad_chunks(end: bytes) -> None:
    items, error = ask(raw(b"9\r\ndata: a\n\n\r\n", end, headers={"transfer-encoding": "chunked"}))
    assert texts(items) == ["a"]
    assert isinstance(error, InterruptedStream)
