"""How far the answers to one request agree."""

from __future__ import annotations

import time

import pytest

from notebook_stream.comparison.agreement import SHOWN, agreement
from notebook_stream.comparison.static import words


def test_texts_that_part_are_told_where() -> None:
    found = agreement(["The answer is 42.", "The answer is 43, perhaps.", "The answer may be 42."], [1, 3, 2])
    assert found is not None
    assert (found.distinct, found.prefix, found.before) == (3, 11, "The answer ")
    assert found.after == ("is 42.", "is 43, perhaps.", "may be 42.")
    assert (found.chars, found.seconds) == ((17, 26), (1, 3))
    # Words and marks: 5, 7 and 6 of them; in common are 4 of the first two, 4, and 3 of the last two.
    expected = (2 * 4 / 12 + 2 * 4 / 11 + 2 * 3 / 13) / 3
    assert found.alike == pytest.approx(expected, abs=0.001)
    told = "3 different answers of 3 · first 11 characters in common · 62% of words alike"
    assert words(found) == f"{told} · 17–26 characters · 1.0–3.0 s"


def test_equal_texts_agree() -> None:
    found = agreement(["same"] * 3, [1, 1, 1])
    assert found is not None
    assert (found.distinct, found.prefix, found.after, found.alike) == (1, 4, ("", "", ""), 1.0)
    assert words(found) == "all 3 the same · 4 characters · 1.0 s"


def test_half_a_word_is_not_in_common() -> None:
    found = agreement(["a house", "a horse", "a h"], [0, 0, 0])
    assert found is not None
    assert found.before == "a "


def test_one_is_a_beginning_of_the_other() -> None:
    found = agreement(["x" * 100, "x" * 100 + " y"], [0, 0])
    assert found is not None
    assert (found.prefix, found.before, found.after) == (100, "x" * SHOWN, ("", " y"))


def test_one_text_agrees_with_nothing() -> None:
    assert agreement(["alone"], [1]) is None
    assert agreement([], []) is None


def test_many_long_texts_take_no_time_that_would_be_felt() -> None:
    texts = [" ".join(f"word{(n * k) % 997}" for k in range(3000)) for n in range(1, 201)]
    began = time.monotonic()
    found = agreement(texts, [1.0] * 200)
    assert time.monotonic() - began < 2  # each with each it takes eight times as long; the goal is 0.1
    assert found is not None
    assert (found.distinct, len(found.after)) == (200, 200)
    assert 0 < found.alike < 1
