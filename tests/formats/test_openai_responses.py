"""OpenAI's Responses as documented, where no recording shows it: requests, items, repeats, ends, errors."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

from notebook_stream import formats
from notebook_stream.errors import BadRequestError, ProtocolError, RateLimitError, ServerError, UsageError
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Media,
    Reasoning,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from notebook_stream.formats.replays import MAX_REMEMBERED, Replays
from notebook_stream.formats.values import MAX_INDEX
from notebook_stream.session import Answer

from .reading import Choice, by_choice

RESPONSES = formats.get("openai-responses")
HELLO = [{"role": "user", "content": "Hello"}]
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def read(*events: dict[str, Any] | str) -> list[Event]:
    decoder = RESPONSES.decoder()
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return [event for text in texts for event in decoder.decode("message", text)]


def told(*events: dict[str, Any] | str) -> Choice:
    return by_choice(read(*events)).get(0, Choice())


def ev(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{name}", **fields}


def delta(text: str, kind: str = "output_text", **fields: Any) -> dict[str, Any]:
    return ev(f"{kind}.delta", delta=text, **{"output_index": 0, "content_index": 0, **fields})


def added(place: int = 0, /, **item: Any) -> dict[str, Any]:
    return ev("output_item.added", output_index=place, item=item)


def done(place: int = 0, /, **item: Any) -> dict[str, Any]:
    return ev("output_item.done", output_index=place, item=item)


def completed(**response: Any) -> dict[str, Any]:
    return ev("completed", response={"status": "completed", **response})


def message(*texts: str, **fields: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": [], **fields} for text in texts]
    return {"type": "message", "role": "assistant", "content": content}


class TestBody:
    def test_defaults(self) -> None:
        assert RESPONSES.body("m", HELLO, {"temperature": 0.2}, system="Be short") == {
            "model": "m",
            "input": HELLO,
            "instructions": "Be short",
            "stream": True,
            "temperature": 0.2,
        }
        assert RESPONSES.body("m", HELLO, {"stream": None}) == {"model": "m", "input": HELLO}

    def test_pictures_and_files_of_chat(self) -> None:
        parts: list[Any] = [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}},
            {"type": "image_url", "image_url": "https://a.test/i.png"},
            {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA=="}},
            {"type": "file", "file": {"file_id": "f"}},
            {"type": "input_text", "text": "as given"},
            "text",
        ]
        assert RESPONSES.body("m", [{"role": "user", "content": parts}], {})["input"] == [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "What is it?"},
                    {"type": "input_image", "image_url": PIXEL, "detail": "low"},
                    {"type": "input_image", "image_url": "https://a.test/i.png"},
                    {
                        "type": "input_file",
                        "filename": "a.pdf",
                        "file_data": "data:application/pdf;base64,AA==",
                    },
                    {"type": "input_file", "file_id": "f"},
                    {"type": "input_text", "text": "as given"},
                    {"type": "input_text", "text": "text"},
                ],
            }
        ]

    def test_tool_calls_and_their_results(self) -> None:
        calls = [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "2", "type": "custom", "custom": {"name": "g", "input": "x"}},
        ]
        messages: list[dict[str, Any]] = [
            *HELLO,
            {"role": "assistant", "content": "Let me see.", "tool_calls": calls},
            {"role": "tool", "tool_call_id": "1", "content": "4"},
            {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "5"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "So 4."}]},
        ]
        assert RESPONSES.body("m", messages, {})["input"] == [
            *HELLO,
            {"role": "assistant", "content": "Let me see."},
            {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
            {"type": "custom_tool_call", "call_id": "2", "name": "g", "input": "x"},
            {"type": "function_call_output", "call_id": "1", "output": "4"},
            {"type": "function_call_output", "call_id": "2", "output": [{"type": "input_text", "text": "5"}]},
            {"role": "assistant", "content": [{"type": "output_text", "text": "So 4."}]},
        ]

    def test_items_of_its_own_stay_as_given(self) -> None:
        item: dict[str, Any] = {"type": "function_call_output", "call_id": "1", "output": "4"}
        assert RESPONSES.body("m", [item], {})["input"] == [item]
        assert RESPONSES.body("m", [*HELLO, item], {})["input"] == [*HELLO, item]

    @pytest.mark.parametrize(
        "messages", [[], [{}], [{"role": "robot", "content": "x"}], [{"role": "user", "content": ""}], "x"]
    )
    def test_malformed(self, messages: Any) -> None:
        with pytest.raises(UsageError):
            RESPONSES.body("m", messages, {})


class TestPieces:
    def test_an_answer_with_everything_around_it(self) -> None:
        created = {"id": "resp_1", "model": "m"}
        token = {"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Hey", "logprob": -1.5}]}
        usage = {
            "input_tokens": 9,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 5},
            "total_tokens": 16,
            "cost": 0.25,
        }
        assert read(
            ev("created", response=created),
            ev("in_progress", response=created),
            {"type": "keepalive", "sequence_number": 3},
            added(type="message", id="msg", content=[]),
            ev("content_part.added", part={"type": "output_text", "text": ""}),
            delta("Hi", logprobs=[token]),
            ev("output_text.done", output_index=0, content_index=0, text="Hi"),
            done(**message("Hi"), id="msg"),
            completed(**created, output=[message("Hi")], usage=usage),
        ) == [
            Start("m", "resp_1"),
            Heartbeat(),
            Heartbeat(),
            Text("Hi", 0, (TokenLogprob("Hi", -0.5, (("Hey", -1.5),)),)),
            Usage(9, 7, 5, 4, 0.25, usage),
            Finish("stop", "completed"),
            End(),
        ]

    def test_summaries_are_paragraphs(self) -> None:
        thoughts = (
            delta("One", "reasoning_summary_text", summary_index=0),
            delta(".", "reasoning_summary_text", summary_index=0),
            delta("Two.", "reasoning_summary_text", summary_index=1),
            delta("Three.", "reasoning_summary_text", summary_index=0, output_index=2),
        )
        assert told(*thoughts).reasoning == "One.\n\nTwo.\n\nThree."

    def test_thoughts_told_twice_are_shown_once(self) -> None:
        both = ("reasoning_text", "reasoning_summary_text")
        thoughts = [delta(f"{name} {n} ", name) for n in (1, 2) for name in both]
        assert told(*thoughts).reasoning == "reasoning_text 1 reasoning_text 2 "
        item: dict[str, Any] = {"type": "reasoning", "content": [{"text": "a"}], "summary": [{"text": "b"}]}
        assert told(done(**item)).reasoning == "b"

    def test_two_messages_are_two_paragraphs_and_two_parts_one_text(self) -> None:
        pieces = (
            delta("a"),
            delta("b", content_index=1),
            delta("c", output_index=3),
            delta("d", output_index=3),
        )
        assert told(*pieces).text == "ab\n\ncd"

    def test_refusal(self) -> None:
        events = read(delta("No", "refusal"), delta(".", "refusal"), completed())
        assert by_choice(events)[0].refusal == "No."
        assert Finish("refusal", "completed") in events

    def test_items_without_index_are_told_apart_by_id(self) -> None:
        pieces = [
            ev("output_item.added", item={"type": "function_call", "id": id, "name": id}) for id in ("a", "b")
        ]
        arguments = [
            ev("function_call_arguments.delta", item_id=id, delta=id.upper()) for id in ("a", "b", "a")
        ]
        calls = told(*pieces, *arguments).tool_calls
        assert [(call["name"], call["arguments"]) for call in calls] == [("a", "AA"), ("b", "B")]

    def test_parts_without_end_are_one_part(self) -> None:
        decoder = RESPONSES.decoder()
        events: list[Event] = []
        for number in range(MAX_INDEX + 10):
            piece = delta(
                "a", "reasoning_summary_text", output_index=number // 5000, summary_index=number % 5000
            )
            events += decoder.decode("", json.dumps(piece))
        assert by_choice(events)[0].reasoning.split("\n\n")[-1] == "a" * 10

    def test_items_without_end_are_one_item(self) -> None:
        """What a server can make grow is bounded: beyond the highest index all goes to the last item."""
        decoder = RESPONSES.decoder()
        for number in range(MAX_INDEX + 10):
            name = ev("output_item.added", item={"type": "function_call", "id": str(number), "name": "f"})
            last = decoder.decode("", json.dumps(name))
        assert last == []
        (piece,) = decoder.decode("", json.dumps(ev("function_call_arguments.delta", item_id="x", delta="y")))
        assert isinstance(piece, ToolCall)
        assert piece.position == MAX_INDEX

    def test_a_character_cut_in_two(self) -> None:
        assert told(delta("\ud83d"), delta("\ude00")).text == "😀"
        for end in (completed(), {"type": "error", "message": "x"}, "[DONE]"):
            assert told(delta("a\ud83d"), end).text == "a\ufffd"


class TestWhatOnlyTheFinishedItemTells:
    def test_text_without_pieces(self) -> None:
        assert told(done(**message("one ", "text"))).text == "one text"
        assert told(ev("output_text.done", output_index=0, content_index=0, text="x")).text == "x"

    def test_only_the_rest_of_a_part(self) -> None:
        assert (
            told(delta("Hel"), ev("output_text.done", output_index=0, content_index=0, text="Hello")).text
            == "Hello"
        )
        # Text already shown is never taken back.
        assert (
            told(delta("Hal"), ev("output_text.done", output_index=0, content_index=0, text="Hello")).text
            == "Hal"
        )

    def test_a_server_that_counts_the_parts_otherwise(self) -> None:
        assert told(delta("Hi", content_index=1), done(**message("Hi"))).text == "Hi"
        thought = {"type": "reasoning", "content": [{"text": "Hm"}]}
        assert told(delta("Hm", "reasoning_text", content_index=1), done(**thought)).reasoning == "Hm"

    def test_a_server_that_tells_all_at_the_end(self) -> None:
        call: dict[str, Any] = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
        events = read(ev("created", response={"id": "r"}), completed(output=[message("Hi"), call]))
        assert by_choice(events)[0].text == "Hi"
        assert events[-4:] == [
            ToolCall(0, "c", "f"),
            ToolCall(0, arguments="{}"),
            Finish("tool_calls", "completed"),
            End(),
        ]

    def test_arguments(self) -> None:
        item: dict[str, Any] = {"type": "function_call", "call_id": "c", "name": "f"}
        assert told(added(**item, arguments=""), done(**item, arguments='{"a":1}')).tool_calls == [
            {"id": "c", "name": "f", "arguments": '{"a":1}', "kind": "function"}
        ]

    def test_items_that_only_began(self) -> None:
        call: dict[str, Any] = {"type": "function_call", "id": "i", "call_id": "c", "name": "f"}
        began = (added(type="message", content=[]), added(1, **call, arguments=""))
        answer = told(*began, completed(output=[message("Hi"), {**call, "arguments": "{}"}]))
        assert answer.text == "Hi"
        assert answer.tool_calls == [{"id": "c", "name": "f", "arguments": "{}", "kind": "function"}]

    def test_nothing_twice_that_has_no_text(self) -> None:
        item: dict[str, Any] = {"type": "mcp_list_tools", "id": "l", "tools": [{"name": "roll"}]}
        events = read(done(**item), completed(output=[item]))
        assert [type(event) for event in events] == [ToolResult, Finish, End]

    @pytest.mark.parametrize(
        ("kind", "name", "field"),
        [
            ("function_call", "function_call_arguments", "arguments"),
            ("custom_tool_call", "custom_tool_call_input", "input"),
            ("mcp_call", "mcp_call_arguments", "arguments"),
            ("code_interpreter_call", "code_interpreter_call_code", "code"),
        ],
    )
    def test_arguments_without_pieces(self, kind: str, name: str, field: str) -> None:
        begun = added(type=kind, id="i", call_id="c", name="f")
        whole = ev(f"{name}.done", output_index=0, **{field: "{}"})
        assert told(begun, whole).tool_calls[0]["arguments"] == "{}"
        piece = delta("{}", name)
        assert told(begun, piece, whole).tool_calls[0]["arguments"] == "{}"


class TestServerTools:
    """Their calls are shown as calls, and what they gave back beside them."""

    @pytest.mark.parametrize(
        ("item", "arguments", "result"),
        [
            (
                {"type": "web_search_call", "id": "1", "action": {"type": "search", "query": "q"}},
                '{"type": "search", "query": "q"}',
                None,
            ),
            (
                {"type": "file_search_call", "id": "1", "queries": ["q"], "results": [{"text": "t"}]},
                '["q"]',
                '[{"text": "t"}]',
            ),
            (
                {
                    "type": "code_interpreter_call",
                    "id": "1",
                    "code": "print(1)",
                    "outputs": [{"type": "logs", "logs": "1\n"}],
                },
                "print(1)",
                "1\n",
            ),
            (
                {"type": "mcp_call", "id": "1", "name": "roll", "arguments": "{}", "output": "4"},
                "{}",
                "4",
            ),
            (
                {"type": "mcp_call", "id": "1", "name": "roll", "arguments": "{}", "error": {"code": 1}},
                "{}",
                '{"code": 1}',
            ),
        ],
        ids=lambda value: value["type"] if isinstance(value, dict) else "",
    )
    def test_call_and_result(self, item: dict[str, Any], arguments: str, result: str | None) -> None:
        events = read(
            added(**{"type": item["type"], "id": "1", "name": item.get("name")}), done(**item), completed()
        )
        (call,) = by_choice(events)[0].tool_calls
        name = item.get("name") or item["type"].removesuffix("_call")
        assert call == {"id": "1", "name": name, "arguments": arguments, "kind": item["type"]}
        results = [event for event in events if isinstance(event, ToolResult)]
        assert results == ([ToolResult(result, 0, "1", kind=item["type"])] if result else [])
        assert Finish("stop", "completed") in events  # the caller has nothing to run

    def test_the_output_of_a_shell_belongs_to_its_call(self) -> None:
        call: dict[str, Any] = {"type": "shell_call", "id": "sh", "call_id": "c"}
        commands = [
            ev("shell_call_command.delta", output_index=1, command_index=n, delta=text)
            for n, text in ((0, "ls"), (0, " -l"), (1, "pwd"))
        ]
        output: dict[str, Any] = {
            "type": "shell_call_output",
            "id": "o",
            "call_id": "c",
            "output": [{"stdout": "x"}],
        }
        events = read(
            added(0, type="web_search_call", id="w"), added(1, **call), *commands, done(2, **output)
        )
        assert by_choice(events)[0].tool_calls[1]["arguments"] == "ls -l\npwd"
        assert events[-1] == ToolResult('[{"stdout": "x"}]', 1, "o", kind="shell_call_output")

    def test_a_call_that_waits_to_be_allowed(self) -> None:
        item = {"type": "mcp_approval_request", "id": "r", "name": "roll", "arguments": "{}"}
        assert read(done(**item), completed()) == [
            ToolCall(0, "r", "roll", kind="mcp_approval_request"),
            ToolCall(0, arguments="{}", kind="mcp_approval_request"),
            Finish("tool_calls", "completed"),
            End(),
        ]

    def test_unknown_items_are_kept(self) -> None:
        assert read(added(type="brand_new"), done(type="brand_new", x=1)) == [
            Unknown("brand_new", '{"type": "brand_new", "x": 1}')
        ]
        assert read(done(type="compaction", encrypted_content="x")) == []

    def test_list_of_mcp_tools(self) -> None:
        item: dict[str, Any] = {"type": "mcp_list_tools", "id": "l", "tools": [{"name": "roll"}]}
        assert read(done(**item)) == [ToolResult('[{"name": "roll"}]', None, "l", kind="mcp_list_tools")]

    def test_pictures_grow_sharper(self) -> None:
        partial = [
            ev(
                "image_generation_call.partial_image",
                output_index=0,
                partial_image_b64=data,
                output_format="webp",
            )
            for data in ("AAAA", "BBBB")
        ]
        item: dict[str, Any] = {
            "type": "image_generation_call",
            "id": "ig",
            "result": "CCCC",
            "output_format": "webp",
        }
        answer = Answer("m")
        for event in read(added(type="image_generation_call", id="ig"), *partial, done(**item)):
            answer.take(event)
        assert answer.media == (Media("image", "image/webp", "CCCC", id="ig"),)

    def test_pictures_of_code(self) -> None:
        outputs = [{"type": "image", "url": PIXEL}, {"type": "image", "url": "https://a.test/i"}]
        events = read(done(type="code_interpreter_call", id="1", code="x", outputs=outputs))
        assert events[-2:] == [
            Media("image", "image/png", "iVBORw0KGgo="),
            Media("image", url="https://a.test/i"),
        ]

    def test_sound(self) -> None:
        expected = [Media("audio", data="AA==", id="audio"), Media("audio", transcript="Hi", id="audio")]
        assert read(ev("audio.delta", delta="AA=="), ev("audio.transcript.delta", delta="Hi")) == expected
        later = (ev("output_audio.delta", delta="AA=="), ev("output_audio_transcript.delta", delta="Hi"))
        assert read(*later) == expected


class TestCitations:
    URL: ClassVar[dict[str, Any]] = {
        "type": "url_citation",
        "url": "u",
        "title": "t",
        "start_index": 1,
        "end_index": 3,
    }

    def test_places_count_in_the_whole_answer(self) -> None:
        note = ev("output_text.annotation.added", output_index=1, content_index=0, annotation=self.URL)
        answer = told(delta("12345"), delta("abcde", output_index=1), note)
        assert answer.citations == [Citation("u", "t", start=8, end=10)]
        assert answer.text[8:10] == "bc"

    def test_once_though_the_finished_item_repeats_them(self) -> None:
        files = [{"type": "file_citation", "file_id": "f", "filename": "a.pdf", "index": n} for n in (1, 2)]
        notes = [
            ev("output_text.annotation.added", output_index=0, content_index=0, annotation=note)
            for note in files
        ]
        item = message("text")
        item["content"][0]["annotations"] = files
        both = [Citation(title="a.pdf")] * 2
        assert told(delta("text"), *notes, done(**item)).citations == both
        assert told(delta("text"), notes[0], done(**item)).citations == both
        assert told(done(**item)).citations == both


class TestReplays:
    """P1: what a proxy sends again has the number that it had."""

    def test_repeats_are_dropped(self) -> None:
        events = [{**delta(text), "sequence_number": n} for n, text in enumerate("abc")]
        assert told(*events[:2], *events[:2], *events).text == "abc"

    def test_only_the_latest_are_remembered(self) -> None:
        replays = Replays()
        numbers = range(2 * MAX_REMEMBERED + 1)
        assert not any(replays.is_one(number, "x") for number in numbers)
        assert [replays.is_one(number, "x") for number in (numbers[-1], MAX_REMEMBERED, 0)] == [
            True,
            True,
            False,
        ]

    def test_a_server_that_does_not_count_loses_nothing(self) -> None:
        assert told(*[{**delta(text), "sequence_number": 0} for text in "abbcc"]).text == "abbcc"
        assert told(*[delta(text) for text in "abbcc"]).text == "abbcc"


class TestEnds:
    @pytest.mark.parametrize(
        ("name", "response", "finish"),
        [
            ("completed", {}, Finish("stop", "completed")),
            (
                "incomplete",
                {"incomplete_details": {"reason": "max_output_tokens"}},
                Finish("length", "max_output_tokens"),
            ),
            (
                "incomplete",
                {
                    "incomplete_details": {"reason": "content_filter"},
                    "content_filters": [{"content_filter_results": {"hate": {"filtered": True}, "x": {}}}],
                },
                Finish("content_filter", "content_filter", detail="hate"),
            ),
            ("incomplete", {}, Finish("incomplete", "incomplete")),
            ("cancelled", {}, Finish("cancelled", "cancelled")),
        ],
    )
    def test_finish(self, name: str, response: dict[str, Any], finish: Finish) -> None:
        assert read(delta("x"), ev(name, response=response))[1:] == [finish, End()]
        whole = RESPONSES.decoder().whole(json.dumps({"status": name, "output": [message("x")], **response}))
        assert whole == [Text("x"), finish, End()]

    def test_cut_off_though_the_event_says_completed(self) -> None:  # vLLM
        details = {"reason": "max_output_tokens"}
        end = completed(incomplete_details=details)
        assert read(delta("x"), end)[1:] == [Finish("length", "max_output_tokens"), End()]

    def test_done_mark_of_routers(self) -> None:
        assert read("[DONE]") == [End()]

    @pytest.mark.parametrize("flat", [True, False])
    def test_error_event(self, flat: bool) -> None:
        error = {"code": "insufficient_quota", "message": "No money"}
        event = {"type": "error", **error} if flat else {"type": "error", "error": {"type": "x", **error}}
        text, failure = read(delta("a"), event)
        assert text == Text("a")
        assert isinstance(failure, Failure)
        assert isinstance(failure.error, RateLimitError)
        assert "No money" in str(failure.error)
        assert "(error)" not in str(failure.error)

    @pytest.mark.parametrize(
        ("error", "kind", "words"),
        [
            ({"code": "rate_limit_exceeded", "message": "Slow down"}, RateLimitError, "Slow down"),
            ({"code": "server_error", "message": "Sorry"}, ServerError, "Sorry"),
            ({"code": "invalid_prompt", "message": "Bad"}, BadRequestError, "Bad"),
            (None, ServerError, "failed"),
        ],
    )
    def test_failed(self, error: dict[str, Any] | None, kind: type[Exception], words: str) -> None:
        text, failure = read(delta("a"), ev("failed", response={"status": "failed", "error": error}))
        assert text == Text("a")
        assert isinstance(failure, Failure)
        assert type(failure.error) is kind
        assert words in str(failure.error)

    def test_whole_error(self) -> None:
        (failure,) = RESPONSES.decoder().whole('{"error": {"message": "Bad", "code": "invalid"}}')
        assert isinstance(failure, Failure)
        assert isinstance(failure.error, BadRequestError)

    def test_whole_of_something_else(self) -> None:
        with pytest.raises(ProtocolError, match="no response"):
            RESPONSES.decoder().whole('{"choices": []}')

    def test_a_response_that_has_not_ended_has_no_end(self) -> None:
        assert RESPONSES.decoder().whole('{"id": "r", "status": "queued", "output": []}') == [
            Start(None, "r")
        ]

    def test_unknown_events_are_kept(self) -> None:
        data = '{"type": "response.brand_new.delta", "delta": "x"}'
        assert read(data) == [Unknown("response.brand_new.delta", data)]
        assert read(ev("web_search_call.searching"), ev("mcp_call.failed")) == []
        assert read(ev("apply_patch_call_operation_diff.delta", delta="x"), ev("compaction.compacting")) == []


def test_reasoning_is_no_text() -> None:
    assert read(delta("a", "reasoning_text")) == [Reasoning("a")]
