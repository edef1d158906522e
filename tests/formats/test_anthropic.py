"""Anthropic's Messages API as documented, where no recording shows it: requests, blocks, errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import (
    AuthError,
    BadRequestError,
    HttpError,
    NotFoundError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
    ServerError,
    UsageError,
)
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Reasoning,
    Start,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from notebook_stream.formats.anthropic import MAX_TOKENS

MESSAGES = formats.get("anthropic")
HELLO = [{"role": "user", "content": "Hello"}]


def read(*events: dict[str, Any]) -> list[Event]:
    decoder = MESSAGES.decoder()
    return [told for event in events for told in decoder.decode(str(event["type"]), json.dumps(event))]


def picture(url: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url}}


def file(data: str, **fields: str) -> dict[str, Any]:
    return {"type": "file", "file": {"file_data": data, **fields}}


def block(index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


def delta(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def stop(index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


class TestBody:
    def test_defaults(self) -> None:
        assert MESSAGES.body("m", HELLO, {"temperature": 0}) == {
            "model": "m",
            "max_tokens": MAX_TOKENS,
            "messages": HELLO,
            "stream": True,
            "temperature": 0,
        }

    def test_parameters_win(self) -> None:
        assert MESSAGES.body("m", HELLO, {"max_tokens": 5})["max_tokens"] == 5
        assert "max_tokens" not in MESSAGES.body("m", HELLO, {"max_tokens": None})

    def test_system_goes_to_its_place(self) -> None:
        messages = [{"role": "system", "content": "b"}, {"role": "developer", "content": "c"}, *HELLO]
        body = MESSAGES.body("m", messages, {}, system="a")
        assert (body["system"], body["messages"]) == ("a\n\nb\n\nc", HELLO)

    def test_system_parts_are_kept(self) -> None:
        part = {"type": "text", "text": "b", "cache_control": {"type": "ephemeral"}}
        body = MESSAGES.body("m", [{"role": "system", "content": [part]}, *HELLO], {}, system="a")
        assert body["system"] == [{"type": "text", "text": "a"}, part]

    def test_pictures_and_files_of_chat(self) -> None:
        own = {"type": "image", "source": {"type": "file", "file_id": "f"}, "cache_control": {}}
        parts = [
            "What is it?",
            {"type": "text", "text": "Look:", "cache_control": {"type": "ephemeral"}},
            picture("data:image/png;base64,AA=="),
            picture("https://a.test/i.png"),
            file("data:application/pdf;base64,AA==", filename="a.pdf"),
            file("data:text/plain;base64,SGk="),
            file("https://a.test/a.pdf"),
            file("data:image/png;base64,AA=="),
            {"type": "file", "file": {"file_id": "file_1"}},
            own,
        ]
        png = {"type": "base64", "media_type": "image/png", "data": "AA=="}
        pdf = {"type": "base64", "media_type": "application/pdf", "data": "AA=="}
        plain = {"type": "text", "media_type": "text/plain", "data": "Hi"}
        body = MESSAGES.body("m", [{"role": "user", "content": parts}], {})
        assert body["messages"][0]["content"] == [
            {"type": "text", "text": "What is it?"},
            parts[1],
            {"type": "image", "source": png},
            {"type": "image", "source": {"type": "url", "url": "https://a.test/i.png"}},
            {"type": "document", "source": pdf, "title": "a.pdf"},
            {"type": "document", "source": plain},
            {"type": "document", "source": {"type": "url", "url": "https://a.test/a.pdf"}},
            {"type": "image", "source": png},
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
            own,
        ]

    def test_tool_calls_and_results_of_chat(self) -> None:
        calls = [{"id": id, "function": {"name": "f", "arguments": '{"a": 1}'}} for id in "12"]
        messages: list[dict[str, Any]] = [
            *HELLO,
            {"role": "assistant", "content": "Let me see.", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "1", "content": "4"},
            {"role": "tool", "tool_call_id": "2", "content": [picture("data:image/png;base64,AA==")]},
            *HELLO,
        ]
        png = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
        assert MESSAGES.body("m", messages, {})["messages"] == [
            *HELLO,
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "Let me see."},
                    {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}},
                    {"type": "tool_use", "id": "2", "name": "f", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "1", "content": "4"},
                    {"type": "tool_result", "tool_use_id": "2", "content": [png]},
                ],
            },
            *HELLO,
        ]

    @pytest.mark.parametrize(
        ("messages", "told"),
        [
            ([{"role": "system", "content": "x"}], "only system messages"),
            ([{"role": "robot", "content": "x"}], "'robot'"),
            ([{"role": "user", "content": [file("data:text/plain;base64,!")]}], "not base64"),
            ([{"role": "user", "content": [picture("data:image/png,x")]}], "base64"),
            ([*HELLO, {"role": "assistant", "tool_calls": [{"function": {}}]}], "tool call"),
            ([{"role": "user"}], "messages[0]"),
        ],
    )
    def test_wrong_messages(self, messages: Any, told: str) -> None:
        with pytest.raises(UsageError) as caught:
            MESSAGES.body("m", messages, {})
        assert told in str(caught.value)

    def test_request_line(self) -> None:
        assert (MESSAGES.path("m"), MESSAGES.key_header) == ("/messages", ("x-api-key", ""))
        assert MESSAGES.headers() == {"anthropic-version": "2023-06-01"}

    def test_nothing_to_amend(self) -> None:
        assert MESSAGES.amend(MESSAGES.body("m", HELLO, {}), BadRequestError("no", status_code=400)) is None


class TestBlocks:
    def test_text_and_thinking_may_start_with_something(self) -> None:
        events = read(
            block(type="thinking", thinking="Hm"),
            delta("thinking_delta", thinking="."),
            delta("signature_delta", signature="s"),
            block(1, type="text", text="H"),
            delta("text_delta", 1, text="i"),
        )
        assert events == [Reasoning("Hm"), Reasoning("."), Text("H"), Text("i")]

    def test_what_only_the_server_can_read_shows_nothing(self) -> None:
        assert read(block(type="redacted_thinking", data="x"), stop()) == []

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            ("plain", "plain"),
            ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
            (
                [{"type": "web_search_result", "url": "u", "encrypted_content": "x"}],
                '[{"type": "web_search_result", "url": "u"}]',
            ),
            ({"stdout": "1", "content": [{"encrypted_stdout": "x"}]}, '{"stdout": "1", "content": [{}]}'),
            ([], "[]"),
        ],
    )
    def test_result_of_a_tool_of_the_servers(self, content: Any, text: str) -> None:
        call = block(type="server_tool_use", id="s", name="web_search", input={})
        result = block(1, type="web_search_tool_result", tool_use_id="s", content=content)
        assert read(call, result)[-1] == ToolResult(text, 0, "s", "web_search", "web_search_tool_result")

    def test_result_of_a_call_that_nobody_made(self) -> None:
        (told,) = read(block(type="mcp_tool_result", tool_use_id="s", content="x"))
        assert told == ToolResult("x", None, "s", "", "mcp_tool_result")

    def test_compaction(self) -> None:
        events = read(block(type="compaction", content=None), delta("compaction_delta", content="So far"))
        assert events == [ToolResult("So far", name="compaction", kind="compaction")]

    def test_unknown_block_is_kept(self) -> None:
        (told,) = read(block(type="brand_new", data="x"))
        assert told == Unknown("brand_new", '{"type": "brand_new", "data": "x"}')

    def test_tool_input_in_pieces(self) -> None:
        events = read(
            block(1, type="tool_use", id="a", name="f", input={}),
            delta("input_json_delta", 1, partial_json=""),
            delta("input_json_delta", 1, partial_json='{"x"'),
            delta("input_json_delta", 1, partial_json=":1}"),
            stop(1),
        )
        assert events == [ToolCall(0, "a", "f"), ToolCall(0, arguments='{"x"'), ToolCall(0, arguments=":1}")]

    @pytest.mark.parametrize("end", [stop(), {"type": "message_stop"}])
    def test_tool_input_in_the_start(self, end: dict[str, Any]) -> None:
        events = read(block(type="server_tool_use", id="a", name="f", input={"x": "é"}), end)
        kind = "server_tool_use"
        assert events[:2] == [
            ToolCall(0, "a", "f", kind=kind),
            ToolCall(0, arguments='{"x": "é"}', kind=kind),
        ]

    def test_tool_without_input(self) -> None:
        assert read(block(type="tool_use", id="a", name="f", input={}), stop())[1] == ToolCall(
            0, arguments="{}"
        )

    def test_blocks_interleaved_by_index(self) -> None:
        events = read(
            block(0, type="tool_use", id="a", name="f", input={}),
            block(1, type="tool_use", id="b", name="g", input={}),
            delta("input_json_delta", 0, partial_json="1"),
            delta("input_json_delta", 1, partial_json="2"),
        )
        assert events[2:] == [ToolCall(0, arguments="1"), ToolCall(1, arguments="2")]

    def test_deltas_without_a_start(self) -> None:
        events = read(delta("text_delta", text="Hi"), delta("input_json_delta", 3, partial_json="{}"))
        assert events == [Text("Hi"), ToolCall(0, arguments="{}")]

    def test_delta_without_an_index_goes_to_the_last_block(self) -> None:
        loose = {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "{}"}}
        assert read(block(2, type="tool_use", id="a", name="f", input={}), loose)[1] == ToolCall(
            0, arguments="{}"
        )

    @pytest.mark.parametrize(
        ("citation", "expected"),
        [
            (
                {"type": "char_location", "cited_text": "q", "document_title": "t", "start_char_index": 1},
                Citation("", "t", "q"),
            ),
            (
                {"type": "web_search_result_location", "cited_text": "q", "url": "u", "title": "t"},
                Citation("u", "t", "q"),
            ),
            (
                {"type": "search_result_location", "cited_text": "q", "source": "s", "title": None},
                Citation("s", "", "q"),
            ),
        ],
    )
    def test_citations(self, citation: dict[str, Any], expected: Citation) -> None:
        assert read(delta("citations_delta", citation=citation)) == [expected]

    def test_citations_that_the_text_starts_with(self) -> None:
        cited = {"type": "char_location", "cited_text": "q", "document_title": "t"}
        assert read(block(type="text", text="Hi", citations=[cited])) == [Text("Hi"), Citation("", "t", "q")]
        assert read(block(type="text", text="Hi", citations=None)) == [Text("Hi")]

    def test_another_model_goes_on(self) -> None:
        hop: dict[str, Any] = {"type": "fallback", "from": {"model": "a"}, "to": {"model": "b"}}
        assert read({"type": "content_block_start", "index": 0, "content_block": hop}, stop()) == [Start("b")]

    def test_unknown_delta_is_kept(self) -> None:
        new = delta("brand_new_delta", x=1)
        assert read(new) == [Unknown("brand_new_delta", json.dumps(new))]


class TestMessage:
    def test_usage_is_merged_and_counts_the_cache(self) -> None:
        first = {
            "input_tokens": 3,
            "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 20,
            "output_tokens": 1,
        }
        last = {"output_tokens": 9, "input_tokens": None, "output_tokens_details": {"thinking_tokens": 4}}
        events = read(
            {"type": "message_start", "message": {"id": "1", "model": "m", "usage": first}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": last},
            {"type": "message_stop"},
        )
        raw = {**first, "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}}
        assert events == [
            Start("m", "1"),
            Usage(123, 1, cached_tokens=100, raw=first),
            Usage(123, 9, 4, 100, raw=raw),
            Finish("stop", "end_turn"),
            End(),
        ]

    @pytest.mark.parametrize(
        ("fields", "finish"),
        [
            ({"stop_reason": "stop_sequence", "stop_sequence": "\n"}, Finish("stop", "stop_sequence")),
            (
                {"stop_reason": "stop_sequence", "stop_sequence": "END"},
                Finish("stop", "stop_sequence", 0, "END"),
            ),
            ({"stop_reason": "max_tokens"}, Finish("length", "max_tokens")),
            (
                {"stop_reason": "model_context_window_exceeded"},
                Finish("length", "model_context_window_exceeded"),
            ),
            ({"stop_reason": "tool_use"}, Finish("tool_calls", "tool_use")),
            ({"stop_reason": "pause_turn"}, Finish("pause", "pause_turn")),
            (
                {"stop_reason": "refusal", "stop_details": {"category": "cyber", "explanation": "because"}},
                Finish("refusal", "refusal", 0, "cyber: because"),
            ),
            ({"stop_reason": "brand_new"}, Finish("brand_new", "brand_new")),
        ],
    )
    def test_stop_reasons(self, fields: dict[str, Any], finish: Finish) -> None:
        assert read({"type": "message_delta", "delta": fields}) == [finish]

    def test_ping(self) -> None:
        assert read({"type": "ping"}) == [Heartbeat()]
        assert MESSAGES.decoder().decode("message", '{"type": "ping"}') == [Heartbeat()]

    def test_a_proxys_own_mark(self) -> None:
        assert MESSAGES.decoder().decode("", "[DONE]") == [End()]

    def test_name_may_be_in_the_event_line_alone(self) -> None:
        assert MESSAGES.decoder().decode("message_stop", "{}") == [End()]


class TestErrors:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            ("overloaded_error", OverloadedError),
            ("rate_limit_error", RateLimitError),
            ("authentication_error", AuthError),
            ("permission_error", AuthError),
            ("not_found_error", NotFoundError),
            ("invalid_request_error", BadRequestError),
            ("request_too_large", BadRequestError),
            ("billing_error", BadRequestError),
            ("api_error", ServerError),
            ("timeout_error", ServerError),
        ],
    )
    def test_mid_stream(self, kind: str, expected: type[HttpError]) -> None:
        error = {"type": "error", "error": {"type": kind, "message": "m"}, "request_id": "r"}
        text, failure = read(delta("text_delta", text="Hel"), error)
        assert text == Text("Hel")
        assert isinstance(failure, Failure)
        assert type(failure.error) is expected
        assert kind in failure.error.message

    def test_in_an_unnamed_event(self) -> None:
        (failure,) = MESSAGES.decoder().decode("message", '{"type": "error", "error": {"type": "api_error"}}')
        assert isinstance(failure, Failure)


class TestWhole:
    def test_message(self) -> None:
        answer = {
            "id": "1",
            "type": "message",
            "model": "m",
            "content": [
                {"type": "thinking", "thinking": "Hm"},
                {"type": "text", "text": "Hi", "citations": [{"cited_text": "q", "url": "u"}]},
                {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}},
            ],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 1, "output_tokens": 2},
        }
        assert MESSAGES.decoder().whole(json.dumps(answer)) == [
            Start("m", "1"),
            Usage(1, 2, raw={"input_tokens": 1, "output_tokens": 2}),
            Reasoning("Hm"),
            Text("Hi"),
            Citation("u", "", "q"),
            ToolCall(0, "a", "f"),
            ToolCall(0, arguments='{"x": 1}'),
            Finish("tool_calls", "tool_use"),
            End(),
        ]

    def test_error(self) -> None:
        (failure,) = MESSAGES.decoder().whole(
            '{"type": "error", "error": {"type": "overloaded_error", "message": "m"}}'
        )
        assert isinstance(failure, Failure)
        assert isinstance(failure.error, OverloadedError)

    def test_something_else(self) -> None:
        with pytest.raises(ProtocolError, match="no message"):
            MESSAGES.decoder().whole('{"status": "ok"}')
