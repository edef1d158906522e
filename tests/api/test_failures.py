"""What the network or the server does: in `error`, with the partial text, and never the key."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.demo import Server
from notebook_stream.errors import (
    AuthError,
    ConnectError,
    InterruptedStream,
    NotFoundError,
    ProtocolError,
    StreamError,
    UsageError,
)

from ..waiting import PATIENCE
from .seen import Seen, at

CANARY = "sk-canary-3f9a1c77e2b84d05"


def failed(**kwargs: Any) -> StreamError:
    s = stream("x", **kwargs)
    with pytest.raises(StreamError) as caught:
        s.result(PATIENCE)
    assert s.error is caught.value
    error = caught.value
    assert isinstance(error, StreamError)
    assert error.result.status == s.status
    return error


def test_what_the_server_does_goes_into_error(server: Server) -> None:
    assert isinstance(failed(model="echo", **at(server, fault="http_401")), AuthError)
    assert isinstance(failed(model="no-such-model", **at(server)), NotFoundError)
    assert isinstance(failed(model="echo", **at(server, fault="html")), ProtocolError)
    cut = failed(model="lorem", **at(server, tokens=50, fault="cut:5"))
    assert isinstance(cut, InterruptedStream)
    assert cut.result.text.startswith("t000001")
    refused = failed(model="x", base_url="http://127.0.0.1:9/v1", retries=0)
    assert isinstance(refused, ConnectError)
    assert "127.0.0.1:9" in str(refused)


def test_a_server_that_refuses_stream_options_is_asked_without(server: Server, seen: Seen) -> None:
    s = stream("x", model="echo", **at(server, fault="refuse_stream_options", http_client=seen.client))
    assert s.result(PATIENCE).text == "x"
    assert "stream_options" not in seen.body
    assert len(server.requests) == 2


def test_a_refused_request_is_asked_again_before_content(server: Server) -> None:
    s = stream("x", model="echo", **at(server, fault="http_500:1"))
    assert s.result(PATIENCE).text == "x"
    assert "Retrying" in [type(e).__name__ for e in s.events]


def pieces(key: str) -> list[str]:
    return [key[i : i + 8] for i in range(len(key) - 7)]


def test_a_key_shows_nowhere(server: Server, seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    shown: list[str] = []
    raised: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for fault in (None, "http_401", "cut:1"):
            options = at(server, fault=fault, http_client=seen.client if fault is None else None)
            s = stream("hello", model="echo", api_key=CANARY, **options)
            try:
                shown.append(repr(s.result(PATIENCE)))
            except StreamError as exc:
                raised.append(type(exc).__name__)
                shown += traceback.TracebackException.from_exception(exc, capture_locals=True).format()
                shown.append(str(vars(exc)))
            shown += [repr(s), str(vars(s)), str(s.get_state()), str(s.events), str(s._options)]
        try:
            stream("x", model="m", base_url="nonsense", api_key=CANARY)
        except UsageError as exc:
            raised.append(type(exc).__name__)
            trace = traceback.TracebackException.from_exception(exc, capture_locals=True)
            shown += [line for line in trace.format() if __file__ not in line]
    assert raised == ["AuthError", "InterruptedStream", "UsageError"]
    assert seen.headers[0]["authorization"] == f"Bearer {CANARY}"
    everything = "\n".join([*shown, caplog.text])
    assert [p for p in pieces(CANARY) if p in everything] == []
    assert [p for p in pieces(CANARY) if p in f"planted: {CANARY}"] != []


def test_no_environment_key_goes_to_a_foreign_host(
    server: Server, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    stream("x", model="echo", **at(server, http_client=seen.client)).result(PATIENCE)
    assert "authorization" not in seen.headers[0]
    assert CANARY not in str(seen.headers)
