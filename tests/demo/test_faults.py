"""Every fault of the demo server, as a plain HTTP client sees it."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest

from notebook_stream.demo import Server
from notebook_stream.demo.faults import AFTER_TOKENS, AT_THE_ENDS, Fault, Tally, parse

from .client import CHAT, MESSAGES, PATIENCE, ask, body, chat_text, events, messages_text

TEN = "".join(f" t{i:06d}" for i in range(1, 11)).strip()


def read_as_far_as_it_comes(
    client: httpx.Client, server: Server, path: str, **fields: Any
) -> tuple[str, type[Exception] | None]:
    """The body of an answer and how reading it failed."""
    text = ""
    request = body("lorem", stream=True, tokens=100, **fields)
    try:
        with client.stream("POST", server.base_url + path, json=request) as response:
            for piece in response.iter_text():
                text += piece
    except httpx.HTTPError as error:
        return text, type(error)
    return text, None


def text_of(path: str, text: str) -> str:
    """The answer's text, without the half an event that a cut may leave."""
    whole = text[: text.rfind("\n\n") + 2]
    return chat_text(whole) if path == CHAT else messages_text(whole)


def has_end_mark(text: str) -> bool:
    return "[DONE]" in text or "message_stop" in text


@pytest.mark.parametrize(
    "name", [*(f"{kind}:3" for kind in AFTER_TOKENS), *AT_THE_ENDS, "http_418", "http_503:2"]
)
def test_names(name: str) -> None:
    fault = parse(name)
    assert name.startswith(fault.kind)
    assert fault.after == (3 if name.endswith(":3") else None)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "cut",
        "cut:",
        "cut:-1",
        "cut:x",
        "html:2",
        "http",
        "http_200",
        "http:3",
        "html_404",
        "cut:1:2",
        "CUT:1",
    ],
)
def test_other_names_are_refused_with_the_list(name: str) -> None:
    with pytest.raises(ValueError, match="heartbeats:<tokens>"):
        parse(name)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "authentication_error"), (429, "rate_limit_error"), (500, "api_error"), (529, "overloaded_error")],
)
def test_statuses(server: Server, client: httpx.Client, path: str, status: int, kind: str) -> None:
    for _ in range(3):
        response = client.post(server.base_url + path, json=body("echo", fault=f"http_{status}"))
        assert response.status_code == status
        assert response.headers.get("retry-after") == ("1" if status == 429 else None)
        assert str(status) in response.json()["error"]["message"]
    if path == MESSAGES:
        assert response.json()["error"]["type"] == kind


def test_a_status_so_many_times_and_then_an_answer_for_each_request(
    server: Server, client: httpx.Client
) -> None:
    def statuses(prompt: str, count: int) -> list[int]:
        request = body("echo", prompt, stream=True, fault="http_429:2")
        return [client.post(server.base_url + CHAT, json=request).status_code for _ in range(count)]

    assert statuses("a", 1) == [429]
    assert statuses("b", 3) == [429, 429, 200]
    assert statuses("a", 5) == [429, 200, 429, 429, 200]


def test_the_tally_is_bounded() -> None:
    tally = Tally()
    for prompt in range(3 * Tally.MOST):
        assert tally.strikes(Fault("http", 1, 500), prompt)
    assert len(tally._struck) <= Tally.MOST


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("cut:10", httpx.RemoteProtocolError),
        ("reset:10", httpx.ReadError),
        ("eof:10", None),
        ("error:10", None),
    ],
)
def test_broken_off(
    server: Server, client: httpx.Client, path: str, fault: str, failure: type[Exception] | None
) -> None:
    text, failed_as = read_as_far_as_it_comes(client, server, path, fault=fault, pace=500)
    assert failed_as is failure
    assert text_of(path, text) == TEN
    assert not has_end_mark(text)
    assert 'finish_reason":"' not in text
    assert ("on purpose" in text) == fault.startswith("error")
    assert server.requests[-1].tokens_sent == 10
    if failure:
        assert server.requests[-1].closed_by == "server"


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_error_event_is_the_dialects_own(server: Server, client: httpx.Client, path: str) -> None:
    last = events(ask(client, server, path, "fails"))[-1]
    assert last["error"]["type"] == ("server_error" if path == CHAT else "overloaded_error")
    assert last.get("type") == (None if path == CHAT else "error")


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_silence_keeps_the_connection_open(server: Server, path: str) -> None:
    with httpx.Client(timeout=0.5, verify=False) as hasty:
        text, failed_as = read_as_far_as_it_comes(hasty, server, path, fault="silence:10")
    assert failed_as is httpx.ReadTimeout
    assert text_of(path, text) == TEN
    assert server.requests[-1].wait_closed(PATIENCE)
    assert server.requests[-1].closed_by == "client"


@pytest.mark.parametrize(("path", "beat"), [(CHAT, ": keep-alive\n\n"), (MESSAGES, "event: ping\n")])
def test_heartbeats_and_nothing_else(server: Server, client: httpx.Client, path: str, beat: str) -> None:
    text = ""
    request = body("lorem", stream=True, tokens=100, fault="heartbeats:10")
    with client.stream("POST", server.base_url + path, json=request) as response:
        for piece in response.iter_text():
            text += piece
            if text.count(beat) >= 4:
                break
    assert text_of(path, text) == TEN
    assert not has_end_mark(text)
    assert server.requests[-1].wait_closed(PATIENCE)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_no_done_has_the_reason_but_no_mark(server: Server, client: httpx.Client, path: str) -> None:
    text, failed_as = read_as_far_as_it_comes(client, server, path, fault="no_done")
    assert failed_as is None
    assert "t000100" in text
    assert not has_end_mark(text)
    assert ('"finish_reason":"stop"' in text) or ('"stop_reason":"end_turn"' in text)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_no_close_has_the_mark_but_no_end(server: Server, path: str) -> None:
    with httpx.Client(timeout=0.5, verify=False) as hasty:
        text, failed_as = read_as_far_as_it_comes(hasty, server, path, fault="no_close")
    assert failed_as is httpx.ReadTimeout
    assert has_end_mark(text)


def test_empty_and_html(server: Server, client: httpx.Client) -> None:
    assert read_as_far_as_it_comes(client, server, CHAT, fault="empty") == ("", None)
    response = client.post(server.base_url + CHAT, json=body("echo", stream=True, fault="html"))
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>" in response.text


def test_refuse_stream_options(server: Server, client: httpx.Client) -> None:
    request = body("echo", stream=True, fault="refuse_stream_options", stream_options={"include_usage": True})
    response = client.post(server.base_url + CHAT, json=request)
    assert response.status_code == 400
    assert "stream_options" in response.json()["error"]["message"]
    del request["stream_options"]
    assert client.post(server.base_url + CHAT, json=request).status_code == 200


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("error:5", 500),
        ("cut:5", httpx.RemoteProtocolError),
        ("reset:5", httpx.ReadError),
        ("silence:5", httpx.ReadTimeout),
        ("empty", 200),
    ],
)
def test_without_stream(server: Server, fault: str, seen: int | type[Exception]) -> None:
    timeout = 0.5 if seen is httpx.ReadTimeout else 30
    with httpx.Client(timeout=timeout, verify=False) as client:
        request = body("table", fault=fault)
        if isinstance(seen, int):
            response = client.post(server.base_url + CHAT, json=request)
            assert response.status_code == seen
            assert fault != "empty" or response.content == b""
        else:
            with pytest.raises(seen):
                client.post(server.base_url + CHAT, json=request)


def test_without_stream_it_takes_as_long(server: Server, client: httpx.Client) -> None:
    began = time.monotonic()
    client.post(server.base_url + CHAT, json=body("lorem", tokens=41, pace=100, jitter=0, first_token_s=0.1))
    assert 0.5 <= time.monotonic() - began < 5


def test_a_servers_own_fault_and_the_requests(client: httpx.Client) -> None:
    with Server(pace=0, first_token_s=0, fault="http_500") as broken:
        assert client.post(broken.base_url + CHAT, json=body("echo")).status_code == 500
        assert client.post(broken.base_url + CHAT, json=body("echo", fault=None)).status_code == 200
        assert json.loads(client.post(broken.base_url + CHAT, json=body("echo", fault="")).text)["choices"]
