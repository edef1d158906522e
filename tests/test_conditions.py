"""`stop_when`: a text is found however it is cut, each piece looked at once; the rest is asked elsewhere."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from typing import Any

import pytest

from notebook_stream.errors import UsageError
from notebook_stream.events import End, Reasoning, Text
from notebook_stream.session import Limits, Session, Status, check_limits
from notebook_stream.session import conditions as conditions_module
from notebook_stream.session.conditions import Asking, Needle

from .test_session import run
from .waiting import PATIENCE


def found_at(needle: Needle, pieces: list[str]) -> int | None:
    """Characters up to the end of the needle, in all pieces."""
    before = 0
    for piece in pieces:
        end = needle.end_in(piece)
        if end is not None:
            return before + end
        before += len(piece)
    return None


@pytest.mark.parametrize(
    "text", ["a STOP b STOP", "SSTOP", "STSTOP", "STOP", "no S T O P", "", "aSTO", "SSSTOPP"]
)
def test_a_text_is_found_at_every_split(text: str) -> None:
    at = text.find("STOP")
    expected = at + 4 if at >= 0 else None
    assert found_at(Needle("STOP"), [text]) == expected
    assert found_at(Needle("STOP"), list(text)) == expected
    for a in range(len(text)):
        for b in range(a, len(text)):
            assert found_at(Needle("STOP"), [text[:a], text[a:b], text[b:]]) == expected


def test_any_text_is_found_in_any_pieces() -> None:
    chosen = random.Random(7)
    for _ in range(2000):
        text = "".join(chosen.choices("ab", k=20))
        needle = "".join(chosen.choices("ab", k=chosen.randrange(1, 7)))
        cuts = sorted(chosen.choices(range(21), k=5))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, 20], strict=True)]
        at = text.find(needle)
        assert found_at(Needle(needle), pieces) == (at + len(needle) if at >= 0 else None)


def test_a_text_that_began_before_the_first_piece_is_found() -> None:
    assert Needle("###", before="a ##").end_in("# b") == 1
    assert Needle("###", before="a ###").end_in(" b") is None


def test_each_piece_is_looked_at_once() -> None:
    class Counted(str):
        searched = 0

        def __add__(self, other: str) -> Counted:
            return Counted(super().__add__(other))

        def find(self, *args: Any) -> int:
            Counted.searched += len(self)
            return super().find(*args)

    needle = Needle("STOP")
    for _ in range(10_000):
        needle._tail = Counted(needle._tail)
        needle.end_in("ab")
    assert Counted.searched < 10 * 20_000


@pytest.mark.parametrize(
    ("condition", "pieces"),
    [("STOP", ["a ST", "OP b", "c"]), ("STOP", ["a STOP b", "c"]), ("P", ["a STOP b"])],
)
def test_the_answer_ends_with_the_text(condition: str, pieces: list[str]) -> None:
    session, source = run(*map(Text, pieces), 60.0, limits=Limits(stop_when=condition))
    assert (session.status, session.stop_reason) == (Status.STOPPED, "stop_when")
    assert session.result().text == "a STOP"
    assert session.stop_detail == f"“{condition}” was found (stop_when)"
    assert source.closed


def test_the_first_answer_alone_is_searched() -> None:
    items = (Reasoning("STOP"), Text("STOP", index=1), Text("a"), End())
    assert run(*items, limits=Limits(stop_when="STOP"))[0].status is Status.DONE


def test_a_pattern_is_searched_in_all_of_the_text() -> None:
    session, source = run(Text("one 12"), Text("34 "), 60.0, limits=Limits(stop_when=re.compile(r"\d{4}")))
    assert (session.status, session.stop_reason) == (Status.STOPPED, "stop_when")
    assert session.result().text == "one 1234 "
    assert session.stop_detail == r"/\d{4}/ was found (stop_when)"
    assert source.closed


def test_text_that_comes_between_two_looks_is_looked_at_without_more() -> None:
    # The second piece comes within ASK_SECONDS of the first look; then nothing comes any more.
    session, _ = run(Text("a"), 0.01, Text("END"), 60.0, limits=Limits(stop_when=lambda text: "END" in text))
    assert session.stop_reason == "stop_when"


def test_text_that_comes_while_a_function_thinks_is_looked_at_without_more() -> None:
    def slow(text: str) -> bool:
        time.sleep(0.1)
        return "END" in text

    def defer(call: Any) -> None:
        threading.Thread(target=call).start()

    session, _ = run(Text("a"), 0.05, Text("END"), 60.0, limits=Limits(stop_when=slow), defer=defer)
    assert session.stop_reason == "stop_when"


def test_a_function_is_not_asked_again_before_it_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions_module, "ASK_SECONDS", 0.001)
    asked: list[str] = []
    calls: list[threading.Thread] = []

    def slow(text: str) -> bool:
        asked.append(text)
        time.sleep(0.3)
        return False

    def defer(call: Any) -> None:
        calls.append(threading.Thread(target=call))
        calls[-1].start()

    texts = [x for n in range(20) for x in (Text(str(n)), 0.01)]
    run(*texts, End(), limits=Limits(stop_when=slow), defer=defer)
    for call in calls:
        call.join(PATIENCE)
    assert 1 <= len(asked) <= 2


def test_a_condition_that_takes_long_leaves_as_long_to_others() -> None:
    async def asking() -> float:
        asked = Asking(lambda text: time.sleep(0.2), lambda: "", lambda call: call(), lambda: None, print)
        asked.plan()
        await asyncio.sleep(0.05)
        return asked._due - time.monotonic()

    assert asyncio.run(asking()) > 0.1


@pytest.mark.parametrize("wrong", [5, b"x", re.compile(b"x"), ["a"]])
def test_what_is_no_condition_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"a text, a re\.Pattern"):
        check_limits(Limits(stop_when=wrong))


@pytest.mark.parametrize("empty", ["", re.compile("")])
def test_an_empty_text_is_refused_in_words(empty: Any) -> None:
    with pytest.raises(UsageError, match="would stop at once"):
        check_limits(Limits(stop_when=empty))


@pytest.mark.parametrize(
    ("limits", "reason", "words"),
    [
        (Limits(max_seconds=1800), "seconds", "time limit of 1,800 s reached"),
        (Limits(max_seconds=0.5), "seconds", "time limit of 0.5 s reached"),
        (Limits(max_chars=2_000_000), "chars", "limit of 2,000,000 characters reached"),
        (Limits(max_chars=1), "chars", "limit of 1 character reached"),
        (Limits(max_cost=0.05), "cost", "cost limit of $0.05 reached"),
        (Limits(max_cost=5e-5), "cost", "cost limit of $0.00005 reached"),
        (Limits(stop_when=len), "stop_when", "stop_when was met"),
        (Limits(stop_when="x" * 100), "stop_when", f"“{'x' * 39}…” was found (stop_when)"),
        (Limits(), "user", ""),
        (Limits(), "abandoned", ""),
    ],
)
def test_the_words_name_the_limit(limits: Limits, reason: str, words: str) -> None:
    assert limits.said(reason) == words
    if reason == "cost":
        assert limits.said(reason, is_estimated=True) == f"{words} (estimated)"


def test_what_is_shown_already_can_be_a_part_of_the_text_that_stops() -> None:
    session = Session(begins_with=[Text("a ST")], limits=Limits(stop_when="STOP"))

    async def events() -> Any:
        yield Text("OP b")
        await asyncio.sleep(60)

    asyncio.run(session.run(events()))
    assert (session.stop_reason, session.result().text) == ("stop_when", "a STOP")
