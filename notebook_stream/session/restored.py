"""What a notebook kept of a run in, a session out that has ended as that run did. Nothing is asked or run."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InterruptedStream, StreamError, kinds
from ..events import Event
from .run import Session
from .status import Status, Verdict
from .verdicts import SOURCE


@dataclass(frozen=True)
class Restored:
    """A run as it was kept. Times in seconds since its start; `error`: its code, message, hint and host."""

    events: tuple[Event, ...]
    model: str
    status: str
    stop_reason: str | None
    error: tuple[str, str, str, str] | None
    is_source: bool
    notice: str
    first_byte_s: float | None
    ttft_s: float | None
    total_s: float | None
    chunks: int
    chars: int
    tokens: int
    estimated: bool
    stop_detail: str = ""
    cost: float | None = None
    cost_estimated: bool = False


def restored(kept: Restored) -> Session:
    """The session. A run that had not ended when it was kept was cut off: it counts as interrupted."""
    session = Session(kept.model, origin=SOURCE if kept.is_source else "the server")
    for event in kept.events:
        session.answer.take(event)
        session.log.append(event)
    session.answer.count_as(kept.chunks, kept.chars, kept.tokens, estimated=kept.estimated)
    session.cost.restore(kept.cost, kept.cost_estimated)
    session.end_as(_verdict(kept), kept.notice, (kept.first_byte_s, kept.ttft_s, kept.total_s))
    return session


def _verdict(kept: Restored) -> Verdict:
    try:
        status = Status(kept.status)
    except ValueError:
        status = Status.INTERRUPTED
    if status in (Status.CONNECTING, Status.STREAMING):
        status = Status.INTERRUPTED
    if status in (Status.DONE, Status.STOPPED):
        return Verdict(status, stop_reason=kept.stop_reason, stop_detail=kept.stop_detail)
    return Verdict(status, error=error_of(kept.error))


def error_of(kept: tuple[str, str, str, str] | None) -> StreamError:
    """The error of a code, message, hint and host that were kept; None: the run was cut off."""
    if kept is None:
        return InterruptedStream("the run was cut off", hint="The text so far is kept; s.again() asks again.")
    code, message, hint, host = kept
    kind = next((kind for kind in kinds() if kind.code == code), StreamError)
    return kind(message, hint=hint, code=code, host=host)
