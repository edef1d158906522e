"""Recorded streams, broken at random, from bytes to result: no exception but ours, and no text is lost.

A stream with something added that nobody knows must come to the same answer as without it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import httpx
import pytest

from notebook_stream import formats, retry, sse
from notebook_stream.errors import SourceError
from notebook_stream.events import Text
from notebook_stream.session import Limits, Result, Session, Status

from .recorded import CORPUS, body_of, messages_of, recorded, wire_format
from .test_hostile import paths, replaced

pytestmark = pytest.mark.skipif(
    not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here"
)
RUNS = 2000 if os.environ.get("NOTEBOOK_STREAM_WHOLE") == "1" else 24
LARGEST = 100_000
"""Bytes: a larger recording takes the time of many, and holds nothing that the others do not."""
PATIENCE = 30.0

TYPES = {"sse": "text/event-stream", "ndjson": "application/x-ndjson", "json-array": "application/json"}
ODD: list[Any] = [
    *(None, True, False, -1, 0, 1.5, 9999, 10_000, 2**53, 10**299, "", "x", "\ud83d", "\x00", "a" * 5000),
    *([], [None], [[]], {}, {"a": 1}, ["x", {"type": 1}], {"type": "text", "text": "z"}, {"error": "x"}),
    *("[DONE]", "stop", "error", [{}] * 50),
]
NAMES = [
    *(
        "error",
        "type",
        "index",
        "content",
        "text",
        "delta",
        "id",
        "choices",
        "usage",
        "finish_reason",
        "role",
    ),
    *("event_type", "done", "candidates", "thought", "item", "response", "output_index", "message"),
]
JUNK = [
    *(b"\r", b"\n", b"\n\n", b"\0", b"\xff\xfe", b"data:", b"event: error\n", b'"', b"{", b"]", b"[DONE]"),
    *(b"\\ud83d", b": c\n\n", b"9" * 400, b"[" * 200),
]
Message = tuple[str, str]


class Chunks(httpx.AsyncByteStream):
    def __init__(self, body: bytes, chance: random.Random) -> None:
        self._body, self._chance = body, chance

    async def __aiter__(self) -> AsyncIterator[bytes]:
        place = 0
        while place < len(self._body):
            size = self._chance.choice((1, 7, 60, 900, 20_000))
            yield self._body[place : place + size]
            place += size


def run(name: str, body: bytes, content_type: str, chance: random.Random) -> Session:
    async def read() -> Session:
        answer = httpx.Response(200, headers={"content-type": content_type}, stream=Chunks(body, chance))
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as client:
            request = sse.Request(url="http://host/", body={})
            session = Session("m", origin="host", limits=Limits(max_seconds=PATIENCE))
            make = formats.get(name).decoder
            await session.run(retry.ask(lambda: sse.read(client, request), make, retries=0, host="host"))
            return session

    return asyncio.run(read())


@cache
def recordings(name: str) -> list[tuple[str, list[Message], bytes]]:
    """Framing, events and bytes of the streams of one format."""
    own = [
        (stream["file"].rpartition(".")[2], stream) for stream in recorded() if wire_format(stream) == name
    ]
    read = [(framing, messages_of(stream), body_of(stream)) for framing, stream in own]
    return [one for one in read if 0 < len(one[2]) <= LARGEST and one[1]]


def written(framing: str, messages: list[Message]) -> bytes:
    if framing == "ndjson":
        return "".join(f"{data}\n" for _, data in messages).encode("utf-8", "surrogatepass")
    if framing == "json-array":
        return f"[{','.join(data for _, data in messages)}]".encode("utf-8", "surrogatepass")
    return "".join(event(name, data) for name, data in messages).encode("utf-8", "surrogatepass")


def event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n" if name not in ("", "message") else f"{lines}\n"


# What breaks them


def odd_json(data: str, chance: random.Random) -> str:
    try:
        value = json.loads(data)
    except ValueError:
        return data
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        found = paths(value)
        if not found:
            break
        path = chance.choice(found)
        here = value
        for step in path:
            here = here[step]
        if isinstance(here, dict) and chance.random() < 0.3:
            value = replaced(value, path, {**here, chance.choice(NAMES): chance.choice(ODD)})
        elif chance.random() < 0.15:
            value = replaced(value, path, [here] * chance.choice((0, 1, 2, 30)))
        else:
            value = replaced(value, path, chance.choice(ODD))
    return json.dumps(value)


def with_odd_values(framing: str, messages: list[Message], body: bytes, chance: random.Random) -> bytes:
    broken = list(messages)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(broken))
        broken[place] = (broken[place][0], odd_json(broken[place][1], chance))
    return written(framing, broken)


def in_disorder(framing: str, messages: list[Message], body: bytes, chance: random.Random) -> bytes:
    broken = list(messages)
    place, other = chance.randrange(len(broken)), chance.randrange(len(broken))
    match chance.randrange(5):
        case 0:
            broken.insert(place, broken[other])
        case 1:
            broken.pop(place)
        case 2:
            broken[place], broken[other] = broken[other], broken[place]
        case 3:
            broken[place] = (chance.choice(("error", "ping", "x", "done")), broken[place][1])
        case _:
            broken[place:place] = [broken[place]] * chance.choice((20, 300))
    return written(framing, broken)


def with_odd_bytes(framing: str, messages: list[Message], body: bytes, chance: random.Random) -> bytes:
    broken = bytearray(body)
    for _ in range(chance.choice((1, 3, 20))):
        place = chance.randrange(len(broken) + 1)
        broken[place : place + chance.choice((0, 0, 1, 5, 200))] = chance.choice(JUNK)
    return bytes(broken)


BREAKS = [with_odd_values, with_odd_values, in_disorder, with_odd_bytes]


@pytest.mark.parametrize("name", formats.names())
def test_whatever_comes_there_is_an_end_and_no_text_is_lost(name: str) -> None:
    for number in range(RUNS):
        chance = random.Random(f"{name} {number}")
        framing, messages, body = chance.choice(recordings(name))
        broken = chance.choice(BREAKS)(framing, messages, body, chance)
        content_type = TYPES["json-array"] if number % 40 == 0 else TYPES[framing]
        began = time.perf_counter()
        session = run(name, broken, content_type, chance)
        check_end(session, number)
        assert time.perf_counter() - began < PATIENCE, number


def check_end(session: Session, number: int) -> None:
    assert session.status in (Status.DONE, Status.INTERRUPTED, Status.ERROR), number
    error = session.error
    assert not isinstance(error, SourceError), (number, error)
    assert error is None or error.__cause__ is None, (number, error, error.__cause__)
    result = session.result()
    pieces = [event for event in session.log.events() if isinstance(event, Text)]
    for place, choice in zip(sorted({event.index for event in pieces}), texts_of(result), strict=False):
        assert choice == "".join(event.text for event in pieces if event.index == place), number
    kept = [asdict(choice) for choice in result.choices], result.usage and dict(result.usage.raw)
    json.dumps([*kept, result.model, str(error)], ensure_ascii=False).encode()  # no half of a character


def texts_of(result: Result) -> list[str]:
    return [choice.text for choice in result.choices if choice.text]


@pytest.mark.parametrize("name", formats.names())
def test_what_is_cut_off_keeps_what_had_come_and_is_not_done(name: str) -> None:
    for number in range(RUNS // 2):
        chance = random.Random(f"{name} cut {number}")
        framing, _, body = chance.choice(recordings(name))
        whole = run(name, body, TYPES[framing], chance).result()
        cut = run(name, body[: chance.randrange(len(body))], TYPES[framing], chance)
        text = cut.result().text
        assert whole.text.startswith(text.removesuffix("\ufffd")), number
        assert cut.status is not Status.DONE or text == whole.text, number


# What nobody knows


def with_unknown(framing: str, messages: list[Message], chance: random.Random) -> bytes:
    """Events and fields of a later version of the API, and an event without data."""
    added: list[Message] = []
    for name, data in messages:
        if chance.random() < 0.3:
            added.append(
                ("x_new", json.dumps({"type": "x_new", "event_type": "x_new", "x_value": chance.choice(ODD)}))
            )
        added.append((name, with_unknown_field(data, chance)))
    body = written(framing, added)
    return body.replace(b"\n\n", b"\n\n: alive\n\nevent: x_new\n\n") if framing == "sse" else body


def with_unknown_field(data: str, chance: random.Random) -> str:
    try:
        value = json.loads(data)
    except ValueError:
        return data
    return json.dumps({**value, "x_new": chance.choice(ODD)})


def told(result: Result) -> tuple[object, ...]:
    usage = replace(result.usage, raw={}) if result.usage else None
    return result.choices, usage, result.model, result.status, str(result.error)


@pytest.mark.parametrize("name", formats.names())
def test_what_nobody_knows_changes_nothing(name: str) -> None:
    for number in range(RUNS // 2):
        chance = random.Random(f"{name} new {number}")
        framing, messages, _ = chance.choice(recordings(name))
        plain = run(name, written(framing, messages), TYPES[framing], chance).result()
        more = run(name, with_unknown(framing, messages, chance), TYPES[framing], chance).result()
        assert told(more) == told(plain), number
