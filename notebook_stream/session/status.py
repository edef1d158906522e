"""Where a run is, and how it ends: names, and nothing that happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ..errors import StreamError


class Status(str, Enum):
    """Where a run is: queued where it waits for its turn, two beginnings, and exactly one of four ends."""

    QUEUED = "queued"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ERROR = "error"


@dataclass(frozen=True)
class Verdict:
    """How a run ends. `stop_detail`: words for the limit that stopped it."""

    status: Status
    stop_reason: str | None = None
    stop_detail: str = ""
    error: StreamError | None = None
