"""Every recorded stream of our formats, against what the provider's own SDK read from the same bytes."""

from __future__ import annotations

import json
import os
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.events import End, Failure, ToolCall, Unknown

from .reading import Choice, by_choice, decoded, frames, last_usage

CORPUS = os.environ.get("NOTEBOOK_STREAM_CORPUS", "")
STREAMS = Path(CORPUS) / "streams"
FORMATS = {"openai-chat": "openai-chat", "anthropic-messages": "anthropic"}

SDK_MISSES = {
    # stream, field: what the SDK leaves out or changes
    (
        "incomplete_partial_json_response",
        "tools",
    ): "the SDK completes JSON that was cut off; ours is as written",
    ("test_anthropic_mcp_servers_stream", "tools"): "the SDK drops the input that mcp_tool_use starts with",
    ("stream-a-refusal", "usage"): "the SDK drops usage.iterations",
    ("stream-a-toolrefusal", "usage"): "the SDK drops usage.iterations",
    ("test_anthropic_compaction_usage_with_cache_streaming", "usage"): "the SDK drops usage.iterations",
    ("test_chat_streaming_with_events_with_content", "usage"): "the SDK does not look into x_groq",
    ("test_groq_model_thinking_part_iter", "usage"): "the SDK does not look into x_groq",
    (
        "test_openrouter_stream_error",
        "usage",
    ): "the SDK raises before it reads the usage of the error's chunk",
}

pytestmark = pytest.mark.skipif(
    not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here"
)


def recorded() -> list[dict[str, Any]]:
    index = json.loads((STREAMS / "index.json").read_text()) if CORPUS else []
    return [stream for stream in index if stream["format"] in FORMATS]


def differences(stream: dict[str, Any]) -> list[tuple[str, object, object]]:
    expected = json.loads((STREAMS / stream["meta"]).read_text())["expected"]
    events = decoded(
        formats.get(FORMATS[stream["format"]]).decoder(), (STREAMS / stream["file"]).read_bytes()
    )
    choices = by_choice(events)
    told = expected.get("choices") or [{"index": 0, **expected}]
    found = [
        (field, ours, theirs)
        for choice in told
        for field, ours, theirs in compared(choices.get(choice["index"], Choice()), choice, expected)
    ]
    found.append(("usage", without_nulls(last_usage(events)), without_nulls(expected["usage"])))
    found.append(("error", any(isinstance(event, Failure) for event in events), bool(expected["error"])))
    return [difference for difference in found if difference[1] != difference[2]]


def compared(
    ours: Choice, theirs: dict[str, Any], expected: dict[str, Any]
) -> list[tuple[str, object, object]]:
    citations = theirs["citations"] if "citations" in theirs else len(theirs["annotations"])
    citations += len((expected.get("extra") or {}).get("citations", []))
    return [
        ("text", ours.text, theirs["text"]),
        ("reasoning", ours.reasoning, theirs["reasoning"]),
        ("refusal", ours.refusal, theirs.get("refusal", "")),
        ("tools", *tools(ours.tool_calls, theirs["tool_calls"])),
        ("finish", ours.finish.raw if ours.finish else None, theirs["finish_reason"]),
        ("logprobs", ours.logprob_tokens, theirs.get("logprob_tokens", 0)),
        ("citations", len(ours.citations), citations),
    ]


def tools(ours: list[dict[str, str]], theirs: list[dict[str, Any]]) -> tuple[object, object]:
    """Arguments are compared in the form the SDK gives: as text, or parsed."""
    kinds = {"function": "tool_use"}
    left = [
        (call["id"], call["name"], call["arguments"], kinds.get(call["kind"], call["kind"])) for call in ours
    ]
    right = [(call["id"], call["name"], call["arguments"], call.get("kind", "tool_use")) for call in theirs]
    if all(isinstance(call[2], str) for call in right):
        return left, right
    return [(id, name, parsed(text), kind) for id, name, text, kind in left], right


def parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def without_nulls(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if usage is None else {name: value for name, value in usage.items() if value is not None}


def excused(stream: dict[str, Any], field: str) -> bool:
    return any(name in stream["file"] and field == missed for name, missed in SDK_MISSES)


@pytest.mark.parametrize("stream", recorded(), ids=lambda stream: stream["file"].removesuffix(".sse"))
def test_reads_what_the_sdk_reads(stream: dict[str, Any]) -> None:
    assert [found for found in differences(stream) if not excused(stream, found[0])] == []


def test_share_and_excuses(capsys: pytest.CaptureFixture[str]) -> None:
    streams = recorded()
    assert len(streams) > 100
    differing = {(stream["file"], found[0]) for stream in streams for found in differences(stream)}
    agreeing = len(streams) - len({file for file, _ in differing})
    with capsys.disabled():
        share = f"{agreeing} of {len(streams)} streams agree in all"
        sys.stdout.write(f"\ncorpus: {share}, {len(differing)} fields are the SDK's miss\n")
    # An excuse that no stream needs any more is an error too.
    for name, missed in SDK_MISSES:
        assert any(name in file and field == missed for file, field in differing), (name, missed)


@pytest.mark.parametrize(
    ("file", "wire_format", "text", "finish", "error"),
    [
        ("anthropic__midstream_overloaded.sse", "anthropic", "Hel", None, "overloaded"),
        ("azure__content_filter_cut.sse", "openai-chat", "Hel", "content_filter", None),
        ("openrouter__midstream_error.sse", "openai-chat", "Hel", "error", "server"),
    ],
)
def test_documented(file: str, wire_format: str, text: str, finish: str | None, error: str | None) -> None:
    events = decoded(formats.get(wire_format).decoder(), (STREAMS / "documented" / file).read_bytes())
    choice = by_choice(events)[0]
    assert choice.text == text
    assert (choice.finish.reason if choice.finish else None) == finish
    assert [event.error.code for event in events if isinstance(event, Failure)] == ([error] if error else [])


def test_recorded_streams_end_with_a_mark_or_a_finish() -> None:
    """What the session needs to call an answer done; llama-box's `error:` line alone is neither."""
    for stream in recorded():
        events = decoded(
            formats.get(FORMATS[stream["format"]]).decoder(), (STREAMS / stream["file"]).read_bytes()
        )
        whole = any(isinstance(event, (End, Failure)) for event in events) or by_choice(events)[0].finish
        assert bool(whole) != stream["file"].startswith("gpustack"), stream["file"]
        unknown = [event.name for event in events if isinstance(event, Unknown)]
        assert not unknown or stream["format"] == "anthropic-messages", stream["file"]


def test_interleaved_streams_do_not_mix() -> None:
    """Two decoders of one format, an event each in turn: each gives what it gives alone."""
    for wire_format, name in FORMATS.items():
        pair = [s for s in recorded() if s["format"] == wire_format and s["text_len"]][:2]
        bodies = [(STREAMS / stream["file"]).read_bytes() for stream in pair]
        alone = [by_choice(decoded(formats.get(name).decoder(), body)) for body in bodies]
        assert [by_choice(events) for events in in_turn(name, bodies)] == alone


def in_turn(name: str, bodies: list[bytes]) -> list[list[Any]]:
    decoders = [formats.get(name).decoder() for _ in bodies]
    events: list[list[Any]] = [[] for _ in bodies]
    for row in zip_longest(*map(frames, bodies)):
        for place, frame in enumerate(row):
            if frame:
                events[place] += decoders[place].decode(*frame)
    return events


def test_tool_calls_start_with_their_name() -> None:
    """The first piece of a call names it, so that a view can show it before its arguments."""
    for stream in recorded():
        seen: set[tuple[int, int]] = set()
        for event in decoded(
            formats.get(FORMATS[stream["format"]]).decoder(), (STREAMS / stream["file"]).read_bytes()
        ):
            if isinstance(event, ToolCall):
                assert event.name or (event.index, event.position) in seen, stream["file"]
                seen.add((event.index, event.position))
