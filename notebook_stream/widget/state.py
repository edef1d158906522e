"""A session as the page sees it: its state now, and the traits that together are a snapshot."""

from __future__ import annotations

from typing import Any, Literal

from .. import wire
from ..session import Session

SNAPSHOT_TRAITS = frozenset({"seq", "text", "reasoning", "status", "_rest"})
_OWN_TRAIT = frozenset({"type", "seq", "text", "reasoning"})
USAGE = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "cost")


def describe(
    session: Session, note: str, asked: wire.Asked, settling: Literal["", "planned", "done"]
) -> wire.RunState:
    """Everything about a run but its answers; `note` is a lasting remark for the view."""
    m = session.metrics()
    finish = session.answer.finish
    state: wire.RunState = {
        "status": session.status.value,
        "model": session.answer.model,
        "elapsed_s": round(session.elapsed_s(), 3),
        "first_byte_s": _rounded(m.first_byte_s),
        "ttft_s": _rounded(m.ttft_s),
        "total_s": _rounded(m.total_s),
        "stop_reason": session.stop_reason,
        "stop_detail": session.stop_detail,
        "finish_reason": finish.reason if finish else None,
        "finish_detail": finish.detail if finish else "",
        "origin": "source" if session.is_source else "connection",
        "tokens": m.tokens,
        "estimated": m.estimated,
        "tokens_per_s": _rounded(m.tokens_per_s),
        "usage": _usage(session),
        "cost": _readable(m.cost),
        "cost_estimated": m.cost_estimated,
        "error": _error(session),
        "retry": _retry(session),
        "notice": session.notice,
        "note": note,
        "settling": settling,
    }
    if asked:
        state["asked"] = asked
    return state


def snapshot_traits(snapshot: wire.Snapshot, *, with_media: bool) -> dict[str, Any]:
    """The traits that hold a snapshot: in the opening state, and once at the end.

    Without media at the end: pages have them already, and the notebook's file is not the place for them.
    """
    rest: dict[str, Any] = {key: value for key, value in snapshot.items() if key not in _OWN_TRAIT}
    if not with_media:
        rest = _without_media(rest)
    return {
        "seq": snapshot["seq"],
        "text": snapshot["text"],
        "reasoning": snapshot["reasoning"],
        "_rest": {**rest, "protocol": wire.PROTOCOL},
    }


def _without_media(rest: dict[str, Any]) -> dict[str, Any]:
    choices = rest.get("choices", [])
    if "media" not in rest and not any("media" in choice for choice in choices):
        return rest
    kept = {key: value for key, value in rest.items() if key != "media"}
    if choices:
        kept["choices"] = [{k: v for k, v in choice.items() if k != "media"} for choice in choices]
    return {**kept, "lacks_media": True}


def _usage(session: Session) -> dict[str, Any] | None:
    usage = session.answer.usage
    return None if usage is None else {name: getattr(usage, name) for name in USAGE}


def _error(session: Session) -> wire.ErrorInfo | None:
    error = session.error
    return None if error is None else {"code": error.code, "message": error.message, "hint": error.hint}


def _retry(session: Session) -> wire.RetryInfo | None:
    if session.retry is None:
        return None
    at, retry = session.retry
    return {"at_s": round(at, 3), "attempt": retry.attempt, "of": retry.of, "reason": retry.reason}


def _readable(cost: float | None) -> float | None:
    """As exact as it is shown, two digits or cents: or each message would tell of another estimate."""
    return None if cost is None else round(cost, 2) if cost >= 1 else float(f"{cost:.2g}")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
