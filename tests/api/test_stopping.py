"""stop(), stop_all() and limits: what the server sees, and what is kept."""

from __future__ import annotations

import time

from notebook_stream import stop_all, stream, streams
from notebook_stream.demo import Server

from ..waiting import PATIENCE, until
from .seen import at


def test_stop_closes_the_connection_and_keeps_the_text(server: Server) -> None:
    s = stream("x", model="lorem", **at(server, tokens=10_000, pace=200))
    next(iter(s.text_stream))
    stopped_at = time.monotonic()
    s.stop()
    s.stop()
    assert (s.status, s.stop_reason) == ("stopped", "user")
    assert s.result().text.startswith("t000001")
    request = server.requests[-1]
    until(lambda: request.closed_at)
    assert request.closed_at is not None
    assert request.closed_at - stopped_at < 2.5
    assert request.closed_by == "client"
    assert s not in streams()


def test_the_connection_is_closed_at_the_end_mark_though_the_server_holds_it_open(server: Server) -> None:
    s = stream("x", model="echo", **at(server, fault="no_close"))
    assert s.result(PATIENCE).status == "done"
    until(lambda: server.requests[-1].closed_by == "client")


def test_stop_all_and_streams() -> None:
    some = [stream("x", model="demo/lorem", tokens=10_000, pace=50) for _ in range(3)]
    assert set(streams()) == set(some)
    stop_all()
    assert [s.status for s in some] == ["stopped"] * 3


def test_stop_during_a_retry_wait_ends_at_once(server: Server) -> None:
    s = stream("x", model="echo", **at(server, fault="http_429:9"))
    for event in s.event_stream:
        if type(event).__name__ == "Retrying":
            break
    began = time.monotonic()
    s.stop()
    assert s.status == "stopped"
    assert time.monotonic() - began < 2.5
    assert len(server.requests) == 1


def test_limits_reach_the_run(server: Server) -> None:
    s = stream("x", model="lorem", max_chars=20, **at(server, tokens=1000, pace=500))
    assert len(s.result(PATIENCE).text) == 20
    assert s.stop_reason == "chars"
    s = stream("x", model="lorem", stop_when=lambda t: "t000009" in t, **at(server, tokens=100_000, pace=500))
    assert s.result(PATIENCE).stop_reason == "stop_when"


def test_stop_in_an_observer() -> None:
    s = stream("x", model="demo/lorem", tokens=100_000, pace=500)
    s.observe(lambda change: s.stop(), "text")
    assert s.result(PATIENCE).status == "stopped"
