"""The words that differ are marked, all else is text: whatever the texts hold."""

from __future__ import annotations

import html
import random
import re
import time

from notebook_stream.tuning.differences import MAX_WORDS, differences, side_by_side


def test_the_words_that_the_other_has_not_are_marked() -> None:
    found = differences("the quick brown fox", "the slow brown fox jumps")
    assert found == (
        [("the ", False), ("quick", True), (" brown fox", False)],
        [("the ", False), ("slow", True), (" brown fox", False), (" jumps", True)],
    )
    assert differences("same", "same") == ([("same", False)], [("same", False)])
    assert differences("", "all new") == ([], [("all new", True)])


def test_the_pieces_are_the_texts() -> None:
    random.seed(7)
    words = ["a", "b", " ", "\n", "é", ".", "<", "word", "$x$"]
    for _ in range(200):
        left, right = ("".join(random.choices(words, k=random.randrange(30))) for _ in range(2))
        found = differences(left, right)
        assert found is not None
        assert ("".join(p for p, _ in found[0]), "".join(p for p, _ in found[1])) == (left, right)


def test_everything_is_escaped_and_nothing_is_a_formula() -> None:
    hostile = "<script>alert(1)</script> $x$ \\(y\\) \u202e' \" & <b onclick='x'>"
    page = side_by_side((hostile, hostile), ("title", hostile + " more"))
    assert set(re.findall(r"<(\w+)", page)) <= {"div", "section", "span", "ins", "del", "p"}
    assert "onclick" not in " ".join(re.findall(r"<[^>]*>", page))
    assert "\u202e" not in page
    assert not re.search(r"\$x\$|\\\(", page)
    text = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert text.count("<script>alert(1)</script> $x$ \\(y\\)") == 3  # the one title, and both texts


def test_long_texts_are_shown_without_marks_and_at_once() -> None:
    long = "word " * MAX_WORDS
    began = time.monotonic()
    page = side_by_side(("1", long), ("2", long + "more"))
    assert time.monotonic() - began < 5
    assert "Too long" in page
    assert "<del" not in page
    assert page.count(long) == 2
