"""What no server should send (U7, U8, U10, P1 to P5), through the decoders."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import ProtocolError
from notebook_stream.events import End, Event, Failure, Unknown, Usage

from .reading import by_choice

FORMATS = ("openai-chat", "anthropic", "openai-responses", "completions", "llama-cpp")


def chat(**delta: Any) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta}]})


def delta(**fields: Any) -> str:
    return json.dumps({"type": "content_block_delta", "index": 0, "delta": fields})


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "42",
        "<html>login</html>",
        '{"choices": [], "usage": NaN}',
        '{"choices": [], "usage": -Infinity}',
        '{"choices": [], "usage": 1e999}',
        "[" * 100_000 + "]" * 100_000,
        '{"choices":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"usage":' + '{"a":' * 150 + "1" + "}" * 150 + "}",
        '{"usage": {"n": ' + "9" * 350 + "}}",
        '{"usage": {"n": ' + "9" * 1_000_000 + "}}",
        '{"usage": {"n": ' + "9" * 1_000_000 + ".5}}",
    ],
    ids=lambda data: data[:20],
)
def test_one_bad_event(name: str, data: str) -> None:
    started = time.perf_counter()
    decoder = formats.get(name).decoder()
    for read in (decoder.whole, partial(decoder.decode, "message")):
        with pytest.raises(ProtocolError) as caught:
            read(data)
        assert len(str(caught.value)) < 300
        assert data[:20].strip('"{') in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
    # Ten times what it takes here: int() of a million digits would take seconds.
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("name", FORMATS)
def test_odd_types_break_nothing(name: str) -> None:
    """Every field in turn holds what it should not."""
    shapes = SHAPES[name]
    odd: list[Any] = [
        None,
        True,
        -1,
        1.5,
        10**299,
        "",
        "x",
        [],
        [None],
        [[]],
        {},
        {"a": 1},
        ["x", {"type": 1}],
    ]
    for shape in shapes:
        for path in paths(shape):
            for value in odd:
                decoder = formats.get(name).decoder()
                events = decoder.decode("message", json.dumps(replaced(shape, path, value)))
                assert all(isinstance(event, Event) for event in events), (path, value)


SHAPES: dict[str, list[dict[str, Any]]] = {
    "openai-chat": [
        {
            "id": "1",
            "model": "m",
            "object": "chat.completion.chunk",
            "error": None,
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "content_filter_results": {"hate": {"filtered": True}},
                    "logprobs": {
                        "content": [{"token": "a", "logprob": -1, "top_logprobs": [{"logprob": -2}]}],
                        "refusal": [],
                    },
                    "delta": {
                        "content": [{"type": "text", "text": "a"}, {"type": "thinking", "thinking": [{}]}],
                        "reasoning": "r",
                        "reasoning_content": "",
                        "reasoning_details": [{"type": "reasoning.text", "text": "r"}],
                        "refusal": "no",
                        "tool_calls": [{"index": 0, "id": "i", "function": {"name": "n", "arguments": "{}"}}],
                        "function_call": {"name": "n", "arguments": "{}"},
                        "annotations": [{"url_citation": {"url": "u", "start_index": 0}}],
                        "images": [{"image_url": {"url": "data:image/png;base64,AA=="}}],
                        "audio": {"id": "i", "data": "AA==", "transcript": "t"},
                        "executed_tools": [{"index": 0, "type": "t", "arguments": "a", "output": "o"}],
                        "reasoning_steps": [{"thought": "t"}],
                    },
                }
            ],
            "citations": ["u"],
            "search_results": [{"url": "u", "title": "t"}],
            "usage": {"prompt_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 1}, "cost": 1},
            "x_groq": {"usage": {"prompt_tokens": 1}},
        },
        {"error": {"message": "m", "type": "t", "code": 400}},
    ],
    "anthropic": [
        {"type": "message_start", "message": {"id": "i", "model": "m", "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "a"}},
        {"type": "content_block_start", "content_block": {"type": "tool_use", "id": "i", "input": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_start", "content_block": {"type": "compaction", "content": "a"}},
        {
            "type": "content_block_start",
            "content_block": {
                "type": "web_search_tool_result", "tool_use_id": "i", "content": [{"type": "text"}],
            },
        },
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "a"}},
        {"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": {"url": "u"}}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "refusal", "stop_details": {"category": "c"}},
            "usage": {"output_tokens": 1},
        },
        {"type": "error", "error": {"type": "t", "message": "m"}},
    ],
    "openai-responses": [
        {"type": "response.created", "sequence_number": 1, "response": {"id": "i", "model": "m"}},
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "mcp_call", "name": "n"}},
        *(
            {
                "type": f"response.{name}.delta", "output_index": 0, "item_id": "i", "content_index": 0,
                "delta": "a", "logprobs": [{"token": "a", "logprob": -1, "top_logprobs": [{"logprob": -2}]}],
            }
            for name in ("output_text", "refusal", "reasoning_text", "function_call_arguments", "audio")
        ),
        {"type": "response.shell_call_command.delta", "output_index": 0, "command_index": 1, "delta": "a"},
        {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "a"},
        {
            "type": "response.output_text.annotation.added", "output_index": 0, "content_index": 0,
            "annotation": {"type": "url_citation", "url": "u", "start_index": 1, "end_index": 2},
        },
        {
            "type": "response.image_generation_call.partial_image",
            "partial_image_b64": "A", "output_format": "png",
        },
        *(
            {"type": "response.output_item.done", "output_index": 0, "item": item}
            for item in (
                {"type": "message", "content": [{"type": "output_text", "text": "a", "annotations": [{}]}]},
                {"type": "message", "content": [{"type": "refusal", "refusal": "a"}]},
                {"type": "reasoning", "summary": [{"text": "a"}], "content": [{"text": "a"}]},
                {"type": "code_interpreter_call", "code": "a", "outputs": [{"type": "logs", "logs": "a"}]},
                {"type": "code_interpreter_call", "outputs": [{"type": "image", "url": "u"}]},
                {"type": "image_generation_call", "result": "a", "output_format": "png"},
                {"type": "web_search_call", "id": "i", "action": {"query": "q"}},
                {"type": "mcp_call", "name": "n", "arguments": "{}", "output": "o", "error": {}},
                {"type": "shell_call_output", "call_id": "i", "output": [{}]},
                {"type": "mcp_list_tools", "tools": [{}]},
            )
        ),
        {
            "type": "response.completed",
            "response": {"usage": {"input_tokens": 1, "output_tokens_details": {"reasoning_tokens": 1}}},
        },
        {
            "type": "response.incomplete",
            "response": {
                "incomplete_details": {"reason": "content_filter"},
                "content_filters": [{"content_filter_results": {"hate": {"filtered": True}}}],
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "a"}]}],
            },
        },
        {"type": "response.failed", "response": {"error": {"code": "c", "message": "m"}}},
        {"type": "error", "code": "c", "message": "m"},
    ],
    "completions": [
        {
            "choices": [
                {
                    "index": 0, "text": "a", "finish_reason": "stop",
                    "logprobs": {"tokens": ["a"], "token_logprobs": [-1], "top_logprobs": [{"a": -1}]},
                },
                {"text": "a", "logprobs": {"content": [{"token": "a", "logprob": -1}]}},
            ],
            "usage": {"prompt_tokens": 1},
        }
    ],
    "llama-cpp": [
        {
            "index": 0, "content": "a", "model": "m", "stop": True, "stop_type": "word", "stopping_word": "w",
            "tokens_predicted": 1, "tokens_evaluated": 1, "timings": {"cache_n": 1},
            "completion_probabilities": [
                {"token": "a", "logprob": -1, "top_logprobs": [{"token": "a", "logprob": -1}]},
                {"token": "a", "prob": 0.5, "top_probs": [{"token": "a", "prob": 0.5}]},
                {"content": "a", "probs": [{"tok_str": "a", "prob": 0.5}]},
            ],
        },
        {"error": {"message": "m", "code": 400}},
    ],
}  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [inner for name, item in items for inner in paths(item, (*path, name))]
    return [path, *found] if path else found


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


class TestSurrogates:
    """A pair split over two events becomes one character; a lone half becomes U+FFFD."""

    SPLITS = (
        (["a\ud83d", "\ude00b"], "a😀b"),
        (["\ud83d", "", "\ude00"], "😀"),
        (["\ud83d", "\ud83d", "\ude00"], "\ufffd😀"),
        (["\ud83d", "b"], "\ufffdb"),
        (["\ude00", "b"], "\ufffdb"),
        (["a\ud83d"], "a\ufffd"),
        (["a\ud83db\ude00"], "a\ufffdb\ufffd"),
    )

    @pytest.mark.parametrize(("pieces", "text"), SPLITS, ids=range(len(SPLITS)))
    @pytest.mark.parametrize("field", ["content", "reasoning_content", "refusal"])
    def test_chat(self, pieces: list[str], text: str, field: str) -> None:
        decoder = formats.get("openai-chat").decoder()
        events = [event for piece in pieces for event in decoder.decode("message", chat(**{field: piece}))]
        choice = by_choice([*events, *decoder.decode("message", "[DONE]")])[0]
        assert choice.text + choice.reasoning + choice.refusal == text

    @pytest.mark.parametrize(("pieces", "text"), SPLITS, ids=range(len(SPLITS)))
    @pytest.mark.parametrize(("kind", "field"), [("text_delta", "text"), ("thinking_delta", "thinking")])
    def test_anthropic(self, pieces: list[str], text: str, kind: str, field: str) -> None:
        decoder = formats.get("anthropic").decoder()
        events = [
            event for piece in pieces for event in decoder.decode("", delta(type=kind, **{field: piece}))
        ]
        choice = by_choice([*events, *decoder.decode("", '{"type": "message_stop"}')])[0]
        assert choice.text + choice.reasoning == text

    def test_choices_and_calls_wait_apart(self) -> None:
        decoder = formats.get("openai-chat").decoder()
        halves = ("\ud83d", "\ude00")
        events: list[Event] = []
        for half in halves:
            texts = [{"index": n, "delta": {"content": half, "reasoning": half}} for n in (0, 1)]
            calls = [{"index": n, "function": {"arguments": half}} for n in (0, 1)]
            choices = [*texts, {"index": 2, "delta": {"tool_calls": calls}}]
            events += decoder.decode("message", json.dumps({"choices": choices}))
        read = by_choice(events)
        assert [read[0].text, read[0].reasoning, read[1].text, read[1].reasoning] == ["😀"] * 4
        assert [call["arguments"] for call in read[2].tool_calls] == ["😀", "😀"]

    def test_finish_gives_back_the_half(self) -> None:
        decoder = formats.get("openai-chat").decoder()
        decoder.decode("message", chat(content="\ud83d"))
        events = decoder.decode("message", json.dumps({"choices": [{"index": 0, "finish_reason": "length"}]}))
        assert by_choice(events)[0].text == "\ufffd"

    def test_nowhere(self) -> None:
        """Not in ids, names, usage, citations, models or errors either."""
        lone = "\ud83d"
        chunk: dict[str, Any] = {
            "id": lone,
            "model": lone,
            "choices": [
                {
                    "index": 0,
                    "finish_reason": lone,
                    "native_finish_reason": lone + "b",
                    "logprobs": {"content": [{"token": lone, "logprob": -1}]},
                    "delta": {
                        "tool_calls": [{"id": lone, "function": {"name": lone, "arguments": {lone: lone}}}],
                        "annotations": [{"url": lone, "title": lone, "content": lone}],
                        "images": [{"image_url": {"url": lone}}],
                        "audio": {"data": lone, "transcript": lone},
                        "executed_tools": [{"type": lone, "arguments": lone, "output": lone}],
                        "reasoning_steps": [{"thought": lone}],
                    },
                }
            ],
            "citations": [lone],
            "usage": {"prompt_tokens": 1, lone: [lone, {lone: lone}]},
            "error": {"message": lone, "type": lone},
        }
        events = formats.get("openai-chat").decoder().decode("message", json.dumps(chunk))
        assert len(events) >= 12
        told = "".join(str(value) for event in events for value in fields(event))
        told.encode()
        usage = next(event for event in events if isinstance(event, Usage))
        json.dumps(dict(usage.raw), ensure_ascii=False).encode()  # str() of a dict would escape it
        assert "\ufffd" in told


def fields(event: Event) -> list[Any]:
    if isinstance(event, Failure):
        return [str(event.error)]
    return [getattr(event, name) for name in type(event).__dataclass_fields__]


class TestMarks:
    def test_done_only_as_the_whole_data(self) -> None:
        decoder = formats.get("openai-chat").decoder()
        assert by_choice(decoder.decode("message", chat(content="[DONE]")))[0].text == "[DONE]"
        assert decoder.decode("message", "  [DONE]\n") == [End()]
        with pytest.raises(ProtocolError):
            decoder.decode("message", "[DONE] and more")

    @pytest.mark.parametrize("name", FORMATS)
    def test_unknown_events_are_kept(self, name: str) -> None:
        decoder = formats.get(name).decoder()
        assert decoder.decode("brand_new", "no JSON") == [Unknown("brand_new", "no JSON")]
        data = '{"type": "brand_new", "x": 1}'
        assert decoder.decode("brand_new", data) == [Unknown("brand_new", data)]

    def test_control_characters_in_text_are_kept(self) -> None:
        events = (
            formats.get("openai-chat")
            .decoder()
            .decode("message", '{"choices":[{"delta":{"content":"\x00\x1b\t"}}]}')
        )
        assert by_choice(events)[0].text == "\x00\x1b\t"
