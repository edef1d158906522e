"""OpenAI Chat Completions as documented, where no recording shows it: requests, extensions, errors."""

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
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Reasoning,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    Unknown,
    Usage,
)
from notebook_stream.formats import plain

CHAT = formats.get("openai-chat")
HELLO = [{"role": "user", "content": "Hello"}]


def read(*chunks: dict[str, Any] | str) -> list[Event]:
    decoder = CHAT.decoder()
    texts = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    return [event for text in texts for event in decoder.decode("message", text)]


def chunk(index: int = 0, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


class TestBody:
    def test_defaults(self) -> None:
        assert CHAT.body("m", HELLO, {"temperature": 0.2}, system="Be short") == {
            "model": "m",
            "messages": [{"role": "system", "content": "Be short"}, *HELLO],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.2,
        }

    def test_parameters_win(self) -> None:
        body = CHAT.body("m", HELLO, {"stream_options": None, "stream": False, "stop": None})
        assert body == {"model": "m", "messages": HELLO, "stream": False, "stop": None}

    def test_messages_are_copied_with_all_keys(self) -> None:
        parts = [{"type": "image_url", "image_url": {"url": "u"}}]
        messages: list[dict[str, Any]] = [
            {"role": "user", "content": parts, "name": "me", "x": 1},
            {"role": "assistant", "tool_calls": [{}]},
            {"role": "assistant", "content": ""},
            {"role": "tool", "content": "", "tool_call_id": "i"},
        ]
        body = CHAT.body("m", messages, {})
        assert body["messages"] == messages
        assert body["messages"][0] is not messages[0]

    @pytest.mark.parametrize(
        ("messages", "told"),
        [
            ([], "empty"),
            ({"role": "user"}, "must be a list"),
            ("hello", "must be a list"),
            (["hello"], "messages[0] is a str"),
            ([*HELLO, {"content": "x"}], "messages[1] has no role"),
            ([{"role": "robot", "content": "x"}], "'robot'"),
            ([{"role": 1, "content": "x"}], "no role"),
            ([{"role": "user"}], "(user) has no content"),
            ([{"role": "assistant", "content": None}], "(assistant) has no content"),
            ([{"role": "user", "content": 7}], "content is a int"),
            ([{"role": "user", "content": " \n"}], "is empty"),
            ([{"role": "user", "content": []}], "is empty"),
        ],
    )
    def test_wrong_messages(self, messages: Any, told: str) -> None:
        with pytest.raises(UsageError) as caught:
            CHAT.body("m", messages, {})
        assert told in str(caught.value)

    def test_request_line(self) -> None:
        assert (CHAT.path("m"), CHAT.key_header, CHAT.headers()) == (
            "/chat/completions",
            ("Authorization", "Bearer "),
            {},
        )


class TestAmend:
    BODY = CHAT.body("m", HELLO, {})

    @pytest.mark.parametrize("status", [400, 422])
    def test_stream_options_refused(self, status: int) -> None:
        error = BadRequestError("Unrecognized request argument: stream_options", status_code=status)
        amended = CHAT.amend(self.BODY, error)
        assert amended == {name: value for name, value in self.BODY.items() if name != "stream_options"}
        assert "stream_options" in self.BODY
        assert CHAT.amend(amended, error) is None

    def test_anything_else(self) -> None:
        assert CHAT.amend(self.BODY, BadRequestError("context too long", status_code=400)) is None
        assert CHAT.amend(self.BODY, ServerError("stream_options", status_code=500)) is None
        own = CHAT.body("m", HELLO, {"stream_options": {"include_usage": False}})
        assert CHAT.amend(own, BadRequestError("stream_options", status_code=400)) is None


class TestText:
    def test_parts(self) -> None:
        parts = [
            {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}, {"type": "text", "text": "."}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "So"}]},
            {"type": "text", "text": "Hi"},
            "!",
            {"type": "hologram", "ids": [1]},
        ]
        unknown = Unknown("content.hologram", '{"type": "hologram", "ids": [1]}')
        assert read(chunk(content=parts)) == [
            Reasoning("Hm."),
            Reasoning("So"),
            Text("Hi"),
            Text("!"),
            unknown,
        ]

    def test_reasoning_is_never_doubled(self) -> None:
        details = [{"type": "reasoning.text", "text": "a"}, {"type": "reasoning.encrypted", "data": "x"}]
        both = chunk(reasoning="a", reasoning_content="a", reasoning_details=details)
        late = chunk(reasoning_details=[{"type": "reasoning.text", "text": "aa", "signature": "s"}])
        assert read(both, both, late) == [Reasoning("a"), Reasoning("a")]

    def test_reasoning_details_alone(self) -> None:
        summary = {"type": "reasoning.summary", "summary": "b"}
        assert read(chunk(reasoning_details=[{"type": "reasoning.text", "text": "a"}, summary])) == [
            Reasoning("ab")
        ]

    @pytest.mark.parametrize(
        "delta",
        [
            {"reasoning_text": "a", "reasoning_opaque": "x"},  # GitHub Copilot
            {"thinking_blocks": [{"type": "thinking", "thinking": "a", "signature": None}], "content": ""},
        ],
    )
    def test_reasoning_under_other_names(self, delta: dict[str, Any]) -> None:
        assert read(chunk(**delta)) == [Reasoning("a")]

    def test_choices_by_index(self) -> None:
        events = read(chunk(1, content="b"), chunk(0, content="a"), chunk(1, "stop"), chunk(0, "length"))
        assert events == [Text("b", 1), Text("a"), Finish("stop", "stop", 1), Finish("length", "length")]

    def test_logprobs(self) -> None:
        tokens = [
            {"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -1}]},
            {"token": "c"},
        ]
        choice = {"index": 0, "delta": {"content": "a"}, "logprobs": {"content": tokens, "refusal": None}}
        assert read({"choices": [choice]}) == [Text("a", 0, (TokenLogprob("a", -0.5, (("b", -1.0),)),))]

    def test_start_once(self) -> None:
        first = {"id": "", "model": "", "choices": [], "prompt_filter_results": []}
        named = {"id": "1", "model": "m", **chunk(content="a")}
        assert read(first, named, named, {**named, "id": "2"}) == [
            Start("m", "1"),
            Text("a"),
            Text("a"),
            Text("a"),
        ]

    def test_whole_message_in_one_event(self) -> None:
        message = {
            "object": "chat.completion",
            "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
        }
        assert read(message, "[DONE]") == [Text("Hi"), Finish("stop", "stop"), End()]


class TestFinish:
    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            ("stop", "stop"),
            ("length", "length"),
            ("tool_calls", "tool_calls"),
            ("function_call", "tool_calls"),
            ("content_filter", "content_filter"),
            ("error", "error"),
            ("eos", "stop"),
            ("brand_new", "brand_new"),
        ],
    )
    def test_vocabulary(self, raw: str, reason: str) -> None:
        assert read(chunk(finish=raw), chunk(finish=raw)) == [Finish(reason, raw)]

    def test_refusal_is_not_a_plain_stop(self) -> None:
        assert read(chunk(refusal="No."), chunk(finish="stop"))[-1] == Finish("refusal", "stop")

    def test_filter_is_named(self) -> None:
        results = {"hate": {"filtered": False}, "violence": {"filtered": True, "severity": "medium"}}
        choice = {
            "index": 0,
            "delta": {},
            "finish_reason": "content_filter",
            "content_filter_results": results,
        }
        assert read({"choices": [choice]}) == [Finish("content_filter", "content_filter", 0, "violence")]

    def test_upstream_word(self) -> None:
        choice = {"index": 0, "finish_reason": "stop", "native_finish_reason": "end_turn"}
        assert read({"choices": [choice]}) == [Finish("stop", "stop", 0, "end_turn")]


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "kind", "retryable"),
        [
            ({"code": 429, "message": "m"}, RateLimitError, True),
            ({"type": "insufficient_quota", "message": "m"}, RateLimitError, False),
            ({"code": "rate_limit_exceeded", "message": "m"}, RateLimitError, True),
            ({"type": "overloaded_error", "message": "m"}, OverloadedError, True),
            ({"code": "503", "message": "m"}, OverloadedError, True),
            ({"code": "engine_overloaded", "type": "server_error", "message": "m"}, OverloadedError, True),
            ({"code": "invalid_api_key", "type": "invalid_request_error", "message": "m"}, AuthError, False),
            ({"code": 403, "message": "m"}, AuthError, False),
            (
                {"code": "model_not_found", "type": "invalid_request_error", "message": "m"},
                NotFoundError,
                False,
            ),
            ({"type": "BadRequestError", "code": 400, "message": "m"}, BadRequestError, False),
            ({"code": "context_length_exceeded", "message": "m"}, BadRequestError, False),
            ({"code": "server_error", "message": "m"}, ServerError, True),
            ({"code": 502, "message": "m"}, ServerError, True),
            ({"message": "m"}, ServerError, True),
            ("m", ServerError, True),
        ],
    )
    def test_class(self, error: Any, kind: type[HttpError], retryable: bool) -> None:
        text, failure = read({"error": error, **chunk(content="Hel")})
        assert text == Text("Hel")
        assert isinstance(failure, Failure)
        assert type(failure.error) is kind
        assert failure.error.retryable is retryable
        assert str(failure.error).partition("\n")[0].endswith(": m")

    @pytest.mark.parametrize(
        "data",
        [
            '{"error": {"message": "it broke"}}',
            '{"message": "it broke"}',
            '{"detail": "it broke"}',
            '{"error": "it broke"}',
            "it broke",
        ],
    )
    def test_named_event(self, data: str) -> None:
        (failure,) = CHAT.decoder().decode("error", data)
        assert isinstance(failure, Failure)
        assert "it broke" in failure.error.message

    def test_flat_object(self) -> None:
        (failure,) = read({"object": "error", "message": "it broke", "code": 400})
        assert isinstance(failure, Failure)
        assert isinstance(failure.error, BadRequestError)

    def test_message_is_bounded_and_visible(self) -> None:
        (failure,) = read({"error": {"message": "\x1b[31m" + "x" * 10_000, "type": "y" * 10_000}})
        assert isinstance(failure, Failure)
        assert "\x1b" not in failure.error.message
        assert len(failure.error.message) < 700

    def test_null_error_is_none(self) -> None:
        assert read({"error": None, **chunk(content="a")}) == [Text("a")]

    def test_ping(self) -> None:
        assert CHAT.decoder().decode("ping", "2026-01-01") == [Heartbeat()]


class TestWhole:
    def test_completion(self) -> None:
        message = {"role": "assistant", "content": "Hi", "reasoning_content": "Hm", "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}  # fmt: skip
        answer = {
            "id": "1",
            "model": "m",
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
            "usage": {"prompt_tokens": 1},
        }
        assert CHAT.decoder().whole(json.dumps(answer)) == [
            Start("m", "1"),
            Reasoning("Hm"),
            Text("Hi"),
            ToolCall(0, "a", "f", "{}"),
            Finish("tool_calls", "tool_calls"),
            Usage(1, raw={"prompt_tokens": 1}),
            End(),
        ]

    def test_error(self) -> None:
        (failure,) = CHAT.decoder().whole('{"error": {"message": "no", "code": 401}}')
        assert isinstance(failure, Failure)
        assert isinstance(failure.error, AuthError)

    def test_something_else(self) -> None:
        with pytest.raises(ProtocolError, match="no chat completion"):
            CHAT.decoder().whole('{"status": "ok"}')


PLAIN: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "Hel"}, "logprobs": None, "finish_reason": None}],
    "usage": None,
}
"""What most chunks are."""

MORE_IN_A_CHUNK: list[dict[str, Any]] = [
    {},
    {"id": "", "model": ""},
    {"model": "another"},
    {"object": "chat.completion"},
    {"object": "chat.completion.done"},
    {"object": "error", "message": "no"},
    {"type": "error", "message": "no"},
    {"error": {"message": "no"}},
    {"x_groq": {"usage": {"prompt_tokens": 1}}},
    {"usage": {"prompt_tokens": 1}},
    {"citations": ["https://example.org"]},
    {"search_results": [{"url": "https://example.org"}]},
    {"web_search": [{"link": "https://example.org"}]},
    {"choices": []},
    {"choices": None},
    {"choices": {}},
    {"choices": ["text"]},
]
MORE_IN_A_CHOICE: list[dict[str, Any]] = [
    {"index": 1},
    {"index": None},
    {"index": True},
    {"index": 1.0},
    {"index": -1},
    {"index": 10_000},
    {"index": "0"},
    {"finish_reason": "stop"},
    {"finish_reason": 7},
    {"logprobs": {"content": [{"token": "Hel", "logprob": -0.5}]}},
    {"usage": {"prompt_tokens": 1}},
    {"error": {"message": "no"}},
    {"delta": {"content": "Hel", "refusal": None, "reasoning_content": None, "tool_calls": None}},
    {"delta": None},
    {"delta": None, "message": {"content": "whole"}},
    {"delta": []},
    {"delta": {}},
    {"delta": {"role": "assistant", "content": "Hel"}},
    {"delta": {"role": "assistant", "content": ""}},
    {"delta": {"content": None}},
    {"delta": {"content": ["Hel"]}},
    {"delta": {"content": "Hel", "reasoning": "why"}},
    {"delta": {"content": "Hel", "refusal": "no"}},
    {"delta": {"content": "\ud83d"}},
    {"delta": {"content": "\ude00 a"}},
]


@pytest.mark.parametrize(
    "odd",
    [
        *({**PLAIN, **more} for more in MORE_IN_A_CHUNK),
        *({**PLAIN, "choices": [{**PLAIN["choices"][0], **more}]} for more in MORE_IN_A_CHOICE),
        {**PLAIN, "choices": [{**PLAIN["choices"][0], "index": place} for place in (0, 1)]},
    ],
    ids=lambda odd: json.dumps(odd)[-60:],
)
def test_the_short_way_of_plain_chunks_tells_what_the_long_one_does(
    odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = (PLAIN, odd, PLAIN, odd, PLAIN, "[DONE]")
    short = [repr(event) for event in read(*chunks)]
    monkeypatch.setattr(plain, "read", lambda decoder, data: None)
    assert [repr(event) for event in read(*chunks)] == short
