"""Every recorded stream of our formats over HTTP, through `stream()`: whole, in 1-byte and random chunks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from notebook_stream import Stream, stream
from notebook_stream.events import Failure
from notebook_stream.session import Choice as Answered

from .formats.reading import Choice, by_choice
from .formats.recorded import (
    CORPUS,
    STREAMS,
    body_of,
    differences,
    meta_of,
    recorded,
    unexcused,
    wire_format,
)
from .servers import Server, sse

pytestmark = pytest.mark.skipif(
    not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here"
)
PATIENCE = 120.0
SAMPLE = 12
SMALL = 20_000
"""Bytes: the ordinary run takes its sample of 1-byte replays from the smaller files."""
LLAMA_BOX = "gpustack"
"""Its stream ends in a field `error: {...}` in place of [DONE], which the SDK's SSE parser does not know."""


def whole(body: bytes) -> list[bytes]:
    return [body]


def bytewise(body: bytes) -> list[bytes]:
    return [body[i : i + 1] for i in range(len(body))]


def randomly(body: bytes) -> list[bytes]:
    """Pieces of 1 to 2,000 bytes, mostly small; for one body always the same."""
    chance = random.Random(len(body))
    chunks: list[bytes] = []
    while body:
        size = min(2000, int(chance.expovariate(0.01)) + 1)
        chunks.append(body[:size])
        body = body[size:]
    return chunks


def replay(recording: dict[str, Any], cut: Callable[[bytes], list[bytes]]) -> Stream:
    with Server(sse(cut(body_of(recording)), {"content-type": content_type(recording)})) as server:
        s = stream("x", model="m", base_url=server.url, wire_format=wire_format(recording), retries=0)
        assert s._session.wait(PATIENCE)
    return s


USUAL = {"sse": "text/event-stream", "ndjson": "application/x-ndjson", "json-array": "application/json"}


def content_type(recording: dict[str, Any]) -> str:
    """As recorded, JSON above an event stream too; the usual one where none was."""
    told = {name.lower(): value for name, value in (meta_of(recording).get("headers") or {}).items()}
    return str(told.get("content-type") or USUAL[recording["file"].rpartition(".")[2]])


def unlike(recording: dict[str, Any], s: Stream) -> list[object]:
    found = unexcused(recording, differences(recording, s.events))
    if recording["file"].startswith(LLAMA_BOX):
        found = [difference for difference in found if difference[0] != "error"]
        assert s.status == "error"
    return list(found)


def disagreements(recording: dict[str, Any], s: Stream) -> list[object]:
    """What differs from the SDK's reading, and whether the public attributes say what the events said."""
    found = unlike(recording, s)
    result = s._session.result()
    for told, ours in zip(sorted(by_choice(s.events).items()), result.choices, strict=True):
        expected, answered = told[1], ours
        found += _attributes(expected, answered)
    if any(isinstance(event, Failure) for event in s.events):
        found += [] if s.status == "error" else [("status", s.status)]
    elif s.status != "done":
        found.append(("status", s.status, s.error))
    return found


def _attributes(events: Choice, answered: Answered) -> list[object]:
    pairs = [
        (events.text, answered.text),
        (events.reasoning, answered.reasoning),
        (events.refusal, answered.refusal),
        (events.finish.raw if events.finish else None, answered.finish_reason_raw),
        ([c["arguments"] for c in events.tool_calls], [c.arguments for c in answered.tool_calls]),
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


def share(recordings: list[dict[str, Any]], cut: Callable[[bytes], list[bytes]], name: str) -> None:
    wrong = {r["file"]: found for r in recordings if (found := disagreements(r, replay(r, cut)))}
    right = len(recordings) - len(wrong)
    print(f"replayed over HTTP {name}: {right} of {len(recordings)} agree")  # noqa: T201  shown by pytest -rP
    assert wrong == {}


def test_whole() -> None:
    share(recorded(), whole, "whole")


CUTS = {"1-byte": bytewise, "random": randomly}


@pytest.mark.parametrize("name", CUTS)
def test_a_sample_in_chunks(name: str) -> None:
    small = [r for r in recorded() if (STREAMS / r["file"]).stat().st_size < SMALL]
    share(random.Random(2).sample(small, SAMPLE), CUTS[name], f"in {name} chunks")


@pytest.mark.whole
@pytest.mark.parametrize("name", CUTS)
def test_all_in_chunks(name: str) -> None:
    share(recorded(), CUTS[name], f"in {name} chunks")
