"""Events of ours in, JSON that a file may keep out; and back, checked: a file may be from anywhere.

`{"type": "text", "text": "Hello"}`: the class' name in small letters, and the fields that are not what they
are by default. Log probabilities are `[token, logprob, [[token, logprob], ...]]`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..errors import UsageError
from ..events import (
    Citation,
    End,
    Event,
    Finish,
    Media,
    Notice,
    Opened,
    Reasoning,
    Refusal,
    Retrying,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)

KINDS: dict[str, type[Event]] = {
    kind.__name__.lower(): kind
    for kind in (
        Citation, End, Finish, Media, Notice, Opened, Reasoning, Refusal, Retrying, Start, Text, ToolCall,
        ToolResult, Unknown, Usage,
    )
}  # fmt: skip
"""What can be kept. A failure is how a run ends, and stands there; a heartbeat says nothing."""

MAX_LOGPROBS = 1_000
"""Tokens of one event, and alternatives of one token."""

IMPOSSIBLE = -9999.0
"""The log probability of what is not likely at all: OpenAI's API reference has it so."""


def write(event: Event) -> str | None:
    """The event as JSON; None for one that is not kept."""
    name = type(event).__name__.lower()
    if name not in KINDS:
        return None
    found: dict[str, Any] = {"type": name}
    for one in fields(event):
        value = getattr(event, one.name)
        if value != one.default:
            found[one.name] = _plain(value)
    # Keys and values of a source's own usage may be of any kind.
    return json.dumps(found, ensure_ascii=False, default=str, skipkeys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, TokenLogprob):
        return [value.token, _told(value.logprob), [[token, _told(p)] for token, p in value.top]]
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _told(logprob: float) -> float:
    # Of what cannot be, some servers and libraries say minus infinity, which JSON has not.
    return logprob if math.isfinite(logprob) else IMPOSSIBLE


def read(text: str) -> Event:
    """The event. Raises UsageError where `text` is none."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("an event is no JSON") from None
    kind = KINDS.get(given.get("type", "")) if isinstance(given, dict) else None
    if kind is None:
        raise UsageError("an event is of no known type")
    return checked(kind, given)


def checked(kind: type[Event], given: Any) -> Event:
    """The event of that kind with the fields that are `given`. Raises UsageError."""
    found: dict[str, Any] = {}
    if not isinstance(given, dict):
        raise UsageError("an event is no JSON object")
    for one in fields(kind):
        if one.name in given:
            found[one.name] = _READERS[one.type](given[one.name])
        elif one.default is MISSING and one.default_factory is MISSING:
            raise UsageError(f"an event lacks its {one.name}")
    return kind(**found)


def _of(*kinds: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise UsageError("an event has a field of another kind")
        return value

    return check


def _number(value: Any) -> float:
    number = _of(int, float)(value)
    if not math.isfinite(number):
        raise UsageError("an event has a number that is none")
    return float(number)


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(pair[0]), str(pair[1])) for pair in _pairs(value))


def _pairs(value: Any) -> list[Any]:
    pairs = _of(list)(value)
    if len(pairs) > MAX_LOGPROBS or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise UsageError("an event has a list of another kind")
    return list(pairs)


def _logprobs(value: Any) -> tuple[TokenLogprob, ...]:
    told = _of(list)(value)
    if not all(isinstance(one, list) and len(one) == 3 for one in told):
        raise UsageError("an event has log probabilities that are none")
    text = _of(str)
    return tuple(
        TokenLogprob(text(token), _number(logprob), tuple((text(t), _number(p)) for t, p in _pairs(top)))
        for token, logprob, top in told
    )


def _maybe(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


# By the annotations of the events, which are texts.
_READERS: Mapping[object, Callable[[Any], Any]] = {
    "str": _of(str),
    "int": _of(int),
    "float": _number,
    "str | None": _maybe(_of(str)),
    "int | None": _maybe(_of(int)),
    "float | None": _maybe(_number),
    "Mapping[str, Any]": _of(dict),
    "tuple[tuple[str, str], ...]": _headers,
    "tuple[TokenLogprob, ...]": _logprobs,
}
