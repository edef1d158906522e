"""stream() and show() without Jupyter, against the demo server: names, wrong use, what comes of it."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import pickle
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import notebook_stream as ns
from notebook_stream import configure, loop, show, stop_all, stream, streams
from notebook_stream.api import asking, defaults
from notebook_stream.demo import Server, ensure_server
from notebook_stream.errors import (
    AuthError,
    ConnectError,
    InterruptedStream,
    NotFoundError,
    ProtocolError,
    SourceError,
    StreamError,
    UsageError,
)
from notebook_stream.formats import anthropic

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}
PATIENCE = 20.0
CANARY = "sk-canary-3f9a1c77e2b84d05"


@pytest.fixture(autouse=True)
def _no_leftovers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NOTEBOOK_STREAM_MODEL", raising=False)
    yield
    stop_all()
    defaults.configured.clear()
    assert streams() == []


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0) as running:
        yield running


class Seen:
    """What went out, read from a client of the test's own on its way to the server."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.headers: list[dict[str, str]] = []
        self.client = httpx.AsyncClient(event_hooks={"request": [self._note]}, timeout=60)

    async def _note(self, request: httpx.Request) -> None:
        self.requests.append(request)
        self.headers.append(dict(request.headers))

    @property
    def body(self) -> dict[str, Any]:
        found = json.loads(self.requests[-1].content)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen()
    yield found
    loop.background().spawn(found.client.aclose()).result(PATIENCE)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.002)


def at(server: Server, **kwargs: Any) -> dict[str, Any]:
    return {"base_url": server.base_url, **kwargs}


RESERVED = (
    *(
        "prompt",
        "model",
        "system",
        "after",
        "base_url",
        "api_key",
        "wire_format",
        "extra_headers",
        "extra_body",
    ),
    *("verify", "http_client", "retries", "first_byte_timeout", "idle_timeout", "content_timeout"),
    *("max_seconds", "max_chars", "max_cost", "stop_when", "settle", "record", "keep_running", "display"),
    "save_prompt",
)


def test_the_reserved_names_are_those_of_the_design() -> None:
    parameters = inspect.signature(stream).parameters
    assert [n for n, p in parameters.items() if p.kind is not p.VAR_KEYWORD] == list(RESERVED)
    defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
    assert (defaults["retries"], defaults["first_byte_timeout"], defaults["idle_timeout"]) == (2, 600, 120)
    assert (defaults["content_timeout"], defaults["max_seconds"], defaults["max_chars"]) == (
        600,
        1800,
        2_000_000,
    )


def test_the_public_names_are_there() -> None:
    for name in ("stream", "show", "configure", "streams", "stop_all", "Stream", "Result"):
        assert callable(getattr(ns, name))


def test_no_reserved_name_reaches_the_request_and_every_other_does(server: Server, seen: Seen) -> None:
    options = at(server, http_client=seen.client, temperature=0.5, extra_body={"tokens": 3})
    stream("hi", model="echo", **options).result(PATIENCE)
    body = seen.body
    assert body["temperature"] == 0.5
    assert body["tokens"] == 3
    assert not body.keys() & (set(RESERVED) - {"model"})


def test_an_answer_from_the_demo() -> None:
    s = stream("hello", model="demo/echo", **FAST)
    result = s.result(PATIENCE)
    assert result.text == s.text == "hello"
    assert (s.status, s.finish_reason, result.error) == ("done", "stop", None)
    assert not s.metrics.estimated
    assert s.metrics.ttft_s is not None
    assert "hello" in repr(result)
    assert pickle.loads(pickle.dumps(result)).text == "hello"


def test_without_a_model_it_is_the_demo_and_says_so() -> None:
    s = stream("hi", **FAST)
    s.result(PATIENCE)
    assert s._describe()["note"] == asking.DEMO_NOTE
    assert "demo" in s._describe()["note"]


def test_the_model_comes_from_the_call_then_configure_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_MODEL", "demo/table")
    assert stream("hi", **FAST).result(PATIENCE).text.count("|") > 5
    configure(model="demo/echo", **FAST)
    assert stream("from configure").result(PATIENCE).text == "from configure"
    assert stream("hi", model="demo/table").result(PATIENCE).text != "hi"
    configure(model=None)
    assert stream("hi").result(PATIENCE).text.count("|") > 5


def test_await_many_times_from_any_loop() -> None:
    s = stream("hi", model="demo/echo", **FAST)

    async def main() -> list[str]:
        return [r.text for r in await asyncio.gather(s, s, s)]

    async def both(a: Any, b: Any) -> tuple[str, str]:
        return (await a).text, (await b).text

    assert asyncio.run(main()) == ["hi"] * 3
    assert asyncio.run(both(s, s)) == ("hi", "hi")


def test_cancelling_an_await_detaches() -> None:
    s = stream("a", model="demo/lorem", pace=50, tokens=20)

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(s, 0.05)

    asyncio.run(main())
    assert s.result(PATIENCE).text.endswith("t000020")


def test_iteration_plain_and_asynchronous_from_the_first_piece_on() -> None:
    s = stream("one two three", model="demo/echo", **FAST)
    s.result(PATIENCE)

    async def collect() -> str:
        return "".join([t async for t in s.text_stream])

    assert "".join(s.text_stream) == asyncio.run(collect()) == "one two three"
    assert [type(e).__name__ for e in s.event_stream][-1] == "End"
    assert len(s.events) > 3


def test_result_with_a_timeout_leaves_the_run_alone() -> None:
    s = stream("a", model="demo/lorem", pace=100, tokens=30)
    with pytest.raises(TimeoutError, match="goes on"):
        s.result(timeout=0.01)
    assert s.result(PATIENCE).status == "done"


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


def test_again_repeats_with_changes(server: Server, seen: Seen) -> None:
    s = stream("first", model="echo", **at(server, temperature=0.1, http_client=seen.client))
    s.result(PATIENCE)
    t = s.again(temperature=0.9)
    assert t.result(PATIENCE).text == "first"
    assert seen.body["temperature"] == 0.9
    assert s.again(prompt="second").result(PATIENCE).text == "second"
    by_name = stream(prompt="third", model="echo", **at(server))
    by_name.result(PATIENCE)
    assert by_name.again().result(PATIENCE).text == "third"
    assert stream("fourth", after=by_name).result(PATIENCE).text == "fourth"


def test_a_follow_up_brings_messages_answer_and_settings(server: Server, seen: Seen) -> None:
    s = stream("one", model="echo", system="be brief", **at(server, temperature=0.3, http_client=seen.client))
    s.result(PATIENCE)
    t = stream("two", after=s)
    t.result(PATIENCE)
    body = seen.body
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("system", "be brief"),
        ("user", "one"),
        ("assistant", "one"),
        ("user", "two"),
    ]
    assert (body["model"], body["temperature"]) == ("echo", 0.3)
    assert [m["content"] for m in t.messages] == ["one", "one", "two"]


def test_defaults_for_stream_do_not_disturb_show() -> None:
    configure(model="demo/echo", temperature=0.1)
    assert show(["a"]).result(PATIENCE).text == "a"


def test_a_generator_cannot_be_shown_again_and_says_so() -> None:
    s = show(x for x in ["a"])
    s.result(PATIENCE)
    with pytest.raises(UsageError, match="function"):
        s.again()


def test_a_follow_up_needs_an_answer() -> None:
    s = stream("x", model="demo/slow", **FAST)
    with pytest.raises(UsageError, match="still running"):
        stream("y", after=s)
    s.stop()


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"prompt": ""}, "empty"),
        ({"prompt": []}, "empty"),
        ({"prompt": 7}, "string or a list"),
        ({"prompt": [{"role": "user"}]}, "content"),
        ({"prompt": ["hello"]}, "message"),
        ({"prompt": [{"role": "wizard", "content": "x"}]}, "role"),
        ({"prompt": "x", "model": "nosuch/model"}, "openai"),
        ({"prompt": "x", "model": "openai/gpt-5-mini"}, "OPENAI_API_KEY"),
        ({"prompt": "x", "model": "m", "base_url": "ftp://example.org"}, "http"),
        ({"prompt": "x", "base_url": "http://localhost:1/v1"}, "model"),
        ({"prompt": "x", "model": "demo/echo", "temperature": float("nan")}, "JSON"),
        ({"prompt": "x", "model": "demo/echo", "tool": object()}, "JSON"),
        ({"prompt": "x", "model": "demo/echo", "wire_format": "nosuch"}, "openai-chat"),
        ({"prompt": "x", "model": "demo/echo", "retries": -1}, "retries"),
        ({"prompt": "x", "model": "demo/echo", "max_seconds": 0}, "max_seconds"),
        ({"prompt": "x", "model": "demo/echo", "after": "s"}, "Stream"),
        ({"prompt": "x", "model": "demo/echo", "http_client": 1}, "AsyncClient"),
        ({"prompt": "x", "model": "demo/echo", "extra_headers": {"a": 1}}, "strings"),
    ],
)
def test_wrong_use_raises_at_the_call_and_says_what_to_do(
    kwargs: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UsageError, match=says) as caught:
        stream(**kwargs)
    assert len(str(caught.value).splitlines()) <= 3
    assert streams() == []


def failed(**kwargs: Any) -> StreamError:
    s = stream("x", **kwargs)
    with pytest.raises(StreamError) as caught:
        s.result(PATIENCE)
    assert s.error is caught.value
    assert caught.value.result.status == s.status
    return caught.value


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


def test_an_answer_that_was_cut_off_says_at_how_many_tokens(server: Server) -> None:
    for wire_format in ("openai-chat", "anthropic"):
        s = stream("x", model="markdown", max_tokens=7, wire_format=wire_format, **at(server))
        assert s.result(PATIENCE).finish_reason == "length"
        assert s._describe()["finish_detail"] == "max_tokens=7"
    s = stream("x", model="cut", wire_format="anthropic", **at(server))
    s.result(PATIENCE)
    assert s._describe()["finish_detail"] == f"max_tokens={anthropic.MAX_TOKENS}"


def test_a_refused_request_is_asked_again_before_content(server: Server) -> None:
    s = stream("x", model="echo", **at(server, fault="http_500:1"))
    assert s.result(PATIENCE).text == "x"
    assert "Retrying" in [type(e).__name__ for e in s.events]


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


def test_observers_are_told_and_see_what_they_are_told() -> None:
    seen: list[tuple[str, str]] = []
    s = stream("x", model="demo/lorem", tokens=100, pace=200)
    s.observe(lambda change: seen.append((change.new, s.text)), "text")
    done = threading.Event()
    s.observe(lambda change: done.set() if change.new == "done" else None, "status")
    final = s.result(PATIENCE).text
    assert done.wait(PATIENCE)
    assert seen[-1][0] == final
    assert all(told == read for told, read in seen)
    assert 2 < len(seen) < 60
    with pytest.raises(Exception, match="set by the run"):
        s.text = "mine"


def test_a_slow_or_raising_observer_delays_nothing(caplog: pytest.LogCaptureFixture) -> None:
    s = stream("x", model="demo/lorem", tokens=100, pace=500)

    def slow(change: Any) -> None:
        time.sleep(1)
        raise RuntimeError("observer")

    s.observe(slow, "text")
    began = time.monotonic()
    with caplog.at_level(logging.ERROR, "notebook_stream"):
        assert s.result(PATIENCE).text == s.text
        assert time.monotonic() - began < 5
        deadline = time.monotonic() + PATIENCE
        while not caplog.records:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert len(caplog.records) == 1


def test_stop_in_an_observer() -> None:
    s = stream("x", model="demo/lorem", tokens=100_000, pace=500)
    s.observe(lambda change: s.stop(), "text")
    assert s.result(PATIENCE).status == "stopped"


def test_show_of_strings_functions_and_generators() -> None:
    assert show(["a", "b"]).result(PATIENCE).text == "ab"
    assert show(lambda: iter(["c", "d"])).result(PATIENCE).text == "cd"

    async def fresh() -> Any:
        yield "e"
        yield "f"

    s = show(fresh)
    assert s.result(PATIENCE).text == "ef"
    assert s.again().result(PATIENCE).text == "ef"


def test_show_of_a_generator_that_raises_keeps_the_text() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise ZeroDivisionError("oops")

    s = show(broken())
    with pytest.raises(SourceError, match="oops") as caught:
        s.result(PATIENCE)
    assert caught.value.result.text == "a"


@pytest.mark.parametrize("wrong", ["text", b"bytes", 7, None, {"a": 1}])
def test_show_says_what_it_takes(wrong: Any) -> None:
    with pytest.raises(UsageError):
        show(wrong)


def test_a_stream_cannot_be_pickled_and_says_what_can() -> None:
    s = stream("x", model="demo/echo", **FAST)
    s.result(PATIENCE)
    with pytest.raises(TypeError, match="result"):
        pickle.dumps(s)


def pieces(key: str) -> list[str]:
    return [key[i : i + 8] for i in range(len(key) - 7)]


def test_a_key_shows_nowhere(server: Server, seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    shown: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for fault in (None, "http_401", "cut:1"):
            options = at(server, fault=fault, http_client=seen.client if fault is None else None)
            s = stream("hello", model="echo", api_key=CANARY, **options)
            try:
                shown.append(repr(s.result(PATIENCE)))
            except StreamError as exc:
                shown += [
                    "".join(traceback.TracebackException.from_exception(exc, capture_locals=True).format())
                ]
                shown.append(str(vars(exc)))
            shown += [repr(s), str(vars(s)), str(s.get_state()), str(s.events), str(s._options)]
        try:
            stream("x", model="m", base_url="nonsense", api_key=CANARY)
        except UsageError as exc:
            trace = traceback.TracebackException.from_exception(exc, capture_locals=True)
            shown += [line for line in trace.format() if "test_api.py" not in line]
    assert seen.headers[0]["authorization"] == f"Bearer {CANARY}"
    everything = "\n".join([*shown, caplog.text])
    assert [p for p in pieces(CANARY) if p in everything] == []
    assert [p for p in pieces(CANARY) if p in f"planted: {CANARY}"] != []


def test_no_environment_key_goes_to_a_foreign_host(
    server: Server, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    stream("x", model="echo", **at(server, http_client=seen.client)).result(PATIENCE)
    assert CANARY not in str(seen.headers)


def test_both_dialects_give_the_same_answer(server: Server) -> None:
    answers = [
        stream("x", model="markdown", wire_format=f, **at(server)).result(PATIENCE).text
        for f in ("openai-chat", "anthropic")
    ]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 500


def test_two_hundred_streams_at_once() -> None:
    some = [stream(f"answer {i}", model="demo/echo", first_token_s=0.2) for i in range(200)]
    assert [s.result(60).text for s in some] == [f"answer {i}" for i in range(200)]


def test_the_demo_server_is_one_for_the_process() -> None:
    assert ensure_server() is ensure_server()
