"""Tokens: their probability, surprise and entropy; and their places in running text."""

from __future__ import annotations

import math

import pytest

from notebook_stream.events import Event, Reasoning, Text, TokenLogprob
from notebook_stream.plotting.words import (
    MOST_CHARS,
    UNSHOWN,
    Token,
    cells_of,
    entropy_of,
    laid_out,
    shown,
    tokens_of,
)

HALF = math.log(0.5)


def lines(*texts: str, columns: int = 10) -> list[str]:
    """What stands in each line, a bar between tokens."""
    found: dict[int, list[str]] = {}
    for place in laid_out([Token(text) for text in texts], columns):
        found.setdefault(place.line, []).append(place.text)
    return ["|".join(parts) for _, parts in sorted(found.items())]


def test_tokens_are_those_of_the_first_answer() -> None:
    told = (TokenLogprob("a", HALF, (("a", HALF), ("b", HALF))), TokenLogprob("b", -3.0))
    events: list[tuple[float, Event]] = [
        (0, Reasoning("hm")), (1, Text("ab", logprobs=told)), (2, Text("c")), (3, Text("x", index=1)),
    ]  # fmt: skip
    first, second, third = tokens_of(events)
    assert first.text == "a"
    assert [first.p, first.surprise] == pytest.approx([0.5, 1])
    assert first.entropy == pytest.approx(1)
    assert (second.text, second.entropy) == ("b", None)
    assert (third.text, third.p, third.surprise) == ("c", None, None)


def test_entropy_counts_what_is_not_told_as_one_token() -> None:
    assert entropy_of(TokenLogprob("a", math.log(0.25), (("b", math.log(0.25)),))) == pytest.approx(1.5)
    assert entropy_of(TokenLogprob("a", 0.0, (("a", 0.0),))) == 0
    assert entropy_of(TokenLogprob("a", 9.0, (("a", 9.0), ("b", 9.0)))) is not None  # a server that errs


def test_impossible_probabilities_are_bounded() -> None:
    [token] = tokens_of([(0, Text("a", logprobs=(TokenLogprob("a", -9999.0),)))])
    assert token.surprise == pytest.approx(99.66, abs=0.1)
    assert Token("a", 1.0).surprise == 0


def test_text_runs_in_lines_and_breaks_before_a_token() -> None:
    assert lines("The", " cat", " sat", " down") == ["The| cat", " sat| down"]
    assert lines("one\n", "two", "\n\n", "three") == ["one↵", "two|↵↵", "three"]


def test_a_long_token_is_cut_where_the_line_is_full() -> None:
    assert lines("ab", "0123456789ABCDE") == ["ab|01234567", "89ABCDE"]
    places = laid_out([Token("x" * 55)], 10)
    assert [(place.line, place.column, place.cells) for place in places] == [(n, 0, 10) for n in range(5)] + [
        (5, 0, 5)
    ]


def test_wide_characters_take_two_cells_and_accents_none() -> None:
    assert [cells_of(char) for char in "a中\u0301ｆ"] == [1, 2, 0, 2]
    assert lines("一二三四五六") == ["一二三四五", "六"]
    assert lines("123456789", "中") == ["123456789", "中"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\tb\r\n", "a⇥b␍↵"),
        ("\x00\x1b[31m\x7f", f"{UNSHOWN}{UNSHOWN}[31m{UNSHOWN}"),
        ("a\u202eb\u2066c\u200d", f"a{UNSHOWN}b{UNSHOWN}c{UNSHOWN}"),
        ("\ud83d", UNSHOWN),
        ("\u2028\u2029", UNSHOWN * 2),
        ("\U000e0041", UNSHOWN),
        ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301"),
        ("\u0301", ""),
        ("$x^2$ \\alpha", "$x^2$ \\alpha"),
    ],
)
def test_what_has_no_shape_gets_a_mark(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_a_token_of_any_length_is_shown_short() -> None:
    assert shown("y" * 1_000_000) == "y" * (MOST_CHARS - 1) + "…"
    assert len(shown("\u0301" * 1_000_000)) <= MOST_CHARS
