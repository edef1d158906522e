"""Ollama's own API as documented, where no recording shows it: requests, thinking, tools, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import ProtocolError, ServerError, UsageError
from notebook_stream.events import (
    End,
    Event,
    Failure,
    Finish,
    Media,
    Reasoning,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    Unknown,
    Usage,
)

OLLAMA = formats.get("ollama")
HELLO = [{"role": "user", "content": "Hello"}]
PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}


def read(*lines: dict[str, Any]) -> list[Event]:
    decoder = OLLAMA.decoder()
    return [told for line in lines for told in decoder.decode("", json.dumps(line))]


def said(**message: Any) -> dict[str, Any]:
    return {"model": "m", "message": {"role": "assistant", **message}, "done": False}


def messages_sent(*messages: dict[str, Any]) -> Any:
    return OLLAMA.body("m", list(messages), {})["messages"]


class TestRequest:
    def test_least(self) -> None:
        assert OLLAMA.path("m") == "/api/chat"
        assert OLLAMA.body("m", HELLO, {}) == {"model": "m", "messages": HELLO, "stream": True}

    def test_system_goes_first(self) -> None:
        messages = [{"role": "developer", "content": "Polite."}, *HELLO]
        sent = OLLAMA.body("m", messages, {}, system="Short.")["messages"]
        assert [(turn["role"], turn["content"]) for turn in sent] == [
            ("system", "Short."),
            ("system", "Polite."),
            ("user", "Hello"),
        ]

    def test_params_find_their_place(self) -> None:
        params = {
            "temperature": 0.2,
            "num_ctx": 8192,
            "max_tokens": 5,
            "stop": "END",
            "options": {"temperature": 1, "new_one": 1},
            "think": "high",
            "format": "json",
            "keep_alive": 0,
        }
        body = OLLAMA.body("m", HELLO, params)
        assert body["options"] == {
            "temperature": 0.2,
            "new_one": 1,
            "num_ctx": 8192,
            "num_predict": 5,
            "stop": ["END"],
        }
        assert (body["think"], body["format"], body["keep_alive"]) == ("high", "json", 0)
        assert not body.keys() & {"temperature", "num_ctx", "max_tokens", "stop"}

    def test_pictures_stand_beside_the_text(self) -> None:
        sent = messages_sent({"role": "user", "content": [{"type": "text", "text": "What?"}, PNG]})
        assert sent == [{"role": "user", "content": "What?", "images": ["QUJD"]}]

    def test_tool_calls_and_their_results(self) -> None:
        call = {
            "id": "c1",
            "type": "function",
            "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
        }
        sent = messages_sent(
            *HELLO,
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "grey"},
        )
        assert sent[1]["tool_calls"][0]["function"] == {"name": "weather", "arguments": {"city": "Oslo"}}
        assert sent[1]["content"] == ""
        assert (sent[2]["tool_name"], sent[2]["content"]) == ("weather", "grey")

    def test_own_messages_keep_their_fields(self) -> None:
        own = {"role": "assistant", "content": "Hi", "thinking": "Hm"}
        assert messages_sent(own, *HELLO)[0] == own

    @pytest.mark.parametrize(
        "part",
        [
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,QQ=="}},
            {"text": "without a type"},
            {"type": "input_video"},
        ],
    )
    def test_what_it_cannot_take(self, part: dict[str, Any]) -> None:
        with pytest.raises(UsageError):
            messages_sent({"role": "user", "content": [part]})


class TestAnswer:
    def test_thinking_text_and_end(self) -> None:
        last = {
            "done": True,
            "done_reason": "length",
            "prompt_eval_count": 9,
            "eval_count": 4,
            "eval_duration": 7,
        }
        events = read(said(content="", thinking="Hm"), said(content="Hi"), {**said(content=""), **last})
        raw = {"prompt_eval_count": 9, "eval_count": 4, "eval_duration": 7}
        assert events == [
            Start("m"),
            Reasoning("Hm"),
            Text("Hi"),
            Usage(9, 4, raw=raw),
            Finish("length", "length"),
            End(),
        ]

    def test_generate(self) -> None:
        events = read({"model": "m", "response": "Hi", "thinking": "Hm"}, {"response": "", "done": True})
        assert events == [Start("m"), Reasoning("Hm"), Text("Hi"), Finish("stop", ""), End()]

    def test_pictures(self) -> None:
        picture = Media("image", "image/png", "AAAA")
        assert read(said(content="", images=["AAAA", "AAAA"]))[1:] == [picture, picture]
        assert read({"model": "m", "image": "AAAA", "done": True})[1] == picture

    def test_tool_calls(self) -> None:
        call = {"function": {"name": "f", "arguments": {"a": "ü"}}}
        events = read(
            said(content="", tool_calls=[call, {"id": "7", "function": {"name": "g", "arguments": {}}}]),
            said(tool_calls=[call]),
            {**said(content=""), "done": True, "done_reason": "stop"},
        )
        assert events[1:-1] == [
            ToolCall(0, name="f", arguments='{"a": "ü"}'),
            ToolCall(1, "7", "g", "{}"),
            ToolCall(2, name="f", arguments='{"a": "ü"}'),
            Finish("tool_calls", "stop"),
        ]

    @pytest.mark.parametrize("arguments", [None, [], 5])
    def test_arguments_that_are_no_object(self, arguments: object) -> None:
        events = read(said(tool_calls=[{"function": {"name": "f", "arguments": arguments}}]))
        assert events[1:] == [ToolCall(0, name="f", arguments="{}")]

    def test_logprobs(self) -> None:
        told = [{"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Ho", "logprob": -1}]}]
        assert read({**said(content="Hi"), "logprobs": told})[1:] == [
            Text("Hi", 0, (TokenLogprob("Hi", -0.5, (("Ho", -1.0),)),))
        ]

    def test_error_line(self) -> None:
        events = read(said(content="Hel"), {"error": "an error was encountered while running the model"})
        assert isinstance(events[-1], Failure)
        assert isinstance(events[-1].error, ServerError)
        assert "while running the model" in str(events[-1].error)

    def test_without_its_last_line_there_is_no_end(self) -> None:
        assert not [event for event in read(said(content="Hel")) if isinstance(event, Finish | End)]

    def test_whole_answer(self) -> None:
        answer = {**said(content="Hi"), "done": True, "done_reason": "stop"}
        assert OLLAMA.decoder().whole(json.dumps(answer))[1:] == [Text("Hi"), Finish("stop", "stop"), End()]
        assert isinstance(OLLAMA.decoder().whole('{"error": "no"}')[0], Failure)
        with pytest.raises(ProtocolError):
            OLLAMA.decoder().whole('{"models": []}')

    def test_what_is_unknown_is_kept(self) -> None:
        assert read({"status": "pulling"}) == [Unknown("", '{"status": "pulling"}')]
        with pytest.raises(ProtocolError):
            OLLAMA.decoder().decode("", "pulling")
