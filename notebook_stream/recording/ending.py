"""How a recorded run ended: a session that has ended in, JSON out; and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import UsageError
from ..session import Session, Status, Verdict, error_of

MAX_COST = 1e12
"""US dollars that a file may tell."""

ENDS = ("done", "stopped", "interrupted", "error")


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a run. `cost` is in US dollars.

    `taken`: how many events of what came it took, None where all; `chars`: how many characters it kept of
    them, for a stop may cut the last.

    `error`, where there is one: its code, message, hint and host.
    """

    status: str = "interrupted"
    stop_reason: str | None = None
    stop_detail: str = ""
    notice: str = ""
    taken: int | None = None
    chars: int = 0
    cost: float | None = None
    cost_estimated: bool = False
    error: tuple[str, str, str, str] | None = None

    def verdict(self) -> Verdict:
        """The same as a session has it."""
        if self.status in ("done", "stopped"):
            return Verdict(Status(self.status), self.stop_reason, self.stop_detail)
        return Verdict(Status(self.status), error=error_of(self.error))

    def write(self) -> str:
        """As JSON."""
        told = {name: value for name, value in asdict(self).items() if value not in (None, "", False)}
        return json.dumps(told if self.taken is None else {**told, "taken": self.taken})


def ending_of(session: Session) -> Ending:
    """How `session` ended."""
    error, result = session.error, session.result()
    return Ending(
        status=session.status.value,
        stop_reason=session.stop_reason,
        stop_detail=session.stop_detail,
        notice=session.notice,
        taken=session.taken,
        chars=session.answer.chars,
        cost=result.metrics.cost,
        cost_estimated=result.metrics.cost_estimated,
        error=None if error is None else (error.code, error.message, error.hint, error.host),
    )


def read(text: str) -> Ending:
    """The ending. Raises UsageError where `text` is none."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or given.get("status") not in ENDS:
        raise UsageError("the end is none that a run can have")
    return Ending(
        **{one.name: _checked(one.name, given[one.name]) for one in fields(Ending) if one.name in given}
    )


def _checked(name: str, value: Any) -> Any:
    if name == "error":
        is_one = isinstance(value, list) and len(value) == 4 and all(isinstance(part, str) for part in value)
        return tuple(value) if is_one else None
    if name == "cost":
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_COST
        return float(value) if is_number else None
    if name in ("chars", "taken"):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    else:
        fits = isinstance(value, bool if name == "cost_estimated" else str)
    if not fits:
        raise UsageError(f"the end has a {name} of another kind")
    return value
