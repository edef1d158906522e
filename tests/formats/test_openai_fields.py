"""Tool calls, citations and usage in OpenAI chat chunks, as providers document and vary them."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_stream.events import (
    Citation,
    End,
    Finish,
    Text,
    ToolCall,
    Usage,
)

from .reading import by_choice
from .test_openai_chat import chunk, read


class TestToolCalls:
    def calls(self, *chunks: dict[str, Any]) -> list[tuple[str, str, str]]:
        return [(c["id"], c["name"], c["arguments"]) for c in by_choice(read(*chunks))[0].tool_calls]

    @staticmethod
    def call(index: int | None = None, id: str = "", name: str = "", arguments: Any = "") -> dict[str, Any]:
        told = {"index": index} if index is not None else {}
        return chunk(tool_calls=[{**told, "id": id, "function": {"name": name, "arguments": arguments}}])

    def test_pieces_out_of_order(self) -> None:
        call = self.call
        pieces = [
            call(1, "b", "g"),
            call(0, "a", "f"),
            call(1, arguments="{1"),
            call(0, arguments="{}"),
            call(1, arguments="}"),
        ]
        assert self.calls(*pieces) == [("a", "f", "{}"), ("b", "g", "{1}")]

    def test_whole_calls_without_index(self) -> None:
        whole = [{"id": i, "function": {"name": "f", "arguments": "{}"}} for i in "ab"]
        assert self.calls(chunk(tool_calls=whole)) == [("a", "f", "{}"), ("b", "f", "{}")]

    def test_whole_calls_that_all_say_index_0(self) -> None:
        call = self.call
        pieces = [call(0, "a", "f", "{}"), call(0, "b", "f", "{"), call(0, arguments="}")]
        assert self.calls(*pieces) == [("a", "f", "{}"), ("b", "f", "{}")]

    def test_pieces_without_index(self) -> None:
        call = self.call
        pieces = [call(None, "a", "f"), call(arguments="{"), call(arguments="}"), call(None, "b", "g", "1")]
        assert self.calls(*pieces) == [("a", "f", "{}"), ("b", "g", "1")]

    def test_id_and_name_repeated(self) -> None:
        assert self.calls(*[self.call(0, "a", "f", piece) for piece in "{}"]) == [("a", "f", "{}")]

    def test_arguments_as_an_object(self) -> None:
        assert self.calls(self.call(0, "a", "f", {"x": "é"})) == [("a", "f", '{"x": "é"}')]

    def test_one_call_without_a_list(self) -> None:
        pieces = [
            {"index": 0, "id": "a", "function": {"name": name, "arguments": arguments}}
            for name, arguments in (("f", '{"x"'), (None, ":1}"))
        ]
        assert self.calls(*(chunk(tool_calls=piece) for piece in pieces)) == [("a", "f", '{"x":1}')]

    def test_function_call(self) -> None:
        events = read(
            chunk(function_call={"name": "f", "arguments": "{"}), chunk(function_call={"arguments": "}"})
        )
        assert events == [ToolCall(0, name="f", arguments="{"), ToolCall(0, arguments="}")]

    def test_custom_tool(self) -> None:
        events = read(
            chunk(
                tool_calls=[{"index": 0, "id": "a", "type": "custom", "custom": {"name": "f", "input": "x"}}]
            )
        )
        assert events == [ToolCall(0, "a", "f", "x", "custom")]

    def test_absurd_index(self) -> None:
        assert self.calls(self.call(10**12, "a", "f")) == [("a", "f", "")]


class TestCitations:
    def test_annotations(self) -> None:
        placed = {"url": "u", "title": "t", "start_index": 2, "end_index": 5}
        annotations = [{"type": "url_citation", "url_citation": placed}, {"type": "file", "file": {}}]
        once = chunk(annotations=annotations)
        assert read(once, once) == [Citation("u", "t", start=2, end=5)]

    def test_documents_of_azure(self) -> None:
        context = {
            "intent": '["q"]',
            "citations": [
                {"content": "text", "title": None, "filepath": "f.md", "url": "https://a.example"},
                {"content": "more", "title": "T", "filepath": "g.md", "url": None},
            ],
        }
        assert read(chunk(context=context), chunk(content="Hi [doc1]"), chunk(context=context)) == [
            Citation("https://a.example", "f.md", "text"),
            Citation("", "T", "more"),
            Text("Hi [doc1]"),
        ]

    def test_lists_are_told_once_in_order(self) -> None:
        lists = {
            "citations": ["a", "b"],
            "search_results": [{"url": "b", "title": "B", "snippet": "s"}, {"url": "c"}],
        }
        told = [Citation("a"), Citation("b", "B", "s"), Citation("c")]
        message = {
            "choices": [{"index": 0, "message": {"content": "Hi"}, "delta": {"content": "Hi"}}],
            **lists,
        }
        grown = {**lists, "citations": ["a", "b", "d"], "choices": []}
        assert read(message, {**message, **chunk(content="!")}, grown) == [
            Text("Hi"),
            *told,
            Text("!"),
            Citation("d"),
        ]

    def test_perplexity_ends_with_done(self) -> None:
        last = {
            "object": "chat.completion.done",
            **chunk(finish="stop"),
            "usage": {"cost": {"total_cost": 0.5}},
        }
        last["choices"][0]["message"] = {"content": "the whole"}
        finish, usage, end = read(last)
        assert (finish, end) == (Finish("stop", "stop"), End())
        assert isinstance(usage, Usage)
        assert usage.cost == 0.5


class TestUsage:
    @pytest.mark.parametrize(
        ("usage", "expected"),
        [
            ({"prompt_tokens": 5, "completion_tokens": 7}, (5, 7, None, None, None)),
            (
                {
                    "prompt_tokens": 5,
                    "completion_tokens": 7,
                    "total_tokens": 12,
                    "completion_tokens_details": {"reasoning_tokens": 3},
                    "prompt_tokens_details": {"cached_tokens": 4},
                    "cost": 0.25,
                },
                (5, 7, 3, 4, 0.25),
            ),
            # xAI: the reasoning is not in completion_tokens, the cost is in ticks.
            (
                {
                    "prompt_tokens": 12,
                    "completion_tokens": 2,
                    "total_tokens": 354,
                    "completion_tokens_details": {"reasoning_tokens": 340},
                    "cost_in_usd_ticks": 37756000,
                },
                (12, 342, 340, None, 0.0037756),
            ),
            ({"prompt_tokens": 5, "estimated_cost": 0.001}, (5, None, None, None, 0.001)),  # DeepInfra
            ({"prompt_tokens": 5, "prompt_cache_hit_tokens": 0}, (5, None, None, 0, None)),
            ({"prompt_tokens": 5.0, "completion_tokens": "7", "cost": True}, (5, None, None, None, None)),
        ],
    )
    def test_counts(self, usage: dict[str, Any], expected: tuple[Any, ...]) -> None:
        (told,) = read({"choices": [], "usage": usage})
        assert isinstance(told, Usage)
        counts = (told.input_tokens, told.output_tokens, told.reasoning_tokens, told.cached_tokens, told.cost)
        assert counts == expected
        assert told.raw == usage

    def test_places(self) -> None:
        usage = {"prompt_tokens": 1}
        places: list[dict[str, Any]] = [
            {"x_groq": {"usage": usage}},
            {"choices": [{"index": 0, "usage": usage}]},
            {"usage": usage, "choices": []},
        ]
        assert [read(place) for place in places] == [[Usage(1, raw=usage)]] * 3

    def test_repeats_and_nulls_tell_nothing(self) -> None:
        empty = {"choices": [], "usage": {"prompt_tokens": None}}
        assert read(empty, {"choices": [], "usage": None}) == []
        same = {"choices": [], "usage": {"prompt_tokens": 1}}
        assert len(read(same, empty, same)) == 1
