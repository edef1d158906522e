"""The foot line of every end, and the sentences of answers: the words of the live view (`words.test.ts`)."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_stream.events import Usage
from notebook_stream.saved import Answer, ErrorInfo, Record
from notebook_stream.saved.words import dollars, finish_sentence, foot

TIMES: dict[str, Any] = {"total_s": 3.2, "ttft_s": 0.31, "tokens": 212, "tokens_per_s": 73.4}
AUTH = ErrorInfo("auth", "401 from api.example.org: invalid key", "Set the key.", "api.example.org")


def ended(answer: Answer | None = None, **more: Any) -> Record:
    """A run with one answer."""
    return Record(answers=(answer or Answer(text="Hi"),), model="", **more)


ROWS: list[tuple[str, str, Record]] = [
    ("done", "", ended(Answer(finish_reason="stop"))),
    ("done: cut off at max_tokens", "warning", ended(Answer(finish_reason="length"))),
    (
        "done: cut off at max_tokens=500",
        "warning",
        ended(Answer(finish_reason="length", finish_detail="max_tokens=500")),
    ),
    ("content filtered", "warning", ended(Answer(finish_reason="content_filter"))),
    ("refused", "warning", ended(Answer(finish_reason="refusal"))),
    ("refused", "warning", ended(Answer(finish_reason="stop", refusal="I can't"))),
    ("done: asks for tools", "", ended(Answer(finish_reason="tool_calls"))),
    ("done: paused by the server", "warning", ended(Answer(finish_reason="pause"))),
    ("done: toString", "warning", ended(Answer(finish_reason="toString"))),
    ("done: 2 choices", "", Record(answers=(Answer(finish_reason="length"), Answer()))),
    ("stopped: connection closed at 3.2 s, ≈ 212 tokens", "stopped", ended(status="stopped", **TIMES)),
    (
        "stopped: connection closed at 3.2 s, ≈ 1 token",
        "stopped",
        ended(status="stopped", total_s=3.2, tokens=1),
    ),
    (
        "stopped: source closed at 3.2 s, ≈ 212 tokens",
        "stopped",
        ended(status="stopped", origin="source", **TIMES),
    ),
    (
        "stopped at 3.2 s",
        "stopped",
        ended(status="stopped", origin="source", notice="source still running", total_s=3.2),
    ),
    (
        "stopped: cost limit of $0.05 reached (estimated)",
        "stopped",
        ended(status="stopped", stop_reason="cost", stop_detail="cost limit of $0.05 reached (estimated)"),
    ),
    ("stopped: time limit reached", "stopped", ended(status="stopped", stop_reason="seconds")),
    ("stopped: limit of characters reached", "stopped", ended(status="stopped", stop_reason="chars")),
    ("stopped: cost limit reached", "stopped", ended(status="stopped", stop_reason="cost")),
    ("stopped: stop_when was met", "stopped", ended(status="stopped", stop_reason="stop_when")),
    ("stopped: no view was left", "stopped", ended(status="stopped", stop_reason="abandoned")),
    (
        "interrupted: connection ended early",
        "warning",
        ended(status="interrupted", error=ErrorInfo("interrupted", "x")),
    ),
    ("interrupted: connection ended early", "warning", ended(status="interrupted")),
    ("error: key refused", "error", ended(status="error", error=AUTH)),
    ("error: teapot", "error", ended(status="error", error=ErrorInfo("teapot", "x"))),
    ("streaming", "warning", ended(status="streaming")),
]


@pytest.mark.parametrize(("state", "tone", "record"), ROWS)
def test_the_words_of_an_end(state: str, tone: str, record: Record) -> None:
    line = foot(record)
    assert (line.state, line.tone) == (state, tone)


def test_figures_follow_the_state() -> None:
    record = ended(usage=Usage(cost=0.00421), **TIMES)
    figures = "3.2 s · ≈ 212 tokens · ≈ 73 tokens/s · first token 0.31 s · $0.0042"
    assert foot(record).text == f"done · {figures}"
    counted = Record(
        answers=(Answer(),), model="m", estimated=False, tokens=1, total_s=0.123, tokens_per_s=1.25
    )
    assert foot(counted).text == "m · done · 0.12 s · 1 token · 1.2 tokens/s"


def test_a_cost_is_shown_where_it_is_known_with_a_mark_while_it_is_an_estimate() -> None:
    assert foot(ended(cost=0.00421, cost_estimated=True)).metrics[-1] == "≈ $0.0042"
    assert foot(ended(cost=0.00421, usage=Usage(cost=1.0))).metrics[-1] == "$0.0042"
    assert "$" not in foot(ended(**TIMES)).text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1234.5, "$1,234.50"),
        (0.5, "$0.50"),
        (0.05, "$0.05"),
        (0.004, "$0.004"),
        (0.00042, "$0.00042"),
        (4.2e-7, "$0.00000042"),
        (0.0, "$0.00"),
    ],
)
def test_dollars_are_readable(value: float, words: str) -> None:
    assert dollars(value) == words


def test_a_stop_tells_time_and_tokens_once() -> None:
    assert foot(ended(status="stopped", **TIMES)).metrics == ("≈ 73 tokens/s", "first token 0.31 s")


def test_foreign_words_hide_nothing() -> None:
    assert foot(Record(model="a\u202eb", answers=(Answer(finish_reason="\x1b[2J"),))).text.isprintable()


@pytest.mark.parametrize(
    ("words", "answer", "is_alone"),
    [
        ("", Answer(finish_reason="stop"), True),
        ("Cut off at max_tokens.", Answer(finish_reason="length"), False),
        ("", Answer(finish_reason="length"), True),
        ("Blocked by the provider, no answer was given.", Answer(finish_reason="content_filter"), True),
        (
            "Cut off by the provider's content filter: SAFETY",
            Answer(text="x", finish_reason="content_filter", finish_detail="SAFETY"),
            True,
        ),
        ("", Answer(refusal="no", finish_reason="refusal"), True),
        ("The model refused: policy", Answer(finish_reason="refusal", finish_detail="policy"), True),
        ("Asks for tools.", Answer(finish_reason="tool_calls"), False),
        ("Ended with odd.", Answer(finish_reason="odd"), False),
    ],
)
def test_how_an_answer_ended(words: str, answer: Answer, is_alone: bool) -> None:
    assert finish_sentence(answer, is_alone=is_alone) == words
