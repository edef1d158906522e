"""The messages between kernel and page, and the protocol's version.

Each TypedDict has a twin of the same name in js/src/wire.ts and a JSON fixture in tests/wire/ that both
test suites read. Kernel to page: append, end, snapshot, beat, ack. Page to kernel: stop, snapshot; never
a URL, a key or code. Imports nothing of ours.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

PROTOCOL = 1


class ToolPiece(TypedDict, total=False):
    """A piece of a tool call (append), its `arguments` to be appended, or the whole of it (snapshot)."""

    position: int
    id: str
    name: str
    arguments: str
    kind: str


class CitationItem(TypedDict):
    """A source the answer refers to; numbered by its place in the list."""

    url: str
    title: str
    quote: str


class ErrorInfo(TypedDict):
    """What went wrong, in plain words, and what to do."""

    code: str
    message: str
    hint: str


class RetryInfo(TypedDict):
    """Waiting to ask again: at `at_s` seconds since the run's start."""

    at_s: float
    attempt: int
    of: int
    reason: str


class RunState(TypedDict, total=False):
    """Everything about a run but its texts. In append and end: only what changed.

    `origin`: "connection", or "source" (`show()`). Times are seconds since the run's start; `elapsed_s` is
    now, by the kernel's clock: the page counts on from it by its own. `tokens` is an estimate until
    `estimated` is false.
    """

    status: str
    model: str
    elapsed_s: float
    first_byte_s: float | None
    ttft_s: float | None
    total_s: float | None
    stop_reason: str | None
    finish_reason: str | None
    finish_detail: str
    origin: str
    tokens: int
    estimated: bool
    tokens_per_s: float | None
    usage: dict[str, Any] | None
    error: ErrorInfo | None
    retry: RetryInfo | None
    notice: str
    note: str


class Append(TypedDict, total=False):
    """What came since the message before. `seq` counts messages; texts are appended to what is there."""

    type: Literal["append"]
    seq: int
    text: str
    reasoning: str
    refusal: str
    tools: list[ToolPiece]
    citations: list[CitationItem]
    state: RunState


class End(TypedDict):
    """The last numbered message: the run has ended. `state` is the whole state."""

    type: Literal["end"]
    seq: int
    state: RunState


class Snapshot(TypedDict):
    """The whole up to `seq`: the opening state, and the answer to a page that saw a gap."""

    type: Literal["snapshot"]
    seq: int
    text: str
    reasoning: str
    refusal: str
    tools: list[ToolPiece]
    citations: list[CitationItem]
    state: RunState


class Beat(TypedDict):
    """A slow heartbeat with the last number sent, so that a lost tail shows."""

    type: Literal["beat"]
    seq: int


class Ack(TypedDict):
    """The kernel has the page's request."""

    type: Literal["ack"]
    of: Literal["stop", "snapshot"]


class Stop(TypedDict):
    """The page asks to end the run."""

    type: Literal["stop"]


class SnapshotRequest(TypedDict):
    """The page asks for the whole."""

    type: Literal["snapshot"]


FromPage = Stop | SnapshotRequest
ToPage = Append | End | Snapshot | Beat | Ack
