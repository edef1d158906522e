"""The key (L): in no message, repr, traceback, log line or attribute of an error."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback

import httpx
import pytest

from notebook_stream import sse
from notebook_stream.errors import AuthError, Secret, UsageError, mask

from ..servers import SSE_HEADERS, Connection, Handler, Server, closed_port, one
from .asking import KEY, ask, collect, request

PIECES = {KEY[i : i + 8] for i in range(len(KEY) - 7)}


def leaks(text: str) -> bool:
    return any(piece in text for piece in PIECES)


def inside(value: object) -> str:
    """What a debugger shows of a local, the headers of our request with it."""
    sent = value if isinstance(value, httpx.Request) else getattr(value, "_request", None)
    return repr(sent.headers.raw) if isinstance(sent, httpx.Request) else ""


def all_told(error: BaseException) -> str:
    """Everything that a traceback with locals, a repr or an attribute view would show."""
    found = [repr(error), str(error)]
    seen: set[int] = set()
    queue: list[BaseException | None] = [error]
    while queue:
        exc = queue.pop()
        if exc is None or id(exc) in seen:
            continue
        seen.add(id(exc))
        queue += [exc.__cause__, exc.__context__]
        told = traceback.TracebackException.from_exception(exc, capture_locals=True)
        found += ["".join(told.format()), repr(vars(exc)), repr(exc.args)]
        found.append(inside(exc))
        frame = exc.__traceback__
        while frame is not None:
            found += [inside(value) for value in frame.tb_frame.f_locals.values()]
            frame = frame.tb_next
    return "\n".join(found)


def refused(connection: Connection) -> None:
    message = f"bad key: {KEY[:12]}****{KEY[-9:]}"
    connection.answer(401, {}, json.dumps({"error": {"message": message}}).encode())


def echoed_as_html(connection: Connection) -> None:
    connection.answer(200, {"content-type": "text/html"}, KEY.encode())


def cut(connection: Connection) -> None:
    connection.head(200, {**SSE_HEADERS, "content-length": "99", "x-echo": KEY})


@pytest.mark.parametrize("handler", [refused, echoed_as_html, cut, lambda connection: connection.reset()])
@pytest.mark.parametrize("header", [("Authorization", "Bearer "), ("x-api-key", "")])
def test_l1_l2_the_key_shows_nowhere(
    handler: Handler, header: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    items, error = ask(handler, key_header=header)
    assert error is not None
    shown = all_told(error) + repr(items)
    assert not leaks(shown)
    if handler is not cut:  # httpcore logs the headers of an answer at DEBUG, as the server sent them
        assert not leaks(caplog.text)
    if handler is refused:
        assert "bad key: •••****•••" in str(error)


def test_l1_no_connection_does_not_show_the_key_either() -> None:
    with closed_port() as port:
        _, error = asyncio.run(collect(request(f"http://127.0.0.1:{port}/v1", key_header=("x-api-key", ""))))
    assert error is not None
    assert not leaks(all_told(error))
    cause = error.__cause__
    assert cause is not None  # and no frame of httpcore with it: these hold the headers as they were sent
    assert (cause.__traceback__, cause.__cause__, cause.__context__) == (None, None, None)


def test_l2_an_escaped_key_is_masked_too() -> None:
    escaped = "".join(f"\\u{ord(c):04x}" for c in KEY)
    _, error = ask(one(401, {}, b'{"message": "%s"}' % escaped.encode()))
    assert "•••" in str(error)
    assert not leaks(str(error))


@pytest.mark.parametrize("key", [KEY + "\n", KEY + "é", f"{KEY} "])
def test_l1_a_key_that_no_header_takes(key: str) -> None:
    what = sse.Request("http://127.0.0.1:1/", {}, key=Secret(key))
    _, error = asyncio.run(collect(what))
    assert isinstance(error, AuthError)
    assert not leaks(all_told(error))


def test_l2_a_key_in_the_users_own_headers_is_masked_too() -> None:
    headers = {"X-Api-Key": KEY}
    with Server(refused) as server:
        _, error = asyncio.run(collect(sse.Request(server.url, {}, headers)))
    assert "•••" in str(error)
    assert not leaks(str(error))
    assert not leaks(repr(sse.Request("http://x/", {}, headers, Secret(KEY))))


def test_headers_that_http_does_not_allow() -> None:
    with pytest.raises(UsageError, match="'x-bad'"):
        asyncio.run(collect(sse.Request("http://127.0.0.1:1/", {}, {"x-bad": "a\r\nb: c"})))


@pytest.mark.parametrize(
    ("key", "told", "shown"),
    [
        ("k", "key unknown, check key k.", "key unknown, check key •••."),
        ("EMPTY", "EMPTY is no key of EMPTYHOST", "••• is no key of EMPTYHOST"),
        ("12345678", "x12345678y", "x•••y"),
        ("123456789", "..12345678..23456789", "..•••..•••"),
    ],
)
def test_l2_a_stand_in_for_a_key_hides_no_letters_of_other_words(key: str, told: str, shown: str) -> None:
    assert mask(told, [Secret(key)]) == shown
