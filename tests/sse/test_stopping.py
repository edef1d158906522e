"""Stop in every phase of a request (K): the server sees the close, nothing is left behind."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from notebook_stream import sse
from notebook_stream.errors import InterruptedStream

from ..servers import SSE_HEADERS, Connection, Server
from ..servers import sse as stream
from .asking import HELLO, TRUST, request


async def close_after(url: str, wait_for: threading.Event, by_task: bool) -> float:
    """Reads in a task until the server says so, then stops; returns when that was."""
    client = sse.make_client(TRUST)
    reading = sse.read(client, request(url))

    async def consume() -> None:
        async with aclosing(reading):
            async for _ in reading:
                if wait_for.is_set() and not by_task:
                    return

    task = asyncio.create_task(consume())
    if by_task:
        await asyncio.to_thread(wait_for.wait, 10)
        await asyncio.sleep(0.05)
        stopped = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        await task
        stopped = time.monotonic()
    taken = time.monotonic() - stopped
    assert taken < 2.5  # the goal is 0.25
    # Neither the client's end nor the loop's may be what closes the connection.
    await asyncio.sleep(0.5)
    assert {t for t in asyncio.all_tasks() if t is not asyncio.current_task()} == set()
    await client.aclose()
    return stopped


def headers_never(connection: Connection, reached: threading.Event) -> None:
    reached.set()
    connection.wait_closed()


def half_headers(connection: Connection, reached: threading.Event) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nconte")
    headers_never(connection, reached)


def between_events(connection: Connection, reached: threading.Event) -> None:
    connection.head(200, SSE_HEADERS)
    reached.set()
    connection.send(b"data: a\n\n")
    connection.wait_closed()


def in_an_event(connection: Connection, reached: threading.Event) -> None:
    connection.head(200, SSE_HEADERS)
    reached.set()
    connection.send(b"data: a")
    connection.wait_closed()


def in_an_error(connection: Connection, reached: threading.Event) -> None:
    connection.head(500, {})
    headers_never(connection, reached)


@pytest.mark.parametrize(
    ("phase", "by_task"),
    [
        *((phase, True) for phase in (headers_never, half_headers, between_events, in_an_event, in_an_error)),
        *((phase, False) for phase in (between_events, in_an_event)),  # what yields can also be closed
    ],
)
def test_k2_k3_the_server_sees_the_close(phase: Any, by_task: bool) -> None:
    reached = threading.Event()
    with Server(lambda connection: phase(connection, reached)) as server:
        stopped = asyncio.run(close_after(server.url, reached, by_task))
        closed = server.connections[0].closed_at
        assert len(server.connections) == 1
    assert closed is not None
    assert closed - stopped < 0.4  # before anything else could have closed it; the goal is 0.25


def test_k2_stop_in_the_tls_handshake() -> None:
    """No request is sent later, and the socket is closed at once, while client and loop live on."""

    async def run(url: str, reached: threading.Event) -> float:
        client = sse.make_client(TRUST)

        async def consume() -> None:
            async for _ in sse.read(client, request(url)):
                pass

        task = asyncio.create_task(consume())
        await asyncio.to_thread(reached.wait, 10)
        await asyncio.sleep(0.05)
        stopped = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.5)
        await client.aclose()
        return stopped

    reached = threading.Event()

    def silent(connection: Connection) -> None:
        headers_never(connection, reached)

    with Server(silent) as server:
        server.speaks_first = True  # what comes is no request but a ClientHello
        stopped = asyncio.run(run(server.url.replace("http:", "https:"), reached))
        closed = server.connections[0].closed_at
    assert closed is not None
    assert closed - stopped < 0.4
    assert server.requests == []


def test_k3_a_stop_while_the_connection_is_being_closed() -> None:
    """A cancellation in the midst of the closing that the end mark brought: closed all the same."""

    async def run(url: str) -> float:
        client = sse.make_client(TRUST)

        async def consume() -> None:
            async with aclosing(sse.read(client, request(url))) as reading:
                async for item in reading:
                    if isinstance(item, sse.Message):
                        asyncio.get_running_loop().call_soon(task.cancel)
                        break

        task = asyncio.create_task(consume())
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped = time.monotonic()
        await asyncio.sleep(0.5)
        assert client._transport._pool.connections == []  # type: ignore[attr-defined]  # httpcore's
        await client.aclose()
        return stopped

    reached = threading.Event()
    with Server(lambda connection: between_events(connection, reached)) as server:
        stopped = asyncio.run(run(server.url))
        closed = server.connections[0].closed_at
    assert closed is not None
    assert closed - stopped < 0.4  # before client and loop end


def test_the_connection_is_closed_where_httpcore_did_not() -> None:
    """As after a cancellation in its own closing, which an error in the body began: it does not try again."""

    class Connected:
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"data: a\n\n"
            raise httpx.ReadError("broken")

    connected = Connected()

    def respond(asked: httpx.Request) -> httpx.Response:
        told = {"network_stream": connected}
        return httpx.Response(200, headers=SSE_HEADERS, stream=Broken(), extensions=told)

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as client:
            reading = sse.read(client, request("http://a.example/"))
            assert isinstance(await anext(reading), sse.Opened)
            assert isinstance(await anext(reading), sse.Message)
            assert not connected.closed
            with pytest.raises(InterruptedStream):
                await anext(reading)

    asyncio.run(run())
    assert connected.closed


def test_closing_before_the_first_item_sends_nothing() -> None:
    async def run(url: str) -> None:
        async with sse.make_client(TRUST) as client:
            await sse.read(client, request(url)).aclose()

    with Server(stream(HELLO)) as server:
        asyncio.run(run(server.url))
        assert server.connections == []


def test_k1_two_hundred_at_once() -> None:
    async def run(url: str) -> list[int]:
        async with sse.make_client(TRUST) as client:

            async def count() -> int:
                return len([item async for item in sse.read(client, request(url))])

            return await asyncio.gather(*(count() for _ in range(200)))

    everyone = threading.Barrier(200, timeout=30)

    def handle(connection: Connection) -> None:
        everyone.wait()
        stream(HELLO)(connection)

    with Server(handle) as server:
        assert min(asyncio.run(run(server.url))) >= 3
