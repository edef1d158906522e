"""Answers that are no stream (H1 to H12): what is quoted, and when to ask again."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.errors import (
    AuthError,
    BadRequestError,
    HttpError,
    InterruptedStream,
    NotFoundError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
    ServerError,
)
from notebook_stream.sse import reading

from ..servers import SSE_HEADERS, Connection, Handler, one
from ..servers import sse as stream
from .asking import HELLO, ask, messages, raw, texts


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, BadRequestError, False),
        (401, AuthError, False),
        (403, AuthError, False),
        (404, NotFoundError, False),
        (408, BadRequestError, True),
        (409, BadRequestError, True),
        (422, BadRequestError, False),
        (429, RateLimitError, True),
        (500, ServerError, True),
        (502, ServerError, True),
        (503, OverloadedError, True),
        (529, OverloadedError, True),
    ],
)
def test_h1_h2_h3_h8_status(status: int, kind: type[HttpError], retryable: bool) -> None:
    content = b'{"error": {"message": "so it is\\u001b[31m", "code": "context_length_exceeded"}}'
    items, error = ask(one(status, {"content-type": "application/json"}, content))
    assert items == []
    assert type(error) is kind
    assert (error.status_code, error.retryable) == (status, retryable)
    assert "so it is\\x1b[31m (context_length_exceeded)" in str(error)
    assert "127.0.0.1" in str(error)


def test_every_recorded_error_is_quoted(corpus: Path) -> None:
    files = sorted((corpus / "streams" / "errors").glob("*.error.json"))
    assert len(files) == 32
    for file in files:
        case = json.loads(file.read_text())
        headers = {k: v for k, v in case["headers"].items() if k in ("content-type", "x-should-retry")}
        _, error = ask(one(case["status"], headers, case["body"].encode()))
        assert isinstance(error, HttpError), file.name
        assert error.status_code == case["status"]
        payload = json.loads(case["body"])
        said = payload.get("message") or payload.get("detail") or payload["error"]
        said = said["message"] if isinstance(said, dict) else said
        assert " ".join(said.split()) in error.message, file.name
        assert error.retryable == (case["status"] == 429), file.name
        blames_key = case["status"] in (401, 403) or "API key" in said
        assert isinstance(error, AuthError) == blames_key, file.name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"error": {"message": "in a list", "status": "X"}}]', "in a list (X)"),
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', "field required"),
        (b'{"object": "error", "message": "vllm says"}', "vllm says"),
        (b'event: error\ndata: {"error": {"message": "as an event"}}\n\n', "as an event"),
        (b"plain words", "plain words"),
        (b'{"Message": "as AWS says it"}', "as AWS says it"),
        (b'{"error_code": "BAD_REQUEST", "message": "no such endpoint"}', "no such endpoint (BAD_REQUEST)"),
        (
            b'{"error": {"message": "Provider returned error", "metadata": {"raw": "model is busy"}}}',
            "Provider returned error: model is busy",
        ),
        (
            b'{"error": {"message": "Provider returned error", "metadata": '
            b'{"raw": "{\\"error\\": {\\"message\\": \\"too long\\"}}"}}}',
            "Provider returned error: too long",
        ),
        (b'{"unknown": 1}', '{"unknown": 1}'),
        (b"", "Service Unavailable"),
        (b"[" * 60_000, "[[["),
    ],
)
def test_an_error_is_quoted_in_whatever_shape(content: bytes, said: str) -> None:
    _, error = ask(one(503, {"content-type": "application/json"}, content))
    assert said in str(error)
    assert len(str(error)) < 800


def test_an_error_body_is_bounded_in_size_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(connection: Connection) -> None:
        connection.head(500, {"content-type": "application/json"})
        while True:
            connection.send(b"x" * 65536)

    def silent(connection: Connection) -> None:
        connection.head(500, {"content-type": "text/plain"})
        connection.send(b"so far")
        connection.wait_closed()

    for handler, said, limit_s in ((endless, "xxxx", 60.0), (silent, "so far", 0.3)):
        monkeypatch.setattr(reading, "ERROR_BODY_S", limit_s)
        started = time.monotonic()
        _, error = ask(handler)
        assert isinstance(error, ServerError)
        assert said in str(error)
        assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("headers", "wait_s", "retryable"),
    [
        ({"retry-after": "2"}, 2, True),
        ({"retry-after": "1.5"}, 1.5, True),
        ({"retry-after": "86400"}, 86400, False),
        ({"retry-after": "-1"}, None, True),
        ({"retry-after": "NaN"}, None, True),
        ({"retry-after": "inf"}, None, True),
        ({"retry-after": "9" * 400}, None, True),
        ({"retry-after": "soon"}, None, True),
        ({"retry-after": "Mon, 99 Foo 99999 99:99:99 GMT"}, None, True),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25, True),
        ({"retry-after-ms": "0", "retry-after": "1"}, 1, True),
        ({"x-should-retry": "false", "retry-after": "2"}, 2, False),
    ],
)
def test_h4_h5_h6_h7_when_to_ask_again(headers: dict[str, str], wait_s: Any, retryable: bool) -> None:
    _, error = ask(one(429, headers))
    assert isinstance(error, RateLimitError)
    assert error.retry_after_s == wait_s
    assert error.retryable == retryable
    assert ("24 h" in str(error)) == (wait_s == 86400)


def retry_info(delay: object) -> dict[str, Any]:
    kind = "type.googleapis.com/google.rpc."
    details = [{"@type": f"{kind}Help", "links": []}, {"@type": f"{kind}RetryInfo", "retryDelay": delay}]
    return {"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED", "details": details}}


NO_DELAYS: list[Any] = ["0s", "-3s", "soon", "s", "nans", "", None, 5, []]


@pytest.mark.parametrize(
    ("payload", "headers", "wait_s", "retryable"),
    [
        (retry_info("34.07s"), {}, 34.07, True),
        ([retry_info("2s")], {}, 2, True),
        (retry_info("86400s"), {}, 86400, False),
        (retry_info("34s"), {"retry-after": "1"}, 1, True),
        *((retry_info(odd), {}, None, True) for odd in NO_DELAYS),
        ({"error": {"details": ["x", None]}}, {}, None, True),
        ({"error": {"details": "x"}}, {}, None, True),
        ({"error": "x"}, {}, None, True),
        (["x"], {}, None, True),
    ],
)
def test_when_to_ask_again_as_google_tells_it(
    payload: Any, headers: dict[str, str], wait_s: float | None, retryable: bool
) -> None:
    json_headers = {"content-type": "application/json", **headers}
    _, error = ask(one(429, json_headers, json.dumps(payload).encode()))
    assert isinstance(error, RateLimitError)
    assert (error.retry_after_s, error.retryable) == (wait_s, retryable)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "API key not valid. Please pass a valid API key.", AuthError),  # Google
        (400, "API key expired. Please renew the API key.", AuthError),
        (400, "API Key not found. Please pass a valid API key.", AuthError),
        (400, "Incorrect API key provided. You can obtain an API key from there.", AuthError),  # xAI
        (400, "Invalid value for 'temperature'. See the page about your API key.", BadRequestError),
        (400, "messages[0].content is missing", BadRequestError),
        (422, "API key not valid.", BadRequestError),
    ],
)
def test_a_wrong_key_that_is_called_a_bad_request(status: int, message: str, kind: type[HttpError]) -> None:
    body = json.dumps({"error": {"message": message}}).encode()
    _, error = ask(one(status, {"content-type": "application/json"}, body))
    assert type(error) is kind
    assert ("Check the key" in error.hint) == (kind is AuthError)


@pytest.mark.parametrize(("ahead_s", "wait_s"), [(60, pytest.approx(60, abs=20)), (-60, None)])
def test_h4_when_to_ask_again_as_a_date(ahead_s: int, wait_s: Any) -> None:
    _, error = ask(one(429, {"retry-after": formatdate(time.time() + ahead_s, usegmt=True)}))
    assert isinstance(error, RateLimitError)
    assert (error.retry_after_s, error.retryable) == (wait_s, True)


def test_h7_a_server_may_ask_for_a_retry() -> None:
    _, error = ask(one(400, {"x-should-retry": "true"}))
    assert error is not None
    assert error.retryable


def test_no_credit() -> None:
    _, error = ask(one(402, {"content-type": "application/json"}, b'{"error": {"message": "no balance"}}'))
    assert isinstance(error, BadRequestError)
    assert "credit" in error.hint


def test_h9_a_login_page_is_quoted_as_text() -> None:
    page = b"<html><script>alert(1)</script>" + b"Log in here. " * 99
    items, error = ask(one(200, {"content-type": "text/html"}, page))
    assert items == []
    assert isinstance(error, ProtocolError)
    assert "not an event stream" in str(error)
    assert "<html><script>alert(1)</script>Log in" in str(error)
    assert len(error.message) < 400


@pytest.mark.parametrize(
    "kind", ["text/event-stream; charset=latin-1", "TEXT/Event-Stream", "text/event-stream;"]
)
def test_h11_types_that_are_streams(kind: str) -> None:
    items, error = ask(stream(["data: grün\n\n".encode()], {"content-type": kind}))
    assert error is None
    assert texts(items) == ["grün"]


@pytest.mark.parametrize("kind", ["xtext/event-streamy", "text/plain", "", "application/jsonx"])
def test_h11_types_that_are_none(kind: str) -> None:
    items, error = ask(stream(HELLO, {"content-type": kind}))
    assert items == []
    assert isinstance(error, ProtocolError)


@pytest.mark.parametrize("handler", [one(204, {}), one(200, SSE_HEADERS), raw(), stream([]), one(200, {})])
def test_h12_an_empty_answer_is_interrupted(handler: Handler) -> None:
    items, error = ask(handler)
    assert messages(items) == []
    assert isinstance(error, InterruptedStream)
    assert (error.code, error.retryable) == ("empty", False)
