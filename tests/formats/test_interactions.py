"""Gemini's Interactions API as documented, where no recording shows it: requests, steps, ends, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import OverloadedError, ProtocolError, UsageError
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Failure,
    Finish,
    Media,
    Reasoning,
    Start,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)

from .reading import by_choice

INTERACTIONS = formats.get("gemini-interactions")
HELLO = [{"role": "user", "content": "Hello"}]


def read(*events: dict[str, Any]) -> list[Event]:
    decoder = INTERACTIONS.decoder()
    return [told for e in events for told in decoder.decode(str(e["event_type"]), json.dumps(e))]


def start(place: int, kind: str, **step: Any) -> dict[str, Any]:
    return {"event_type": "step.start", "index": place, "step": {"type": kind, **step}}


def delta(place: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": "step.delta", "index": place, "delta": {"type": kind, **fields}}


def stop(place: int) -> dict[str, Any]:
    return {"event_type": "step.stop", "index": place}


def completed(status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"event_type": "interaction.completed", "interaction": {"status": status, **fields}}


class TestRequest:
    def test_body(self) -> None:
        params = {"temperature": 0.2, "max_tokens": 5, "stop": "END", "thinking_level": "low", "tools": [1]}
        assert INTERACTIONS.path("m") == "/interactions"
        assert INTERACTIONS.headers() == {"Api-Revision": "2026-05-20"}
        assert INTERACTIONS.body("m", HELLO, params, system="Short.") == {
            "model": "m",
            "input": [{"type": "user_input", "content": [{"type": "text", "text": "Hello"}]}],
            "stream": True,
            "store": False,
            "system_instruction": "Short.",
            "generation_config": {
                "temperature": 0.2,
                "max_output_tokens": 5,
                "stop_sequences": ["END"],
                "thinking_level": "low",
            },
            "tools": [1],
        }

    def test_what_is_stored_is_the_callers_choice(self) -> None:
        assert "store" not in INTERACTIONS.body("m", HELLO, {"store": None})
        assert INTERACTIONS.body("m", HELLO, {"store": True, "previous_interaction_id": "i"})["store"] is True

    def test_steps_of_a_conversation(self) -> None:
        call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": "Polite."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
                    {"type": "image_url", "image_url": {"url": "https://example.com/a"}},
                    {"type": "file", "file": {"file_id": "https://example.com/a.pdf"}},
                ],
            },
            {"role": "assistant", "content": "Let me see.", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "grey"},
        ]
        body = INTERACTIONS.body("m", messages, {})
        assert body["system_instruction"] == "Polite."
        assert body["input"] == [
            {
                "type": "user_input",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image", "data": "QQ==", "mime_type": "image/png"},
                    {"type": "image", "uri": "https://example.com/a"},
                    {"type": "document", "uri": "https://example.com/a.pdf", "mime_type": "application/pdf"},
                ],
            },
            {"type": "model_output", "content": [{"type": "text", "text": "Let me see."}]},
            {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
            {
                "type": "function_result",
                "call_id": "c",
                "name": "f",
                "result": [{"type": "text", "text": "grey"}],
            },
        ]

    @pytest.mark.parametrize(
        "messages",
        [[{"role": "system", "content": "a"}], [{"role": "user", "content": [{"text": "no type"}]}]],
    )
    def test_wrong_messages(self, messages: list[dict[str, Any]]) -> None:
        with pytest.raises(UsageError):
            INTERACTIONS.body("m", messages, {})


class TestAnswer:
    def test_thoughts_text_end(self) -> None:
        usage = {
            "total_input_tokens": 9,
            "total_tool_use_tokens": 1,
            "total_output_tokens": 4,
            "total_thought_tokens": 3,
        }
        events = read(
            {"event_type": "interaction.created", "interaction": {"id": "i", "model": "m"}},
            {"event_type": "interaction.status_update", "status": "in_progress"},
            start(0, "thought"),
            delta(0, "thought_summary", content={"type": "text", "text": "Hm"}),
            delta(0, "thought_signature", signature="s"),
            stop(0),
            start(1, "model_output"),
            delta(1, "text", text="Hi"),
            stop(1),
            completed(usage=usage),
        )
        assert events == [
            Start("m", "i"),
            Reasoning("Hm"),
            Text("Hi"),
            Usage(10, 7, 3, raw=usage),
            Finish("stop", "completed"),
            End(),
        ]

    def test_function_calls(self) -> None:
        events = read(
            start(0, "function_call", id="a", name="f", arguments={}),
            delta(0, "arguments_delta", arguments='{"x"'),
            delta(0, "arguments_delta", arguments=": 1}"),
            stop(0),
            start(1, "function_call", id="b", name="g", arguments={"y": 2}),
            start(2, "function_call", id="c", name="h"),
            completed("requires_action"),
        )
        calls = by_choice(events)[0].tool_calls
        assert [(call["id"], call["name"], call["arguments"], call["kind"]) for call in calls] == [
            ("a", "f", '{"x": 1}', "function"),
            ("b", "g", '{"y": 2}', "function"),
            ("c", "h", "{}", "function"),
        ]
        assert events[-2:] == [Finish("tool_calls", "requires_action"), End()]

    def test_tools_that_the_server_runs(self) -> None:
        events = read(
            start(0, "google_search_call", id="a"),
            delta(0, "google_search_call", arguments={"queries": ["q"]}),
            stop(0),
            start(1, "google_search_result", call_id="a"),
            delta(1, "google_search_result", result=[{"title": "T"}], is_error=False),
            start(2, "code_execution_result", call_id="elsewhere", result="1\n"),
        )
        call = "google_search_call"
        assert events == [
            ToolCall(0, "a", "google_search", kind=call),
            ToolCall(0, arguments='{"queries": ["q"]}', kind=call),
            ToolResult('[{"title": "T"}]', 0, "a", "google_search", "google_search_result"),
            ToolResult("1\n", None, "elsewhere", "code_execution", "code_execution_result"),
        ]

    def test_citations_count_characters_of_the_whole_answer(self) -> None:
        cited = {
            "type": "url_citation",
            "url": "https://a.example",
            "title": "A",
            "start_index": 0,
            "end_index": 5,
        }
        events = read(
            start(0, "model_output"),
            delta(0, "text", text="First. "),
            start(1, "model_output"),
            delta(1, "text", text="Öß. more"),
            delta(1, "text_annotation_delta", annotations=[cited, {"type": "place_citation"}]),
        )
        assert by_choice(events)[0].citations == [Citation("https://a.example", "A", "", 7, 10), Citation()]

    def test_the_revision_before_steps(self) -> None:
        def content(event: str, place: int, **fields: Any) -> dict[str, Any]:
            return {"event_type": f"content.{event}", "index": place, **fields}

        raw = {"total_input_tokens": 1, "total_output_tokens": 2}
        call = {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}}
        search = {"type": "google_search_call", "id": "s", "arguments": {"queries": ["q"]}}
        found = {"type": "google_search_result", "call_id": "s", "result": [{"title": "T"}]}
        cited = {"start_index": 0, "end_index": 2, "source": "https://a.example"}
        events = read(
            {"event_type": "interaction.start", "interaction": {"id": "i", "model": "m"}},
            content("start", 0, content={"type": "thought"}),
            content("delta", 0, delta={"type": "thought_summary", "content": {"type": "text", "text": "Hm"}}),
            content("stop", 0),
            content("start", 1, content={"type": "text", "text": "H"}),
            content("delta", 1, delta={"type": "text", "text": "i", "annotations": [cited]}),
            content("start", 2, content={"type": "function_call"}),
            content("delta", 2, delta=call),
            content("stop", 2),
            content("delta", 3, delta=search),
            content("delta", 4, delta=found),
            {"event_type": "interaction.complete", "interaction": {"status": "completed", "usage": raw}},
        )
        assert events == [
            Start("m", "i"),
            Reasoning("Hm"),
            Text("H"),
            Text("i"),
            Citation("https://a.example", start=0, end=2),
            ToolCall(0, "c", "f", '{"a": 1}'),
            ToolCall(1, "s", "google_search", '{"queries": ["q"]}', "google_search_call"),
            ToolResult('[{"title": "T"}]', 1, "s", "google_search", "google_search_result"),
            Usage(1, 2, raw=raw),
            Finish("stop", "completed"),
            End(),
        ]

    def test_arguments_of_a_call_that_never_began(self) -> None:
        events = read(start(0, "function_call", id="a", name="f"), delta(1, "arguments_delta", arguments="{"))
        assert [(e.position, e.arguments) for e in events if isinstance(e, ToolCall)][-1] == (1, "{")

    def test_media(self) -> None:
        events = read(
            delta(0, "image", data="QQ==", mime_type="image/png"),
            delta(0, "audio", data="QUJD", mime_type="audio/l16"),
            delta(0, "video", uri="https://example.com/v"),
            delta(0, "image"),
        )
        assert events == [
            Media("image", "image/png", "QQ=="),
            Media("audio", "audio/l16", "QUJD", id="audio"),
            Media("file", url="https://example.com/v"),
        ]

    @pytest.mark.parametrize(
        ("status", "reason"), [("incomplete", "length"), ("cancelled", "cancelled"), ("failed", "error")]
    )
    def test_ends(self, status: str, reason: str) -> None:
        assert read(completed(status)) == [Finish(reason, status), End()]

    def test_errors(self) -> None:
        error = {"code": 503, "message": "The model is overloaded."}
        for event in ({"event_type": "error", "error": error}, completed("failed", error=error)):
            failure = read(event)[-1]
            assert isinstance(failure, Failure)
            assert isinstance(failure.error, OverloadedError)

    def test_whole(self) -> None:
        answer = {
            "id": "i",
            "model": "m",
            "status": "completed",
            "steps": [
                {"type": "thought", "summary": [{"type": "text", "text": "Hm"}]},
                {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
                {
                    "type": "model_output",
                    "content": [
                        {
                            "type": "text",
                            "text": "Hi",
                            "annotations": [{"url": "u", "start_index": 0, "end_index": 2}],
                        }
                    ],
                },
            ],
        }
        assert INTERACTIONS.decoder().whole(json.dumps(answer)) == [
            Start("m", "i"),
            Reasoning("Hm"),
            ToolCall(0, "c", "f", '{"a": 1}'),
            Text("Hi"),
            Citation("u", start=0, end=2),
            Finish("stop", "completed"),
            End(),
        ]
        assert isinstance(INTERACTIONS.decoder().whole('{"error": {"code": 400}}')[0], Failure)
        with pytest.raises(ProtocolError):
            INTERACTIONS.decoder().whole("{}")

    def test_what_is_unknown_is_kept(self) -> None:
        news = {"event_type": "news", "a": 1}
        assert read(news) == [Unknown("news", json.dumps(news))]
        assert [event.name for event in read(delta(0, "hologram")) if isinstance(event, Unknown)] == [
            "delta.hologram"
        ]
        assert INTERACTIONS.decoder().decode("news", "<html>") == [Unknown("news", "<html>")]
        assert INTERACTIONS.decoder().decode("done", "[DONE]") == [End()]
        with pytest.raises(ProtocolError):
            INTERACTIONS.decoder().decode("step.delta", "<html>")
