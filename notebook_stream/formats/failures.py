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
from ..events import Event, Failure, Unknown
from .values import clean, dumps, index, mapping, mappings, string

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

_MESSAGES = ("message", "msg", "detail", "error", "error_msg", "status_msg")
_KINDS = ("type", "code", "status", "error_type", "error_code")
_STATUSES = ("status_code", "http_status", "code", "status", "error_code")
_CODES = ("code", "status_code", "error_code", "error_type")
_FINE = (None, "", 0, "0", 200, "200")
"""Codes that tell of no error."""


def failure(report: object) -> Failure:
    """The event for an error report: an object such as `{"type", "message", "code"}`, or a text."""
    fields = _flat(report)
    message = _message(report, fields)
    kind = _kind(fields, message)
    words = [word for word in (string(fields.get(name)) for name in _KINDS) if word not in ("", "None")]
    label = f" ({quote(words[0], _MAX_LABEL)})" if words else ""
    error = kind(
        f"The server reported an error{label}: {message}",
        hint=_HINTS.get(kind, ""),
        status_code=_status(fields),
        retryable=issubclass(kind, (ServerError, RateLimitError))
        and not any("quota" in word for word in words),
    )
    return Failure(error)


def reported(fields: dict[str, Any]) -> object:
    """The report in an object that is no part of an answer, or None: servers and gateways have many shapes.

    FastAPI's `detail`, Cloudflare's list of `errors`, Alibaba's, Databricks' and others' `message` beside a
    code. A message without a code may be of any kind, and is no error.
    """
    listed = mappings(fields.get("errors"))
    if listed:
        return listed[0]
    if fields.get("error") or (isinstance(fields.get("detail"), str | list) and fields["detail"]):
        return fields
    told = any(string(fields.get(name)) for name in _MESSAGES)
    codes = [fields.get(name) for name in _CODES]
    return fields if told and (_status(fields) or any(code not in _FINE for code in codes)) else None


def unknown(name: str, fields: dict[str, Any], data: str) -> list[Event]:
    """What an object that is no part of an answer comes to: the error that it reports, if it has no name."""
    report = reported(fields) if name in ("", "message") else None
    return [failure(report) if report else Unknown(name, data)]


def _flat(report: object) -> dict[str, Any]:
    """The fields that tell: an error may be wrapped, `{"type": "error", "error": {...}}`, or flat."""
    outer = mapping(report)
    inner = outer.get("error")
    if isinstance(inner, dict) and inner:
        # The status may stand outside (Cerebras).
        return {**{name: outer[name] for name in _STATUSES if isinstance(outer.get(name), int)}, **inner}
    return {name: value for name, value in outer.items() if (name, value) != ("type", "error")}


def _message(report: object, fields: dict[str, Any]) -> str:
    upstream = string(mapping(fields.get("metadata")).get("raw"))  # behind a router (OpenRouter)
    for name in _MESSAGES:
        if text := string(fields.get(name)):
            return quote(f"{text}: {upstream}" if upstream else text)
    return quote(clean(report) if isinstance(report, str) else dumps(report)) or "without a message"


def _kind(fields: dict[str, Any], message: str) -> type[HttpError]:
    status = _status(fields)
    if status is not None:
        return http_error_class(status, message)
    told = " ".join(string(fields.get(name)) for name in _KINDS).lower()
    letters = "".join(c for c in told if c.isalnum())
    for kind, words in _WORDS:
        if any(word in letters for word in words):
            return kind
    return ServerError


def _status(fields: dict[str, Any]) -> int | None:
    for name in _STATUSES:
        value = fields.get(name)
        status = index(
            int(value) if isinstance(value, str) and value.isdecimal() and len(value) == 3 else value
        )
        if status is not None and 400 <= status <= 599:
            return status
    return None
