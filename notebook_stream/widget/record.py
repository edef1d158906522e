"""A session in, what the notebook keeps of it out, and the way back: what it kept as a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import wire
from ..errors import StreamError
from ..saved import Answer, ErrorInfo, Record, events_of
from ..session import Choice, Restored, Session, restored


def record_of(
    session: Session,
    *,
    note: str,
    asked: wire.Asked,
    request: Mapping[str, Any] | None,
    version: str,
    recording: str = "",
) -> Record:
    """What there is of the run now; `note` is a lasting remark, `request` what asking again needs."""
    m = session.metrics()
    answer = session.answer
    return Record(
        answers=tuple(map(_answer_of, answer.choices())) or (Answer(),),
        status=session.status.value,
        stop_reason=session.stop_reason,
        stop_detail=session.stop_detail,
        model=answer.model,
        usage=answer.usage,
        first_byte_s=m.first_byte_s,
        ttft_s=m.ttft_s,
        total_s=session.elapsed_s(),
        tokens=m.tokens,
        tokens_per_s=m.tokens_per_s,
        estimated=m.estimated,
        chunks=m.chunks,
        chars=m.chars,
        cost=m.cost,
        cost_estimated=m.cost_estimated,
        error=_error_of(session.error),
        is_json=asked.get("json", False),
        origin="source" if session.is_source else "connection",
        notice=" ".join(filter(None, (session.notice, note))),
        request=request,
        version=version,
        recording=recording,
    )


def session_of(record: Record) -> Session:
    """The run that `record` tells of, ended as it did. A run that was cut off counts as interrupted."""
    error = record.error
    return restored(
        Restored(
            events=tuple(events_of(record)),
            model=record.model,
            status=record.status,
            stop_reason=record.stop_reason,
            error=None if error is None else (error.code, error.message, error.hint, error.host),
            is_source=record.origin == "source",
            notice=record.notice,
            first_byte_s=record.first_byte_s,
            ttft_s=record.ttft_s,
            total_s=record.total_s,
            chunks=record.chunks,
            chars=record.chars,
            tokens=record.tokens,
            estimated=record.estimated,
            stop_detail=record.stop_detail,
            cost=record.cost,
            cost_estimated=record.cost_estimated,
        )
    )


def _answer_of(choice: Choice) -> Answer:
    return Answer(
        text=choice.text,
        reasoning=choice.reasoning,
        refusal=choice.refusal,
        tool_calls=choice.tool_calls,
        tool_results=choice.tool_results,
        citations=choice.citations,
        media=choice.media,
        finish_reason=choice.finish_reason,
        finish_reason_raw=choice.finish_reason_raw,
        finish_detail=choice.finish_detail,
    )


def _error_of(error: StreamError | None) -> ErrorInfo | None:
    return None if error is None else ErrorInfo(error.code, error.message, error.hint, error.host)
