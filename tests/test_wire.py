"""The messages to and from the page: each fixture is one we emit or read, of exactly the declared shape."""

from __future__ import annotations

import json
import types
import typing
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import wire
from notebook_stream.events import (
    Citation,
    Event,
    Finish,
    Media,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from notebook_stream.outbox import MAX_MEDIA, Outbox

FIXTURES = Path(__file__).parent / "wire"
KINDS: dict[str, Any] = {
    "append": wire.Append,
    "append_text": wire.Append,
    "append_retry": wire.Append,
    "append_rare": wire.Append,
    "snapshot": wire.Snapshot,
    "snapshot_rare": wire.Snapshot,
    "end_done": wire.End,
    "end_stopped": wire.End,
    "end_error": wire.End,
    "beat": wire.Beat,
    "ack_stop": wire.Ack,
    "ack_snapshot": wire.Ack,
    "ack_views": wire.Ack,
    "ack_copy": wire.Ack,
    "settled": wire.Settled,
    "copy": wire.Copy,
    "page_stop": wire.Stop,
    "page_snapshot": wire.SnapshotRequest,
    "page_views_free": wire.Views,
    "page_views_held": wire.Views,
    "page_views_none": wire.Views,
    "page_copy": wire.CopyRequest,
    "ack_again": wire.Ack,
    "cells": wire.Cells,
    "page_stop_cells": wire.StopCells,
    "page_again": wire.Again,
    "page_resume": wire.Resume,
    "page_missing": wire.Missing,
    "ack_moments": wire.Ack,
    "moments": wire.Moments,
    "page_moments": wire.MomentsRequest,
    "page_branch": wire.Branch,
}
SOURCE = ("https://example.org/a", "A page", "what it says")
EVENTS: list[Event] = [
    Text("Hello, "),
    Text("*wor"),
    Reasoning("They greet "),
    Reasoning("me."),
    ToolCall(0, "call_1", "weather"),
    ToolCall(0, arguments='{"city": '),
    ToolCall(0, arguments='"Zü'),
    Citation(*SOURCE),
]


RARE: list[Event] = [
    Text("Grüße 🎉 aus Zürich."),
    ToolCall(0, "st_1", "web_search", '{"query": "Zürich"}', "server_tool_use"),
    ToolResult('[{"title": "Zürich"}]', 0, "st_1", "web_search", "web_search_tool_result"),
    ToolResult("42"),
    Citation(*SOURCE, 0, 20),
    Media("image", "image/png", "a rough one", id="i"),
    Media("image", "image/png", "iVBORw0KGgo=", id="i"),
    Media("audio", data="UklGRg==", transcript="Hello ", id="a"),
    Media("audio", data="AAAA", transcript="there", id="a"),
    Media("file", url="https://example.org/report.pdf"),
    Text("Another", 1),
    Reasoning("Why not?", 1),
    Refusal("no", 1),
    ToolCall(0, name="f", arguments="{}", index=1),
    ToolResult("1", 0, name="f", kind="executed", index=1),
    Citation(title="A book", index=1),
    Media("image", data="x" * (MAX_MEDIA + 1), index=1),
    Finish("length", index=1, detail="max_tokens=5"),
]


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def fits(value: Any, kind: Any) -> bool:
    """Whether `value` has the type `kind`, TypedDicts key by key."""
    if typing.is_typeddict(kind):
        hints = typing.get_type_hints(kind)
        known = isinstance(value, dict) and value.keys() <= hints.keys()
        return (
            known
            and kind.__required_keys__ <= value.keys()
            and all(fits(v, hints[k]) for k, v in value.items())
        )
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return True
    if origin is typing.Literal:
        return value in arguments
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)


def test_every_message_has_a_fixture_and_every_fixture_a_message() -> None:
    assert {path.stem for path in FIXTURES.glob("*.json")} == KINDS.keys()
    declared = {*typing.get_args(wire.ToPage), *typing.get_args(wire.FromPage)}
    assert set(KINDS.values()) == declared


@pytest.mark.parametrize("name", KINDS)
def test_fixtures_have_the_declared_shape(name: str) -> None:
    assert fits(fixture(name), KINDS[name])


def test_the_check_finds_a_wrong_shape() -> None:
    assert not fits({**fixture("append"), "seq": "7"}, wire.Append)
    assert not fits({**fixture("append"), "url": "x"}, wire.Append)
    assert not fits({"type": "beat"}, wire.Beat)
    assert not fits({**fixture("snapshot"), "tools": [{"position": "0"}]}, wire.Snapshot)
    assert not fits({**fixture("snapshot_rare"), "results": [{"content": "no more"}]}, wire.Snapshot)


def outbox(state: wire.RunState, seq: int) -> Outbox:
    box = Outbox(lambda: state)
    box.seq = seq - 1
    return box


def test_append_as_the_page_reads_it() -> None:
    box = outbox({"status": "streaming", "ttft_s": 0.31}, 7)
    for event in [*EVENTS, Refusal("I can't")]:
        box.take(event)
    message: Any = box.flush()
    del message["state"]["elapsed_s"]
    assert message == fixture("append")
    box.take(Text("ld* 🎉"))
    assert box.flush() == fixture("append_text")


def test_a_retry_as_the_page_reads_it() -> None:
    told = fixture("append_retry")
    box = outbox(told["state"], 1)
    message: Any = box.flush()
    del message["state"]["elapsed_s"]
    assert message == told


def test_snapshot_and_end_as_the_page_reads_them() -> None:
    told = fixture("snapshot")
    box = outbox(told["state"], 7)
    for event in EVENTS:
        box.take(event)
    box.flush()
    assert box.snapshot() == told
    end = fixture("end_done")
    assert outbox(end["state"], 9).end() == end
    box.seq = 9
    assert box.beat() == fixture("beat")


def test_what_few_answers_have_as_the_page_reads_it() -> None:
    told = fixture("snapshot_rare")
    box = outbox(told["state"], 2)
    box.flush()  # the state, which is not the point here
    box.seq = 1
    for event in RARE:
        box.take(event)
    assert box.flush() == fixture("append_rare")
    assert box.snapshot() == told
