"""Answers that are no stream (H): statuses, waits that a server asks for, wrong types, redirects, headers."""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.errors import (
    AuthError,
    BadRequestError,
    HttpError,
    InterruptedStream,
    LimitError,
    NotFoundError,
    OverloadedError,
    ProtocolError,
    RateLimitError,
    ServerError,
    StreamError,
    UsageError,
)

from ..servers import SSE_HEADERS, Connection, Handler, in_turn, one, self_signed
from ..servers import sse as events
from ..waiting import until
from .asking import JSON_HEADERS, KEY, Ask, Page, answer, held, raw, whole
from .rows import row


def refusal(status: int, message: str = "so it is", code: str = "the_code", **headers: str) -> Handler:
    body = json.dumps({"error": {"message": message, "code": code}}).encode()
    return one(status, {**JSON_HEADERS, **headers}, body)


# Statuses


@row("H1")
def test_h1_a_wrong_key(ask: Ask) -> None:
    end = ask(refusal(401, "no such key \x1b[31m" + "x" * 2000))
    assert type(end.error) is AuthError
    assert (end.status, end.error.code, end.error.status_code, end.retried) == ("error", "auth", 401, [])
    assert "no such key \\x1b[31mxxx" in end.error.message
    assert len(end.error.message) < 700
    assert len(end.requests) == 1
    assert f"bearer {KEY}".encode() in end.requests[0].lower()  # it was sent, and shows nowhere (see `ask`)


@row("H2")
@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(400, BadRequestError, "bad_request"), (403, AuthError, "auth"), (404, NotFoundError, "not_found"),
     (422, BadRequestError, "bad_request")],
)  # fmt: skip
def test_h2_a_wrong_request(ask: Ask, status: int, kind: type[HttpError], code: str) -> None:
    end = ask(refusal(status, "too long", "context_length_exceeded"))
    assert type(end.error) is kind
    assert (end.error.code, end.error.status_code, len(end.requests)) == (code, status, 1)
    assert "too long (context_length_exceeded)" in end.error.message


@row("H1", "H2")
def test_every_recorded_refusal(ask: Ask, corpus: Path) -> None:
    kinds = {400: BadRequestError, 401: AuthError, 403: AuthError, 404: NotFoundError, 429: RateLimitError}
    files = sorted((corpus / "streams" / "errors").glob("*.error.json"))
    assert len(files) == 32
    for file in files:
        case = json.loads(file.read_text())
        headers = {k: v for k, v in case["headers"].items() if k in ("content-type", "x-should-retry")}
        end = ask(one(case["status"], headers, case["body"].encode()), retries=0)
        payload = json.loads(case["body"])
        said = payload.get("message") or payload.get("detail") or payload["error"]
        said = said["message"] if isinstance(said, dict) else said
        # Google and xAI call a wrong key a bad request.
        kind = AuthError if "API key" in said else kinds[case["status"]]
        assert type(end.error) is kind, file.name
        assert " ".join(said.split()) in end.error.message, file.name
        assert end.error.message.startswith(f"127.0.0.1:{end.server.port if end.server else 0} answered")
        assert end.error.retryable == (case["status"] == 429), file.name


@row("H3")
@pytest.mark.parametrize("status", [408, 409])
def test_h3_statuses_that_are_worth_another_try(ask: Ask, quick_retries: None, status: int) -> None:
    assert ask(in_turn(refusal(status), whole("at last"))).text == "at last"
    end = ask(refusal(status))
    assert isinstance(end.error, BadRequestError)
    assert (end.error.status_code, len(end.requests)) == (status, 3)


@row("H8")
@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, ServerError), (502, ServerError), (503, OverloadedError), (529, OverloadedError)],
)
def test_h8_a_server_in_trouble(ask: Ask, quick_retries: None, status: int, kind: type[HttpError]) -> None:
    assert ask(in_turn(refusal(status), refusal(status), whole("at last"))).text == "at last"
    end = ask(refusal(status))
    assert type(end.error) is kind
    assert (end.error.status_code, len(end.requests)) == (status, 3)
    delays = [event.delay_s for event in end.retried]
    assert 0.015 <= delays[0] <= 0.02 <= 0.03 <= delays[1] <= 0.04  # doubled, less up to a quarter by chance


@row("H8")
def test_h8_no_retry_where_the_caller_wants_none(ask: Ask) -> None:
    assert len(ask(refusal(500), retries=0).requests) == 1


# Waiting because a server asks for it


@row("H4")
def test_h4_wait_as_long_as_the_server_asks(ask: Ask) -> None:
    end = ask(in_turn(refusal(429, **{"retry-after": "1"}), whole("at last")), within=20)
    assert (end.status, end.text, len(end.requests)) == ("done", "at last", 2)
    assert end.seconds >= 1
    assert [event.delay_s for event in end.retried] == [1]
    assert end.retried[0].reason.endswith("so it is (the_code)")
    page = end.stream.comm
    assert isinstance(page, Page)
    retries = [m["state"]["retry"] for m in page.messages("append") if m.get("state", {}).get("retry")]
    assert retries[0]["attempt"] == 1  # the page counts down to this moment by its own clock
    assert retries[0]["at_s"] == pytest.approx(1, abs=0.9)


@row("H4")
def test_h4_twice_at_most(ask: Ask) -> None:
    end = ask(refusal(429, **{"retry-after": "0.1"}))
    assert isinstance(end.error, RateLimitError)
    assert len(end.requests) == 3


@row("H4", "K2")
def test_h4_stop_ends_the_wait_at_once(ask: Ask) -> None:
    server = ask.serve(refusal(429, **{"retry-after": "60"}))
    began = time.monotonic()
    s = ask.start(server)
    until(lambda: s._describe()["retry"])
    stopping = time.monotonic()
    s.stop()
    end = ask.end(s, began)
    assert (end.status, s.stop_reason) == ("stopped", "user")
    assert time.monotonic() - stopping < 2.5  # the goal is 0.25
    assert len(server.requests) == 1
    assert s._describe()["retry"] is None


@row("H5")
def test_h5_a_date(ask: Ask, quick_retries: None) -> None:
    for ahead_s, least in ((2, 0.05), (-60, 0.0)):
        date = formatdate(time.time() + ahead_s, usegmt=True)
        end = ask(in_turn(refusal(429, **{"retry-after": date}), whole("at last")), within=30)
        assert (end.status, len(end.requests)) == ("done", 2)
        assert least < end.retried[0].delay_s <= max(ahead_s, 0.02)


@row("H6")
def test_h6_too_long_to_wait_for(ask: Ask) -> None:
    end = ask(refusal(429, **{"retry-after": "86400"}), within=5)
    assert isinstance(end.error, RateLimitError)
    assert (len(end.requests), end.error.retry_after_s) == (1, 86400)
    assert "24 h" in end.error.message


@row("H6")
@pytest.mark.parametrize(
    "told", ["-1", "NaN", "inf", "9" * 400, "soon", "Mon, 99 Foo 99999 99:99:99 GMT", ""]
)
def test_h6_garbage_is_no_wait(ask: Ask, quick_retries: None, told: str) -> None:
    end = ask(in_turn(refusal(429, **{"retry-after": told}), whole("at last")), within=5)
    assert (end.status, len(end.requests)) == ("done", 2)
    assert end.retried[0].delay_s <= 0.02


@row("H7")
def test_h7_the_servers_own_headers(ask: Ask, quick_retries: None) -> None:
    both = {"retry-after-ms": "150", "retry-after": "100"}
    end = ask(in_turn(refusal(429, **both), whole("at last")), within=10)
    assert (end.status, end.retried[0].delay_s) == ("done", 0.15)
    assert len(ask(refusal(429, **{"x-should-retry": "false"})).requests) == 1
    assert len(ask(refusal(500, **{"x-should-retry": "false"})).requests) == 1
    assert ask(in_turn(refusal(400, **{"x-should-retry": "true"}), whole("at last"))).text == "at last"


# 200, and yet no stream


@row("H9")
def test_h9_a_login_page(ask: Ask) -> None:
    page = b"<html><script>alert(1)</script>" + b"Log in here. " * 99
    end = ask(one(200, {"content-type": "text/html"}, page))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.text, len(end.requests)) == ("error", "", 1)
    assert "not an event stream" in end.error.message
    assert "<html><script>alert(1)</script>Log in" in end.error.message  # as text: the page makes text of it
    assert len(end.error.message) < 400


@row("H10")
def test_h10_a_whole_completion(ask: Ask) -> None:
    message = {"role": "assistant", "content": "all at once"}
    body = {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"total_tokens": 3},
    }
    end = ask(one(200, JSON_HEADERS, json.dumps(body).encode()))
    assert (end.status, end.text, end.stream.finish_reason) == ("done", "all at once", "stop")


@row("H10")
def test_h10_an_error_as_json(ask: Ask) -> None:
    end = ask(
        one(200, JSON_HEADERS, b'{"error": {"message": "quota is used up", "code": "insufficient_quota"}}')
    )
    assert isinstance(end.error, RateLimitError)
    assert (end.status, len(end.requests)) == ("error", 1)
    assert "quota is used up" in end.error.message
    for body in (b'{"a": 1', b'{"choices": []}', b"7", b"{}"):
        end = ask(one(200, JSON_HEADERS, body))
        assert isinstance(end.error, ProtocolError), body
        assert end.status == "error"


@row("H11")
@pytest.mark.parametrize(
    "kind", ["text/event-stream; charset=latin-1", "TEXT/Event-Stream", "text/event-stream;"]
)
def test_h11_types_that_are_streams(ask: Ask, kind: str) -> None:
    utf8 = 'data: {"choices":[{"delta":{"content":"grün"},"finish_reason":"stop"}]}\n\n'.encode()
    end = ask(events([utf8, b"data: [DONE]\n\n"], {"content-type": kind}))
    assert (end.status, end.text) == ("done", "grün")


@row("H11")
@pytest.mark.parametrize("kind", ["xtext/event-streamy", "text/plain", "", "application/jsonx"])
def test_h11_types_that_are_none(ask: Ask, kind: str) -> None:
    end = ask(whole("never", headers={"content-type": kind}))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.text) == ("error", "")


@row("H12")
@pytest.mark.parametrize(
    "handler", [one(204, {}), one(205, {}), one(200, SSE_HEADERS), raw(), events([]), one(200, JSON_HEADERS)]
)
def test_h12_an_empty_answer(ask: Ask, handler: Handler) -> None:
    end = ask(handler)
    assert isinstance(end.error, InterruptedStream)
    assert (end.status, end.error.code, len(end.requests)) == ("interrupted", "empty", 1)
    assert "empty answer" in end.error.message


# Redirects


@row("H13")
@pytest.mark.parametrize("status", [307, 308])
def test_h13_one_redirect_within_the_origin(ask: Ask, status: int) -> None:
    end = ask(in_turn(one(status, {"location": "/v2/chat?x=1"}), whole("there")))
    assert (end.status, end.text) == ("done", "there")
    first, second = end.requests
    assert second.startswith(b"POST /v2/chat?x=1 HTTP/1.1\r\n")
    assert first.partition(b"\r\n")[2] == second.partition(b"\r\n")[2]


@row("H13")
@pytest.mark.parametrize("status", [301, 302, 303])
def test_h13_redirects_that_would_make_a_get(ask: Ask, status: int) -> None:
    end = ask(one(status, {"location": "/v2"}))
    assert isinstance(end.error, ProtocolError)
    assert (end.error.code, len(end.requests)) == ("redirect", 1)


@row("H14")
@pytest.mark.parametrize(
    "name", ["http://localhost:{port}/v1", "//127.0.0.1:{port}/", "http://[::1]:{port}/"]
)
def test_h14_another_origin_gets_nothing(ask: Ask, name: str) -> None:
    other = ask.serve(whole("never"))
    end = ask(one(307, {"location": name.format(port=other.port)}))
    assert isinstance(end.error, ProtocolError)
    assert end.error.code == "redirect"
    assert f":{other.port}" in end.error.message
    assert (len(end.requests), other.connections) == (1, [])


@row("H15")
def test_h15_from_https_to_http(ask: Ask, tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path)
    other = ask.serve(whole("never"))
    location = f"http://127.0.0.1:{other.port}/v1/chat/completions"
    end = ask(one(307, {"location": location}), context=context, verify=str(cert))
    assert isinstance(end.error, ProtocolError)
    assert (end.error.code, len(end.requests), other.connections) == ("redirect", 1, [])


@row("H16")
def test_h16_a_redirect_loop(ask: Ask) -> None:
    end = ask(one(307, {"location": "/v1/chat/completions"}), within=10)  # the goal is 1 s
    assert isinstance(end.error, ProtocolError)
    assert (end.error.code, len(end.requests)) == ("redirect", 2)


@row("H17")
@pytest.mark.parametrize(
    "location", ["http://[", "file:///etc/passwd", "unix:/run/x", "http://169.254.169.254/latest", "\x01"]
)
def test_h17_redirects_to_odd_places(ask: Ask, location: str) -> None:
    end = ask(one(307, {"location": location}))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, len(end.requests)) == ("error", 1)


@row("H17")
@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "unix:/run/x.sock",
        "ftp://example.org",
        "http+unix://x",
        "//example.org",
        "data:,",
    ],
)
def test_h17_only_http_and_https(url: str) -> None:
    with pytest.raises(UsageError, match="http"):
        stream("hi", model="m", base_url=url, display=False)


@row("H17")
def test_h17_the_metadata_address_gets_no_key() -> None:
    with pytest.raises(UsageError, match="unencrypted"):
        stream("hi", model="m", base_url="http://169.254.169.254/v1", api_key=KEY, display=False)


# Headers


@row("H18")
def test_h18_no_cookie_is_kept(ask: Ask) -> None:
    server = ask.serve(whole("a", headers={"set-cookie": "id=7; Path=/"}))
    for _ in range(2):
        end = ask(server)
        opened: Any = next(event for event in end.stream.events if type(event).__name__ == "Opened")
        assert "set-cookie" not in dict(opened.headers)
    assert len(server.requests) == 2
    assert all(b"cookie" not in request.lower() for request in server.requests)


@row("H19")
def test_h19_interim_answers_and_trailers(ask: Ask) -> None:
    def handle(connection: Connection) -> None:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
        connection.head(200, {**SSE_HEADERS, "transfer-encoding": "chunked", "trailer": "x-sum"})
        for part in answer("a", "b"):
            connection.chunk(part)
        connection.send(b"0\r\nx-sum: 7\r\n\r\n")

    end = ask(handle)
    assert (end.status, end.text) == ("done", "ab")


@row("H20")
@pytest.mark.parametrize("headers", [{"x": "y" * 1_000_000}, {f"x-{i}": "y" * 20 for i in range(10_000)}])
def test_h20_header_bombs(ask: Ask, headers: dict[str, str]) -> None:
    end = ask(held(headers=headers), within=10)
    assert isinstance(end.error, LimitError)
    assert (end.status, len(end.requests)) == ("error", 1)


@row("G0")
def test_g0_a_failure_that_the_wire_format_finds_names_the_host_too(ask: Ask) -> None:
    def failed(handler: Handler) -> StreamError:
        return ask(handler).error

    server = failed(events([b'event: error\ndata: {"error": {"message": "oops"}}\n\n']))
    event = failed(events([b"data: {no json\n\n"]))
    body = failed(one(200, JSON_HEADERS, b"{no json"))
    for error in (server, event, body):
        assert error.host in error.message
        assert error.hint
