"""When a run's displays change over: at a word of the page, without one, or when the reader had his time."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from notebook_stream.widget import settling
from notebook_stream.widget.settling import Settling

NEVER = 600.0


def run(scenario: Any) -> list[str]:
    """What was shown, after `scenario(change_over, over)` has run on a loop of its own."""
    shown: list[str] = []

    async def main() -> None:
        over = asyncio.Event()

        def show(copy: str) -> None:
            shown.append(copy)
            over.set()

        change_over = Settling(lambda: threading.current_thread().name, show)
        await asyncio.wait_for(scenario(change_over, over), 20)
        await asyncio.sleep(0.05)
        assert change_over.is_over is bool(shown)

    asyncio.run(main())
    return shown


def test_a_page_without_a_reader_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", NEVER)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=False)
        await asyncio.sleep(0.05)
        assert not change_over.is_over
        change_over.hear(is_held=False)
        await over.wait()

    (thread,) = run(scenario)
    assert thread != threading.main_thread().name  # the loop serves all runs: nothing long there


def test_where_no_page_answers_nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", 0.05)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=False)
        assert not change_over.is_over
        await over.wait()

    assert len(run(scenario)) == 1


def test_the_reader_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", 0.05)
    monkeypatch.setattr(settling, "READER_SECONDS", NEVER)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=False)
        change_over.hear(is_held=True)
        await asyncio.sleep(0.2)
        assert not change_over.is_over
        change_over.hear(is_held=False)
        await over.wait()
        change_over.hear(is_held=False)  # a second tab says so, too

    assert len(run(scenario)) == 1


def test_the_reader_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", NEVER)
    monkeypatch.setattr(settling, "READER_SECONDS", 0.1)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=False)
        change_over.hear(is_held=True)
        await asyncio.sleep(0.02)
        assert not change_over.is_over
        await over.wait()

    assert len(run(scenario)) == 1


def test_at_once_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", NEVER)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=True)
        await over.wait()

    assert len(run(scenario)) == 1


def test_a_process_that_ends_meanwhile_does_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "NOBODY_SECONDS", NEVER)

    async def scenario(change_over: Settling[str], over: asyncio.Event) -> None:
        change_over.begin(at_once=False)
        await asyncio.sleep(0.05)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if "Settling" in repr(task.get_coro()):
                task.cancel()  # as `loop.Background.close` does
        await over.wait()

    assert len(run(scenario)) == 1
