"""What an output keeps of a request, and a request of a notebook that may come from anywhere, asked again."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from notebook_stream import Stream, UsageError, configure, stream
from notebook_stream.api import kept
from notebook_stream.errors import Secret

from ..servers import Server, sse
from ..waiting import PATIENCE

KEY = "sk-canary-3f9a1c77e2b84d05"
CHUNK = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\n'
DONE = [CHUNK, b"data: [DONE]\n\n"]


def restored(**request: Any) -> Stream:
    said = {"model": "m", "options": {}, "messages": [{"role": "user", "content": "hi"}], **request}
    return Stream.from_output({"notebook_stream": {"format": 1, "answers": [{"text": "x"}], "request": said}})


def test_a_key_that_stands_in_the_request_is_masked_and_the_request_not_asked_again() -> None:
    messages = [{"role": "user", "content": f"use {KEY}"}]
    request = kept.request_of(
        "m", messages, {"system": None}, {"user": KEY}, {}, secret=Secret(KEY), save_prompt=True
    )
    assert KEY not in str(request)
    assert request["masked"] is True
    with pytest.raises(UsageError, match="key"):
        restored(**request).again()
    plain = kept.request_of("m", messages, {}, {}, {}, secret=None, save_prompt=True)
    assert plain == {"model": "m", "options": {}, "messages": messages}


def test_what_its_name_says_to_be_a_secret_is_not_kept() -> None:
    url = "https://x.test"
    tools = [{"authorization": "Bearer abc", "headers": {"x-a": "abc"}, "server_url": url}]
    request = kept.request_of("m", [], {}, {"tools": tools, "seed": 1}, {}, secret=None, save_prompt=True)
    assert "abc" not in str(request)
    assert request["options"]["tools"][0]["server_url"] == url
    assert request["masked"] is True


def test_without_the_prompt_no_text_of_the_request_is_kept() -> None:
    params = {"instructions": "a secret", "documents": ["a secret"], "seed": 1, "top_p": 0.5}
    request = kept.request_of(
        "m", [{"role": "user"}], {"system": "a secret"}, params, {}, secret=None, save_prompt=False
    )
    assert request == {"model": "m", "options": {"seed": 1, "top_p": 0.5, "save_prompt": False}}


def test_a_picture_costs_no_time() -> None:
    url = "data:image/png;base64," + "A" * 4_000_000
    messages = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
    request = kept.request_of("m", messages, {}, {}, {}, secret=Secret(KEY), save_prompt=True)
    assert len(str(request)) < 1000


def test_a_prompt_about_hashes_is_a_prompt() -> None:
    about = [{"role": "user", "content": [{"type": "text", "text": "what is sha256?"}]}]
    again = restored(messages=about, model="demo/echo", options={"first_token_s": 0}).again()
    assert again.result(PATIENCE).status == "done"


def test_a_prompt_that_has_lost_its_picture_is_not_asked_again() -> None:
    picture = {"sha256": "0" * 64, "mime_type": "image/png", "bytes": 3}
    part = {"type": "image_url", "image_url": {"url": picture}}
    lost = restored(messages=[{"role": "user", "content": [part]}], model="demo/echo")
    with pytest.raises(UsageError, match="picture"):
        lost.again()
    assert lost.again(prompt="hello", first_token_s=0).result(PATIENCE).text == "hello"


def test_a_notebook_of_somebody_else_gets_no_key_and_switches_nothing_off() -> None:
    with Server(sse(DONE)) as server:
        url = server.url.removesuffix("/chat")
        ours = {"verify": False, "http_client": 1, "api_key": "theirs", "display": 1}
        options = {"base_url": url, "seed": 7, **ours}
        configure(api_key=KEY, extra_headers={"x-own": KEY})
        try:
            kept_run = restored(options=options)
            assert kept_run.again().result(PATIENCE).text == "hi"
            assert stream("more", after=kept_run).result(PATIENCE).text == "hi"
            with pytest.raises(UsageError, match="names the server"):
                kept_run.again(api_key=KEY)
        finally:
            configure(api_key=None, extra_headers=None)
        assert len(server.requests) == 2
        for request in server.requests:
            assert KEY.encode() not in request
            assert b"theirs" not in request
            assert b'"seed"' in request
            assert [name for name in ours if name.encode() in request] == []


@pytest.mark.parametrize("wrong", [{"messages": ["ab"]}, {"messages": 5}, {"options": [1]}, {"options": 3}])
def test_a_malformed_request_is_said_to_be_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="no saved run"):
        restored(**wrong)


def test_the_kept_options_are_ours() -> None:
    assert inspect.signature(stream).parameters.keys() >= kept.KEPT
