"""Every recorded stream of our formats, served over HTTP, through `stream()`: whole and in 1-byte chunks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from notebook_stream import Stream, stream
from notebook_stream.events import Failure
from notebook_stream.session import Choice as Answered

from .formats.reading import Choice, by_choice, last_usage
from .formats.test_corpus import CORPUS, FORMATS, STREAMS, compared, excused, recorded, without_nulls
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


def replay(recording: dict[str, Any], cut: Callable[[bytes], list[bytes]]) -> Stream:
    body = (STREAMS / recording["file"]).read_bytes()
    with Server(sse(cut(body))) as server:
        wire_format = FORMATS[recording["format"]]
        s = stream("x", model="m", base_url=f"{server.url}/v1", wire_format=wire_format, retries=0)
        assert s._session.wait(PATIENCE)
    return s


def differences(recording: dict[str, Any], s: Stream) -> list[tuple[str, object, object]]:
    expected = json.loads((STREAMS / recording["meta"]).read_text())["expected"]
    choices = by_choice(s.events)
    found = [
        difference
        for told in expected.get("choices") or [{"index": 0, **expected}]
        for difference in compared(choices.get(told["index"], Choice()), told, expected)
    ]
    found.append(("usage", without_nulls(last_usage(s.events)), without_nulls(expected["usage"])))
    found.append(("error", any(isinstance(event, Failure) for event in s.events), bool(expected["error"])))
    if recording["file"].startswith(LLAMA_BOX):
        found = [d for d in found if d[0] != "error"]
        assert s.status == "error"
    return [d for d in found if d[1] != d[2] and not excused(recording, d[0])]


def disagreements(recording: dict[str, Any], s: Stream) -> list[object]:
    """What differs from the SDK's reading, and whether the public attributes say what the events said."""
    found: list[object] = list(differences(recording, s))
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


def test_a_sample_in_one_byte_chunks() -> None:
    small = [r for r in recorded() if (STREAMS / r["file"]).stat().st_size < SMALL]
    share(random.Random(2).sample(small, SAMPLE), bytewise, "in 1-byte chunks")


@pytest.mark.whole
def test_all_in_one_byte_chunks() -> None:
    share(recorded(), bytewise, "in 1-byte chunks")
