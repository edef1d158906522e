"""What a server says in its protocol (P): repeats, disorder, the end mark, unknown things, finish reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream.errors import OverloadedError, StreamError

from ..servers import Connection
from ..servers import sse as events
from .asking import DONE, FINISH, Ask, answer, data, delta, held, raw
from .rows import row


def chat(*choices: dict[str, Any], **more: Any) -> bytes:
    return data({"choices": [{"index": 0, **choice} for choice in choices], **more})


def named(payload: dict[str, Any]) -> bytes:
    """One event of anthropic or openai-responses: its name is its type."""
    return f"event: {payload['type']}\n".encode() + data(payload)


def block(text: str, index: int = 0) -> bytes:
    return named(
        {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}
    )


START = named({"type": "message_start", "message": {"model": "claude", "content": [], "usage": {}}})
STOP = named({"type": "message_stop"})


def ending(reason: str) -> bytes:
    return named({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 3}})


@row("P1")
def test_p1_a_repeat_without_a_number_is_shown(ask: Ask) -> None:
    end = ask(events([delta("a "), delta("a "), FINISH, FINISH, DONE]))
    assert (end.status, end.text) == ("done", "a a ")
    end = ask(
        events([START, START, block("a"), ending("end_turn"), ending("end_turn"), STOP]),
        wire_format="anthropic",
    )
    assert (end.status, end.text) == ("done", "a")


@row("P1")
def test_p1_a_repeat_with_a_sequence_number_is_dropped(ask: Ask) -> None:
    def piece(number: int, text: str) -> bytes:
        place = {"item_id": "i", "output_index": 0, "content_index": 0}
        return named(
            {"type": "response.output_text.delta", "sequence_number": number, "delta": text, **place}
        )

    completed = {"type": "response.completed", "sequence_number": 9, "response": {"status": "completed"}}
    parts = [piece(1, "one "), piece(2, "two "), piece(1, "one "), piece(2, "two "), piece(3, "three")]
    end = ask(events([*parts, named(completed)]), wire_format="openai-responses")
    assert (end.status, end.text) == ("done", "one two three")


@row("P2")
def test_p2_tool_calls_stand_by_their_index(ask: Ask) -> None:
    def call(index: int | None, **fields: Any) -> dict[str, Any]:
        place = {} if index is None else {"index": index}
        return {**place, **fields}

    end = ask(
        events(
            [
                chat(
                    {
                        "delta": {
                            "tool_calls": [call(1, id="b", function={"name": "two", "arguments": '{"x"'})]
                        }
                    }
                ),
                chat(
                    {"delta": {"tool_calls": [call(0, id="a", function={"name": "one", "arguments": "{}"})]}}
                ),
                chat({"delta": {"tool_calls": [call(1, function={"arguments": ": 1}"})]}}),
                chat({"delta": {}, "finish_reason": "tool_calls"}),
                DONE,
            ]
        )
    )
    calls = end.stream.tool_calls
    assert [(c.id, c.name, c.arguments) for c in calls] == [("a", "one", "{}"), ("b", "two", '{"x": 1}')]
    without = [
        chat({"delta": {"tool_calls": [call(None, id="a", function={"name": "f", "arguments": "{}"})]}})
    ]
    end = ask(events([*without, FINISH, DONE]))
    assert [(c.id, c.name) for c in end.stream.tool_calls] == [("a", "f")]


@row("P2")
def test_p2_empty_choices_nulls_and_usage_alone(ask: Ask) -> None:
    parts = [
        data({"choices": []}),
        chat({"delta": None}),
        chat({"delta": {"content": None, "role": None}}),
        data({"choices": None}),
        delta("a"),
        FINISH,
        data({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}),
        DONE,
    ]
    end = ask(events(parts))
    assert (end.status, end.text) == ("done", "a")
    usage: Any = end.stream.usage
    assert (usage.input_tokens, usage.output_tokens) == (5, 2)


@row("P2")
def test_p2_two_answers(ask: Ask) -> None:
    def piece(index: int, text: str, **more: Any) -> bytes:
        return data({"choices": [{"index": index, "delta": {"content": text}, **more}]})

    stop = {"finish_reason": "stop"}
    parts = [piece(1, "B1"), piece(0, "A1"), piece(1, "B2", **stop), piece(0, "A2", **stop)]
    end = ask(events([*parts, DONE]))
    assert [choice.text for choice in end.stream.result().choices] == ["A1A2", "B1B2"]
    assert end.text == "A1A2"


@row("P2")
def test_p2_blocks_of_anthropic_out_of_order(ask: Ask) -> None:
    tool = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    parts = [
        START,
        named({"type": "content_block_start", "index": 1, "content_block": tool}),
        named(
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": "{"},
            }
        ),
        block("text "),
        named(
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": "}"},
            }
        ),
        named({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "more"}}),
        ending("tool_use"),
        STOP,
    ]
    end = ask(events(parts), wire_format="anthropic")
    assert (end.status, end.text, end.stream.finish_reason) == ("done", "text more", "tool_calls")
    assert [(c.name, c.arguments) for c in end.stream.tool_calls] == [("f", "{}")]


@row("P3", "P4")
@pytest.mark.parametrize(
    ("parts", "wire_format"),
    [
        (
            [*answer("a"), delta("never"), b"event: error\ndata: {}\n\n", b"data: {nonsense\n\n"],
            "openai-chat",
        ),
        (
            [START, block("a"), ending("end_turn"), STOP, block("never"), named({"type": "error"})],
            "anthropic",
        ),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_p3_p4_the_end_mark_is_the_end(ask: Ask, parts: list[bytes], wire_format: str, at_once: bool) -> None:
    end = ask(held(b"".join(parts)) if at_once else held(*parts), wire_format=wire_format, within=10)
    assert (end.status, end.text) == ("done", "a")
    assert len(end.requests) == 1


@row("P4")
def test_p4_a_server_that_never_stops_talking(ask: Ask) -> None:
    def handle(connection: Connection) -> None:
        raw(*answer("a"))(connection)
        while True:  # until the client has closed
            connection.send(b": still here\n\n" * 1000)

    end = ask(handle, within=10)
    assert (end.status, end.text) == ("done", "a")


@row("P5")
def test_p5_unknown_events_and_fields(ask: Ask) -> None:
    new = [
        b"event: telepathy\ndata: {no json\n\n",
        b'event: telepathy\ndata: {"a": 1}\n\n',
        data({"object": "something.new", "payload": [1, 2]}),
        chat({"delta": {"content": "a", "aura": "blue"}, "mood": 7}, weather="fine"),
    ]
    end = ask(events([*new, FINISH, DONE]))
    assert (end.status, end.text) == ("done", "a")
    unknown = [event for event in end.stream.events if type(event).__name__ == "Unknown"]
    assert len(unknown) == 3
    parts = [
        START,
        named({"type": "aura", "x": 1}),
        named({"type": "ping"}),
        block("a"),
        ending("end_turn"),
        STOP,
    ]
    end = ask(events(parts), wire_format="anthropic")
    assert (end.status, end.text) == ("done", "a")
    assert "aura" in repr(end.stream.events)


@row("P6")
@pytest.mark.parametrize(
    ("raw_reason", "reason", "wire_format"),
    [
        ("length", "length", "openai-chat"),
        ("content_filter", "content_filter", "openai-chat"),
        ("tool_calls", "tool_calls", "openai-chat"),
        ("brand_new", "brand_new", "openai-chat"),
        ("max_tokens", "length", "anthropic"),
        ("refusal", "refusal", "anthropic"),
        ("tool_use", "tool_calls", "anthropic"),
        ("pause_turn", "pause", "anthropic"),
    ],
)
def test_p6_reasons_that_are_not_plain_done(ask: Ask, raw_reason: str, reason: str, wire_format: str) -> None:
    parts = {
        "openai-chat": [delta("a"), chat({"delta": {}, "finish_reason": raw_reason}), DONE],
        "anthropic": [START, block("a"), ending(raw_reason), STOP],
    }[wire_format]
    end = ask(events(parts), wire_format=wire_format)
    assert (end.status, end.text, end.stream.finish_reason) == ("done", "a", reason)
    assert end.stream.result().finish_reason_raw == raw_reason
    assert end.stream._describe()["finish_reason"] == reason  # which the page shows


@row("P6")
def test_p6_a_refusal(ask: Ask) -> None:
    parts = [chat({"delta": {"refusal": "I "}}), chat({"delta": {"refusal": "cannot."}}), FINISH, DONE]
    end = ask(events(parts))
    assert (end.stream.result().refusal, end.text) == ("I cannot.", "")
    assert end.stream.finish_reason == "refusal"


@row("S1")
@pytest.mark.parametrize(
    "event",
    [
        b'data: {"error": {"message": "too busy", "type": "overloaded_error"}}\n\n',
        b'event: error\ndata: {"error": {"message": "too busy", "code": 529}}\n\n',
        named({"type": "error", "error": {"type": "overloaded_error", "message": "too busy"}}),
        b'error: {"error": {"message": "too busy", "code": 503}}\n\n',
    ],
)
@pytest.mark.parametrize("wire_format", ["openai-chat", "anthropic"])
def test_s1_an_error_in_mid_stream(ask: Ask, event: bytes, wire_format: str) -> None:
    first = [delta("kept")] if wire_format == "openai-chat" else [START, block("kept")]
    end = ask(held(*first, event, delta("never")), wire_format=wire_format)
    assert isinstance(end.error, OverloadedError)
    assert (end.status, end.text, len(end.requests)) == ("error", "kept", 1)
    assert "too busy" in end.error.message


@row("S1")
def test_s1_the_flat_error_of_vllm(ask: Ask) -> None:
    end = ask(held(delta("kept"), b'data: {"object": "error", "message": "too busy", "code": 503}\n\n'))
    assert isinstance(end.error, OverloadedError)
    assert (end.status, end.text) == ("error", "kept")


@row("S1")
def test_s1_an_error_event_that_is_no_json(ask: Ask) -> None:
    end = ask(held(delta("kept"), b"event: error\ndata: all is lost\n\n"))
    assert isinstance(end.error, StreamError)
    assert (end.status, end.text) == ("error", "kept")
    assert "all is lost" in end.error.message
    assert json.dumps(end.stream._describe()["error"])
