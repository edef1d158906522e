"""Redirects, cookies and header bombs (H13 to H20): nothing leaves the origin that was asked."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import pytest

from notebook_stream import sse
from notebook_stream.errors import LimitError, ProtocolError

from ..servers import Connection, Server, in_turn, one
from ..servers import sse as stream
from .asking import HELLO, TRUST, ask, collect, request, texts


@pytest.mark.parametrize("status", [307, 308])
def test_h13_one_redirect_within_the_origin(status: int) -> None:
    with Server(in_turn(one(status, {"location": "/v2/chat?x=1"}), stream(HELLO))) as server:
        items, error = asyncio.run(collect(request(server.url)))
        first, second = server.requests
    assert error is None
    assert texts(items) == ["hello", "[DONE]"]
    assert second.startswith(b"POST /v2/chat?x=1 HTTP/1.1\r\n")
    assert first.partition(b"\r\n")[2] == second.partition(b"\r\n")[2]


def test_h13_a_redirect_brings_no_credentials() -> None:
    def redirect(connection: Connection) -> None:
        connection.answer(307, {"location": f"http://mallory:pw@127.0.0.1:{server.port}/v2"})

    with Server(in_turn(redirect, stream(HELLO))) as server:
        _, error = asyncio.run(collect(sse.Request(server.url, {})))
        assert error is None
        assert b"authorization" not in server.requests[1].lower()


@pytest.mark.parametrize("status", [301, 302, 303])
def test_h13_redirects_that_would_turn_post_into_get(status: int) -> None:
    with Server(one(status, {"location": "/v2"})) as server:
        _, error = asyncio.run(collect(request(server.url)))
        assert len(server.requests) == 1
    assert isinstance(error, ProtocolError)
    assert error.code == "redirect"


@pytest.mark.parametrize(
    "name", ["http://localhost:{port}/", "//127.0.0.1:{port}/", "https://127.0.0.1:{port}/x"]
)
def test_h14_h15_another_origin_gets_nothing(name: str) -> None:
    with Server(stream(HELLO)) as other:
        target = name.format(port=other.port)
        with Server(one(307, {"location": target})) as server:
            _, error = asyncio.run(collect(request(server.url)))
            assert len(server.requests) == 1
        assert other.connections == []
    assert isinstance(error, ProtocolError)
    assert str(other.port) in str(error)


@pytest.mark.parametrize(
    "location", ["", "http://[", "file:///etc/passwd", "http://169.254.169.254/latest", "\x01"]
)
def test_h17_redirects_to_odd_places(location: str) -> None:
    _, error = ask(one(307, {"location": location}))
    assert isinstance(error, ProtocolError)


def test_h16_a_redirect_loop_ends_at_once() -> None:
    with Server(one(307, {"location": "/v1/chat"})) as server:
        started = time.monotonic()
        _, error = asyncio.run(collect(request(server.url)))
        assert time.monotonic() - started < 10
        assert len(server.requests) == 2
    assert isinstance(error, ProtocolError)


def test_h18_no_cookie_is_kept() -> None:
    async def twice(url: str) -> None:
        async with sse.make_client(TRUST) as client:
            for _ in range(2):
                async with aclosing(sse.read(client, request(url))) as reading:
                    shown = [item.headers async for item in reading if isinstance(item, sse.Opened)]
                    assert "set-cookie" not in dict(shown[0])

    with Server(stream(HELLO, {"set-cookie": "a=b; Path=/"})) as server:
        asyncio.run(twice(server.url))
        assert len(server.requests) == 2
        assert all(b"cookie" not in sent.lower() for sent in server.requests)


def test_h20_header_bombs() -> None:
    def big(connection: Connection) -> None:
        connection.head(200, {"x": "y" * 1_000_000})

    def many(connection: Connection) -> None:
        connection.head(200, {f"x-{i}": "y" * 20 for i in range(10_000)})

    for handler in (big, many):
        _, error = ask(handler)
        assert isinstance(error, LimitError), handler


def test_not_http_at_all() -> None:
    _, error = ask(lambda connection: connection.send(b"SSH-2.0-OpenSSH\r\n\r\n"))
    assert isinstance(error, ProtocolError)
    assert not error.retryable
