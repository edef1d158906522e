"""The public names of stream() and show(), which keyword goes where, and wrong use at the call."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import notebook_stream as ns
from notebook_stream import configure, show, stream, streams
from notebook_stream.api import asking
from notebook_stream.demo import Server
from notebook_stream.errors import UsageError

from ..waiting import PATIENCE
from .seen import FAST, Seen, at

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
    *("max_seconds", "max_chars", "max_cost", "stop_when", "settle", "record", "cache"),
    *("cache_speed", "keep_running", "display"),
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
    names = {"stream", "show", "configure", "streams", "stop_all", "Stream", "Result", "tune", "Tuning"}
    assert names <= set(ns.__all__)
    assert all(callable(getattr(ns, name)) for name in names)


def test_no_reserved_name_reaches_the_request_and_every_other_does(server: Server, seen: Seen) -> None:
    options = at(server, http_client=seen.client, temperature=0.5, extra_body={"tokens": 3})
    stream("hi", model="echo", **options).result(PATIENCE)
    body = seen.body
    assert body["temperature"] == 0.5
    assert body["tokens"] == 3
    assert not body.keys() & (set(RESERVED) - {"model"})


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


@pytest.mark.parametrize(
    ("kwargs", "says"),
    [
        ({"prompt": ""}, "empty"),
        ({"prompt": []}, "empty"),
        ({"prompt": 7}, "string or a list"),
        ({"prompt": [{"role": "user"}]}, "content"),
        ({"prompt": ["hello"]}, "message"),
        ({"prompt": ["hello", "there"]}, "compare"),
        ({"prompt": "x", "model": ["demo/echo", "demo/lorem"]}, "compare"),
        ({"prompt": "x", "model": "demo/echo", "temprature": 0.2}, "did you mean temperature="),
        ({"prompt": "x", "model": "demo/echo", "max_token": 5}, "did you mean max_tokens="),
        ({"prompt": [{"role": "wizard", "content": "x"}]}, "role"),
        ({"prompt": "x", "model": "nosuch/model"}, "openai"),
        ({"prompt": "x", "model": "openai/gpt-5-mini"}, "OPENAI_API_KEY"),
        ({"prompt": "x", "model": "m", "base_url": "ftp://example.org"}, "http"),
        ({"prompt": "x", "base_url": "http://localhost:1/v1"}, "model"),
        ({"prompt": "x", "model": "demo/echo", "temperature": float("nan")}, "JSON"),
        ({"prompt": "x", "model": "demo/echo", "thing": object()}, "JSON"),
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


def test_defaults_for_stream_do_not_disturb_show() -> None:
    configure(model="demo/echo", temperature=0.1)
    assert show(["a"]).result(PATIENCE).text == "a"
