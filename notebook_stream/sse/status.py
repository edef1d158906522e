"""An HTTP answer that is not 2xx -> the error that says so: what, where, what to do, and when to ask again.

Takes the status, the headers and a bounded piece of the body; knows no connection. The server's own words are
quoted, bounded, and never show a key.
"""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from ..errors import AuthError, ProtocolError, Secret, StreamError, http_error_class, mask, quote

MAX_WAIT_S = 120.0
"""Seconds that we wait at most because a server asks for it."""

_YEAR_S = 366 * 86400.0
_PLACES = (
    "error", "message", "Message", "msg", "error_msg", "detail", "errors", "error_description", "title",
    "reason",
)  # fmt: skip
HTML_QUOTE = 200
CODE_QUOTE = 80

_CHANGE_HINT = "Change what the server names: the model, a parameter or the messages."
_HTML_HINT = "That is a web page, not an API: check base_url, or whether a proxy or a login answers."
_HINTS: dict[int, str] = {
    400: _CHANGE_HINT,
    401: "Check the key: api_key= or the provider's environment variable.",
    402: "The account has no credit left: add some, or use another key.",
    403: "The key may not do this: check its rights, the model and the region.",
    404: "Check the model's name and base_url.",
    408: "The server gave up waiting: s.again() asks again.",
    409: "Something else was changing the same thing: s.again() asks again.",
    413: "Send less: a shorter prompt or smaller attachments.",
    422: _CHANGE_HINT,
    429: "Wait a little, or check the plan's limits and credit.",
}


def status_error(
    status: int, headers: Mapping[str, str], body: str, host: str, secrets: Iterable[Secret] = ()
) -> StreamError:
    """The error for an answer with this status: an `HttpError`, or a `ProtocolError` for 1xx and 3xx.

    `headers` is looked up in lower case. `retryable` follows 408, 409, 429, 5xx and x-should-retry;
    a wait of more than `MAX_WAIT_S` is told but not waited for.
    """
    payload = _payload(body)
    wait_s = retry_after(headers, payload)
    retryable = _should_retry(status, headers) and (wait_s is None or wait_s <= MAX_WAIT_S)
    words = _words(body, payload, headers, tuple(secrets))
    message = f"{host} answered {status}: {words or _phrase(status)}"
    if wait_s is not None and wait_s > MAX_WAIT_S:
        message += f"; it asks to wait {_duration(wait_s)}"
    kind = http_error_class(status, words) if status >= 400 else ProtocolError
    return kind(
        message,
        hint=_HTML_HINT if _is_html(headers) else _hint(status, kind),
        host=host,
        status_code=status,
        retryable=retryable,
        retry_after_s=wait_s,
    )


def retry_after(headers: Mapping[str, str], payload: Any) -> float | None:
    """Seconds the server asks to wait: retry-after-ms, else Retry-After as seconds or as an HTTP date.

    Google tells it in the `payload` of its answer instead ("RetryInfo"). None when there is none, and when it
    is negative, zero, past, more than a year or garbage. Source: google/rpc/error_details.proto.
    """
    for value in (_milliseconds(headers), _seconds(headers), _until_date(headers), _retry_delay(payload)):
        if value is not None and 0 < value <= _YEAR_S:  # false for NaN too
            return value
    return None


def _milliseconds(headers: Mapping[str, str]) -> float | None:
    value = _number(headers.get("retry-after-ms"))
    return None if value is None else value / 1000


def _seconds(headers: Mapping[str, str]) -> float | None:
    return _number(headers.get("retry-after"))


def _until_date(headers: Mapping[str, str]) -> float | None:
    parts = email.utils.parsedate_tz(headers.get("retry-after", "")[:100])
    try:
        return email.utils.mktime_tz(parts) - time.time() if parts else None
    except (ValueError, OverflowError):
        return None


def _retry_delay(payload: Any) -> float | None:
    """The `retryDelay` among the details of a Google error: seconds as "34.07s"."""
    if isinstance(payload, list):
        payload = payload[0]
    error = payload.get("error") if isinstance(payload, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else []:
        told = detail.get("retryDelay") if isinstance(detail, dict) else None
        if isinstance(told, str) and told.endswith("s"):
            return _number(told[:-1])
    return None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _should_retry(status: int, headers: Mapping[str, str]) -> bool:
    told = headers.get("x-should-retry", "").lower()
    if told in ("true", "false"):
        return told == "true"
    return status in (408, 409, 429) or status >= 500


def _is_html(headers: Mapping[str, str]) -> bool:
    return "html" in headers.get("content-type", "").lower()


def _hint(status: int, kind: type[StreamError]) -> str:
    if kind is AuthError and status == 400:
        return _HINTS[401]
    if status >= 500:
        return "The server has a problem: try again later."
    return _HINTS.get(status, "Check base_url, the model's name and the parameters.")


def _phrase(status: int) -> str:
    # Our own words for the number: the reason phrase on the wire is the server's.
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no such status"


def _duration(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 60:.0f} min" if seconds > 180 else f"{seconds:.0f} s"


def _words(body: str, payload: Any, headers: Mapping[str, str], secrets: tuple[Secret, ...]) -> str:
    """The server's own message, masked and quoted."""
    if payload is None:
        text = mask(body[:4096], secrets)
        return quote(text, HTML_QUOTE) if _is_html(headers) else quote(text)
    message = next(_messages(payload), "") or json.dumps(payload, ensure_ascii=False)
    upstream = _upstream(payload)
    if upstream and upstream not in message:
        message = f"{message}: {upstream}"
    # Room for the code; masked first, since a cut could leave a piece of the key that is too short to find.
    words = quote(mask(message[:4096], secrets))
    code = quote(mask(_code(payload)[:4096], secrets), CODE_QUOTE)
    return f"{words} ({code})" if code and code not in words and not code.isdigit() else words


def _payload(body: str) -> Any:
    """The JSON of the body, also where it comes as one server-sent event; None if there is none."""
    text = body.strip()
    if text.startswith(("data:", "event:", ":")):
        text = next((line[5:] for line in text.split("\n") if line.startswith("data:")), "")
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict | list) and payload else None


def _messages(payload: Any, depth: int = 0) -> Iterator[str]:
    """The texts in the places where servers put their message, the likeliest first."""
    if depth > 4:
        return
    if isinstance(payload, str):
        yield from [payload] if payload.strip() else []
    elif isinstance(payload, list):
        for item in payload[:3]:
            yield from _messages(item, depth + 1)
    elif isinstance(payload, dict):
        for name in _PLACES:
            yield from _messages(payload.get(name), depth + 1)


def _upstream(payload: Any) -> str:
    """What the provider behind a router said: `error.metadata.raw` (OpenRouter)."""
    error = payload.get("error") if isinstance(payload, dict) else None
    metadata = error.get("metadata") if isinstance(error, dict) else None
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return next(_messages(_payload(raw) or raw), "") if isinstance(raw, str) else ""


def _code(payload: Any) -> str:
    """The server's own word for the error, e.g. context_length_exceeded."""
    if isinstance(payload, list):
        payload = payload[0]
    inner = payload.get("error") if isinstance(payload, dict) else None
    for place in (inner, payload):
        for name in ("code", "status", "type", "error_type", "error_code"):
            value = place.get(name) if isinstance(place, dict) else None
            if isinstance(value, str) and value not in ("", "error"):
                return value
    return ""
