"""What one stream() gives: await, iteration, result(), observers, pickling."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.demo import Server
from notebook_stream.formats import anthropic

from ..waiting import PATIENCE, until
from .seen import FAST, at


def test_an_answer_from_the_demo() -> None:
    s = stream("hello", model="demo/echo", **FAST)
    result = s.result(PATIENCE)
    assert result.text == s.text == "hello"
    assert (s.status, s.finish_reason, result.error) == ("done", "stop", None)
    assert not s.metrics.estimated
    assert s.metrics.ttft_s is not None
    assert "hello" in repr(result)
    assert pickle.loads(pickle.dumps(result)).text == "hello"


def test_await_many_times_from_any_loop() -> None:
    s = stream("hi", model="demo/echo", **FAST)

    async def main() -> list[str]:
        return [r.text for r in await asyncio.gather(s, s, s)]

    async def both(a: Any, b: Any) -> tuple[str, str]:
        return (await a).text, (await b).text

    assert asyncio.run(main()) == ["hi"] * 3
    assert asyncio.run(both(s, s)) == ("hi", "hi")


def test_cancelling_an_await_detaches() -> None:
    s = stream("a", model="demo/lorem", pace=50, tokens=20)

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(s, 0.05)

    asyncio.run(main())
    assert s.result(PATIENCE).text.endswith("t000020")


def test_iteration_plain_and_asynchronous_from_the_first_piece_on() -> None:
    s = stream("one two three", model="demo/echo", **FAST)
    s.result(PATIENCE)

    async def collect() -> str:
        return "".join([t async for t in s.text_stream])

    assert "".join(s.text_stream) == asyncio.run(collect()) == "one two three"
    assert [type(e).__name__ for e in s.event_stream][-1] == "End"
    assert len(s.events) > 3


def test_result_with_a_timeout_leaves_the_run_alone() -> None:
    s = stream("a", model="demo/lorem", pace=100, tokens=30)
    with pytest.raises(TimeoutError, match="goes on"):
        s.result(timeout=0.01)
    assert s.result(PATIENCE).status == "done"


def test_observers_are_told_and_see_what_they_are_told() -> None:
    seen: list[tuple[str, str]] = []
    s = stream("x", model="demo/lorem", tokens=100, pace=200)
    s.observe(lambda change: seen.append((change.new, s.text)), "text")
    done = threading.Event()
    s.observe(lambda change: done.set() if change.new == "done" else None, "status")
    final = s.result(PATIENCE).text
    assert done.wait(PATIENCE)
    assert seen[-1][0] == final
    assert all(told == read for told, read in seen)
    assert 2 < len(seen) < 60
    with pytest.raises(Exception, match="set by the run"):
        s.text = "mine"


def test_a_slow_or_raising_observer_delays_nothing(caplog: pytest.LogCaptureFixture) -> None:
    over = threading.Event()
    s = stream("x", model="demo/lorem", tokens=100, pace=500)

    def slow(change: Any) -> None:
        over.wait(PATIENCE)
        raise RuntimeError("observer")

    s.observe(slow, "text")
    with caplog.at_level(logging.ERROR, "notebook_stream"):
        result = s.result(PATIENCE / 2)  # while the observer is still at the first piece
        assert result.text.endswith("t000100")
        assert s.text == result.text
        over.set()
        until(lambda: caplog.records)
    assert len(caplog.records) == 1


def test_a_stream_cannot_be_pickled_and_says_what_can() -> None:
    s = stream("x", model="demo/echo", **FAST)
    s.result(PATIENCE)
    with pytest.raises(TypeError, match="result"):
        pickle.dumps(s)


def test_both_dialects_give_the_same_answer(server: Server) -> None:
    answers = [
        stream("x", model="markdown", wire_format=f, **at(server)).result(PATIENCE).text
        for f in ("openai-chat", "anthropic")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 500


def test_two_hundred_streams_at_once() -> None:
    some = [stream(f"answer {i}", model="demo/echo", first_token_s=0.2) for i in range(200)]
    assert [s.result(60).text for s in some] == [f"answer {i}" for i in range(200)]


def test_an_answer_that_was_cut_off_says_at_how_many_tokens(server: Server) -> None:
    for wire_format in ("openai-chat", "anthropic"):
        s = stream("x", model="markdown", max_tokens=7, wire_format=wire_format, **at(server))
        assert s.result(PATIENCE).finish_reason == "length"
        assert s._describe()["finish_detail"] == "max_tokens=7"
    s = stream("x", model="cut", wire_format="anthropic", **at(server))
    s.result(PATIENCE)
    assert s._describe()["finish_detail"] == f"max_tokens={anthropic.MAX_TOKENS}"
