"""The runs of a comparison: their turns, Stop, limits, again, and what the user gets of them."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from typing import Any

import pytest

from notebook_stream import Comparison, Stream, StreamError, UsageError, compare, configure, stop_all, streams
from notebook_stream.comparison import runs as comparison_runs
from notebook_stream.providers import Target

from ..servers import Connection, Server
from ..waiting import PATIENCE, until

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}
SLOW: dict[str, Any] = {"pace": 20, "first_token_s": 0, "tokens": 10_000}


def counts(c: Comparison) -> dict[str, int]:
    found: dict[str, int] = {}
    for run in c:
        found[run.status] = found.get(run.status, 0) + 1
    return found


def test_results_come_in_the_order_of_the_cells() -> None:
    c = compare(["one", "two"], ["demo/echo", "demo/lorem"], tokens=3, **FAST)
    texts = [result.text for result in c.result(PATIENCE)]
    assert texts == ["one", c[0, 1].text, "two", c[1, 1].text]
    assert [run.text for run in c] == texts
    assert len(c) == 4
    assert c["two", "demo/echo"].text == "two"
    assert c[-1, 0].text == "two"


def test_await_gives_the_same() -> None:
    async def wait() -> list[Any]:
        return await compare(["one", "two"], "demo/echo", **FAST)

    assert [result.text for result in asyncio.run(wait())] == ["one", "two"]


def test_so_many_run_at_once_and_the_others_wait() -> None:
    c = compare("x", "demo/lorem", repeats=7, concurrency=3, **SLOW)
    until(lambda: counts(c) == {"streaming": 3, "queued": 4})
    time.sleep(0.1)
    assert counts(c) == {"streaming": 3, "queued": 4}
    waiting = c[0, 0, 6]
    assert waiting.metrics.total_s is None
    assert "queued 0.0 s" in repr(waiting)
    c[0, 0, 0].stop()
    until(lambda: counts(c) == {"stopped": 1, "streaming": 3, "queued": 3})


def test_no_time_passes_for_what_waits() -> None:
    c = compare("x", "demo/echo", repeats=2, concurrency=1, pace=0, first_token_s=0.4)
    c.result(PATIENCE)
    second = c[0, 0, 1].metrics
    assert second.ttft_s is not None
    assert second.ttft_s < 0.4 + 0.35  # it would be twice 0.4 and more, counted from the call


def test_stop_ends_what_runs_and_what_waits_and_asks_no_more() -> None:
    c = compare("x", "demo/lorem", repeats=40, concurrency=10, **SLOW)
    until(lambda: counts(c).get("streaming") == 10)
    c.stop()
    assert counts(c) == {"stopped": 40}
    assert {run.stop_reason for run in c} == {"user"}
    assert sum(bool(run.text) for run in c) == 10
    assert sum(run._session.notice == "stopped before its turn" for run in c) == 30
    assert c.stop_reason == "user"


def test_stop_closes_every_connection() -> None:
    closed = threading.Semaphore(0)

    def hang(connection: Connection) -> None:
        connection.read_request()
        connection.head(200, {"content-type": "text/event-stream"})
        connection.send(b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n')
        connection.wait_closed(PATIENCE)
        closed.release()

    with Server(hang) as server:
        c = compare("x", {"hung": {"model": "m", "base_url": server.url}}, repeats=12, concurrency=12)
        until(lambda: counts(c) == {"streaming": 12})
        began = time.monotonic()
        c.stop()
        assert all(closed.acquire(timeout=PATIENCE) for _ in range(12))
        assert time.monotonic() - began < 5  # the goal is 0.5


def test_stopping_a_cell_that_waits_leaves_the_others() -> None:
    c = compare("x", "demo/lorem", repeats=3, concurrency=1, **SLOW)
    until(lambda: counts(c) == {"streaming": 1, "queued": 2})
    c[0, 0, 1].stop()
    assert counts(c) == {"streaming": 1, "stopped": 1, "queued": 1}
    assert c.stop_reason is None


def test_a_cell_that_is_stopped_before_it_waits_for_its_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Stream] = []

    def begin_in_cell(run: Stream) -> None:  # as the page may while many are being asked again
        begun.append(run)
        if len(begun) == 2:
            run._session.stop("user")

    monkeypatch.setattr(comparison_runs, "begin_in_cell", begin_in_cell)
    c = compare("x", "demo/lorem", repeats=2, concurrency=1, **SLOW)
    until(lambda: counts(c) == {"streaming": 1, "stopped": 1})


def test_stop_all_ends_what_waits_too() -> None:
    c = compare("x", "demo/lorem", repeats=4, concurrency=1, **SLOW)
    until(lambda: counts(c) == {"streaming": 1, "queued": 3})
    assert len(streams()) == 4
    stop_all()
    assert counts(c) == {"stopped": 4}


def test_one_that_fails_leaves_the_others() -> None:
    c = compare("x", "demo/echo", fault=[None, "http_500", "cut:1"], retries=0, **FAST)
    results = c.result(PATIENCE)
    assert [result.status for result in results] == ["done", "error", "interrupted"]
    assert isinstance(results[1].error, StreamError)
    assert results[0].text == "x"


def test_again_asks_only_what_is_meant() -> None:
    c = compare("x", "demo/echo", fault=[None, "http_500"], retries=0, **FAST)
    c.result(PATIENCE)
    good, bad = c
    assert c.again(only="error") is c
    c.result(PATIENCE)
    assert c[0, 0] is good
    assert c[0, 1] is not bad
    assert c[0, 1].status == "error"
    c.again(lambda run: run is good)
    assert [r.text for r in c.result(PATIENCE)] == ["x", ""]
    assert c[0, 0] is not good
    c.again(only="stopped")
    assert counts(c) == {"done": 1, "error": 1}


def test_again_stops_what_still_runs() -> None:
    c = compare("x", "demo/lorem", **SLOW)
    before = c[0, 0]
    until(lambda: before.text)
    c.again()
    until(lambda: before.status == "stopped" and c[0, 0].text)
    assert counts(c) == {"streaming": 1}


def test_what_was_cut_off_goes_on_in_its_place() -> None:
    c = compare("x", ["demo/cut", "demo/echo"], **FAST)
    c.result(PATIENCE)
    cut, whole = c
    assert [run.is_resumable for run in c] == [True, False]
    assert c.resume() is c
    c.result(PATIENCE)
    assert c[0, 0] is not cut
    assert c[0, 1] is whole
    assert c[0, 0].text.startswith(cut.text)
    assert len(c[0, 0].text) > len(cut.text)
    assert not c[0, 0].is_resumable


def test_a_server_that_cannot_go_on_is_not_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for is_local in (True, False):  # of an unknown server elsewhere nobody knows whether it can
        monkeypatch.setattr(Target, "is_local", is_local)
        c = compare("some words", "demo/echo", fault="cut:1", **FAST)
        c.result(PATIENCE)
        runs = list(c)
        assert runs[0].text
        assert runs[0].is_resumable == is_local
        assert (list(c.resume()) == runs) == (not is_local)


def test_seconds_of_the_whole_stop_all() -> None:
    c = compare("x", "demo/lorem", repeats=4, concurrency=2, max_seconds=0.3, **SLOW)
    c.result(PATIENCE)
    assert {run.stop_reason for run in c} == {"seconds"}
    assert {run._session.stop_detail for run in c} == {"the comparison's time limit of 0.3 s reached"}
    assert c.stop_reason == "seconds"


def test_what_has_ended_in_time_is_not_stopped() -> None:
    c = compare("x", "demo/echo", max_seconds=0.3, **FAST)
    c.result(PATIENCE)
    time.sleep(0.5)
    assert c.stop_reason is None
    assert counts(c) == {"done": 1}


def test_repeats_are_held_against_each_other() -> None:
    c = compare("x", ["demo/echo", "demo/lorem"], tokens=3, repeats=3, **FAST)
    c.result(PATIENCE)
    assert [(a.distinct, a.alike) for a in c.agreements] == [(1, 1.0), (1, 1.0)]
    assert compare(["x", "y"], "demo/echo", **FAST).agreements == []


def test_agreements_are_in_the_order_of_the_cells_whichever_ended_first() -> None:
    slow, quick = {"model": "demo/echo", "first_token_s": 0.5}, {"model": "demo/echo", "max_tokens": 1}
    c = compare("one two three", {"slow": slow, "quick": quick}, repeats=2, display=False)
    c.result(PATIENCE)
    assert [agreement.chars for agreement in c.agreements] == [(13, 13), (3, 3)]


def test_configured_defaults_hold() -> None:
    configure(model="demo/echo", first_token_s=0)
    c = compare("x", pace=0)
    assert c.result(PATIENCE)[0].text == "x"
    assert c[0, 0].model.endswith("echo")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"concurrency": 0}, "concurrency=0"),
        ({"max_cost": -1}, "max_cost=-1"),
        ({"max_seconds": "x"}, "max_seconds='x'"),
        ({"model": "demo/echo"}, "second argument"),
        ({"repeat": 5}, "did you mean repeats="),
        ({"concurency": 2}, "did you mean concurrency="),
        ({"temprature": [0, 1]}, "did you mean temperature="),
        ({"idle_timeuot": 3}, "did you mean idle_timeout="),
        ({"models": ["demo/echo", "nowhere/x"]}, "nowhere"),
    ],
)
def test_wrong_use_is_told_at_the_call(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        compare(**{"prompts": "x", "models": "demo/echo", **wrong})
    assert streams() == []


def test_errors_come_without_our_frames() -> None:
    c = compare("x", "demo/echo", **FAST)
    for wrong in (
        lambda: compare([], "m"),
        lambda: c[5, 0],
        lambda: Comparison.from_output({}),
        c[0, 0].resume,
    ):
        with pytest.raises(UsageError) as caught:
            wrong()
        ours = [
            f for f in traceback.extract_tb(caught.value.__traceback__) if "notebook_stream" in f.filename
        ]
        assert len([f for f in ours if "tests" not in f.filename]) == 1


def test_a_status_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match="'err' is no status"):
        compare("x", "demo/echo", **FAST).again(only="err")


def test_the_demo_says_that_it_is_one() -> None:
    assert "built-in demo" in compare("x", **FAST)._describe()["note"]


def test_a_cell_that_is_not_there_is_told() -> None:
    c = compare("x", "demo/echo", **FAST)
    for wrong in ((0, 9), ("y", 0), (0, 0, 1), (0,)):
        with pytest.raises(UsageError):
            c[wrong]


def test_result_gives_up_after_its_time_and_the_runs_go_on() -> None:
    c = compare("x", "demo/lorem", **SLOW)
    with pytest.raises(TimeoutError, match="goes on"):
        c.result(0.05)
    until(lambda: counts(c) == {"streaming": 1})
