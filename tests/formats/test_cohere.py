"""Cohere's API as documented, where no recording shows it: requests, both versions' events, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import ProtocolError
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Failure,
    Finish,
    Reasoning,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    Unknown,
    Usage,
)

from .reading import by_choice

COHERE = formats.get("cohere")
HELLO = [{"role": "user", "content": "Hello"}]


def read(*events: dict[str, Any]) -> list[Event]:
    decoder = COHERE.decoder()
    return [
        told for event in events for told in decoder.decode(str(event.get("type", "")), json.dumps(event))
    ]


def said(kind: str, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": 0, "delta": {"message": message}}


def end(**delta: Any) -> dict[str, Any]:
    return {"type": "message-end", "delta": delta}


class TestRequest:
    def test_body(self) -> None:
        messages = [{"role": "developer", "content": "Polite."}, *HELLO]
        params = {"top_p": 0.5, "k": 3, "stop": "END", "max_tokens": 9}
        assert COHERE.path("m") == "/v2/chat"
        assert COHERE.body("m", messages, params, system="Short.") == {
            "model": "m",
            "messages": [
                {"role": "system", "content": "Short."},
                {"role": "system", "content": "Polite."},
                *HELLO,
            ],
            "stream": True,
            "p": 0.5,
            "k": 3,
            "stop_sequences": ["END"],
            "max_tokens": 9,
        }


class TestAnswer:
    def test_plan_thinking_text(self) -> None:
        events = read(
            {"type": "message-start", "id": "i"},
            said("tool-plan-delta", tool_plan="First"),
            said("content-start", content={"type": "thinking", "thinking": ""}),
            said("content-delta", content={"thinking": "Hm"}),
            said("content-end"),
            said("content-delta", content={"text": "Hi"}),
            end(finish_reason="MAX_TOKENS", usage={"tokens": {"input_tokens": 9, "output_tokens": 4.0}}),
        )
        assert events == [
            Start(id="i"),
            Reasoning("First"),
            Reasoning("Hm"),
            Text("Hi"),
            Usage(9, 4, raw={"tokens": {"input_tokens": 9, "output_tokens": 4.0}}),
            Finish("length", "MAX_TOKENS"),
            End(),
        ]

    def test_tool_calls(self) -> None:
        start = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
        second = {**said("tool-call-start", tool_calls={**start, "id": "d"}), "index": 1}
        events = read(
            said("tool-call-start", tool_calls=start),
            said("tool-call-delta", tool_calls={"function": {"arguments": '{"a"'}}),
            second,
            said("tool-call-delta", tool_calls={"function": {"arguments": ": 1}"}}),
            end(finish_reason="TOOL_CALL"),
        )
        calls = by_choice(events)[0].tool_calls
        assert [(call["id"], call["arguments"]) for call in calls] == [("c", '{"a": 1}'), ("d", "")]
        assert events[-2:] == [Finish("tool_calls", "TOOL_CALL"), End()]

    def test_citations_one_for_each_source(self) -> None:
        sources = [
            {
                "type": "document",
                "id": "doc:1",
                "document": {"title": "T", "url": "https://a.example", "snippet": "s"},
            },
            {"type": "tool", "id": "weather:0", "tool_output": {"content": "grey"}},
        ]
        cited = {"start": 3, "end": 7, "text": "grey", "sources": sources, "type": "TEXT_CONTENT"}
        plan = {"start": 1, "end": 2, "sources": [], "type": "PLAN"}
        assert read(said("citation-start", citations=cited), said("citation-start", citations=plan)) == [
            Citation("https://a.example", "T", "s", 3, 7),
            Citation("", "weather:0", "grey", 3, 7),
            Citation(),
        ]

    def test_logprobs_of_a_piece(self) -> None:
        told = {
            **said("content-delta", content={"text": "Hi!"}),
            "logprobs": {"text": "Hi!", "logprobs": [-1, -0.5]},
        }
        assert read(told) == [Text("Hi!", 0, (TokenLogprob("Hi!", -1.5),))]

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            ("COMPLETE", "stop"),
            ("STOP_SEQUENCE", "stop"),
            ("TIMEOUT", "error"),
            ("ERROR_TOXIC", "content_filter"),
            ("NEW", "NEW"),
        ],
    )
    def test_reasons(self, raw: str, reason: str) -> None:
        assert read(end(finish_reason=raw)) == [Finish(reason, raw), End()]

    def test_an_error_at_the_end(self) -> None:
        finish, failure = read(end(finish_reason="ERROR", error="the model broke"))
        assert finish == Finish("error", "ERROR", detail="the model broke")
        assert isinstance(failure, Failure)
        assert "the model broke" in str(failure.error)

    def test_errors_in_between(self) -> None:
        assert isinstance(read({"message": "too many tokens"})[0], Failure)
        assert isinstance(COHERE.decoder().decode("error", "broken")[0], Failure)

    def test_whole_answer(self) -> None:
        answer = {
            "id": "i",
            "finish_reason": "COMPLETE",
            "message": {
                "role": "assistant",
                "tool_plan": "First",
                "content": [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": "Hi"}],
                "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
                "citations": [{"start": 0, "end": 2, "sources": []}],
            },
        }
        assert COHERE.decoder().whole(json.dumps(answer)) == [
            Start(id="i"),
            Reasoning("First"),
            Reasoning("Hm"),
            Text("Hi"),
            ToolCall(0, "c", "f", "{}"),
            Citation(start=0, end=2),
            Finish("stop", "COMPLETE"),
            End(),
        ]
        assert isinstance(COHERE.decoder().whole('{"message": "no such model"}')[0], Failure)
        with pytest.raises(ProtocolError):
            COHERE.decoder().whole("{}")

    def test_what_is_unknown_is_kept(self) -> None:
        assert read({"type": "debug", "prompt": "x"}) == [
            Unknown("debug", '{"type": "debug", "prompt": "x"}')
        ]
        assert COHERE.decoder().decode("news", "<html>") == [Unknown("news", "<html>")]
        with pytest.raises(ProtocolError):
            COHERE.decoder().decode("message", "<html>")
        assert COHERE.decoder().decode("", "[DONE]") == [End()]


class TestVersion1:
    def test_tool_calls_are_not_doubled(self) -> None:
        events = read(
            {"event_type": "tool-calls-chunk", "text": "I will"},
            {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "name": "f"}},
            {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "parameters": '{"a": 1}'}},
            {
                "event_type": "tool-calls-generation",
                "text": "I will",
                "tool_calls": [{"name": "f", "parameters": {"a": 1}}, {"name": "g", "parameters": {}}],
            },
        )
        choice = by_choice(events)[0]
        assert choice.reasoning == "I will"
        assert [(call["name"], call["arguments"]) for call in choice.tool_calls] == [
            ("f", '{"a": 1}'),
            ("g", "{}"),
        ]

    def test_citations_and_documents(self) -> None:
        events = read(
            {
                "event_type": "search-results",
                "documents": [{"id": "d1", "title": "T", "url": "https://a.example"}],
            },
            {
                "event_type": "citation-generation",
                "citations": [{"start": 1, "end": 2, "document_ids": ["d1", "d9"]}],
            },
        )
        assert events == [Citation("https://a.example", "T", "", 1, 2), Citation("", "d9", "", 1, 2)]

    def test_not_more_documents_are_remembered_than_can_be_cited(self) -> None:
        documents = [{"id": f"d{number}", "url": "u" * 9000} for number in range(800)]
        more = [{"id": f"e{number}", "url": "u" * 9000} for number in range(800)]
        decoder = COHERE.decoder()
        for found in (documents, more, more):
            assert decoder.decode("", json.dumps({"event_type": "search-results", "documents": found})) == []
        cited = {"event_type": "citation-generation", "citations": [{"document_ids": ["d1", "e1", "e700"]}]}
        urls = [event.url for event in decoder.decode("", json.dumps(cited)) if isinstance(event, Citation)]
        assert [len(url) for url in urls] == [2000, 2000, 0]

    def test_what_is_unknown_is_kept(self) -> None:
        assert isinstance(read({"event_type": "search-queries-generation"})[0], Unknown)
