"""Recorded streams through the real SDKs: our events say what the SDK's own objects say."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from notebook_stream.errors import SourceError
from notebook_stream.events import Event
from notebook_stream.sources import as_events

from ..formats.reading import Choice, by_choice, last_usage
from ..formats.recorded import CORPUS, STREAMS, excused, tools, without_nulls
from ..servers import Server, sse
from .loops import run
from .sdk_ways import SYNC, gather_into

SAMPLE = 36
"""How many recordings the ordinary run takes."""


def _recorded() -> list[dict[str, Any]]:
    formats = ("openai-chat", "openai-responses", "anthropic-messages")
    index = json.loads((STREAMS / "index.json").read_text()) if CORPUS else []
    # What has no type at all are chat chunks, filed under Responses.
    return [
        told
        for told in index
        if told["format"] in formats and _expected(told).get("last_type", "") is not None
    ]


def _expected(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STREAMS / told["meta"]).read_text())["expected"]
    return found


def _sampled() -> list[Any]:
    """Each recording as a parameter; those outside the seeded sample are for the whole run."""
    recorded = _recorded()
    sample = random.Random(11).sample(range(len(recorded)), min(SAMPLE, len(recorded)))
    marks = dict.fromkeys(sample, ())
    return [
        pytest.param(told, id=told["file"].removesuffix(".sse"), marks=marks.get(place, pytest.mark.whole))
        for place, told in enumerate(recorded)
    ]


SDK_WAYS = {"openai-chat": "chat", "openai-responses": "responses", "anthropic-messages": "messages"}


def compared(
    ours: Choice, theirs: dict[str, Any], expected: dict[str, Any]
) -> list[tuple[str, object, object]]:
    citations = theirs["citations"] if "citations" in theirs else len(theirs["annotations"])
    citations += len((expected.get("extra") or {}).get("citations", []))
    calls = [tuple(call.values()) for call in theirs["tool_calls"]]
    return [
        ("text", ours.text, theirs["text"]),
        ("reasoning", ours.reasoning, theirs["reasoning"]),
        ("refusal", ours.refusal, theirs.get("refusal", "")),
        ("tools", *tools(ours.tool_calls, calls)),
        ("finish", ours.finish.raw if ours.finish else None, theirs["finish_reason"]),
        ("logprobs", ours.logprob_tokens, theirs.get("logprob_tokens", 0)),
        ("citations", len(ours.citations), citations),
    ]


def compared_responses(ours: Choice, expected: dict[str, Any]) -> list[tuple[str, object, object]]:
    """Against the deltas: the SDK's whole response may hold what it was never sent piece by piece."""
    reasoning = expected["delta_reasoning_summary"] + expected["delta_reasoning_text"]
    calls = [call for call in ours.tool_calls if call.pop("kind") == "function"]
    return [
        ("text", ours.text, expected["delta_text"]),
        ("reasoning", ours.reasoning, reasoning),
        ("refusal", ours.refusal, expected["delta_refusal"]),
        ("tools", calls, expected.get("tool_calls", [])),
        ("citations", len(ours.citations), expected["n_annotation_events"]),
        ("logprobs", ours.logprob_tokens, expected["logprob_tokens"]),
    ]


def compared_all(events: list[Event], expected: dict[str, Any]) -> list[tuple[str, object, object]]:
    choices = by_choice(events)
    if "delta_text" in expected:
        return compared_responses(choices.get(0, Choice()), expected)
    told = expected.get("choices") or [{"index": 0, **expected}]
    return [found for one in told for found in compared(choices.get(one["index"], Choice()), one, expected)]


@pytest.mark.skipif(not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here")
@pytest.mark.parametrize("told", _sampled())
def test_recorded(told: dict[str, Any]) -> None:
    way = SYNC[SDK_WAYS[told["format"]]]
    expected = _expected(told)
    events: list[Event] = []

    async def main() -> str:
        try:
            await gather_into(events, as_events(way.make(client)))
        except SourceError as exc:
            return str(exc)
        return ""

    with Server(sse([(STREAMS / told["file"]).read_bytes()])) as server, way.open(server.url) as client:
        error = run(main())
    found = compared_all(events, expected)
    found.append(("usage", without_nulls(last_usage(events)), without_nulls(expected.get("usage"))))
    found.append(("error", bool(error), bool(expected["error"])))
    assert [d for d in found if d[1] != d[2] and not excused(told, d[0])] == []
