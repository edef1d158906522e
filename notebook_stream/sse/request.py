"""Sends one request and gives the open response: key, headers, redirects, proxies, connect timeout.

Nothing is followed to another origin, and the key is in a header only while the request is being sent.
Knows nothing of what the answer holds.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any

import anyio
import httpx

from ..errors import AuthError, ProtocolError, Secret, UsageError, quote
from .failure import CONNECT_TIMEOUT_S, before_answer, netloc, stripped

EVENTS = "text/event-stream"
JSON = "application/json"
KEPT_CONNECTIONS = 8
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


def make_client(verify: bool | str | ssl.SSLContext = True) -> httpx.AsyncClient:
    """A client for `read`: no cookies, as many connections as there are runs, proxies of the environment.

    `verify` is True, False, an `ssl.SSLContext`, or the path of a file or folder of CA certificates;
    raises `UsageError` if that, or what SSL_CERT_FILE or SSL_CERT_DIR names, cannot be read.
    """
    try:
        return httpx.AsyncClient(
            verify=trust(verify) if isinstance(verify, str) else verify,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is ever taken
            timeout=_timeout(),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS),
            mounts=dict.fromkeys(("all://localhost", "all://*.localhost", "all://127.0.0.1", "all://[::1]")),
        )
    except OSError as exc:  # httpx opens what the environment names, and does not say which
        raise UsageError(
            f"The environment variable SSL_CERT_FILE or SSL_CERT_DIR names no CA certificates ({exc})."
        ) from None


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


async def open_response(client: httpx.AsyncClient, request: Request) -> tuple[httpx.Response, str]:
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
                hint="Give the address where it ends as base_url.",
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
                "POST",
                url,
                headers=_headers(request),
                content=content,
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


@cache
def trust(path: str) -> ssl.SSLContext:
    """The CA certificates of a file or folder; raises `UsageError` where there are none."""
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as exc:  # ssl.SSLError is one
        raise UsageError(f"verify={path!r}: no CA certificates there ({exc.strerror or exc})") from None


def _headers(request: Request) -> dict[str, str]:
    ours = {
        "accept": f"{EVENTS}, {JSON}",
        "accept-encoding": "identity",
        "cache-control": "no-store",
        "content-type": JSON,
        "user-agent": "notebook-stream",
    }
    return ours | {name.lower(): value for name, value in request.headers.items()}


def _check_headers(request: Request) -> None:
    if request.key and not _is_header_text(request.key):
        raise AuthError(
            "The key holds a character that no key has (a line end, a space, not ASCII); nothing was sent.",
            hint="Copy it again.",
        )
    check_headers(request.headers)


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises `UsageError` for a header that HTTP cannot carry; the value is not shown, it may be a key."""
    for name, value in headers.items():
        if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII):
            raise UsageError(f"header {quote(name, 50)!r}: no header can have that name")
        if not value.isprintable() or not value.isascii():
            raise UsageError(f"header {quote(name, 50)!r}: its value is not printable ASCII")


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


def secrets_of(request: Request) -> tuple[Secret, ...]:
    """All that must not be quoted back to us: the key, and the user's own headers that look like one."""
    own = (
        Secret(value)
        for name, value in request.headers.items()
        if any(word in name.lower() for word in _SENSITIVE)
    )
    return (*((request.key,) if request.key else ()), *own)
