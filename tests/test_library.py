"""The page's later parts: opened once a kernel, when the text needs them, and never otherwise."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import Stream, show, stop_all
from notebook_stream.widget import library
from notebook_stream.widget.needs import HIGHLIGHT, MATHS, MAX_CHARS, AnswersNeed, Needs

from .test_widget import FakeComm, comms, from_page, opening
from .waiting import PATIENCE, until

__all__ = ["comms"]  # a fixture, for every test here: no comm leaves this process

FENCE = "Look:\n\n```python\nimport a\n```\n"
FORMULA = "It is $x^2$.\n"
PROSE = "It costs $5 and $6, `code`, and ```` ``` ```` is a fence.\n\n```\nno language\n```\n"


def needs_of(text: str, size: int = 1_000_000) -> set[str]:
    needs = Needs()
    found: list[str] = []
    for at in range(0, len(text), size):
        found += needs.take(text[at : at + size])
    found += needs.take("\n")
    assert len(found) == len(set(found)), "each is told once"
    return set(found)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("```python\n", {HIGHLIGHT}),
        ("~~~ js\n", {HIGHLIGHT}),
        ("a\n\n- b\n\n  ```c++\n", {HIGHLIGHT}),
        ("> 1. ~~~~sql", {HIGHLIGHT}),
        ("```\nplain\n```\n", set()),
        ("```\nplain\n```\nmore\n```py", {HIGHLIGHT}),
        ("```\n```python\n", set()),
        ("````\n```\n````\n```python\n", {HIGHLIGHT}),
        ("say ```python``` inline", set()),
        ("$x$", {MATHS}),
        ("the $x\n+ y$ sum", {MATHS}),
        ("其中$x$是", {MATHS}),
        (r"\(x\)", {MATHS}),
        (r"\[x\]", {MATHS}),
        ("$$\nx\n$$", {MATHS}),
        (r"a $b \$ c$", {MATHS}),
        ("$5 and $6", set()),
        ("US$5 to US$6", set()),
        ("$HOME/$PATH", set()),
        ("5$ and 6$", set()),
        (r"\$5 and 6$", set()),
        ("a $b\n\nc$ d", set()),
        ('```\necho "$a" $b$ $$ \\(\n```\n', set()),
        ('```sh\necho "$a" $b$ $$\n```\n', {HIGHLIGHT}),
        ("```\na\n```\n$x$", {MATHS}),
        (FENCE + FORMULA, {HIGHLIGHT, MATHS}),
        (PROSE, set()),
        ("", set()),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1_000_000])
def test_what_a_text_needs(text: str, needed: set[str], size: int) -> None:
    assert needs_of(text, size) == needed


def test_a_part_is_asked_for_before_its_block_is_whole() -> None:
    needs = Needs()
    assert needs.take("```py") == {HIGHLIGHT}
    assert Needs().take("so $$") == {MATHS}
    assert Needs().take("so \\[") == {MATHS}


def test_nothing_is_kept_of_a_long_text() -> None:
    needs = Needs()
    for _ in range(200):
        needs.take("a $b c " * 100)
    assert len(needs._line) + len(needs._paragraph) <= 2 * MAX_CHARS
    for _ in range(2000):
        needs.take("word\n" * 10)
    assert len(needs._paragraph) <= MAX_CHARS


@pytest.fixture(autouse=True)
def no_run_is_left() -> Iterator[None]:
    yield
    stop_all()


class Source:
    """Text that comes when the test says so."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.more = threading.Event()
        self.is_over = False

    def __iter__(self) -> Iterator[str]:
        while not self.is_over:
            self.more.wait(PATIENCE)
            self.more.clear()
            while self.pieces:
                yield self.pieces.pop(0)

    def say(self, *pieces: str) -> None:
        self.pieces += pieces
        self.more.set()

    def end(self) -> None:
        self.is_over = True
        self.more.set()


def updates(opened: FakeComm) -> dict[str, Any]:
    """The traits that were sent after the opening state, the last value of each."""
    found: dict[str, Any] = {}
    for kind, data in opened.published:
        if kind == "comm_msg" and data.get("method") == "update":
            found.update(data["state"])
    return found


def code_of(name: str) -> str:
    return (library.STATIC / f"{name}.js").read_text(encoding="utf-8")


def opened_parts(comms: list[FakeComm]) -> list[str]:
    """Which library widgets there are, by the code they brought to the page."""
    known = {code_of(name): name for name in library.LIBRARIES}
    sent = [str(opening(opened).get("_esm")) for opened in comms]
    return [known[code] for code in sent if code in known]


def displayed(text: str) -> Stream:
    s = show(iter([text]), display=False)
    s.result(PATIENCE)
    assert s.model_id
    return s


def test_a_json_answer_needs_colours_from_its_first_character() -> None:
    assert AnswersNeed(is_json=True).take({"text": "{"}) == {HIGHLIGHT}
    assert AnswersNeed(is_json=True).take({"reasoning": "{"}) == set()


def test_what_another_choice_needs_is_needed() -> None:
    need = AnswersNeed()
    assert need.take({"text": "plain", "choices": [{"index": 1, "text": "so $"}]}) == set()
    assert need.take({"text": "x$", "choices": [{"index": 1, "text": "x$"}]}) == set()
    assert need.end() == {MATHS}


def test_parts_are_opened_when_the_text_needs_them_and_once(comms: list[FakeComm]) -> None:
    source = Source()
    s = show(source, display=False)
    assert s.model_id
    opened = s.comm
    assert isinstance(opened, FakeComm)
    source.say("Text. ")
    until(lambda: s.text == "Text. ")
    assert opened_parts(comms) == ["core"]
    source.say("\n\n``", "`pyt", "hon\n")
    until(lambda: "_highlight" in updates(opened))
    assert updates(opened)["_highlight"] == library.reference("highlight")
    source.say("a\n```\n\n$", "x", "$ and $$y$$ and ```c")
    until(lambda: "_maths" in updates(opened))
    source.end()
    s.result(PATIENCE)
    assert opened_parts(comms) == ["core", "highlight", "maths"]
    # A second stream of the same kernel uses them; its page knows of them from the start.
    other = displayed(FENCE + FORMULA)
    assert opened_parts(comms) == ["core", "highlight", "maths"]
    state = opening(other.comm)
    assert (state["_highlight"], state["_maths"]) == (s._highlight, s._maths)


def test_a_page_that_asks_for_the_state_is_told_of_them(comms: list[FakeComm]) -> None:
    s = displayed(FENCE + FORMULA)
    assert isinstance(s.comm, FakeComm)
    from_page(s.comm, {"method": "request_state"})
    assert updates(s.comm)["_highlight"] == s._highlight != ""
    assert updates(s.comm)["_maths"] == s._maths != ""


def test_a_text_that_needs_none_opens_none(comms: list[FakeComm]) -> None:
    displayed(PROSE)
    assert opened_parts(comms) == ["core"]


def test_nothing_is_opened_before_something_wants_to_show_it(comms: list[FakeComm]) -> None:
    s = show(iter([FENCE]), display=False)
    s.result(PATIENCE)
    assert comms == []


def test_a_part_that_cannot_be_opened_is_no_error(
    comms: list[FakeComm], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> str:
        if name == "core":
            return "anywidget:core"
        raise RuntimeError("no comm")

    monkeypatch.setattr(library, "reference", fail)
    s = displayed(FENCE + FORMULA)
    assert (s.text, s.status) == (FENCE + FORMULA, "done")
    assert (s._highlight, s._maths) == ("", "")


def test_a_part_that_was_closed_is_opened_again(comms: list[FakeComm]) -> None:
    first = library.reference("highlight")
    library._opened[None, "highlight"].close()
    assert library.reference("highlight") != first


def test_two_threads_that_ask_get_the_same(comms: list[FakeComm]) -> None:
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait(PATIENCE)
        found.append(library.reference("maths"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert opened_parts(comms) == ["maths"]


def test_fifty_streams_with_code_and_formulas_send_each_part_once(comms: list[FakeComm]) -> None:
    for _ in range(50):
        displayed(FENCE + FORMULA)
    assert opened_parts(comms) == ["core", "highlight", "maths"]
    assert sum(len(json.dumps(opened.published[0][1])) for opened in comms) < 1_300_000
