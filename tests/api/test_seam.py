"""Where an answer goes on: nothing is shown twice, and nothing that comes is lost, at every split."""

from __future__ import annotations

import pytest

from notebook_stream.events import End, Event, Finish, Heartbeat, Reasoning, Text, ToolCall, Usage
from notebook_stream.session.seam import SHORTEST_REPEAT, Seam

BEGUN = "Here is the beginning of it,"
assert len(BEGUN) >= SHORTEST_REPEAT


def through(seam: Seam, *events: Event) -> list[Event]:
    return [*(one for event in events for one in seam.take(event)), *seam.rest()]


def joined(text: str, sent: int, came: str, cuts: tuple[int, ...] = ()) -> str:
    pieces = [came[a:b] for a, b in zip([0, *cuts], [*cuts, len(came)], strict=True)]
    events = through(Seam(text, sent), *map(Text, pieces), Finish("stop"), End())
    assert [type(event) for event in events[-2:]] == [Finish, End]
    return text + "".join(event.text for event in events if isinstance(event, Text))


@pytest.mark.parametrize(
    ("text", "came", "whole"),
    [
        # The space at the end was not sent, so it mostly comes again.
        ("one two ", " three", "one two three"),
        ("one two ", "three", "one two three"),
        ("one two", " three", "one two three"),
        ("one two\n", "\n\nthree", "one two\n\nthree"),
        ("one two\n\n", "\n\nthree", "one two\n\nthree"),
        ("one two\n\n", "\nthree", "one two\n\nthree"),
        ("one two \n", "\n\nthree", "one two \n\nthree"),
        ("def f():\n    ", "\n    return", "def f():\n    return"),
        ("one two\n", " \n", "one two\n \n"),
        # A server may repeat the beginning that it was given.
        (BEGUN, f"{BEGUN} and more", f"{BEGUN} and more"),
        (f"{BEGUN} ", f"{BEGUN} and more", f"{BEGUN} and more"),
        (BEGUN, BEGUN, BEGUN),
        # What only begins like it, or is too short to tell, is what the model says.
        (BEGUN, f"{BEGUN[:-5]}!", f"{BEGUN}{BEGUN[:-5]}!"),
        (BEGUN, BEGUN[:-1], BEGUN + BEGUN[:-1]),
        ("ha", "haha", "hahaha"),
        (BEGUN, "", BEGUN),
    ],
)
def test_the_parts_are_one_text(text: str, came: str, whole: str) -> None:
    sent = len(text.rstrip())
    assert joined(text, sent, came) == whole
    assert joined(text, sent, came, tuple(range(1, len(came)))) == whole
    for a in range(len(came)):
        for b in range(a, len(came)):
            assert joined(text, sent, came, (a, b)) == whole


def test_where_all_was_sent_every_space_counts() -> None:
    assert joined("one ", 4, " two") == "one  two"


def test_other_events_pass_and_do_not_end_the_comparison() -> None:
    events = through(
        Seam(BEGUN, len(BEGUN)),
        Heartbeat(),
        Reasoning("so"),
        Text(BEGUN[:9]),
        Usage(1),
        Text(BEGUN[9:] + "!"),
    )
    assert events == [Heartbeat(), Reasoning("so"), Usage(1), Text("!")]


def test_what_is_held_back_comes_before_what_follows_it() -> None:
    assert through(Seam(BEGUN, len(BEGUN)), Text(BEGUN[:9]), ToolCall(0, "id", "f"))[0] == Text(BEGUN[:9])
    assert through(Seam(BEGUN, len(BEGUN)), Text(BEGUN[:9])) == [Text(BEGUN[:9])]


def test_other_choices_are_no_repetition() -> None:
    assert through(Seam(BEGUN, len(BEGUN)), Text(BEGUN, index=1)) == [Text(BEGUN, index=1)]
