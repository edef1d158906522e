"""A record comes in, the words of its foot line and of its answers' ends go out.

The words of the live view (`js/src/view/words.ts`, `finish.ts`), which this line takes the place of. Knows
no HTML.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeGuard

from .record import Answer, Record
from .visible import visible_prose

MAX_DETAIL = 500
"""Characters of the provider's words."""
MAX_REASON = 100
"""Characters of why it was stopped."""

_FINISHED = {
    "content_filter": "content filtered",
    "refusal": "refused",
    "tool_calls": "done: asks for tools",
    "pause": "done: paused by the server",
    "stop": "done",
}
_STOPPED = {
    "seconds": "time limit reached",
    "chars": "limit of characters reached",
    "cost": "cost limit reached",
    "stop_when": "stop_when was met",
    "abandoned": "no view was left",
}
_ERRORS = {
    "connect": "no connection",
    "dns": "host not found",
    "tls": "no secure connection",
    "auth": "key refused",
    "not_found": "not found",
    "bad_request": "request refused",
    "rate_limit": "too many requests",
    "server": "server failed",
    "overloaded": "server overloaded",
    "protocol": "unexpected answer",
    "limit": "too large",
    "interrupted": "connection ended early",
    "source": "the source raised",
}


@dataclass(frozen=True, slots=True)
class Foot:
    """The line below the answer. `tone` is "", "stopped", "warning" or "error"."""

    model: str
    state: str
    tone: str
    metrics: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole line."""
        return " · ".join(part for part in (self.model, self.state, *self.metrics) if part)


def foot(record: Record) -> Foot:
    """The line of a run that has ended."""
    state, tone, metrics = _state(record)
    cost = cost_words(record)
    metrics = (*metrics, cost) if cost else tuple(metrics)
    return Foot(visible_prose(record.model), visible_prose(state), tone, metrics)


def finish_sentence(answer: Answer, *, is_alone: bool) -> str:
    """How an answer ended, where the reader has to know; "" where there is nothing to say."""
    reason = answer.finish_reason or ""
    told = visible_prose(answer.finish_detail[:MAX_DETAIL]).strip()
    because = f": {told}" if told else "."
    if reason in ("", "stop"):
        return ""
    if reason == "content_filter":
        is_empty = not (answer.text or answer.refusal)
        blocked = "Blocked by the provider, no answer was given"
        return (blocked if is_empty else "Cut off by the provider's content filter") + because
    if reason == "refusal":
        return "" if answer.refusal and not told else f"The model refused{because}"
    if reason == "length":
        return "" if is_alone else f"Cut off at {told or 'max_tokens'}."
    if reason == "tool_calls":
        return "" if is_alone else "Asks for tools."
    if reason == "pause":
        return "" if is_alone else "Paused by the server."
    return "" if is_alone and not told else f"Ended with {visible_prose(reason[:40])}{because}"


def is_calm(answer: Answer) -> bool:
    """Whether its end is no warning."""
    return answer.finish_reason in ("tool_calls", "pause")


def seconds(value: float) -> str:
    """As the live view tells them: 0.12 s, 3.2 s, 1,800 s."""
    if value < 99.95:
        return f"{value:.{2 if value < 1 else 1}f} s"
    return f"{_round(value):,} s"


def counted(value: float, unit: str) -> str:
    """1 token, 2,000 tokens."""
    whole = _round(value)
    return f"{whole:,} {unit}" + ("" if whole == 1 else "s")


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _round(value: float) -> int:
    return int(value + 0.5)


def _state(record: Record) -> tuple[str, str, tuple[str, ...]]:
    time = (seconds(record.total_s),) if _is_known(record.total_s) else ()
    tokens, rest = _tokens(record), (*_rate(record), *_first(record))
    metrics = (*time, *tokens, *rest)
    if record.status == "stopped":
        if (record.stop_reason or "user") != "user":
            return f"stopped: {_stop_reason(record)}", "stopped", metrics
        # The sentence holds time and tokens already.
        at = f" at {time[0]}" if time else ""
        return ", ".join([f"{_closed(record)}{at}", *tokens]), "stopped", rest
    if record.status == "interrupted":
        return f"interrupted: {_error_word(record) or 'connection ended early'}", "warning", metrics
    if record.status == "error":
        return f"error: {_error_word(record) or 'unknown'}", "error", metrics
    if record.status != "done":  # cut off before its end
        return record.status, "warning", metrics
    return (*_done(record), metrics)


def _done(record: Record) -> tuple[str, str]:
    if len(record.answers) > 1:
        return f"done: {len(record.answers)} choices", ""  # each tells its own end
    answer = record.answers[0]
    reason = answer.finish_reason or "stop"
    if reason == "stop" and answer.refusal:
        return "refused", "warning"
    if reason == "length":
        return f"done: cut off at {answer.finish_detail or 'max_tokens'}"[:60], "warning"
    known = _FINISHED.get(reason)
    return known or f"done: {reason[:40]}", "" if known == "done" or reason == "tool_calls" else "warning"


def _closed(record: Record) -> str:
    """Only what has really been closed is said to be."""
    if record.origin != "source":
        return "stopped: connection closed"
    # A source that is computing cannot be closed, and the notice says so.
    return "stopped" if record.notice else "stopped: source closed"


def _stop_reason(record: Record) -> str:
    reason = record.stop_reason or ""
    return (record.stop_detail or _STOPPED.get(reason) or reason)[:MAX_REASON]


def _error_word(record: Record) -> str:
    error = record.error
    if error is None:
        return ""
    return _ERRORS.get(error.code) or (error.code or error.message)[:60]


def _about(text: str, record: Record) -> str:
    return f"≈ {text}" if record.estimated else text


def _tokens(record: Record) -> tuple[str, ...]:
    return (_about(counted(record.tokens, "token"), record),) if record.tokens else ()


def _rate(record: Record) -> tuple[str, ...]:
    rate = record.tokens_per_s
    if not rate or not _is_known(rate):
        return ()
    return (_about(f"{f'{rate:.1f}' if rate < 10 else f'{_round(rate):,}'} tokens/s", record),)


def _first(record: Record) -> tuple[str, ...]:
    return (f"first token {seconds(record.ttft_s)}",) if _is_known(record.ttft_s) else ()


def cost_words(record: Record) -> str:
    """What it cost, "" where that is not known."""
    told = record.usage.cost if record.usage else None
    cost = told if record.cost is None else record.cost
    if not _is_known(cost) or cost < 0:
        return ""
    return f"≈ {dollars(cost)}" if record.cost_estimated else dollars(cost)


def dollars(value: float) -> str:
    """As the live view tells them, readable below a cent: $12.34, $0.50, $0.0042, $0.00000042."""
    if value >= 1:
        return f"${value:,.2f}"
    digits = 1 - math.floor(math.log10(value)) if value > 0 else 2
    return "$" + re.sub(r"(\.\d\d\d*?)0+$", r"\1", f"{value:.{max(digits, 2)}f}")
