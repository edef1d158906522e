"""An error that a server reports inside an answer in, the error of our tree out.

The HTTP status was 200, so the class follows from what the error itself says: a status in it, else its
type and code. Knows no wire format.
"""

from __future__ import annotations

from typing import Any

from ..errors import (
    AuthError,
    BadRequestError,
    HttpError,
    NotFoundError,
    OverloadedError,
    RateLimitError,
    ServerError,
    http_error_class,
    quote,
)
from ..events import Failure
from .values import clean, dumps, index, mapping, string

_WORDS: tuple[tuple[type[HttpError], tuple[str, ...]], ...] = (
    (OverloadedError, ("overload", "unavailable", "busy", "capacity")),
    (RateLimitError, ("ratelimit", "quota", "toomanyrequests", "resourceexhausted", "throttl")),
    (AuthError, ("authentication", "permission", "unauthorized", "unauthenticated", "forbidden", "apikey")),
    (NotFoundError, ("notfound",)),
    (ServerError, ("server", "internal", "timeout", "apierror")),
    (
        BadRequestError,
        ("invalid", "badrequest", "context", "toolarge", "failed", "policy", "filter", "billing"),
    ),
)
"""Pieces of type and code words, letters and digits only; the first row that fits decides."""

_HINTS: dict[type[HttpError], str] = {
    RateLimitError: "Wait a little before asking again, or look at your plan and quota.",
    OverloadedError: "Ask again in a moment.",
    AuthError: "Check the key and what it may do.",
    NotFoundError: "Check the model's name.",
}

_MAX_LABEL = 60


def failure(report: object) -> Failure:
    """The event for an error report: an object such as `{"type", "message", "code"}`, or a text."""
    fields = _flat(report)
    message = _message(report, fields)
    kind = _kind(fields, message)
    words = [word for word in (string(fields.get(name)) for name in ("type", "code", "status")) if word]
    label = f" ({quote(words[0], _MAX_LABEL)})" if words else ""
    error = kind(
        f"The server reported an error{label}: {message}",
        hint=_HINTS.get(kind, ""),
        status_code=_status(fields),
        retryable=issubclass(kind, (ServerError, RateLimitError))
        and not any("quota" in word for word in words),
    )
    return Failure(error)


def _flat(report: object) -> dict[str, Any]:
    """The fields that tell: an error may be wrapped, `{"type": "error", "error": {...}}`, or flat."""
    outer = mapping(report)
    inner = outer.get("error")
    if isinstance(inner, dict) and inner:
        return inner
    return {name: value for name, value in outer.items() if (name, value) != ("type", "error")}


def _message(report: object, fields: dict[str, Any]) -> str:
    for name in ("message", "msg", "detail", "error"):
        if text := string(fields.get(name)):
            return quote(text)
    return quote(clean(report) if isinstance(report, str) else dumps(report)) or "without a message"


def _kind(fields: dict[str, Any], message: str) -> type[HttpError]:
    status = _status(fields)
    if status is not None:
        return http_error_class(status, message)
    told = " ".join(string(fields.get(name)) for name in ("type", "code", "status")).lower()
    letters = "".join(c for c in told if c.isalnum())
    for kind, words in _WORDS:
        if any(word in letters for word in words):
            return kind
    return ServerError


def _status(fields: dict[str, Any]) -> int | None:
    for name in ("status_code", "http_status", "code", "status"):
        value = fields.get(name)
        status = index(
            int(value) if isinstance(value, str) and value.isdecimal() and len(value) == 3 else value
        )
        if status is not None and 400 <= status <= 599:
            return status
    return None
