"""Events in, messages out: coalesced and numbered, so that the page can follow at any token rate.

What arrives between two messages rides together. Knows no comm, no session and no clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from .. import wire
from ..events import Event, Heartbeat
from .parts import Parts, Slots

_COUNTED_ON_THE_PAGE = frozenset({"elapsed_s", "tokens", "tokens_per_s", "estimated", "total_s"})


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
        self._slots: dict[int, Slots] = {}
        self._pending = Parts(self._slots)
        self._sent = Parts(self._slots)

    def take(self, event: Event) -> bool:
        """Keep what the page has to see of `event` for the next message; False where that is nothing."""
        with self.lock:
            self._pending.take(event)
        return not isinstance(event, Heartbeat)

    @property
    def is_urgent(self) -> bool:
        """Whether the first content of the answer waits to be sent."""
        return self._pending.has_content and not self.first_content_sent

    def flush(self, *, before_end: bool = False) -> wire.Append | None:
        """The next append message, or None where there is nothing new.

        `before_end`: the end record follows, and holds the whole state.
        """
        with self.lock:
            state: wire.RunState = {} if before_end else self._changed_state()
            fields = self._pending.fields()
            if not fields and not state:
                self._mark_sent()  # there may be what the page gets nothing of
                return None
            self.first_content_sent = self.first_content_sent or self._pending.has_content
            self.seq += 1
            message: wire.Append = {"type": "append", "seq": self.seq}
            message.update(fields)  # type: ignore[typeddict-item]  # same keys, all optional
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
            snapshot: wire.Snapshot = {
                "type": "snapshot",
                "seq": self.seq,
                "text": "",
                "reasoning": "",
                "refusal": "",
                "tools": [],
                "citations": [],
                "state": self._describe(),
            }
            snapshot.update(self._sent.fields())  # type: ignore[typeddict-item]  # some of its keys
            return snapshot

    def opening(self) -> None:
        """A page is about to see this for the first time: what waits goes with the opening state."""
        with self.lock:
            if self._pending.has_content:
                self.seq += 1
                self._mark_sent()
            self._changed_state()

    def _mark_sent(self) -> None:
        self._sent.absorb(self._pending)
        self._pending = Parts(self._slots)

    def _changed_state(self) -> wire.RunState:
        now = self._describe()
        changed = {k: v for k, v in now.items() if k not in _COUNTED_ON_THE_PAGE and self._told.get(k) != v}
        self._told = now
        if "retry" in changed or "status" in changed:
            changed["elapsed_s"] = now.get("elapsed_s")
        return changed  # type: ignore[return-value]  # a part of a RunState
