"""The tiny llama.cpp server: the same text at every read, words only, and the fixtures recorded from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .llama.readers import PATHS, read_body, request_body, text_of
from .llama.record import FIXTURES, record
from .llama.server import LlamaServer

END_MARKS = {
    "openai-chat": b"data: [DONE]",
    "anthropic": b"event: message_stop",
    "openai-responses": b"event: response.completed",
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    with LlamaServer(tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.mark.parametrize("wire_format", PATHS)
def test_two_reads_give_the_same_words(llama: LlamaServer, wire_format: str) -> None:
    body = request_body(wire_format, llama.model, "Explain streams.")
    first, second = (text_of(wire_format, read_body(llama.url, wire_format, body)) for _ in range(2))
    assert first == second
    assert re.fullmatch(r"[a-z ]{20,200}", first)


@pytest.mark.parametrize("wire_format", PATHS)
def test_a_recording_holds_words_and_its_end_mark(wire_format: str, tmp_path: Path) -> None:
    record(tmp_path)
    for folder in (FIXTURES, tmp_path):
        sse = (folder / f"{wire_format}.sse").read_bytes()
        assert re.fullmatch(r"[a-z ]+", text_of(wire_format, sse))
        assert END_MARKS[wire_format] in sse


def test_a_bad_request_is_answered_by_a_real_error(llama: LlamaServer) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        read_body(llama.url, "openai-chat", {"stream": True})


def test_nothing_is_left_running(tmp_path_factory: pytest.TempPathFactory) -> None:
    with LlamaServer(tmp_path_factory.mktemp("llama")) as server:
        url = server.url
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{url}/health")
