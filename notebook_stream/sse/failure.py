"""Exceptions of httpx and the system -> our errors: which phase failed, at which host, and what to do.

An exception in, a `StreamError` out, and what may be shown as its cause. Knows no response and no body.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator

import httpx

from ..errors import ConnectError, InterruptedStream, LimitError, ProtocolError, StreamError, quote

CONNECT_TIMEOUT_S = 5.0
"""Seconds for the connect."""


def before_answer(exc: Exception, url: httpx.URL) -> StreamError:
    """What a failure before the headers of the answer means; `retryable`, for nothing has come yet."""
    host = f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
    if isinstance(exc, httpx.ConnectTimeout):
        return ConnectError(
            f"No connection to {host} within {CONNECT_TIMEOUT_S:g} s.",
            hint=_hint(url),
            host=host,
            retryable=True,
        )
    words = str(exc)
    if isinstance(exc, httpx.ReadError | httpx.WriteError) or "disconnected" in words or "closed" in words:
        return InterruptedStream(
            f"{host} closed the connection unanswered.",
            hint="s.again() asks again. If it happens each time: is base_url right, and http or https?",
            host=host,
            retryable=True,
        )
    if isinstance(exc, httpx.RemoteProtocolError) and "too long" in words:
        return LimitError(f"{host}: the headers of the answer are too large.", hint=_hint(url), host=host)
    if isinstance(exc, httpx.RemoteProtocolError):
        return ProtocolError(
            f"{host} does not answer in HTTP: {quote(words, 100)}.", hint=_hint(url), host=host
        )
    if isinstance(exc, httpx.LocalProtocolError):  # its words quote the header
        return ProtocolError(
            f"{host}: HTTP does not allow the headers of the request.",
            hint="Check extra_headers=.",
            host=host,
        )
    return _no_connection(exc, host, url)


def in_answer(exc: Exception, host: str) -> StreamError:
    """What a failure after the headers means; not `retryable`, for the server has begun to work."""
    reason = _reason(list(_causes(exc)))
    return InterruptedStream(
        f"The connection to {host} broke in mid-answer: {reason}.",
        hint="The text so far is kept; s.again() asks again.",
        host=host,
    )


def _no_connection(exc: Exception, host: str, url: httpx.URL) -> ConnectError:
    causes = list(_causes(exc))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ConnectError(
            f"No secure connection to {host}: {_reason(causes)}.",
            hint='For a certificate of your own: verify="/path/to/ca.pem".',
            code="tls",
            host=host,
        )
    if any(isinstance(cause, socket.gaierror | UnicodeError) for cause in causes):
        return ConnectError(
            f"The name {quote(url.host, 100)} is not known: {_reason(causes)}.",
            hint="Check base_url and the network.",
            code="dns",
            host=host,
            retryable=True,
        )
    return ConnectError(
        f"No connection to {host}: {_reason(causes)}.", hint=_hint(url), host=host, retryable=True
    )


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [exc]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__context__, cause.__cause__, *getattr(cause, "exceptions", ())]


def _reason(causes: list[BaseException]) -> str:
    for cause in reversed(causes):
        words = getattr(cause, "verify_message", "") or getattr(cause, "strerror", "")
        if isinstance(cause, ConnectionError) and cause.errno:
            words = os.strerror(cause.errno)  # asyncio puts "Connect call failed ('127.0.0.1', 9)" there
        if words:
            return quote(str(words), 200)
    return quote(str(causes[0]), 200)


def _hint(url: httpx.URL) -> str:
    if url.host in ("localhost", "127.0.0.1", "::1"):
        return f"Is the server on port {url.port or 80} of this machine running?"
    return "Check base_url and the network."


def stripped(exc: Exception) -> Exception | None:
    """The cause to show: without frames and without its own causes, whose locals hold the key's header."""
    if isinstance(exc, httpx.LocalProtocolError):
        return None  # its very words may be the header
    exc.__cause__ = exc.__context__ = None
    return exc.with_traceback(None)


def netloc(url: httpx.URL) -> str:
    """Host, and the port where it is not the scheme's own; never user and password."""
    return url.netloc.decode("ascii", "replace")
