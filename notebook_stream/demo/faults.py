"""The name of a fault, such as "cut:20" -> what shall go wrong, and after how many tokens or how many times.

Only the vocabulary: `server` and `generation` act on it. It knows no wire format and no socket.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Hashable
from dataclasses import dataclass

AFTER_TOKENS = ("cut", "eof", "reset", "silence", "heartbeats", "error")
"""`name:N`, after N tokens (or at the answer's end, should it be shorter, but before its end mark).

cut: the connection closes within the body; eof: the body ends well, but without an end mark; reset: RST;
silence: nothing more comes; heartbeats: only those come; error: an error event.
"""

AT_THE_ENDS = ("html", "empty", "no_done", "no_close", "refuse_stream_options")
"""html: 200 with a login page; empty: 200 without a body; no_done: the finish reason, then the body's end;
no_close: the end mark, but the body never ends; refuse_stream_options: 400 where the request has them."""

_NAME = re.compile(r"(?P<kind>[a-z_]+?)(?:_(?P<status>[45]\d\d))?(?::(?P<count>\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. `count`: tokens before it, or for "http" how often (None: always)."""

    kind: str
    count: int | None = None
    status: int = 200

    @property
    def after(self) -> int | None:
        """Tokens to send before it happens; None where it is not in the middle of an answer."""
        return self.count if self.kind in AFTER_TOKENS else None


def parse(name: str) -> Fault:
    """The fault called `name`. Raises ValueError, listing all names, when there is none."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(_unknown(name))
    kind, status = match["kind"], int(match["status"] or 200)
    count = int(match["count"]) if match["count"] else None
    right = (
        (kind == "http" and status != 200)
        or (kind in AFTER_TOKENS and status == 200 and count is not None)
        or (kind in AT_THE_ENDS and status == 200 and count is None)
    )
    if not right:
        raise ValueError(_unknown(name))
    return Fault(kind, count, status)


def _unknown(name: str) -> str:
    known = ["http_<status>", "http_<status>:<times>", *(f"{k}:<tokens>" for k in AFTER_TOKENS), *AT_THE_ENDS]
    return f"unknown fault {name!r}; there are: {', '.join(known)}"


class Tally:
    """Counts how often a fault has struck the same request, so that "http_429:2" strikes twice and then not.

    After the success it starts anew, so that a cell that is run again shows the same again.
    """

    MOST = 1_000
    """Requests counted at most; beyond that all are forgotten, for a server may run for weeks."""

    def __init__(self) -> None:
        self._struck: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def strikes(self, fault: Fault, request: Hashable) -> bool:
        """Whether the fault happens this time."""
        if fault.count is None:
            return True
        with self._lock:
            struck = self._struck.pop((fault, request), 0)
            if struck >= fault.count:
                return False
            if len(self._struck) >= self.MOST:
                self._struck.clear()
            self._struck[(fault, request)] = struck + 1
            return True
