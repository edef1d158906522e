"""When what came: the moments of one run in, its figures and the deadlines of its limits out; no timer."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import InterruptedStream
from .limits import Limits
from .status import Status, Verdict

TRAILER_SECONDS = 5.0
"""After every answer has its finish reason only usage and the end mark may follow; a server that sends
neither, and does not hang up, is not waited for longer than this."""

_TIMED_OUT = {
    "first_byte": "sent nothing",
    "idle": "fell silent",
    "content": "sent heartbeats but no content",
}

Deadline = tuple[float, Callable[[], Verdict]]
"""When (seconds of the run's clock), and the verdict that is due then."""


class Times:
    """The moments of one run, in seconds of `clock`; attributes that end in `_s` count from its start."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.now = clock
        self._body_began = False
        self._finished_at: float | None = None
        self.first_byte_s: float | None = None
        self.ttft_s: float | None = None
        self.total_s: float | None = None
        self.begin()

    def begin(self) -> None:
        """The run begins now."""
        self._has_begun = True
        self.began_at = self._attempt_began = self._last_seen = self._last_content = self.now()

    def wait(self) -> None:
        """It has to wait until it begins: no time passes for it."""
        self._has_begun = False

    def elapsed_s(self) -> float:
        """Seconds since the start, or until the end."""
        if self.total_s is not None:
            return self.total_s
        return self.now() - self.began_at if self._has_begun else 0.0

    def seen(self, now: float) -> None:
        """Something came, if only a heartbeat."""
        self._last_seen = now

    def asks_again(self, now: float, delay_s: float) -> float:
        """The next attempt begins in `delay_s` seconds; returns when that is, in seconds since the start."""
        self._attempt_began = now + delay_s
        self._body_began = False
        return self._attempt_began - self.began_at

    def body_begins(self, now: float) -> bool:
        """Something of an answer's body came; whether it is the first of this attempt."""
        if self._body_began:
            return False
        self._body_began = True
        self.first_byte_s = now - self.began_at
        return True

    def content(self, now: float) -> None:
        """Something of the answer itself came; after a finish reason it was not the last one."""
        self._last_content = now
        self._finished_at = None
        if self.ttft_s is None:
            self.ttft_s = now - self.began_at

    def finished(self, now: float) -> None:
        """Every answer has its finish reason."""
        self._finished_at = now

    def end(self, total_s: float | None = None) -> None:
        """The run is over, now or as long after its start as is told."""
        self.total_s = self.elapsed_s() if total_s is None else total_s

    def deadlines(self, limits: Limits, origin: str) -> list[Deadline]:
        """What is due when, as things stand. `origin` is named in what is told of a timeout."""
        found: list[Deadline] = []

        def add(since: float, seconds: float | None, verdict: Callable[[], Verdict]) -> None:
            if seconds is not None:
                found.append((since + seconds, verdict))

        def timed_out(limit: str) -> Callable[[], Verdict]:
            return lambda: _timed_out(limit, getattr(limits, f"{limit}_timeout"), origin)

        add(self.began_at, limits.max_seconds, lambda: Verdict(Status.STOPPED, stop_reason="seconds"))
        if self._finished_at is not None:
            add(self._finished_at, TRAILER_SECONDS, lambda: Verdict(Status.DONE))
        elif not self._body_began:
            add(self._attempt_began, limits.first_byte_timeout, timed_out("first_byte"))
        else:
            add(self._last_seen, limits.idle_timeout, timed_out("idle"))
            since = max(self._last_content, self._attempt_began)
            add(since, limits.content_timeout, timed_out("content"))
        return found


def _timed_out(limit: str, seconds: float, origin: str) -> Verdict:
    error = InterruptedStream(
        f"{origin} {_TIMED_OUT[limit]} for {seconds:g} s",
        code=f"{limit}_timeout",
        hint=f"The text so far is kept. Raise {limit}_timeout= (seconds), or s.again().",
        host=origin,
    )
    return Verdict(Status.INTERRUPTED, error=error)
