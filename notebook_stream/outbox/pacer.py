"""Streams that have something to send come in; when each may send goes out, so that no message is dropped.

Beyond 1,000 messages a second Jupyter's server drops messages silently, the user's own prints included
(measured), so the process as a whole keeps to `MAX_PER_SECOND`. Knows no message type.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

FAST_INTERVAL_S = 1 / 24
"""The pictures a second of a film: text still moves, and a piece waits 42 ms at most. More would cost: each
message takes the kernel about a millisecond and the page about eight (benchmarks/README.md)."""
SLOW_INTERVAL_S = 1 / 10
MANY = 10
"""Beyond this many streams each sends `SLOW_INTERVAL_S` apart."""
MAX_PER_SECOND = 250
BURST = 20
"""Messages of all streams together: in no second more than both. The rest of the 300 that all traffic may
have is for what goes at once: ends, and answers to the page."""
MESSAGES_AT_END = 3
"""What was left, the end record, and the traits."""
BEAT_S = 2.0
BEATS_AFTER_END = 5
"""The end record may be lost like any other message; these beats let the page see that."""


class Sender(Protocol):
    """What sends to a page, as the pacer sees it: a stream, or all those of a comparison."""

    @property
    def is_urgent(self) -> bool:
        """Whether its first content waits to be sent."""

    def send_pending(self) -> bool:
        """Send what waits; False where there was nothing, or no page."""

    def send_beat(self) -> bool:
        """Send a heartbeat; False where no page is there any more."""


class Pacer:
    """Decides when each stream sends. Lives on the loop; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._streams: dict[Sender, float] = {}
        self._timers: dict[Sender, asyncio.TimerHandle] = {}
        self._beats: dict[Sender, asyncio.TimerHandle] = {}
        self._credit = float(BURST)
        self._credit_at = clock()

    def add(self, stream: Sender) -> None:
        """A stream begins."""
        # As if it had just sent: a change of state waits for one interval, for content is often close behind.
        self._streams[stream] = self._clock()
        self._plan_beat(stream, BEAT_S, None)

    def remove(self, stream: Sender) -> None:
        """It has ended: nothing waits any more; a few heartbeats still go out."""
        self._streams.pop(stream, None)
        self._credit -= MESSAGES_AT_END
        timer = self._timers.pop(stream, None)
        if timer is not None:
            timer.cancel()
        self._plan_beat(stream, BEAT_S / 2, BEATS_AFTER_END)

    def interval(self) -> float:
        """Seconds between two messages of one stream, for as many streams as there are now."""
        count = len(self._streams)
        return max(FAST_INTERVAL_S if count <= MANY else SLOW_INTERVAL_S, count / MAX_PER_SECOND)

    def wake(self, stream: Sender) -> None:
        """Something waits: the first content leaves at once, the rest in its turn."""
        if stream not in self._streams:
            return
        first = stream.is_urgent
        waiting = self._timers.get(stream)
        if waiting is not None:
            if not first:
                return
            waiting.cancel()
        due = self._streams[stream] + self.interval()
        delay = 0.0 if first else max(0.0, due - self._clock())
        loop = asyncio.get_running_loop()
        # Never within `wake`: events that arrived in the same read ride together.
        self._timers[stream] = loop.call_later(delay, self._send, stream)

    def _send(self, stream: Sender) -> None:
        self._timers.pop(stream, None)
        wait = self._wait_for_credit()
        if wait > 0:
            self._timers[stream] = asyncio.get_running_loop().call_later(wait, self._send, stream)
        elif stream.send_pending():
            self._credit -= 1
            if stream in self._streams:
                self._streams[stream] = self._clock()

    def _wait_for_credit(self) -> float:
        now = self._clock()
        earned = (now - self._credit_at) * MAX_PER_SECOND
        self._credit = min(self._credit + earned, BURST)
        self._credit_at = now
        return 0.0 if self._credit >= 1 else (1 - self._credit) / MAX_PER_SECOND

    def _plan_beat(self, stream: Sender, delay: float, left: int | None) -> None:
        timer = self._beats.pop(stream, None)
        if timer is not None:
            timer.cancel()
        if left != 0:
            loop = asyncio.get_running_loop()
            self._beats[stream] = loop.call_later(delay, self._beat, stream, delay, left)

    def _beat(self, stream: Sender, delay: float, left: int | None) -> None:
        del self._beats[stream]
        sent_at = self._streams.get(stream)
        quiet = BEAT_S if sent_at is None else self._clock() - sent_at
        if quiet < BEAT_S:
            # Any numbered message shows a loss as well as a beat does.
            self._plan_beat(stream, BEAT_S - quiet, left)
            return
        is_heard = stream.send_beat()
        self._credit -= is_heard
        if left is None:
            self._plan_beat(stream, BEAT_S, None)
        elif is_heard:
            self._plan_beat(stream, 2 * delay, left - 1)
