"""again() and after=: the same request with changes, and what a follow-up brings along."""

from __future__ import annotations

import pytest

from notebook_stream import show, stream
from notebook_stream.demo import Server
from notebook_stream.errors import UsageError

from ..waiting import PATIENCE
from .seen import FAST, Seen, at


def test_again_repeats_with_changes(server: Server, seen: Seen) -> None:
    s = stream("first", model="echo", **at(server, temperature=0.1, http_client=seen.client))
    s.result(PATIENCE)
    t = s.again(temperature=0.9)
    assert t.result(PATIENCE).text == "first"
    assert seen.body["temperature"] == 0.9
    assert s.again(prompt="second").result(PATIENCE).text == "second"
    by_name = stream(prompt="third", model="echo", **at(server))
    by_name.result(PATIENCE)
    assert by_name.again().result(PATIENCE).text == "third"
    assert stream("fourth", after=by_name).result(PATIENCE).text == "fourth"


def test_a_follow_up_brings_messages_answer_and_settings(server: Server, seen: Seen) -> None:
    s = stream("one", model="echo", system="be brief", **at(server, temperature=0.3, http_client=seen.client))
    s.result(PATIENCE)
    t = stream("two", after=s)
    t.result(PATIENCE)
    body = seen.body
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("system", "be brief"),
        ("user", "one"),
        ("assistant", "one"),
        ("user", "two"),
    ]
    assert (body["model"], body["temperature"]) == ("echo", 0.3)
    assert [m["content"] for m in t.messages] == ["one", "one", "two"]


def test_a_generator_cannot_be_shown_again_and_says_so() -> None:
    s = show(x for x in ["a"])
    s.result(PATIENCE)
    with pytest.raises(UsageError, match="function"):
        s.again()


def test_a_follow_up_needs_an_answer() -> None:
    s = stream("x", model="demo/slow", **FAST)
    with pytest.raises(UsageError, match="still running"):
        stream("y", after=s)
    s.stop()
