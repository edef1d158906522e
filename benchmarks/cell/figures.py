"""In: what the server wrote, what the page saw, CPU and memory at marks. Out: the figures of one run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from .. import report
from ..meter import Cpu, Memory, Sample
from ..recorder import Frame, Recording
from ..server import Record

SLOW_FRAME_S = 0.05
EARLIEST_S = -0.002
"""A token on screen earlier than this before it was written means that the clocks disagree."""
BINS = 20
"""Pieces of the answer for which ages and costs are told, of the same number of tokens."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of one run: by the page, of CPU time, and by how much memory had grown at its end."""

    recording: Recording
    samples: list[Sample]
    grown: Memory


Mark = tuple[int, Cpu]
"""How many tokens were on screen, and the CPU time used by then."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Ages in milliseconds, CPU in seconds, memory in MiB, bytes as the websocket's payload.

    Messages and bytes are those up to the last delta, with `opening_bytes` for a widget among them;
    `end_messages` and `end_bytes` come after it. None: what this way has not (kernel's messages with a date),
    or what a run that was cut has not (a lag). `lost` tokens were skipped on screen. `quarter_ms` is CPU of
    kernel and renderer for a token, by quarters of the answer; `curve` has for each of `BINS` pieces the
    tokens so far, the median age (ms), and the CPU of kernel, server and renderer for a token (ms).
    """

    shown: int
    lost: int
    age_p50_ms: float
    age_p99_ms: float
    sent_p50_ms: float | None
    sent_p99_ms: float | None
    lag_ms: float | None
    slow_frames: int
    longest_frame_ms: float
    messages: int
    bytes: int
    opening_bytes: int
    end_messages: int | None
    end_bytes: int | None
    kernel_cpu_s: float
    server_cpu_s: float
    renderer_cpu_s: float
    kernel_mib: float
    renderer_mib: float
    heap_mib: float
    quarter_ms: list[float] | None
    curve: list[list[float]]


def figures(tokens: int, record: Record, seen: Observed) -> Figures:
    """All figures of a run of `tokens`; it was cut where fewer are on screen.

    Raises RuntimeError where nothing is on screen, the server did not write what is, or the clocks disagree.
    """
    recording, grown = seen.recording, seen.grown
    if not recording.shown:
        raise RuntimeError("nothing came on screen")
    marks = _marks(recording, seen.samples)
    is_whole = len(recording.shown) == tokens
    if len(record.written) < len(recording.shown) or (is_whole and record.ended_at is None):
        raise RuntimeError(f"the server wrote {len(record.written)} of {tokens} tokens")
    ages = [1000 * (at - written) for at, written in zip(recording.shown, record.written, strict=False)]
    if min(ages) < 1000 * EARLIEST_S:
        raise RuntimeError(f"the clocks disagree: a token was on screen {-min(ages):.1f} ms before its write")
    spent = marks[-1][1].since(marks[0][1])
    lag = 1000 * (recording.shown[-1] - (record.ended_at or 0)) if is_whole else None
    return Figures(
        shown=len(recording.shown),
        lost=max(0, len(recording.shown) - recording.present),
        age_p50_ms=report.percentile(ages, 0.5),
        age_p99_ms=report.percentile(ages, 0.99),
        lag_ms=lag,
        kernel_cpu_s=spent.kernel,
        server_cpu_s=spent.server,
        renderer_cpu_s=spent.renderer,
        kernel_mib=grown.kernel,
        renderer_mib=grown.renderer,
        heap_mib=grown.heap,
        quarter_ms=_quarters(tokens, marks) if is_whole else None,
        curve=_curve(tokens, ages, marks),
        **_slow_frames(record, recording),
        **_traffic(tokens, recording),
        **_sent(tokens, record, recording),
    )


def _slow_frames(record: Record, recording: Recording) -> dict[str, Any]:
    begin, end = record.written[0], recording.shown[-1]
    slow = [length for at, length in recording.slow_frames if begin <= at <= end and length > SLOW_FRAME_S]
    return {"slow_frames": len(slow), "longest_frame_ms": 1000 * max(slow, default=0.0)}


def _split(tokens: int, recording: Recording) -> tuple[list[Frame], list[Frame] | None]:
    """The messages up to that with the last delta, and those that came after; None for a run that was cut.

    Where messages do not show their text (an app that encodes it), all that had come when it was on screen.
    """
    frames = recording.frames
    if len(recording.shown) < tokens:
        return frames, None
    brought = (place for place, frame in enumerate(frames) if frame.newest >= tokens)
    came = sum(frame.at <= recording.shown[-1] for frame in frames)
    cut = next(brought, came - 1) + 1
    return frames[:cut], frames[cut:]


def _traffic(tokens: int, recording: Recording) -> dict[str, Any]:
    frames, after = _split(tokens, recording)
    return {
        "messages": len(frames),
        "bytes": sum(frame.size for frame in frames),
        "opening_bytes": sum(frame.size for frame in frames if frame.kind == "comm_open"),
        "end_messages": None if after is None else len(after),
        "end_bytes": None if after is None else sum(frame.size for frame in after),
    }


def _sent(tokens: int, record: Record, recording: Recording) -> dict[str, Any]:
    """How old each token was when the kernel sent the message that brought it."""
    sent: list[float] = []
    for frame in _split(tokens, recording)[0]:
        if frame.sent_at is not None:
            sent += [frame.sent_at] * (frame.newest - len(sent))
    if not sent:
        return {"sent_p50_ms": None, "sent_p99_ms": None}
    ages = [1000 * (at - written) for at, written in zip(sent, record.written, strict=False)]
    return {"sent_p50_ms": report.percentile(ages, 0.5), "sent_p99_ms": report.percentile(ages, 0.99)}


def _marks(recording: Recording, samples: list[Sample]) -> list[Mark]:
    """The samples up to the first one after the last token, with the tokens on screen at the moment."""
    last = bisect_left([at for at, _ in samples], recording.shown[-1])
    return [(bisect_right(recording.shown, at), cpu) for at, cpu in samples[: last + 1]]


def _mark(marks: list[Mark], tokens: float) -> Mark:
    return next((mark for mark in marks if mark[0] >= tokens), marks[-1])


def _quarters(tokens: int, marks: list[Mark]) -> list[float]:
    bounds = [_mark(marks, tokens * quarter / 4) for quarter in range(5)]
    return [_cost(*pair, with_server=False) for pair in pairwise(bounds)]


def _cost(begin: Mark, end: Mark, *, with_server: bool) -> float:
    """CPU for a token between two marks, in ms."""
    spent = end[1].since(begin[1])
    seconds = spent.kernel + spent.renderer + (spent.server if with_server else 0.0)
    return 1000 * seconds / max(1, end[0] - begin[0])


def _curve(tokens: int, ages: list[float], marks: list[Mark]) -> list[list[float]]:
    points: list[list[float]] = []
    for place in range(BINS):
        first, last = tokens * place // BINS, tokens * (place + 1) // BINS
        inside = ages[first:last]
        begin, end = _mark(marks, first), _mark(marks, last)
        if inside and end[0] > begin[0]:
            points.append([first + len(inside), median(inside), _cost(begin, end, with_server=True)])
    return points
