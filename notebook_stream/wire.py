"""The messages between kernel and page, and the protocol's version.

Each TypedDict has a twin of the same name in js/src/wire.ts and a JSON fixture in tests/wire/ that both
test suites read. Kernel to page: append, end, snapshot, beat, ack, settled, copy; of a comparison cells,
of an inspector moments, too. Page to kernel: stop, snapshot, views, copy; of a comparison stop_cells, again,
resume and missing, of an inspector moments and branch, too; never a URL, a key or code. Imports nothing of
ours.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

PROTOCOL = 3


class ToolPiece(TypedDict, total=False):
    """A piece of a tool call (append), its `arguments` to be appended, or the whole of it (snapshot)."""

    position: int
    id: str
    name: str
    arguments: str
    kind: str


class ToolOutput(TypedDict):
    """What a tool that the server ran gave back, perhaps cut off; `position`: that of its call, if known."""

    position: int | None
    name: str
    kind: str
    content: str


class Cited(TypedDict, total=False):
    """What a source stands for: characters (code points) of the answer, where told."""

    start: int
    end: int


class CitationItem(Cited):
    """A source the answer refers to."""

    url: str
    title: str
    quote: str


class MediaContent(TypedDict, total=False):
    """What there is of a picture, sound or file: pieces of base64, as the server sent them, or an address."""

    mime_type: str
    data: list[str]
    url: str
    transcript: str
    is_too_large: bool


class MediaPiece(MediaContent):
    """A picture, sound or file that the model made; `slot` counts those of one answer.

    In append the pieces and the transcript of a sound are added to what is there; all else replaces it.
    """

    slot: int
    kind: str


class Asked(TypedDict, total=False):
    """What the request says of the answer's shape: it is JSON; there are several.

    `continues`: UTF-16 units of text and reasoning that were there before, so that they count for no rate.
    """

    json: bool
    choices: int
    continues: int


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
    """Everything about a run but its answers. In append: only what changed.

    `status`: that of the run, or "queued" in a comparison, before its turn.
    `origin`: "connection", or "source" (`show()`). Times are seconds since the run's start; `elapsed_s` is
    now, by the kernel's clock: the page counts on from it by its own. `tokens` is an estimate until
    `estimated` is false. `cost` is in US dollars, null where it is not known. `stop_detail`: words for the
    limit that stopped the run. `settling`: whether the run's own displays will become its static copy after
    the end ("planned"), or have ("done"); empty where the live view stays. `resumable`: an answer that was
    cut off can go on.
    """

    status: str
    model: str
    elapsed_s: float
    first_byte_s: float | None
    ttft_s: float | None
    total_s: float | None
    stop_reason: str | None
    stop_detail: str
    finish_reason: str | None
    finish_detail: str
    origin: str
    tokens: int
    estimated: bool
    tokens_per_s: float | None
    usage: dict[str, Any] | None
    cost: float | None
    cost_estimated: bool
    error: ErrorInfo | None
    retry: RetryInfo | None
    notice: str
    note: str
    settling: Literal["", "planned", "done"]
    asked: Asked
    resumable: bool


class ChoicePiece(TypedDict, total=False):
    """The same of an answer beside the first (`n=2`), and how it ended."""

    index: int
    text: str
    reasoning: str
    refusal: str
    tools: list[ToolPiece]
    results: list[ToolOutput]
    citations: list[CitationItem]
    media: list[MediaPiece]
    finish_reason: str
    finish_detail: str


class Append(TypedDict, total=False):
    """What came since the message before. `seq` counts messages; texts are appended to what is there."""

    type: Literal["append"]
    seq: int
    text: str
    reasoning: str
    refusal: str
    tools: list[ToolPiece]
    results: list[ToolOutput]
    citations: list[CitationItem]
    media: list[MediaPiece]
    choices: list[ChoicePiece]
    state: RunState


class End(TypedDict):
    """The last numbered message: the run has ended. `state` is the whole state."""

    type: Literal["end"]
    seq: int
    state: RunState


class Rare(TypedDict, total=False):
    """What few answers have. `lacks_media`: there are some, to be asked for; saved state must stay small."""

    results: list[ToolOutput]
    media: list[MediaPiece]
    choices: list[ChoicePiece]
    lacks_media: bool


class Snapshot(Rare):
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
    of: Literal[
        "stop", "snapshot", "views", "copy", "stop_cells", "again", "resume", "missing",
        "moments", "branch",
    ]  # fmt: skip


class Settled(TypedDict):
    """The run's displays are static now; a view that is still there has missed it, and asks for the copy."""

    type: Literal["settled"]


class Copy(TypedDict):
    """The static copy, as the notebook's file is to hold it: a mime bundle and the output's metadata."""

    type: Literal["copy"]
    data: dict[str, Any]
    metadata: dict[str, Any]


class Stop(TypedDict):
    """The page asks to end the run."""

    type: Literal["stop"]


class SnapshotRequest(TypedDict):
    """The page asks for the whole."""

    type: Literal["snapshot"]


class Views(TypedDict):
    """How the page's views of an ended run stand: the reader is in none, in one of them, or there is none."""

    type: Literal["views"]
    state: Literal["free", "held", "none"]


class CopyRequest(TypedDict):
    """The page asks for the static copy, to put it into the notebook itself."""

    type: Literal["copy"]


class Axis(TypedDict):
    """What varies in a comparison: its values as short labels, in full where a label is cut, else ""."""

    name: str
    labels: list[str]
    details: list[str]


class Layout(TypedDict):
    """The places of a comparison's cells: for each cell the number of its value on each axis.

    `across`: the axis that is across at first. `repeats`: the axis that counts the repeats of the same
    request, -1 where each is asked once.
    """

    axes: list[Axis]
    points: list[list[int]]
    across: int
    repeats: int


class CellMessage(TypedDict):
    """A message of the run of one cell. `run` counts the cell's runs: a higher one begins the cell anew."""

    cell: int
    run: int
    message: Append | End | Snapshot


class Agreement(TypedDict):
    """How far the answers to one repeated request agree, of those `cells` that have ended with a text.

    `distinct`: how many different texts. `prefix`: code points that all begin with; `before`: the last of
    them, `after`: how each text goes on where they part, in the order of `cells`. `alike`: the mean share of
    common words between two of them, 0 to 1. `chars` and `seconds`: the least and the most.
    """

    cells: list[int]
    distinct: int
    prefix: int
    before: str
    after: list[str]
    alike: float
    chars: list[int]
    seconds: list[float]


class GridState(TypedDict, total=False):
    """What is to be said of a comparison as a whole. In a later message only what changed.

    `note`: a remark that stays. `stop_reason`: why all of it was stopped: user, seconds, cost, abandoned.
    `elapsed_s`: seconds that something has run, now: the page counts on from it; `total_s`: the same once
    nothing runs any more.
    """

    concurrency: int
    elapsed_s: float
    total_s: float | None
    max_cost: float | None
    note: str
    stop_reason: str | None
    settling: Literal["", "planned", "done"]
    agreements: list[Agreement]


class Cells(TypedDict, total=False):
    """What came in the cells of a comparison since the message before; `seq` counts these messages."""

    type: Literal["cells"]
    seq: int
    cells: list[CellMessage]
    state: GridState


class StopCells(TypedDict):
    """The page asks to end the runs of these cells; `runs` as in `Again`."""

    type: Literal["stop_cells"]
    cells: list[int]
    runs: list[int]


class Again(TypedDict):
    """The page asks to run these cells again.

    `runs`: the run of each that it knows, so that a request which comes by two routes counts once.
    """

    type: Literal["again"]
    cells: list[int]
    runs: list[int]


class Resume(TypedDict):
    """The page asks for the rest of these cells' answers, which were cut off; `runs` as in `Again`."""

    type: Literal["resume"]
    cells: list[int]
    runs: list[int]


class Missing(TypedDict):
    """The page has seen a gap: for each cell the run and the number that it knows; it wants what is newer."""

    type: Literal["missing"]
    known: list[list[int]]


class MomentContent(TypedDict, total=False):
    """What an event of the wire brought.

    `piece`: what came of the answers, as in `Append`; `state`: what changed of the run, at its end the whole.
    `logprobs`: the tokens of the first answer's text in it: `[token, logprob, [[token, logprob], ...]]`.
    """

    piece: dict[str, Any]
    state: RunState
    logprobs: list[list[Any]]


class Moment(MomentContent):
    """One event of the wire: seconds since the run's start, its name and data (see `recording.rows`)."""

    at: float
    name: str
    data: str


class Track(TypedDict):
    """What is known of a run beside its moments.

    `branches`: it can go on from another token. `parent`: the track that this one branched off, `token`: at
    which of its tokens. `lost`: moments that could not be kept. `times`: "" where they are as they were, else
    a word for where they are from.
    """

    label: str
    model: str
    wire_format: str
    host: str
    request: dict[str, Any] | None
    branches: bool
    parent: int | None
    token: int | None
    lost: int
    times: str


Moments = TypedDict(
    "Moments",
    {
        "type": Literal["moments"],
        "track": int,
        "from": int,
        "moments": list[Moment],
        "total": int,
    },
)
"""Moments of one track from number `from` on; there are `total` of them now."""

MomentsRequest = TypedDict(
    "MomentsRequest",
    {"type": Literal["moments"], "track": int, "from": int},
)
"""The page asks for the moments of a track from number `from` on."""


class Branch(TypedDict):
    """The page asks to go on from a token of a track with one of its alternatives, by its number."""

    type: Literal["branch"]
    track: int
    token: int
    alternative: int


FromPage = (
    Stop
    | SnapshotRequest
    | Views
    | CopyRequest
    | StopCells
    | Again
    | Resume
    | Missing
    | MomentsRequest
    | Branch
)
ToPage = Append | End | Snapshot | Beat | Ack | Settled | Copy | Cells | Moments
