"""One HTTP request -> server-sent events, asynchronous.

Takes a `Request`; yields `Opened`, then `Message`s (or one `Body`) with `Pulse`s in between; raises the error
tree. Knows no wire format, no retry and no time limit but that of the connect: the session counts the time.

The rooms behind it, which nobody else enters: `body` (text and events), `inflate` (compressed bodies),
`status` (answers that are not 2xx), `failure` (exceptions of httpx).
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
from httpx_sse import EventSource

from . import body, inflate
from .errors import (
    AuthError,
    InterruptedStream,
    ProtocolError,
    Secret,
    StreamError,
    UsageError,
    mask,
    quote,
)
from .failure import CONNECT_TIMEOUT_S, before_answer, in_answer, netloc, stripped
from .status import status_error

ERROR_BODY_LIMIT = 64 * 1024
"""Characters read of the body of an error."""

ERROR_BODY_S = 5.0
"""Seconds for the body of an error: the status already says most."""

TYPE_QUOTE = 200
"""Characters quoted of an answer that is not an event stream (faults.md H9)."""

KEPT_CONNECTIONS = 8

_EVENTS = "text/event-stream"
_JSON = "application/json"
_JSON_LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/stream+json"}
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SENSITIVE = ("authorization", "key", "token", "secret", "cookie")


@dataclass(frozen=True, slots=True)
class Request:
    """What to send. `key` goes into `key_header` (name, prefix) only while the request is being sent."""

    url: str
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: Secret | None = None
    key_header: tuple[str, str] = ("Authorization", "Bearer ")
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Opened:
    """The server accepted the request. Headers by lower-case name, without set-cookie."""

    status_code: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pulse:
    """A chunk came that completed no event: a comment, or a part of an event."""


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event; `event` is empty when it has no name of its own."""

    event: str
    data: str


@dataclass(frozen=True, slots=True)
class Body:
    """A whole JSON answer instead of a stream."""

    text: str


Item = Opened | Pulse | Message | Body


def make_client(verify: bool | str | ssl.SSLContext = True) -> httpx.AsyncClient:
    """A client for `read`: no cookies, as many connections as there are runs, proxies of the environment.

    `verify` is True, False, an `ssl.SSLContext`, or the path of a file or folder of CA certificates;
    raises `UsageError` if that cannot be read.
    """
    return httpx.AsyncClient(
        verify=_trust(verify) if isinstance(verify, str) else verify,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is ever taken (faults.md H18)
        timeout=_timeout(),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS),
        mounts=dict.fromkeys(("all://localhost", "all://*.localhost", "all://127.0.0.1", "all://[::1]")),
    )


async def read(client: httpx.AsyncClient, request: Request) -> AsyncGenerator[Item, None]:
    """Sends `request` and yields what comes back, until the end of the body.

    Closing the generator, or cancelling its task, closes the connection at once. The end of the body is
    no proof of a whole answer: the caller looks for the protocol's own end mark.

    Raises `ConnectError`, `HttpError`, `ProtocolError`, `LimitError`, `InterruptedStream`; and `UsageError`
    when the request's body is not JSON.
    """
    response, host = await _open(client, request)
    try:
        secrets = _secrets(request)
        if not response.is_success:
            text = await _beginning(response, host, secrets)
            raise status_error(response.status_code, response.headers, text, host, secrets)
        kind = await _content_type(response, host, secrets)
        yield Opened(response.status_code, _shown_headers(response, secrets))
        async with aclosing(_items(response, kind, host)) as items:
            async for item in items:
                yield item
    finally:
        await response.aclose()


async def _items(response: httpx.Response, kind: str, host: str) -> AsyncGenerator[Item, None]:
    breath = body.Breath()
    encoding = _encoding(response, host)
    async with (
        aclosing(_chunks(response, host)) as chunks,
        aclosing(body.texts(chunks, encoding, breath, host)) as texts,
    ):
        if kind == _JSON:
            async with aclosing(body.whole_text(texts, host)) as whole:
                async for text in whole:
                    yield Pulse() if text is None else Body(text)
            return
        framing = body.EventLines(host) if kind == _EVENTS else body.JsonLines(host)
        async with (
            aclosing(body.event_texts(texts, framing, breath)) as event_texts,
            aclosing(EventSource(_as_response(event_texts)).aiter_sse()) as events,
        ):
            async for event in events:
                await breath.take()
                if event.event == body.PULSE:
                    yield Pulse()
                else:
                    yield Message("" if event.event == "message" else event.event, event.data)


class _Adapter:
    """The two things that httpx-sse reads of a response, guarded by `body`."""

    headers: Mapping[str, str] = {"content-type": _EVENTS}

    def __init__(self, texts: AsyncGenerator[str, None]) -> None:
        self._texts = texts

    def aiter_text(self) -> AsyncGenerator[str, None]:
        return self._texts


def _as_response(texts: AsyncGenerator[str, None]) -> httpx.Response:
    return cast(httpx.Response, _Adapter(texts))


class _KeyAuth(httpx.Auth):
    """Puts the key into its header for as long as the request is being sent, and no longer."""

    def __init__(self, key: Secret, header: tuple[str, str]) -> None:
        self._key = key
        self._name, self._prefix = header

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers[self._name] = self._prefix + self._key.reveal()
        try:
            yield request
        finally:
            request.headers.pop(self._name, None)


class _Sockets:
    """The connections that a request has opened, by httpcore's `trace` extension.

    Stopped in the midst of the TLS handshake, httpcore leaves its socket open: then we close it here.
    """

    def __init__(self) -> None:
        self._opened: list[Any] = []

    async def trace(self, name: str, info: Mapping[str, Any]) -> None:
        if name == "connection.connect_tcp.complete":
            self._opened.append(info["return_value"])

    async def aclose(self) -> None:
        with anyio.CancelScope(shield=True):
            for opened in self._opened:
                await opened.aclose()


async def _open(client: httpx.AsyncClient, request: Request) -> tuple[httpx.Response, str]:
    """The response, after at most one redirect within the same origin; and the host's name."""
    content = _encoded(request.body)
    _check_headers(request)
    url = _url(request.url)
    response = await _send(client, request, url, content)
    if response.status_code in _REDIRECTS:
        url = await _redirected(response, url)
        response = await _send(client, request, url, content)
        if response.status_code in _REDIRECTS:
            await response.aclose()
            raise ProtocolError(
                f"{netloc(url)} redirects again; one redirect is followed at most.",
                code="redirect",
                host=netloc(url),
            )
    return response, netloc(url)


async def _send(
    client: httpx.AsyncClient, request: Request, url: httpx.URL, content: bytes
) -> httpx.Response:
    sockets = _Sockets()
    try:
        return await client.send(
            client.build_request(
                request.method,
                url,
                headers=_headers(request),
                content=None if request.method == "GET" else content,
                timeout=_timeout(),
                extensions={"trace": sockets.trace},
            ),
            auth=_KeyAuth(request.key, request.key_header) if request.key else httpx.USE_CLIENT_DEFAULT,
            stream=True,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as exc:
        await sockets.aclose()
        raise before_answer(exc, url) from stripped(exc)
    except BaseException:
        await sockets.aclose()
        raise


async def _chunks(response: httpx.Response, host: str) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as raw:
            async for chunk in raw:
                yield chunk
    except (httpx.HTTPError, httpx.StreamError, OSError) as exc:
        raise in_answer(exc, host) from stripped(exc)


async def _beginning(response: httpx.Response, host: str, secrets: tuple[Secret, ...]) -> str:
    """The first characters of a body that is going to be quoted; what has come when the time is up.

    Masked already here, since a traceback shows the locals of the frames it passes.
    """
    pieces: list[str] = []
    with anyio.move_on_after(ERROR_BODY_S):
        try:
            async with (
                aclosing(_chunks(response, host)) as chunks,
                aclosing(body.texts(chunks, _encoding(response, host), body.Breath(), host)) as texts,
            ):
                async for text in texts:
                    pieces.append(text or "")
                    if sum(map(len, pieces)) >= ERROR_BODY_LIMIT:
                        break
        except StreamError:
            pass  # the status is what counts; its body may be empty, cut off or damaged
    return mask("".join(pieces)[:ERROR_BODY_LIMIT], secrets)


async def _content_type(response: httpx.Response, host: str, secrets: tuple[Secret, ...]) -> str:
    """The media type. Raises `ProtocolError` if we cannot read it, `InterruptedStream` for no body."""
    if response.status_code in (204, 205) or response.headers.get("content-length") == "0":
        raise InterruptedStream(f"{host} sent an empty answer.", code="empty", host=host)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in (_EVENTS, _JSON) or kind in _JSON_LINES:
        return cast(str, kind)
    text = quote(await _beginning(response, host, secrets), TYPE_QUOTE)
    raise ProtocolError(
        f"{host}: not an event stream but {quote(kind, 80) or 'an answer without content type'}: {text}",
        hint="Check base_url; a login page or a proxy may have answered instead of the server.",
        host=host,
        status_code=response.status_code,
    )


def _encoding(response: httpx.Response, host: str) -> inflate.Plain | inflate.Inflated:
    told = response.headers.get_list("content-encoding", split_commas=True)
    names = [name for name in (word.strip().lower() for word in told) if name not in ("", "identity")]
    if not names:
        return inflate.Plain()
    if names in (["gzip"], ["x-gzip"], ["deflate"]):
        return inflate.Inflated(names[0].removeprefix("x-"), host)
    raise ProtocolError(
        f"{host}: unsupported encoding {quote(', '.join(names), 80)}; we asked for none.",
        code="encoding",
        host=host,
    )


async def _redirected(response: httpx.Response, url: httpx.URL) -> httpx.URL:
    """Where a redirect within the origin leads. Raises `ProtocolError` for others: nothing is sent there."""
    await response.aclose()
    try:
        target = url.join(response.headers.get("location", ""))
        name = netloc(target) or target.scheme
    except (httpx.InvalidURL, ValueError):
        target, name = None, "an address that is none"
    if target is not None and response.status_code in (307, 308) and _origin(target) == _origin(url):
        # Only path and query are taken over: a redirect must not bring credentials of its own.
        return url.copy_with(raw_path=target.raw_path)
    raise ProtocolError(
        f"{netloc(url)} redirects ({response.status_code}) to {quote(name, 100)}; that is not followed, "
        "since key and prompt would go there.",
        hint="If that address is right, give it as base_url.",
        code="redirect",
        host=netloc(url),
        status_code=response.status_code,
    )


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL as exc:
        raise UsageError(f"not a URL: {quote(str(exc), 100)}") from None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port  # httpx leaves out the port that is the scheme's own


def _timeout() -> httpx.Timeout:
    return httpx.Timeout(None, connect=CONNECT_TIMEOUT_S)


def _trust(path: str) -> ssl.SSLContext:
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as exc:  # ssl.SSLError is one
        raise UsageError(f"verify={path!r}: no CA certificates there ({exc.strerror or exc})") from None


def _headers(request: Request) -> dict[str, str]:
    ours = {
        "accept": f"{_EVENTS}, {_JSON}",
        "accept-encoding": "identity",
        "cache-control": "no-store",
        "content-type": _JSON,
        "user-agent": "notebook-stream",
    }
    return ours | {name.lower(): value for name, value in request.headers.items()}


def _check_headers(request: Request) -> None:
    # Here, since the errors of httpx and h11 about such a header quote it.
    if request.key and not _is_header_text(request.key):
        raise AuthError(
            "The key holds a character that no key has (a line end, a space, not ASCII); nothing was sent.",
            hint="Copy it again.",
        )
    for name, value in request.headers.items():
        if not (name + value).isprintable() or not (name + value).isascii() or not name:
            raise UsageError(f"header {quote(name, 50)!r}: its name or value is not printable ASCII")


def _is_header_text(key: Secret) -> bool:
    # A function of its own: no frame of an exception may hold the key.
    text = key.reveal()
    return text.isprintable() and text.isascii() and text == text.strip()


def _encoded(content: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as exc:
        raise UsageError(f"the request is not JSON: {quote(str(exc), 200)}") from None
    try:
        return text.encode()
    except UnicodeEncodeError:  # halves of a character: joined where they meet, replaced where alone
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _secrets(request: Request) -> tuple[Secret, ...]:
    """All that must not be quoted back to us: the key, and the user's own headers that look like one."""
    own = (
        Secret(value)
        for name, value in request.headers.items()
        if any(word in name.lower() for word in _SENSITIVE)
    )
    return (*((request.key,) if request.key else ()), *own)


def _shown_headers(response: httpx.Response, secrets: tuple[Secret, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, mask(value, secrets)) for name, value in response.headers.multi_items() if name != "set-cookie"
    )
