"""The copy in the notebook is that of the runs that are there, whenever they were asked again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import Comparison, compare, hosts, streams
from notebook_stream.widget import Bundle

from ..waiting import PATIENCE, until

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The outputs of a notebook, by their display ids."""
    found: dict[str, dict[str, Any]] = {}

    def display(data: dict[str, Any], metadata: object, *, display_id: str, update: bool = False) -> None:
        found[display_id] = data

    monkeypatch.setattr(hosts, "in_notebook", lambda: True)
    monkeypatch.setattr(hosts, "display", display)
    return found


def numbered(c: Comparison, monkeypatch: pytest.MonkeyPatch, wait: threading.Event | None = None) -> None:
    """Have the copies say which runs they are of; each waits to be made."""

    def copy(remark: str) -> Bundle:
        bundle: Bundle = ({"text/html": f"runs {c._runs.numbers}"}, {})
        if wait is not None:
            assert wait.wait(PATIENCE)
        return bundle

    monkeypatch.setattr(c, "_copy", copy)


def htmls(outputs: dict[str, dict[str, Any]]) -> str:
    return " ".join(data.get("text/html", "") for data in outputs.values())


@pytest.mark.parametrize("ends_before", [True, False])
def test_a_copy_that_was_being_made_when_it_was_asked_again_is_made_anew(
    ends_before: bool, outputs: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "is_headless", lambda: False)
    c = compare("a", "demo/echo", display=False, pace=0, first_token_s=0 if ends_before else 0.5)
    c.result(PATIENCE)
    is_made = threading.Event()
    numbered(c, monkeypatch, is_made)
    c.display()
    until(lambda: c._settling is not None)
    c.again()
    if ends_before:
        c.result(PATIENCE)
    is_made.set()
    c.result(PATIENCE)
    until(lambda: "runs [1]" in htmls(outputs))
    until(lambda: c._is_settled)


def test_a_table_without_a_page_is_made_anew_as_well(
    outputs: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "is_headless", lambda: True)
    c = compare("a", "demo/echo", display=False, **FAST)
    numbered(c, monkeypatch)
    c.display()
    for expected in ("runs [0]", "runs [1]"):
        c.result(PATIENCE)
        c.settle_here("cut off")
        assert expected in htmls(outputs)
        until(lambda: not c._displays.are_due)
        c.again()


@pytest.fixture
def _often_interrupted() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_often_interrupted")
def test_the_user_and_the_page_may_ask_at_the_same_time() -> None:
    c = compare("a", "demo/echo", repeats=5, **FAST)
    c.result(PATIENCE)
    for _ in range(10):
        threads = [threading.Thread(target=c.again) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        c.result(PATIENCE)
    until(lambda: streams() == [])  # each has been begun once, and has ended
    assert c._runs.numbers == [30] * 5
