"""The SDKs' own stream objects: when the server sees a stop, and what becomes of the connection."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from notebook_stream.errors import SourceError
from notebook_stream.events import Notice
from notebook_stream.sources import Source, as_events

from ..servers import Connection, Handler, Server, self_signed, sse
from ..waiting import until
from .loops import SEEN_S, OtherLoop, asked, collect, run, stop
from .sdk_ways import ASYNC, SYNC, assert_whole, openai, parts_until_text, stalls


@pytest.mark.parametrize("by", ["cancel", "aclose"])
@pytest.mark.parametrize("name", SYNC)
def test_stop_of_sync_streams(name: str, by: str) -> None:
    way = SYNC[name]
    with Server(stalls(parts_until_text(way))) as server, way.open(server.url) as client:
        assert run(stop(as_events(way.make(client)), server, by)) < SEEN_S


def test_stop_over_tls(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    way = SYNC["chat"]
    trusting = ssl.create_default_context(cafile=str(certificate))
    with Server(stalls(parts_until_text(way)), context) as server:
        http_client = openai.DefaultHttpx2Client(verify=trusting)
        with way.open(server.url, http_client=http_client) as client:
            assert run(stop(as_events(way.make(client)), server, "aclose")) < SEEN_S


def test_stop_of_a_text_stream() -> None:
    way = SYNC["messages.stream"]
    with (
        Server(stalls(parts_until_text(way))) as server,
        way.open(server.url) as client,
        way.make(client) as stream,
    ):
        run(stop(as_events(stream.text_stream), server, "aclose"))


@pytest.mark.parametrize("by", ["cancel", "aclose"])
@pytest.mark.parametrize("name", ASYNC)
def test_stop_of_async_streams_on_our_own_loop(name: str, by: str) -> None:
    way = ASYNC[name]

    async def main(server: Server) -> None:
        async with way.open(server.url) as client:
            await stop(as_events(lambda: way.make(client)), server, by)

    with Server(stalls(parts_until_text(way))) as server:
        run(main(server))


@pytest.mark.parametrize("name", ASYNC)
def test_stop_of_async_streams_on_the_notebooks_loop(name: str, kernel: OtherLoop) -> None:
    way = ASYNC[name]
    with Server(stalls(parts_until_text(way))) as server:
        client = way.open(server.url)
        run(stop(kernel.as_events(lambda: way.make(client)), server, "aclose"))
        kernel.call(client.close())


@pytest.mark.parametrize(
    "name", ["chat", "messages", "async chat", "async messages", "async messages.stream"]
)
def test_stopped_before_the_beginning(name: str, kernel: OtherLoop) -> None:
    way = {**SYNC, **ASYNC}[name]
    with Server(stalls(way.parts[:1])) as server:
        client = way.open(server.url)
        source = kernel.as_events(lambda: way.make(client))
        run(source.aclose())
        if server.connections:  # connected before we had it
            until(lambda: server.connections[0].closed_at is not None)
        if way.is_async:
            kernel.call(client.close())
        else:
            client.close()


@pytest.mark.parametrize("name", ["async chat", "async messages.stream"])
def test_stop_while_an_async_client_connects(name: str) -> None:
    way = ASYNC[name]

    async def main(server: Server) -> None:
        async with way.open(server.url) as client:
            source = as_events(lambda: way.make(client))
            reading = asyncio.ensure_future(anext(source))
            await asked(server)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await source.aclose()
            assert not source.still_running
            began = time.monotonic()
            while server.connections[0].closed_at is None:
                assert time.monotonic() - began < SEEN_S
                await asyncio.sleep(0.002)

    with Server(lambda connection: connection.wait_closed()) as server:
        run(main(server))


def test_stop_while_a_sync_client_waits_for_the_answer() -> None:
    """Nothing can end that wait; the stream is closed as soon as it is there."""
    way = SYNC["chat"]

    def late(connection: Connection) -> None:
        time.sleep(1.0)
        stalls(parts_until_text(way))(connection)

    async def main(server: Server) -> Source:
        source = as_events(lambda: way.make(client))
        reading = asyncio.ensure_future(anext(source))
        await asked(server)
        began = time.monotonic()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await source.aclose()
        assert time.monotonic() - began < 0.9
        assert source.still_running
        return source

    with Server(late) as server, way.open(server.url) as client:
        source = run(main(server))
        until(lambda: not source.still_running)
        until(lambda: server.connections[0].closed_at is not None)


def keeps_alive(parts: list[bytes]) -> Handler:
    """Answers one request after the other on the same connection."""

    def handle(connection: Connection) -> None:
        fields = b"content-type: text/event-stream\r\ntransfer-encoding: chunked"
        while connection.request:
            connection.send(b"HTTP/1.1 200 X\r\n%s\r\n\r\n" % fields)
            for piece in parts:
                connection.chunk(piece)
            connection.send(b"0\r\n\r\n")
            connection.request = b""
            connection.read_request()

    return handle


def test_a_stop_at_the_end_leaves_the_connection_in_the_pool() -> None:
    way = SYNC["messages"]

    async def main() -> None:
        source = as_events(way.make(client))
        assert_whole("messages", await collect(source))
        await source.aclose()

    with Server(keeps_alive(way.parts)) as server, way.open(server.url) as client:
        run(main())
        run(main())
        assert len(server.connections) == 1


def test_a_client_of_another_loop_is_explained(kernel: OtherLoop) -> None:
    way = ASYNC["async messages"]

    async def use() -> None:
        async for _ in await way.make(client):
            pass

    with Server(keeps_alive(way.parts)) as server:
        client = way.open(server.url)
        kernel.call(use())
        with pytest.raises(SourceError, match="make the client inside"):
            run(collect(as_events(lambda: way.make(client))))
        kernel.call(client.close())


def test_a_blocked_notebook_is_told(kernel: OtherLoop) -> None:
    way = ASYNC["async chat"]
    with Server(sse(way.parts, pause_s=0.02)) as server:
        client = way.open(server.url)
        source = kernel.as_events(lambda: way.make(client))
        kernel.block(1.8)
        events = run(collect(source))
        assert [bool(event.text) for event in events if isinstance(event, Notice)] == [True, False]
        assert_whole("async chat", [event for event in events if not isinstance(event, Notice)])
        kernel.call(client.close())
