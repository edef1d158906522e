"""One run: exactly one end, text never lost or doubled, Stop in every phase, time limits."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from typing import Any

import pytest

from notebook_stream import loop
from notebook_stream.errors import InterruptedStream, OverloadedError, ProtocolError, SourceError, UsageError
from notebook_stream.events import (
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Media,
    Notice,
    Opened,
    Reasoning,
    Retrying,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
    merged,
)
from notebook_stream.session import Limits, Log, Readable, Result, Session, Status, check_limits, text_of
from notebook_stream.session import log as log_module
from notebook_stream.session.answer import MAX_BESIDE
from notebook_stream.session.bounds import MAX_LOGPROBS
from notebook_stream.session.times import Times

from .waiting import PATIENCE, until


class Source:
    """An async iterator of events that notes whether it was closed; floats are pauses in seconds."""

    def __init__(self, *items: Event | float | Exception) -> None:
        self.items = items
        self.closed = self.started = False
        self.given = 0

    async def events(self) -> AsyncIterator[Event]:
        self.started = True
        try:
            for item in self.items:
                if isinstance(item, float):
                    await asyncio.sleep(item)
                elif isinstance(item, Exception):
                    raise item
                else:
                    self.given += 1
                    yield item
        finally:
            self.closed = True


def start(source: Source, **kwargs: Any) -> tuple[Session, Future[None]]:
    session = Session("m", origin="example.org", **kwargs)
    return session, loop.background().spawn(session.run(source.events()))


def run(*items: Event | float | Exception, **kwargs: Any) -> tuple[Session, Source]:
    source = Source(*items)
    session, task = start(source, **kwargs)
    task.result(PATIENCE)
    return session, source


def test_an_answer_ends_done_at_the_end_mark() -> None:
    items = (Opened(200), Text("Hel"), Text("lo"), Usage(output_tokens=2), Finish("stop", "stop"), End())
    session, source = run(*items, Text("after the mark"))
    result = session.outcome()
    assert (result.status, result.text, result.finish_reason) == ("done", "Hello", "stop")
    assert result.metrics.tokens == 2
    assert not result.metrics.estimated
    assert result.metrics.chunks == 2
    assert source.closed
    assert session.status is Status.DONE
    assert "done" in repr(session)


def test_eof_after_a_finish_reason_is_done_and_eof_without_is_interrupted() -> None:
    assert run(Text("a"), Finish("stop"))[0].status is Status.DONE
    session, _ = run(Text("a"))
    assert session.status is Status.INTERRUPTED
    with pytest.raises(InterruptedStream, match=r"example\.org") as caught:
        session.outcome()
    assert caught.value.result.text == "a"


def test_eof_with_one_of_two_choices_unfinished_is_interrupted() -> None:
    session, _ = run(Text("a"), Text("b", index=1), Finish("stop", index=0))
    assert session.status is Status.INTERRUPTED
    assert [c.text for c in session.result().choices] == ["a", "b"]


def test_a_reset_after_the_finish_reason_is_done() -> None:
    session, _ = run(Text("a"), Finish("stop"), InterruptedStream("reset"))
    assert session.status is Status.DONE


def test_a_failure_in_midstream_keeps_the_text() -> None:
    session, source = run(Text("half"), Failure(OverloadedError("busy")), Text("never"))
    assert session.status is Status.ERROR
    assert session.result().text == "half"
    assert source.closed
    with pytest.raises(OverloadedError) as caught:
        session.outcome()
    assert isinstance(caught.value.result, Result)


@pytest.mark.parametrize(
    ("raised", "kind"), [(ProtocolError("bad"), ProtocolError), (ZeroDivisionError("x"), SourceError)]
)
def test_what_a_source_raises_is_the_error(raised: Exception, kind: type[Exception]) -> None:
    session, _ = run(Text("a"), raised)
    assert session.status is Status.ERROR
    assert isinstance(session.error, kind)
    assert session.result().text == "a"


@pytest.mark.parametrize("index", [0, 1])
def test_text_after_a_finish_reason_belongs_to_the_answer(
    index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older Gemini says STOP with every chunk, and some servers give one choice after the other."""
    monkeypatch.setattr("notebook_stream.session.times.TRAILER_SECONDS", 0.3)
    end = Finish("stop", index=index)
    session, _ = run(Text("a"), Finish("stop"), Text("b", index), 0.4, Text("c", index), end)
    result = session.result()
    assert (result.status, "".join(choice.text for choice in result.choices)) == ("done", "abc")


def test_silence_after_the_last_text_of_a_finished_answer_is_its_end() -> None:
    limits = Limits(idle_timeout=0.05)
    session, source = run(Text("a"), Finish("stop"), Text("b"), 60.0, limits=limits)
    assert (session.status, session.answer.text) == (Status.DONE, "ab")
    assert source.closed


def test_a_server_that_hangs_after_the_finish_reason_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notebook_stream.session.times.TRAILER_SECONDS", 0.05)
    session, source = run(Text("a"), Finish("stop"), 60.0)
    assert session.status is Status.DONE
    assert source.closed


@pytest.mark.parametrize("before", [(), (Opened(200),), (Opened(200), Text("a")), (Retrying(9, 1, 2, "x"),)])
def test_stop_ends_every_phase_and_closes_the_source(before: tuple[Event, ...]) -> None:
    source = Source(*before, 60.0)
    session, task = start(source)
    until(lambda: source.started and source.given == len(before))
    session.stop()
    session.stop()
    task.result(PATIENCE)
    assert session.status is Status.STOPPED
    assert session.stop_reason == "user"
    assert source.closed
    assert session.outcome().text == ("a" if len(before) == 2 else "")


def test_stop_before_the_run_asks_for_nothing() -> None:
    source = Source(Text("never"))
    session = Session("m")
    session.stop()
    loop.background().spawn(session.run(source.events())).result(PATIENCE)
    assert session.status is Status.STOPPED
    assert source.given == 0


def test_stop_after_the_end_changes_nothing() -> None:
    session, _ = run(Text("a"), End())
    session.stop()
    assert session.status is Status.DONE


@pytest.mark.parametrize(("last", "status"), [(End(), "done"), (Failure(OverloadedError("busy")), "error")])
def test_a_stop_in_the_moment_of_the_end_does_not_break_off_the_closing(last: Event, status: str) -> None:
    closed = []

    async def slow_to_close() -> AsyncIterator[Event]:
        try:
            yield Text("a")
            yield last
        finally:
            await asyncio.sleep(0.02)
            closed.append(True)

    def stop_at_the_end(event: Event) -> None:
        if event is last:
            session.stop()

    session = Session(on_event=stop_at_the_end)
    loop.background().spawn(session.run(slow_to_close())).result(PATIENCE)
    assert (session.status.value, session.stop_reason, closed) == (status, None, [True])


def test_stop_from_an_event_callback() -> None:
    source = Source(Text("a"), 0.0, 60.0)
    session: Session
    session = Session("m", on_event=lambda event: session.stop())
    loop.background().spawn(session.run(source.events())).result(PATIENCE)
    assert session.status is Status.STOPPED


def test_stop_from_many_threads_ends_once() -> None:
    ends: list[str] = []
    source = Source(Text("a"), 60.0)
    session, task = start(source, on_end=lambda: ends.append("end"))
    threads = [threading.Thread(target=session.stop) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    task.result(PATIENCE)
    assert ends == ["end"]


@pytest.mark.parametrize(
    ("limits", "items", "status", "reason"),
    [
        (Limits(first_byte_timeout=0.05), (60.0,), Status.INTERRUPTED, "first_byte_timeout"),
        (Limits(first_byte_timeout=0.05), (Opened(200), 60.0), Status.INTERRUPTED, "first_byte_timeout"),
        (Limits(idle_timeout=0.05), (Opened(200), Text("a"), 60.0), Status.INTERRUPTED, "idle_timeout"),
        (
            Limits(content_timeout=0.05),
            (Text("a"), *[x for _ in range(2000) for x in (Heartbeat(), 0.01)]),
            Status.INTERRUPTED,
            "content_timeout",
        ),
        (Limits(max_seconds=0.05), (Text("a"), 60.0), Status.STOPPED, "seconds"),
        (Limits(max_cost=0.5), (Text("a"), Usage(cost=0.6), 60.0), Status.STOPPED, "cost"),
        (Limits(stop_when=lambda t: "STOP" in t), (Text("a STOP"), 60.0), Status.STOPPED, "stop_when"),
    ],
)
def test_limits(limits: Limits, items: tuple[Any, ...], status: Status, reason: str) -> None:
    session, source = run(*items, limits=limits)
    assert session.status is status
    assert reason == (session.stop_reason or (session.error and session.error.code))
    assert source.closed


def test_a_retry_gives_the_next_attempt_its_full_time() -> None:
    items = (0.2, Retrying(0.1, 1, 2, "busy"), 0.2, Text("a"), End())
    assert run(*items, limits=Limits(first_byte_timeout=0.35))[0].status is Status.DONE


def test_max_chars_cuts_exactly() -> None:
    session, _ = run(Text("abc"), Reasoning("de"), Text("fghij"), 60.0, limits=Limits(max_chars=7))
    assert session.stop_reason == "chars"
    assert session.result().text + session.result().reasoning == "abcfgde"


def test_a_stop_when_that_raises_ends_the_run_and_says_so() -> None:
    session, source = run(Text("kept"), 60.0, limits=Limits(stop_when=lambda text: 1 / 0))
    assert session.status is Status.ERROR
    assert session.result().text == "kept"
    assert source.closed
    with pytest.raises(SourceError, match="stop_when raised ZeroDivisionError") as caught:
        session.outcome()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_without_content_the_hint_speaks_of_no_text() -> None:
    error = run(Opened(200))[0].error
    assert error is not None
    assert "before any content" in error.message
    assert "kept" not in error.hint


@pytest.mark.parametrize("wrong", [{"max_seconds": 0}, {"idle_timeout": "1"}, {"max_chars": True}])
def test_wrong_limits_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        check_limits(Limits(**wrong))


def test_tool_calls_are_put_together_by_position() -> None:
    session, _ = run(
        ToolCall(1, "b", "second", ""),
        ToolCall(0, "a", "first", '{"x":'),
        ToolCall(1, arguments="{}"),
        ToolCall(0, arguments=" 1}"),
        End(),
    )
    calls = session.result().tool_calls
    assert [(c.id, c.name, c.arguments) for c in calls] == [("a", "first", '{"x": 1}'), ("b", "second", "{}")]


def test_late_readers_get_everything_from_the_first_on() -> None:
    pieces = [f"t{i} " for i in range(500)]
    source = Source(*[x for p in pieces for x in (Text(p), 0.0)], End())
    session, task = start(source)
    texts = Readable(session.log, text_of, at_end=session.outcome, on_interrupt=session.stop)

    async def read() -> list[str]:
        return [piece async for piece in texts]

    early = list(texts)
    task.result(PATIENCE)
    assert early == list(texts) == asyncio.run(read()) == pieces


def test_iterating_an_interrupted_run_gives_the_text_and_then_raises() -> None:
    session, _ = run(Text("a"))
    texts = iter(Readable(session.log, text_of, at_end=session.outcome, on_interrupt=session.stop))
    assert next(texts) == "a"
    with pytest.raises(InterruptedStream):
        next(texts)


def test_a_long_log_is_joined_without_loss_or_repeat_for_any_reader() -> None:
    rng = random.Random(7)
    log = Log(max_events=100)
    cursors = [log.cursor() for _ in range(5)]
    seen = [""] * 5
    expected = ""
    for i in range(5000):
        kind = rng.random()
        log.append(Text(f"{i} ") if kind < 0.9 else Reasoning("r") if kind < 0.95 else Usage())
        expected += f"{i} " if kind < 0.9 else ""
        reader = rng.randrange(5)
        if rng.random() < 0.05 * reader:
            seen[reader] += "".join(text_of(e) or "" for e in log.wait(cursors[reader]))
    log.close()
    for reader, cursor in enumerate(cursors):
        seen[reader] += "".join(text_of(e) or "" for e in log.wait(cursor))
    assert seen == [expected] * 5
    assert len(log.events()) < 2500


def test_a_long_log_that_cannot_be_joined_is_not_tried_again_with_each_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[int] = []

    def counted(events: list[Event]) -> list[Event]:
        tries.append(len(events))
        return merged(events)

    monkeypatch.setattr(log_module, "merged", counted)
    log = Log(max_events=100)
    for number in range(5000):
        log.append(Media("image", url=str(number)))
    assert len(log.events()) == 5000
    assert len(tries) < 20


def test_content_is_waited_for_anew_with_each_attempt() -> None:
    clock = [0.0]
    times = Times(lambda: clock[0])
    only = Limits(None, None, 20, None)
    times.body_begins(0)
    assert [at for at, _ in times.deadlines(only, "x")] == [20]
    times.asks_again(10, 5)
    assert times.deadlines(only, "x") == []  # until the answer begins, first_byte_timeout counts
    times.body_begins(16)
    assert [at for at, _ in times.deadlines(only, "x")] == [35]
    times.content(30)
    assert [at for at, _ in times.deadlines(only, "x")] == [50]


def test_merging_keeps_logprobs_and_order() -> None:
    events: list[Event] = [Text("a"), Text("b"), Heartbeat(), Text("c"), Reasoning("x"), Text("d", index=1)]
    assert merged(events) == [Text("abc"), Reasoning("x"), Text("d", index=1)]


def test_log_probabilities_beyond_what_memory_bears_are_left_out_and_the_text_is_not() -> None:
    many = (TokenLogprob("a", -1.0, (("b", -2.0),) * 99),) * (MAX_LOGPROBS // 400)
    session, _ = run(*[Text("x", logprobs=many)] * 6, End())
    texts = [event for event in session.log.events() if isinstance(event, Text)]
    assert [bool(event.logprobs) for event in texts] == [True] * 4 + [False] * 2
    assert session.result().text == "x" * 6
    assert [type(event) for event in session.log.events()].count(Notice) == 1


def test_too_much_beside_the_text_names_the_host_and_keeps_the_text() -> None:
    session, _ = run(Text("kept"), Media("image", "image/png", "y" * MAX_BESIDE))
    assert session.error is not None
    assert session.error.host == "example.org"
    assert session.error.message.startswith("example.org: ")
    assert session.error.hint
    assert session.result().text == "kept"


def test_a_source_that_never_waits_lets_other_runs_in() -> None:
    flood = Source(*[Text("x")] * 400_000)  # which ends by itself where nobody is let in before
    busy, task = start(flood, limits=Limits(max_chars=None))
    other, other_task = start(Source(Text("quick"), End()))
    other_task.result(PATIENCE)
    assert not busy.has_ended
    assert other.outcome().text == "quick"
    busy.stop()
    task.result(PATIENCE)
