"""The SDKs' own stream objects: what the server refuses, breaks off or cuts short."""

from __future__ import annotations

import json

import pytest

from notebook_stream.errors import SourceError
from notebook_stream.events import End, Event, Finish, Refusal
from notebook_stream.sources import as_events

from ..servers import Connection, Server, sse
from .loops import collect, run, text_of
from .sdk_streams import FAILED, REFUSED
from .sdk_ways import ASYNC, SYNC, gather_into, parts_until_text


@pytest.mark.parametrize("name", ["responses", "responses.stream", "async responses"])
def test_the_server_reports_an_error(name: str) -> None:
    way = {**SYNC, **ASYNC}[name]

    async def main(url: str) -> None:
        client = way.open(url)
        with pytest.raises(SourceError, match="server_error: out of steam"):
            await collect(as_events(lambda: way.make(client)))
        result = client.close()
        if way.is_async:
            await result

    with Server(sse(FAILED)) as server:
        run(main(server.url))


def test_refused_and_cut_off() -> None:
    way = SYNC["responses"]
    with Server(sse(REFUSED)) as server, way.open(server.url) as client:
        events = run(collect(as_events(way.make(client))))
    assert text_of(events, Refusal) == "no"
    assert Finish("length", raw="max_output_tokens") in events


@pytest.mark.parametrize("name", ["chat", "messages", "async chat", "async messages"])
def test_the_connection_breaks(name: str) -> None:
    way = {**SYNC, **ASYNC}[name]

    def breaks(connection: Connection) -> None:
        connection.head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for piece in parts_until_text(way):
            connection.chunk(piece)

    events: list[Event] = []

    async def main(url: str) -> None:
        client = way.open(url)
        source = as_events(lambda: way.make(client))
        with pytest.raises(SourceError, match="the source raised"):
            await gather_into(events, source)
        result = client.close()
        if way.is_async:
            await result

    with Server(breaks) as server:
        run(main(server.url))
    assert text_of(events) == "Hel"
    assert End() not in events


def test_a_refused_key_is_not_shown() -> None:
    way = SYNC["chat"]
    body = json.dumps(
        {"error": {"message": f"Incorrect API key provided: {'k' * 9}****", "code": "x"}}
    ).encode()
    with (
        Server(lambda c: c.answer(401, {"content-type": "application/json"}, body)) as server,
        way.open(server.url) as client,
        pytest.raises(SourceError, match="AuthenticationError") as caught,
    ):
        run(collect(as_events(lambda: way.make(client))))
    assert "kkk" not in str(caught.value)
