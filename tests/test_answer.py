"""What a session puts together of the events that are no text: media, tool results, unknown events."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import deque
from itertools import repeat

import pytest

from notebook_stream.errors import LimitError
from notebook_stream.events import (
    MAX_UNKNOWN,
    Citation,
    End,
    Event,
    Finish,
    Heartbeat,
    Media,
    Reasoning,
    Refusal,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
    merged,
)
from notebook_stream.session.answer import MAX_BESIDE, Answer, Metrics, Result

SOUND = bytes(range(256)) * 3


def answer(*events: Event) -> Answer:
    put_together = Answer("m")
    for event in events:
        put_together.take(event)
    return put_together


def encoded(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.mark.parametrize("step", [1, 7, 100, 999])
def test_sound_that_is_encoded_piece_by_piece_is_one_sound(step: int) -> None:
    pieces = [Media("audio", "audio/wav", encoded(SOUND[i : i + step]), id="a") for i in range(0, 768, step)]
    (whole,) = answer(*pieces).media
    assert b64decode(whole.data, validate=True) == SOUND
    assert (whole.mime_type, whole.id) == ("audio/wav", "a")


@pytest.mark.parametrize("step", [1, 7, 100, 1999])
def test_sound_whose_base64_is_cut_anywhere_is_one_sound(step: int) -> None:
    text = encoded(SOUND)
    pieces = [Media("audio", data=text[i : i + step], id="a") for i in range(0, len(text), step)]
    assert answer(*pieces).media[0].data == text


def test_sound_grows_also_where_it_is_read_in_between() -> None:
    growing = Answer("m")
    for piece, word in ((b"a", "Hel"), (b"b", "lo"), (b"c", "")):
        growing.take(Media("audio", data=encoded(piece), id="a", transcript=word))
        assert len(growing.media) == 1
    assert b64decode(growing.media[0].data) == b"abc"
    assert growing.media[0].transcript == "Hello"


def test_pieces_that_are_no_base64_are_kept() -> None:
    assert answer(*[Media("audio", data="=!", id="a")] * 2).media[0].data == "=!=!"


def test_of_a_picture_the_last_state_counts_and_others_stand_beside_it() -> None:
    rough, other, sharp = (
        Media("image", "image/png", data, id=id) for data, id in (("A", "1"), ("B", "2"), ("C", "1"))
    )
    nameless = Media("image", url="https://a.test/i.png")
    assert answer(rough, other, sharp, nameless, nameless).media == (sharp, other, nameless, nameless)


def test_tool_results_are_kept_in_order_and_are_no_text() -> None:
    results = (ToolResult("1", 0), ToolResult("[]", 1, kind="mcp_call"))
    found = answer(ToolCall(0), *results, Text("x", 1))
    assert found.tool_results == found.choices()[0].tool_results == results
    assert found.chars == 1


def test_unknown_events_are_counted_and_cut() -> None:
    event = Unknown("new", "x" * (MAX_UNKNOWN + 1))
    assert len(event.data) == MAX_UNKNOWN
    assert Unknown("new", "x" * MAX_UNKNOWN).data == "x" * MAX_UNKNOWN
    assert answer(event, Unknown("a", "")).unknown == 2


@pytest.mark.parametrize(
    "event",
    [
        Media("image", data="x" * 2**20),
        Media("image"),
        ToolResult("x" * 2**20),
        Unknown("x", "x"),
        Citation("x"),
        ToolCall(0, "x"),
        ToolCall(0, name="x"),
        Start("x"),
        Finish("x"),
    ],
)
def test_what_comes_beside_the_texts_is_bounded(event: Event) -> None:
    full = Answer("m")
    full.take(Text("Hello"))
    with pytest.raises(LimitError, match="24 MiB"):
        deque(map(full.take, repeat(event, MAX_BESIDE)))
    assert full.text == "Hello"


def test_usage_of_an_unusual_size_is_bounded_too() -> None:
    unusual = Usage(1, raw={"details": "x" * 2**20})
    with pytest.raises(LimitError, match="24 MiB"):
        deque(map(Answer("m").take, repeat(unusual, 25)))


def test_usage_of_the_usual_size_costs_nothing() -> None:
    usual = Usage(1, raw={"prompt_tokens": 1, "details": "x" * 1000})
    deque(map(Answer("m").take, repeat(usual, 200_000)))


def result(text: str, status: str = "done", finish: str = "stop", refusal: str = "") -> Result:
    return Result(text, "", (), (), refusal, None, finish, status, None, "m", Metrics(), error=None)


@pytest.mark.parametrize(
    "text", ['{"a": [1]}', ' {"a": [1]}\n', '```json\n{"a": [1]}\n```', '```\n{"a":\n[1]}```']
)
def test_an_answer_read_as_json(text: str) -> None:
    assert result(text).json() == {"a": [1]}


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (result("Sure: {}"), r"not JSON: Expecting value.*; it begins 'Sure: \{\}'"),
        (result('{"a": [1'), "not JSON: "),
        (result('{"a": [1', finish="length"), "cut off at the token limit"),
        (result('{"a": [1', finish="content_filter"), "cut off by the content filter"),
        (result('{"a": [1', status="stopped"), "the answer is stopped, perhaps cut off"),
        (result("", refusal="No."), "the model refused"),
        (result(""), "it is empty"),
        (result("[" * 100_000), "not JSON: "),
    ],
)
def test_what_is_no_json_says_why(answered: Result, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        answered.json()
    assert len(str(caught.value)) < 300


class TestMerged:
    def test_pieces_that_follow_one_another_in_a_choice(self) -> None:
        a, b = (TokenLogprob(token, -1.0) for token in "ab")
        events = [
            Text("a", 0, (a,)),
            Heartbeat(),
            Text("b", 0, (b,)),
            Reasoning("x"),
            Reasoning("y"),
            Text("c"),
        ]
        assert merged(events) == [Text("ab", 0, (a, b)), Reasoning("xy"), Text("c")]
        assert merged([Refusal("a"), Refusal("b")]) == [Refusal("ab")]

    def test_choices_side_by_side(self) -> None:
        events = [kind(letter, index) for letter in "abc" for index in (0, 1) for kind in (Reasoning,)]
        assert merged(events) == [Reasoning("abc", 0), Reasoning("abc", 1)]
        assert merged([Text("a"), Finish("stop", index=1), Text("b")]) == [
            Text("ab"),
            Finish("stop", index=1),
        ]

    def test_parallel_tool_calls(self) -> None:
        heads: list[Event] = [ToolCall(position, f"id{position}", "f", kind="custom") for position in (0, 1)]
        pieces: list[Event] = [ToolCall(p, arguments=text, kind="custom") for text in "xyz" for p in (0, 1)]
        assert merged([Text("a"), *heads, *pieces, Text("b")]) == [
            Text("a"),
            ToolCall(0, "id0", "f", "xyz", "custom"),
            ToolCall(1, "id1", "f", "xyz", "custom"),
            Text("b"),
        ]
        assert merged([ToolCall(0, name="f"), Text("a"), ToolCall(0, arguments="x")]) == [
            ToolCall(0, name="f"),
            Text("a"),
            ToolCall(0, arguments="x"),
        ]

    def test_of_usage_the_last_counts(self) -> None:
        events = [Text("a"), Usage(1), Text("b"), Usage(2), Finish("stop"), End()]
        assert merged(events) == [Text("ab"), Finish("stop"), End(), Usage(2)]

    def test_all_else_stays(self) -> None:
        events: list[Event] = [Start("m"), ToolResult("x"), Unknown("a", "b"), Finish("a"), Finish("b")]
        assert merged(events) == events


def test_a_count_from_the_start_is_no_count_of_what_came_after() -> None:
    answer = Answer("m")
    answer.take(Usage(input_tokens=5, output_tokens=1))
    answer.take(Text("x" * 400))
    assert answer.token_count() == (101, True)
    answer.take(Usage(input_tokens=5, output_tokens=90))
    assert answer.token_count() == (90, False)
