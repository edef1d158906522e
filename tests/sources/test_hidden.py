"""Sources that hide what they wait for: a response deep in generators, a queue, another one's stream."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from notebook_stream.errors import SourceError
from notebook_stream.events import Text
from notebook_stream.sources import as_events

from ..servers import Connection, Server, sse
from ..waiting import until
from .loops import SEEN_S, OtherLoop, asked, collect, first, run, stop, text_of
from .sdk_ways import stalls
from .shapes import made

PARTS = [b"Hel", b"lo"]


def lines_of(client: httpx.Client, url: str) -> Iterator[str]:
    with client.stream("POST", url) as response:
        yield from (text for text in response.iter_text() if text)


def hidden(client: httpx.Client, url: str) -> Iterator[str]:
    """As SDKs nest them: no frame here has the response among its variables."""
    for text in map(str, lines_of(client, url)):  # noqa: UP028  it is what they do
        yield text


def test_stop_of_a_stream_that_generators_hide() -> None:
    with Server(stalls(PARTS[:1])) as server, httpx.Client() as client:
        assert run(stop(as_events(hidden(client, server.url)), server, "aclose")) < SEEN_S


def test_a_request_without_its_head_is_not_cut() -> None:
    """SDKs would ask again."""
    release = threading.Event()

    def late(connection: Connection) -> None:
        assert release.wait(10)
        stalls(PARTS[:1])(connection)

    async def main(server: Server) -> Any:
        source = as_events(hidden(client, server.url))
        reading = asyncio.ensure_future(anext(source))
        await asked(server)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await source.aclose()
        assert source.still_running
        assert server.connections[0].closed_at is None
        release.set()
        return source

    with Server(late) as server, httpx.Client() as client:
        source = run(main(server))
        until(lambda: not source.still_running)
        until(lambda: server.connections[0].closed_at is not None)
        assert len(server.connections) == 1


def test_an_answer_that_is_no_stream_is_not_cut() -> None:
    """What a chain asks on the way is asked again when it fails."""
    release = threading.Event()

    def slow(connection: Connection) -> None:
        connection.head(200, {"content-length": "4"})
        connection.send(b"He")
        release.wait(10)
        connection.send(b"lo")

    def asks(client: httpx.Client, url: str) -> Iterator[str]:
        yield "so far"
        answers.append(client.get(url).text)
        yield answers[0]

    async def main(server: Server) -> Any:
        source = as_events(asks(client, server.url))
        assert await first(source) == Text("so far")
        await asked(server)
        await asyncio.sleep(0.1)
        await source.aclose()
        assert source.still_running
        release.set()
        return source

    answers: list[str] = []
    with Server(slow) as server, httpx.Client() as client:
        source = run(main(server))
        until(lambda: not source.still_running)
    assert answers == ["Helo"]


# transformers


class Streamer:
    """TextIteratorStreamer's protocol: another thread puts texts in, and at last the signal to stop."""

    def __init__(self, timeout: float | None = None) -> None:
        self.text_queue: queue.Queue[Any] = queue.Queue()
        self.stop_signal = None
        self.timeout = timeout

    def __iter__(self) -> Streamer:
        return self

    def __next__(self) -> str:
        value = self.text_queue.get(timeout=self.timeout)
        if value == self.stop_signal:
            raise StopIteration
        return str(value)


def streamer(*texts: str | None, timeout: float | None = None) -> Any:
    made_one = made("transformers.generation.streamers", "TextIteratorStreamer", Streamer, timeout=timeout)
    for text in texts:
        made_one.text_queue.put(text)
    return made_one


def test_a_streamer_of_transformers() -> None:
    assert text_of(run(collect(as_events(streamer("Hel", "", "lo", None))))) == "Hello"


def test_stop_of_a_streamer_that_waits() -> None:
    async def main() -> None:
        source = as_events(streamer("Hel"))
        assert await first(source) == Text("Hel")
        await source.aclose()
        assert not source.still_running

    run(main())


def test_a_streamer_that_gets_nothing() -> None:
    with pytest.raises(SourceError, match=r"has the thread that runs generate\(\) failed"):
        run(collect(as_events(streamer("Hel", timeout=0.01))))


# Async generators within each other


def test_an_unbegun_generator_that_holds_an_open_response_is_read_on_its_loop(kernel: OtherLoop) -> None:
    """google-genai's: connected before anything is asked of the generators."""

    async def inner(response: httpx.Response) -> AsyncIterator[str]:
        seen.append(asyncio.get_running_loop())
        async for text in response.aiter_text():
            yield text
        await response.aclose()

    async def outer(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
        async for text in pieces:
            yield text

    async def connect() -> Any:
        response = await client.send(client.build_request("POST", server.url), stream=True)
        return outer(inner(response))

    seen: list[Any] = []
    client = httpx.AsyncClient()
    with Server(sse(PARTS, pause_s=0.01)) as server:
        assert text_of(run(collect(kernel.as_events(connect)))) == "Hello"
        kernel.call(client.aclose())
    assert seen == [kernel.loop]


def test_a_closed_client_is_explained() -> None:
    client = httpx.Client()
    client.close()
    with pytest.raises(SourceError, match="keep it in a variable"):
        run(collect(as_events(hidden(client, "http://127.0.0.1:9/"))))
