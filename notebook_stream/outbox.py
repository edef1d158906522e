"""Events in, messages out: coalesced and numbered, so that the page can follow at any token rate.

An `Outbox` belongs to one stream, the `Pacer` to the process. What arrives between two messages rides
together. Beyond 1,000 messages a second Jupyter's server drops messages silently, the user's own prints
included (measured), so the process as a whole keeps to `MAX_PER_SECOND`. Knows no comm and no session.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from . import wire
from .events import Citation, Event, Heartbeat, Reasoning, Refusal, Text, ToolCall

FAST_INTERVAL_S = 1 / 30
SLOW_INTERVAL_S = 1 / 10
MANY = 10
"""Beyond this many streams each sends `SLOW_INTERVAL_S` apart (DESIGN section 5)."""
MAX_PER_SECOND = 250
BURST = 20
"""Messages of all streams together: in no second more than both. The rest of the 300 that DESIGN allows is
for what goes at once: ends, and answers to the page."""
MESSAGES_AT_END = 3
"""What was left, the end record, and the traits."""
BEAT_S = 2.0
BEATS_AFTER_END = 5
"""The end record may be lost like any other message; these beats let the page see that."""


class Outbox:
    """What one stream has to tell the page.

    `describe` gives the run's state now. `take` and `flush` are called on the loop; `snapshot` and `opening`
    from any thread.
    """

    def __init__(self, describe: Callable[[], wire.RunState]) -> None:
        self.lock = threading.RLock()
        self.seq = 0
        self.first_content_sent = False
        self._describe = describe
        self._told: wire.RunState = {}
        self._pending = _Parts()
        self._sent = _Parts()

    def take(self, event: Event) -> bool:
        """Keep what the page has to see of `event` for the next message; False where that is nothing."""
        with self.lock:
            self._pending.take(event)
        return not isinstance(event, Heartbeat)

    @property
    def has_content(self) -> bool:
        """Whether any part of the answer waits to be sent."""
        return self._pending.has_content

    def flush(self, *, before_end: bool = False) -> wire.Append | None:
        """The next append message, or None where there is nothing new.

        `before_end`: the end record follows, and holds the whole state.
        """
        with self.lock:
            state: wire.RunState = {} if before_end else self._changed_state()
            if not self._pending.has_content and not state:
                return None
            self.first_content_sent = self.first_content_sent or self._pending.has_content
            self.seq += 1
            message: wire.Append = {"type": "append", "seq": self.seq}
            message.update(self._pending.pieces())  # type: ignore[typeddict-item]  # same keys, all optional
            if state:
                message["state"] = state
            self._mark_sent()
            return message

    def end(self) -> wire.End:
        """The end message; `flush` goes before it."""
        with self.lock:
            self.seq += 1
            return {"type": "end", "seq": self.seq, "state": self._describe()}

    def beat(self) -> wire.Beat:
        """The heartbeat."""
        return {"type": "beat", "seq": self.seq}

    def snapshot(self) -> wire.Snapshot:
        """The whole, exactly up to the last number sent."""
        with self.lock:
            return {
                "type": "snapshot",
                "seq": self.seq,
                "text": self._sent.text(),
                "reasoning": self._sent.reasoning(),
                "refusal": self._sent.refusal(),
                "tools": self._sent.tools(),
                "citations": list(self._sent.citations),
                "state": self._describe(),
            }

    def opening(self) -> None:
        """A page is about to see this for the first time: what waits goes with the opening state."""
        with self.lock:
            if self._pending.has_content:
                self.seq += 1
                self._mark_sent()
            self._changed_state()

    def _mark_sent(self) -> None:
        self._sent.absorb(self._pending)
        self._pending = _Parts()

    def _changed_state(self) -> wire.RunState:
        now = self._describe()
        changed = {k: v for k, v in now.items() if k not in _COUNTED_ON_THE_PAGE and self._told.get(k) != v}
        self._told = now
        if "retry" in changed or "status" in changed:
            changed["elapsed_s"] = now.get("elapsed_s")
        return changed  # type: ignore[return-value]  # a part of a RunState


_COUNTED_ON_THE_PAGE = frozenset({"elapsed_s", "tokens", "tokens_per_s", "estimated", "total_s"})


class _Parts:
    """Texts, tool calls and citations of the first answer, joined only when read."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self.citations: list[wire.CitationItem] = []
        self.has_content = False

    def take(self, event: Event) -> None:
        if not event.is_content or getattr(event, "index", 0) != 0:
            return
        self.has_content = True
        if isinstance(event, Text):
            self._text.append(event.text)
        elif isinstance(event, Reasoning):
            self._reasoning.append(event.text)
        elif isinstance(event, Refusal):
            self._refusal.append(event.text)
        elif isinstance(event, ToolCall):
            self._call(event.position, event.id, event.name, event.kind, [event.arguments])
        elif isinstance(event, Citation):
            self.citations.append({"url": event.url, "title": event.title, "quote": event.quote})

    def _call(self, position: int, id_: str, name: str, kind: str, arguments: list[str]) -> None:
        call = self._calls.setdefault(position, {"id": "", "name": "", "kind": "function", "arguments": []})
        call["id"] = id_ or call["id"]
        call["name"] = name or call["name"]
        call["kind"] = kind if kind != "function" else call["kind"]
        call["arguments"].extend(arguments)

    def absorb(self, other: _Parts) -> None:
        """Add everything of `other` at the end of this."""
        self._text += other._text
        self._reasoning += other._reasoning
        self._refusal += other._refusal
        self.citations += other.citations
        for position, call in other._calls.items():
            self._call(position, call["id"], call["name"], call["kind"], call["arguments"])
        self.has_content = self.has_content or other.has_content

    def text(self) -> str:
        return _join(self._text)

    def reasoning(self) -> str:
        return _join(self._reasoning)

    def refusal(self) -> str:
        return _join(self._refusal)

    def tools(self) -> list[wire.ToolPiece]:
        return [
            {
                "position": position,
                "id": call["id"],
                "name": call["name"],
                "arguments": _join(call["arguments"]),
                "kind": call["kind"],
            }
            for position, call in sorted(self._calls.items())
        ]

    def pieces(self) -> dict[str, Any]:
        """Only what is there: an empty field would cost bytes in every message."""
        everything = {
            "text": self.text(),
            "reasoning": self.reasoning(),
            "refusal": self.refusal(),
            "tools": self.tools(),
            "citations": list(self.citations),
        }
        return {key: value for key, value in everything.items() if value}


def _join(parts: list[str]) -> str:
    if len(parts) > 1:
        parts[:] = ["".join(parts)]
    return parts[0] if parts else ""


class Sender(Protocol):
    """A stream as the pacer sees it: an outbox, and a way to the page."""

    outbox: Outbox

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
        first = stream.outbox.has_content and not stream.outbox.first_content_sent
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
