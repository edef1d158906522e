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
    request = kept.request_of("m", messages, {"system": None}, {"user": KEY}, Secret(KEY))
    assert KEY not in str(request)
    assert request["masked"] is True
    with pytest.raises(UsageError, match="key"):
        restored(**request).again()
    assert kept.request_of("m", messages, {}, {}, None) == {"model": "m", "options": {}, "messages": messages}


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
        configure(api_key=KEY)
        try:
            again = restored(options=options).again()
            assert again.result(PATIENCE).text == "hi"
        finally:
            configure(api_key=None)
        (request,) = server.requests
        assert KEY.encode() not in request
        assert b"theirs" not in request
        assert b'"seed"' in request
        for name in ours:
            assert name.encode() not in request


def test_the_kept_options_are_ours() -> None:
    assert inspect.signature(stream).parameters.keys() >= kept.KEPT
