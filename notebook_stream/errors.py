"""What can go wrong, as a small tree, and the masking of keys in what is said about it.

    UsageError(ValueError)       raised at the call: wrong use; says what to do in at most three lines
    StreamError(Exception)       what the network, the server or the source did; `.result` holds what had come
    ├── ConnectError             no connection: refused, DNS, TLS, timeout (`code`: connect, dns, tls)
    ├── HttpError                the server answered with a status that is not 2xx
    │   ├── AuthError            401, 403, or 400 whose message blames the key
    │   ├── NotFoundError        404
    │   ├── BadRequestError      other 4xx
    │   ├── RateLimitError       429
    │   └── ServerError          5xx
    │       └── OverloadedError  503, 529, or an "overloaded" error in mid-stream
    ├── ProtocolError            an answer that is not what the wire format promises
    ├── LimitError               larger than a limit of ours
    ├── InterruptedStream        the connection ended, or fell silent, before the protocol's end mark
    └── SourceError              the iterable given to show() raised

Imports nothing of ours. Messages name what happened, where (the host) and what to do; never a key.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MIN_KEY_PIECE = 8
"""No piece of a key this long (characters) may be shown: masks that leave both ends leak."""

MASK = "•••"
MAX_QUOTE = 500
"""Characters of a server's own message that an error quotes at most."""


class UsageError(ValueError):
    """Wrong use, raised at the call: what is wrong and what to do, in at most three lines."""


def brief(function: Callable[P, T]) -> Callable[P, T]:
    """`function`, whose `UsageError`s come without our frames: the message counts, not our inside."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True  # IPython leaves out frames that say so
        try:
            return function(*args, **kwargs)
        except UsageError as exc:
            kwargs.clear()  # a key may stand in any of them, and debuggers show a frame's variables
            del args
            raise exc.with_traceback(None) from None

    return call


class StreamError(Exception):
    """A run that did not reach its end.

    `message` says what happened and where, `hint` what to do (may be empty); `str()` joins them.
    `code` is a short word for programs. `result` is the `Result` with the text that had come, once
    the run has ended. `retryable` says that asking again may help, `retry_after_s` when (seconds).
    """

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        host: str = "",
        status_code: int | None = None,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code
        self.host = host
        self.status_code = status_code
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.result: Any = None

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class ConnectError(StreamError):
    """No connection to the server: refused, unknown name, TLS, or no answer to the call."""

    code = "connect"


class HttpError(StreamError):
    """The server answered with a status that is not 2xx."""

    code = "http"


class AuthError(HttpError):
    """The key is missing, wrong, or not allowed to do this (401, 403, or 400 where the message says so)."""

    code = "auth"


class NotFoundError(HttpError):
    """No such model or address (404)."""

    code = "not_found"


class BadRequestError(HttpError):
    """The server refuses the request as it is (other 4xx)."""

    code = "bad_request"


class RateLimitError(HttpError):
    """Too many requests, or the quota is used up (429)."""

    code = "rate_limit"


class ServerError(HttpError):
    """The server failed (5xx)."""

    code = "server"


class OverloadedError(ServerError):
    """The server has too much to do (503, 529)."""

    code = "overloaded"


_BAD_KEY = re.compile(
    r"\b(?:incorrect|invalid|missing|expired|no valid)\b[^.]{0,20}\bapi[ _-]?key\b"
    r"|\bapi[ _-]?key\b[^.]{0,20}\b(?:not valid|not found|invalid|expired|missing|required)\b",
    re.IGNORECASE,
)


def http_error_class(status_code: int, message: str) -> type[HttpError]:
    """The class for an HTTP status of 400 and above, also where a server reports it inside its answer.

    `message` is the server's: Google and xAI answer a wrong key with 400, and only their words tell.
    """
    if status_code == 400 and _BAD_KEY.search(message[:MAX_QUOTE]):
        return AuthError
    exact: dict[int, type[HttpError]] = {
        401: AuthError,
        403: AuthError,
        404: NotFoundError,
        429: RateLimitError,
        503: OverloadedError,
        529: OverloadedError,
    }
    return exact.get(status_code, ServerError if status_code >= 500 else BadRequestError)


class ProtocolError(StreamError):
    """An answer that is not what the wire format promises."""

    code = "protocol"


class LimitError(StreamError):
    """Something was larger than a limit of ours."""

    code = "limit"


class InterruptedStream(StreamError):
    """The connection ended, or fell silent, before the protocol's end mark."""

    code = "interrupted"


class SourceError(StreamError):
    """The iterable given to `show()` raised."""

    code = "source"


def kinds() -> list[type[StreamError]]:
    """Every class of the tree, those above before those below."""
    found: list[type[StreamError]] = [StreamError]
    for kind in found:
        found += kind.__subclasses__()
    return found


class Secret:
    """A key that does not show itself: not in `repr`, `str`, `vars`, a traceback's locals or a pickle.

    `reveal()` gives the key to the one place that puts it into a header.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        # A closure, so that neither vars() nor a debugger's attribute view prints it.
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """The key itself."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret(•••)"

    def __reduce__(self) -> Any:
        raise TypeError("a key cannot be pickled; pickle s.result() instead")


def mask(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with every piece of a secret of `MIN_KEY_PIECE` or more characters replaced by `•••`.

    Shorter secrets are replaced where they stand alone.

    A server may quote the key, whole or in part, in its error.
    """
    for secret in secrets:
        text = _mask_one(text, secret)
    return text


def _mask_one(text: str, secret: Secret) -> str:
    key = secret.reveal()
    size = MIN_KEY_PIECE
    if len(key) < size:
        # A stand-in such as "k", which local servers want: as letters of other words it tells nothing.
        return re.sub(rf"(?<!\w){re.escape(key)}(?!\w)", MASK, text) if key else text
    pieces = {key[i : i + size] for i in range(len(key) - size + 1)}
    if not any(piece in text for piece in pieces):  # as a rule
        return text
    hidden = bytearray(len(text))
    for i in range(len(text) - size + 1):
        if text[i : i + size] in pieces:
            hidden[i : i + size] = b"\x01" * size
    parts: list[str] = []
    position = 0
    for match in re.finditer(rb"\x01+", bytes(hidden)):
        parts += [text[position : match.start()], MASK]
        position = match.end()
    return "".join([*parts, text[position:]])


def quote(text: str, limit: int = MAX_QUOTE) -> str:
    """A foreign message fit to show: one line, control characters escaped, at most `limit` characters."""
    flat = " ".join(text.split())
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in flat[: limit + 1])
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"
