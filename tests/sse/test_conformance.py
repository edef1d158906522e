"""Server-sent events read as the specification says, whatever the chunks and the line ends."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from httpx_sse import EventSource

from notebook_stream import sse
from notebook_stream.sse import body, reading
from notebook_stream.sse.inflate import Plain

from ..servers import SSE_HEADERS, Connection, Server
from ..servers import sse as stream
from .asking import TRUST, ask, messages, raw, request, texts


async def parse(chunks: list[bytes]) -> list[tuple[str, str]]:
    """The events of these chunks, by the code of `read` without its connection."""

    async def source() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    breath = body.Breath()
    found = body.event_texts(body.texts(source(), Plain(), breath, "h"), body.EventLines("h"), breath)
    events = EventSource(reading._as_response(found)).aiter_sse()
    return [(event.event, event.data) async for event in events if event.event != body.PULSE]


NO_STREAMS = ("x bogus", "text/x-bogus")


def cases(corpus: Path) -> Iterator[tuple[dict[str, Any], list[bytes], list[tuple[str, str]]]]:
    for case in json.loads((corpus / "sse_conformance.json").read_text()):
        if made := case.get("generated"):
            text = (made["prefix"] + made["byte"] * made["n"] + made["suffix"]).encode()
            chunks = [text[i : i + made["chunk"]] for i in range(0, len(text), made["chunk"])]
            expected = [(e["event"], made["byte"] * e["data_len"]) for e in case["expected"]]
        else:
            chunks = [base64.b64decode(chunk) for chunk in case["chunks"]]
            expected = [(e["event"], e["data"]) for e in case["expected"]]
        if case["name"] == "llamabox-error-line":  # ours on purpose: llama-box reports its errors so
            expected.append(("error", '{"error":{"message":"failed to decode"}}'))
        yield case, chunks, expected


def test_conformance_over_http(corpus: Path) -> None:
    for case, chunks, expected in cases(corpus):
        items, error = ask(stream(chunks, {"content-type": case["content_type"]}))
        wanted = [("" if name == "message" else name, data) for name, data in expected]
        assert messages(items) == wanted, case["name"]
        assert (error is None) == (case["content_type"] not in NO_STREAMS), (case["name"], error)


def variants(chunks: list[bytes], splits: int | None) -> Iterator[list[bytes]]:
    whole = b"".join(chunks)
    yield chunks
    yield [whole]
    if len(whole) < 100_000:
        yield [whole[i : i + 1] for i in range(len(whole))]
    if len(whole) < 400:
        places = range(1, len(whole))
        chosen = places if splits is None else random.Random(7).sample(places, min(splits, len(places)))
        for place in chosen:
            yield [whole[:place], whole[place:]]


def check_chunkings(corpus: Path, splits: int | None) -> None:
    async def check() -> None:
        for case, chunks, expected in cases(corpus):
            if case["content_type"] not in NO_STREAMS:
                for variant in variants(chunks, splits):
                    assert await parse(variant) == expected, (case["name"], variant[:9])

    asyncio.run(check())


def test_conformance_whatever_the_chunks(corpus: Path) -> None:
    check_chunkings(corpus, 8)


@pytest.mark.whole
def test_conformance_at_every_split(corpus: Path) -> None:
    check_chunkings(corpus, None)


@pytest.mark.parametrize("ending", [b"\n\n", b"\r\r", b"\r\n\r\n", b"\r\n\r"])
def test_an_event_is_not_held_back_by_its_line_end(ending: bytes) -> None:
    """U6: it must be out before the next chunk comes."""

    async def run(url: str, go_on: threading.Event) -> list[str]:
        async with sse.make_client(TRUST) as client, aclosing(sse.read(client, request(url))) as reading:
            found: list[str] = []
            async for item in reading:
                if isinstance(item, sse.Message):
                    found.append(item.data)
                    go_on.set()
            return found

    go_on = threading.Event()

    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(b"data: a" + ending)
        if go_on.wait(5):
            connection.send(b"\ndata: b\n\n")

    with Server(handle) as server:
        assert asyncio.run(run(server.url, go_on)) == ["a", "b"]


def test_long_lines_of_every_kind() -> None:
    """The pieces of a line longer than LONG_LINE take another way than short ones."""
    long = "x" * 20_000
    lines = [f": {long}", f"data: {long}", f"other: {long}", "data: 2", ""]
    lines += ["data: 3", f'error: {{"m":"{long}"}}', f"event: {long}", "data: 4", "", f"data: {long}"]
    whole = "\n".join(lines).encode()
    expected = [("message", f"{long}\n2"), ("message", "3"), ("error", f'{{"m":"{long}"}}'), (long, "4")]
    for size in (len(whole), 5000, 777):
        chunks = [whole[i : i + size] for i in range(0, len(whole), size)]
        assert asyncio.run(parse(chunks)) == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (b"data: [DONE]", ["a", "[DONE]"]),
        (b"data:[DONE]\n", ["a", "[DONE]"]),
        (b"data:  [DONE] \n", ["a", " [DONE] "]),
        (b"event: x\ndata: [DONE]\n", ["a", "[DONE]"]),
        (b"data: b", ["a"]),
        (b"data: b\n", ["a"]),
        (b"data: b\ndata: [DONE]", ["a"]),
        (b"data: [DONE] of it\n", ["a"]),
        (b"data: b\xe6\xbc", ["a"]),
        (b"event: [DONE]\n", ["a"]),
    ],
)
def test_the_end_of_the_body_completes_only_a_done(tail: bytes, expected: list[str]) -> None:
    """R3, R4, R5, R6: and it is no error here, for the session looks for the end mark."""
    items, error = ask(raw(b"data: a\n\n" + tail))
    assert texts(items) == expected
    assert error is None


def test_many_events_may_be_larger_than_one() -> None:
    event = b"data: " + b"x" * 2**20 + b"\n\n"
    many = body.EVENT_LIMIT // 2**20 + 2
    assert len(asyncio.run(parse([event] * many))) == many


ERROR = b'{"error": {"message": "upstream is gone"}}'


@pytest.mark.parametrize("end", [b"\n\n", b"\n", b"\r", b""])
def test_the_bare_json_of_an_error_in_an_event_stream(end: bytes) -> None:
    content = b"data: a\n\ndata: half\n" + ERROR + end
    for size in (1, len(content)):
        items, _ = ask(raw(*(content[i : i + size] for i in range(0, len(content), size))))
        assert messages(items)[-1] == ("error", ERROR.decode())
    items, _ = ask(raw(b"data: a\n\n", ERROR[:-2]))  # cut off
    assert messages(items) == [("", "a")]


def test_characters_of_every_kind_arrive_as_sent() -> None:
    """U1, U2, U4, U5."""
    odd = "a\0b\x1b]8;;x\x07\x7f\x9b c\u2028d\u2029e\u0085f\x0bg\x0ch 😀"
    items, _ = ask(stream([b"data: " + odd.encode() + b"\n\n", b"id: x\0\ndata: a\xff\xe2\x82b\n\n"]))
    assert texts(items) == [odd, "a\ufffd\ufffdb"]
