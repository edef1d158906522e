"""Every recorded stream of our formats, against what the provider's own SDK read from the same bytes."""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import zip_longest
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.events import End, Failure, ToolCall, Unknown

from .reading import by_choice, decoded
from .recorded import (
    CORPUS,
    FORMATS,
    LABELLED_OTHERWISE,
    NOT_OURS,
    SDK_MISSES,
    STREAMS,
    differences,
    events_of,
    messages_of,
    recorded,
    unexcused,
    wire_format,
)

pytestmark = pytest.mark.skipif(
    not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here"
)


@pytest.mark.parametrize("stream", recorded(), ids=lambda stream: stream["file"].rpartition(".")[0])
def test_reads_what_the_sdk_reads(stream: dict[str, Any]) -> None:
    assert unexcused(stream, differences(stream, events_of(stream))) == []


def test_share_and_excuses(capsys: pytest.CaptureFixture[str]) -> None:
    streams = recorded()
    differing = {(s["file"], found[0]) for s in streams for found in differences(s, events_of(s))}
    names = {file for file, _ in differing}
    of = Counter(wire_format(stream) for stream in streams)
    agreeing = Counter(wire_format(stream) for stream in streams if stream["file"] not in names)
    with capsys.disabled():
        shares = ", ".join(f"{name} {agreeing[name]} of {number}" for name, number in sorted(of.items()))
        sys.stdout.write(f"\ncorpus: streams that agree in all: {shares}; {len(differing)} fields excused\n")
    # An excuse that no stream needs any more is an error too.
    for name, missed in SDK_MISSES:
        assert any(name in file and field == missed for file, field in differing), (name, missed)


def test_every_format_of_the_corpus_is_ours_or_said_to_be_none() -> None:
    index = json.loads((STREAMS / "index.json").read_text())
    assert {stream["format"] for stream in index} == FORMATS.keys() | NOT_OURS.keys()
    assert {wire_format(stream) for stream in recorded()} == set(formats.names())
    for beginning in LABELLED_OTHERWISE:
        assert any(stream["file"].startswith(beginning) for stream in index)


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


@pytest.mark.parametrize("stream", recorded(), ids=lambda stream: stream["file"].rpartition(".")[0])
def test_ends_with_a_mark_or_a_finish_and_holds_nothing_unknown(stream: dict[str, Any]) -> None:
    """What the session needs to call an answer done; llama-box's `error:` line alone is neither."""
    events = events_of(stream)
    whole = any(isinstance(event, (End, Failure)) for event in events) or by_choice(events)[0].finish
    assert bool(whole) != stream["file"].startswith("gpustack")
    assert [event for event in events if isinstance(event, Unknown)] == []


@pytest.mark.parametrize("name", formats.names())
def test_interleaved_streams_do_not_mix(name: str) -> None:
    """Two decoders of one format, an event each in turn: each gives what it gives alone."""
    pair = [stream for stream in recorded() if wire_format(stream) == name and messages_of(stream)][:2]
    alone = [by_choice(events_of(stream)) for stream in pair]
    assert [by_choice(events) for events in in_turn(name, pair)] == alone


def in_turn(name: str, streams: list[dict[str, Any]]) -> list[list[Any]]:
    decoders = [formats.get(name).decoder() for _ in streams]
    events: list[list[Any]] = [[] for _ in streams]
    for row in zip_longest(*map(messages_of, streams)):
        for place, message in enumerate(row):
            if message:
                events[place] += decoders[place].decode(*message)
    return events


@pytest.mark.parametrize("stream", recorded(), ids=lambda stream: stream["file"].rpartition(".")[0])
def test_tool_calls_start_with_their_name(stream: dict[str, Any]) -> None:
    """The first piece of a call names it, so that a view can show it before its arguments."""
    seen: set[tuple[int, int]] = set()
    for event in events_of(stream):
        if isinstance(event, ToolCall):
            assert event.name or (event.index, event.position) in seen
            seen.add((event.index, event.position))
