"""The state machine of one run: takes events until exactly one end, stops on demand, keeps the time limits.

`Session.run` is a task on the background loop; everything else may be called from any thread. The end is
announced only after the source has been closed, so "stopped" means that the connection is closed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from ..errors import StreamError
from ..events import (
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Notice,
    Opened,
    Retrying,
    Text,
    Usage,
)
from .answer import Answer, Metrics, Result
from .bounds import Bounds
from .conditions import Asking, Needle
from .cost import Cost, PriceOf
from .figures import metrics_of
from .limits import Limits
from .log import Log
from .status import Status, Verdict
from .times import Deadline, Times
from .verdicts import SOURCE, Verdicts

BREATH_SECONDS = 0.02
"""The loop serves all runs: one that never has to wait for its source lets the others in this often."""


class Session:
    """One run.

    `origin` names where the events come from, for messages. `on_event` is called on the loop for each event
    after it has been taken, `on_end` once, after the source has been closed. `defer` runs a call where user
    code may run. `price_of` is what tokens cost. `begins_with` was there before: it is shown, and counts for
    nothing. `clock` tells the seconds.
    """

    def __init__(
        self,
        model: str = "",
        *,
        origin: str = SOURCE,
        limits: Limits | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_end: Callable[[], None] | None = None,
        defer: Callable[[Callable[[], None]], None] | None = None,
        price_of: PriceOf | None = None,
        begins_with: Sequence[Event] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.answer = Answer(model)
        self.log = Log()
        self.origin = origin
        self.limits = limits or Limits()
        self.retry: tuple[float, Retrying] | None = None
        self.notice = ""
        self._status = Status.CONNECTING
        self._verdict: Verdict | None = None
        self._on_event = on_event or (lambda event: None)
        self._on_end = on_end or (lambda: None)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._callbacks: list[Callable[[], object]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._asked: Verdict | None = None
        self._closing = False
        self._verdicts = Verdicts(origin, self.answer)
        self.answer.begin_with(begins_with)
        for event in begins_with:
            self.log.append(event)
        self.cost = Cost(self.answer, price_of, self.limits.max_cost)
        needle, self._asking = self._condition(defer or (lambda call: call()))
        self._bounds = Bounds(self.limits.max_chars, needle, self._tell)
        self._result: Result | None = None
        self._times = Times(clock)
        self._last_breath = self._times.now()
        self._on_early_stop: Callable[[], None] | None = None
        self.taken = 0
        """Events that came from the source; heartbeats, and the failure that ends it, do not count."""
        self.before_end: Callable[[], Awaitable[None]] | None = None
        """Awaited when all is known of the run, before its end is announced."""

    def __repr__(self) -> str:
        return f"<Session {self.status.value} {self.answer.model} {self.answer.chars} characters>"

    # What it is

    @property
    def status(self) -> Status:
        """Where the run is."""
        return self._status

    @property
    def stop_reason(self) -> str | None:
        """Why it was stopped: user, seconds, chars, cost, stop_when, abandoned."""
        return self._verdict.stop_reason if self._verdict else None

    @property
    def stop_detail(self) -> str:
        """Words for the limit that stopped it; empty where it was none."""
        return self._verdict.stop_detail if self._verdict else ""

    @property
    def error(self) -> StreamError | None:
        """What went wrong, where something did."""
        return self._verdict.error if self._verdict else None

    @property
    def has_ended(self) -> bool:
        """Whether the end has been announced."""
        return self._ended.is_set()

    @property
    def is_asked_to_end(self) -> bool:
        """Whether it is ending, or has ended, or will as soon as it begins."""
        return self._asked is not None

    def elapsed_s(self) -> float:
        """Seconds since the start, or until the end."""
        return self._times.elapsed_s()

    @property
    def began_at(self) -> float:
        """When it began, by its clock (seconds)."""
        return self._times.began_at

    def metrics(self) -> Metrics:
        """The figures so far."""
        return metrics_of(self._times, self.answer, self.cost, at_end=self._verdict is not None)

    def result(self) -> Result:
        """What has come so far, as a whole; the same object each time once the run has ended."""
        if self._result is not None:
            return self._result
        answer = self.answer
        finish = answer.finish
        return Result(
            text=answer.text,
            reasoning=answer.reasoning,
            tool_calls=answer.tool_calls,
            citations=answer.citations,
            refusal=answer.refusal,
            usage=answer.usage,
            finish_reason=finish.reason if finish else None,
            status=self.status.value,
            stop_reason=self.stop_reason,
            model=answer.model,
            metrics=self.metrics(),
            error=self.error,
            finish_reason_raw=finish.raw if finish else None,
            choices=answer.choices(),
            tool_results=answer.tool_results,
            media=answer.media,
        )

    def outcome(self) -> Result:
        """The final result; raises the `StreamError` of a run that was interrupted or failed."""
        __tracebackhide__ = True  # IPython leaves out frames that say so: here is no place of the failure
        error = self.error
        if error is not None:
            raise error.with_traceback(None)
        return self.result()

    @property
    def is_source(self) -> bool:
        """Whether its events come from what was given to `show()`, and not over a connection of ours."""
        return self.origin == SOURCE

    def end_as(
        self, verdict: Verdict, notice: str, times: tuple[float | None, float | None, float | None]
    ) -> None:
        """End a run that never ran; `times`: first byte, first content, end, in seconds since its start."""
        self._times.first_byte_s, self._times.ttft_s, _ = times
        self._end(verdict, notice, total_s=times[2] or 0.0)

    # Waiting for the end

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the end; False when `timeout` seconds have passed before it."""
        return self._ended.wait(timeout)

    def when_ended(self, callback: Callable[[], object]) -> None:
        """Call `callback` at the end (on the loop), or at once where it has come."""
        with self._lock:
            if not self._ended.is_set():
                self._callbacks.append(callback)
                return
        callback()

    # Ending it

    def stop(self, reason: str = "user", detail: str = "") -> None:
        """Ask for the end: idempotent, from any thread, returns at once; does nothing after the end.

        `detail`: words for a limit that is not this run's own.
        """
        self._ask(Verdict(Status.STOPPED, stop_reason=reason, stop_detail=detail))

    def queue(self, on_early_stop: Callable[[], None]) -> None:
        """It has to wait for its turn: no time passes for it, and no limit of time is reached.

        `on_early_stop` is called, on any thread, where it is to end before: `run` then does so at once.
        """
        self._status = Status.QUEUED
        self._on_early_stop = on_early_stop
        self._times.wait()

    def _ask(self, verdict: Verdict) -> None:
        with self._lock:
            if self._asked is not None or self._ended.is_set():
                return
            self._asked = verdict
            loop = self._loop
        if loop is None and self._on_early_stop is not None:
            self._on_early_stop()
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        # Once only, and not after the end: it would interrupt the closing of the connection.
        if self._task is not None and not self._closing:
            self._closing = True
            self._task.cancel()

    # The run

    async def run(self, source: AsyncIterator[Event]) -> None:
        """Take events from `source` until the end. `source` is closed before the end is announced."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        with self._lock:
            asked = self._asked
        if asked is None:
            self._begin()
            verdict = await self._read(source)
            notice = self._last_notice(source)
        else:
            verdict = asked
            notice = "stopped before its turn" if self._status is Status.QUEUED else ""
            await _close(source)
        if self._timer is not None:
            self._timer.cancel()
        self._closing = True
        self._conclude(self._with_detail(verdict), notice)
        try:
            if self.before_end is not None:
                await self.before_end()
        finally:
            self._announce()

    def _begin(self) -> None:
        if self._status is Status.QUEUED:
            self._status = Status.CONNECTING
            self._times.begin()

    def _last_notice(self, source: object) -> str:
        if getattr(source, "still_running", False):
            return "source still running"
        return ""

    async def _read(self, source: AsyncIterator[Event]) -> Verdict:
        try:
            self._arm()
            async with aclosing(cast(Any, source)):
                async for event in source:
                    now = self._times.now()
                    verdict = self._take(event, now)
                    if verdict is not None:
                        self._closing = True
                        return verdict
                    if now - self._last_breath > BREATH_SECONDS:
                        await asyncio.sleep(0)
                        self._last_breath = self._times.now()
            return self._verdicts.at_eof()
        except asyncio.CancelledError:
            return self._asked or self._verdicts.at_exit()
        except Exception as exc:
            return self._verdicts.of_exception(exc)

    def _take(self, event: Event, now: float) -> Verdict | None:
        self._times.seen(now)
        self.taken += not isinstance(event, Heartbeat | Failure)
        if event.is_content:
            return self._take_content(event, now)
        self._note_times(event, now)
        if isinstance(event, End):
            self._publish(event)
            return Verdict(Status.DONE)
        if isinstance(event, Failure):
            self._publish(event)
            return self._verdicts.of(event.error)
        self.answer.take(event)
        self._publish(event)
        return self._verdict_after(event, now)

    def _take_content(self, event: Event, now: float) -> Verdict | None:
        self._note_body(now)
        event = self._bounds.kept(event, self.answer.chars)
        self._times.content(now)
        self._status = Status.STREAMING
        self.answer.take(event)
        self._publish(event)
        if self._bounds.reached is not None:
            return Verdict(Status.STOPPED, stop_reason=self._bounds.reached)
        if self.cost.is_over():
            return Verdict(Status.STOPPED, stop_reason="cost")
        if self._asking is not None and isinstance(event, Text):
            self._asking.plan()
        return None

    def _note_times(self, event: Event, now: float) -> None:
        if isinstance(event, Opened):
            self._verdicts.accepted = True
            self.retry = None
        elif isinstance(event, Retrying):
            self.retry = (self._times.asks_again(now, event.delay_s), event)
        elif isinstance(event, Notice):
            self.notice = event.text
        else:
            self._note_body(now)

    def _note_body(self, now: float) -> None:
        if self._times.body_begins(now):
            self.retry = None
            self._arm()

    def _verdict_after(self, event: Event, now: float) -> Verdict | None:
        if isinstance(event, Finish) and self.answer.all_finished:
            self._times.finished(now)
            self._arm()
        if isinstance(event, Usage) and self.cost.is_over():
            return Verdict(Status.STOPPED, stop_reason="cost")
        return None

    def _tell(self, text: str) -> None:
        self.notice = text
        self._publish(Notice(text))

    def _publish(self, event: Event) -> None:
        self.log.append(event)
        self._on_event(event)

    def _condition(self, defer: Callable[[Callable[[], None]], None]) -> tuple[Needle | None, Asking | None]:
        """What looks for `stop_when`: for a text on the loop, event by event; all else where it may wait."""
        condition = self.limits.stop_when
        if condition is None:
            return None, None
        if isinstance(condition, str):
            return Needle(condition, before=self.answer.text), None
        return None, Asking(
            condition,
            read=lambda: None if self.has_ended else self.answer.text,
            defer=defer,
            on_met=lambda: self.stop("stop_when"),
            on_failed=lambda error: self._ask(Verdict(Status.ERROR, error=error)),
        )

    def _with_detail(self, verdict: Verdict) -> Verdict:
        _, is_estimated = self.cost.now(at_end=True)
        detail = verdict.stop_detail or self.limits.said(verdict.stop_reason, is_estimated=is_estimated)
        return replace(verdict, stop_detail=detail)

    def _end(self, verdict: Verdict, notice: str, total_s: float | None = None) -> None:
        self._conclude(verdict, notice, total_s)
        self._announce()

    def _conclude(self, verdict: Verdict, notice: str, total_s: float | None = None) -> None:
        """Nothing changes any more."""
        with self._lock:
            self._times.end(total_s)
            self.retry = None
            self.notice = notice
            self._verdict = verdict
            self._status = verdict.status
        self._result = self.result()
        if verdict.error is not None:
            verdict.error.result = self._result

    def _announce(self) -> None:
        self.log.close()
        try:
            self._on_end()
        finally:
            with self._lock:
                self._ended.set()
                callbacks, self._callbacks = self._callbacks, []
            for callback in callbacks:
                callback()
            self._task = None

    # Time limits: one timer, which looks at what is due and sets itself anew

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = min((at for at, _ in self._deadlines()), default=None)
        loop = self._loop
        if due is not None and loop is not None:
            self._timer = loop.call_later(max(0.0, due - self._times.now()), self._check_time)

    def _check_time(self) -> None:
        now = self._times.now()
        for at, verdict in sorted(self._deadlines(), key=lambda deadline: deadline[0]):
            if at <= now:
                due = verdict()
                due = self._verdicts.of_interruption(due.error) if due.error else due
                with self._lock:
                    self._asked = self._asked or due
                self._cancel()
                return
        self._arm()

    def _deadlines(self) -> list[Deadline]:
        return self._times.deadlines(self.limits, self.origin)


async def _close(source: AsyncIterator[Event]) -> None:
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
