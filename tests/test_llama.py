"""The tiny llama.cpp server: the same text at each read, the fixtures recorded there, and what we read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from notebook_stream import stream
from notebook_stream.errors import BadRequestError
from notebook_stream.events import Text
from notebook_stream.inspector import Track
from notebook_stream.inspector.tokens import tokens_of

from .llama.readers import (
    BASES,
    LIMITS,
    LOGPROBS,
    PATHS,
    SAMPLING,
    logprobs_of,
    read_body,
    request_body,
    text_of,
    usage_of,
)
from .llama.record import FIXTURES, record
from .llama.server import LlamaServer

PROMPT = "Explain streams."
END_MARKS = {
    "openai-chat": b"data: [DONE]",
    "anthropic": b"event: message_stop",
    "openai-responses": b"event: response.completed",
    "completions": b"data: [DONE]",
    "llama-cpp": b'"stop":true',
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    with LlamaServer(tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.fixture(scope="module")
def recorded_anew(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    record(folder)
    return folder


@pytest.mark.parametrize("wire_format", PATHS)
def test_two_reads_give_the_same_words(llama: LlamaServer, wire_format: str) -> None:
    body = request_body(wire_format, llama.model, PROMPT)
    first, second = (text_of(wire_format, read_body(llama.url, wire_format, body)) for _ in range(2))
    assert first == second
    assert re.fullmatch(r"[a-z ]{20,200}", first)


@pytest.mark.parametrize("wire_format", PATHS)
def test_a_recording_holds_words_and_its_end_mark(wire_format: str, recorded_anew: Path) -> None:
    for folder in (FIXTURES, recorded_anew):
        sse = (folder / f"{wire_format}.sse").read_bytes()
        assert re.fullmatch(r"[a-z ]+", text_of(wire_format, sse))
        assert END_MARKS[wire_format] in sse


@pytest.mark.parametrize("wire_format", PATHS)
def test_we_read_what_a_plain_reader_reads(llama: LlamaServer, wire_format: str) -> None:
    asked = LOGPROBS.get(wire_format, {})
    usage = {"stream_options": {"include_usage": True}}
    body = {**request_body(wire_format, llama.model, PROMPT, 20), **asked}
    read = read_body(llama.url, wire_format, body | (usage if "completions" in PATHS[wire_format] else {}))
    result = stream(
        PROMPT,
        model=llama.model,
        base_url=llama.url + BASES[wire_format],
        wire_format=wire_format,
        display=False,
        **{LIMITS[wire_format]: 20, **SAMPLING, **asked},
    ).result(timeout=60)
    assert (result.status, result.text) == ("done", text_of(wire_format, read))
    assert result.usage is not None
    assert (result.usage.input_tokens, result.usage.output_tokens) == usage_of(wire_format, read)
    assert result.usage.output_tokens == 20
    # llama.cpp's Responses end with "completed" also where the limit cut them off.
    assert result.finish_reason == ("stop" if wire_format == "openai-responses" else "length")


@pytest.mark.parametrize("wire_format", LOGPROBS)
def test_log_probabilities_are_those_that_a_plain_reader_reads(llama: LlamaServer, wire_format: str) -> None:
    asked = LOGPROBS[wire_format]
    body = {**request_body(wire_format, llama.model, PROMPT, 10), **asked}
    said = logprobs_of(wire_format, read_body(llama.url, wire_format, body))
    s = stream(
        PROMPT,
        model=llama.model,
        base_url=llama.url + BASES[wire_format],
        wire_format=wire_format,
        display=False,
        **{LIMITS[wire_format]: 10, **SAMPLING, **asked},
    )
    s.result(timeout=60)
    tokens = [token for event in s.events if isinstance(event, Text) for token in event.logprobs]
    assert [(t.token, [top[0] for top in t.top]) for t in tokens] == [
        (token, [top[0] for top in tops]) for token, _, tops in said
    ]
    assert len(tokens) == 10
    for token, (_, logprob, tops) in zip(tokens, said, strict=True):
        assert token.logprob == pytest.approx(logprob, abs=0.01)
        assert [top[1] for top in token.top] == pytest.approx([top[1] for top in tops], abs=0.01)


@pytest.mark.parametrize("wire_format", LOGPROBS)
def test_a_view_is_told_the_probabilities_that_the_server_sent(llama: LlamaServer, wire_format: str) -> None:
    s = stream(
        PROMPT,
        model=llama.model,
        base_url=llama.url + BASES[wire_format],
        wire_format=wire_format,
        display=False,
        **{LIMITS[wire_format]: 30, **SAMPLING, **LOGPROBS[wire_format]},
    )
    s.result(timeout=60)
    sent = "".join(f"data: {row.data}\n\n" for row in s.recording.rows if row.name == "").encode()
    told = [one for moment in Track(s, "").moments_so_far() for one in moment.get("logprobs", [])]
    said = logprobs_of(wire_format, sent)
    assert told == [[token, logprob, [list(top) for top in tops]] for token, logprob, tops in said]
    assert len(told) >= 20


def test_another_token_is_gone_on_from(llama: LlamaServer) -> None:
    asked: dict[str, Any] = {"logprobs": True, "top_logprobs": 3, "max_tokens": 20}
    s = stream(PROMPT, model=llama.model, base_url=f"{llama.url}/v1", display=False, **{**SAMPLING, **asked})
    s.result(timeout=60)
    token = tokens_of(Track(s, "").moments_so_far())[5]
    other = next(text for text, _ in token.top if text != token.text and text.strip())
    branch = s.branch(5, other)
    branch.result(timeout=60)
    begun = s.text[: token.start] + other
    assert branch.text.startswith(begun)
    assert len(branch.text) > len(begun) + 5


def test_two_choices(llama: LlamaServer) -> None:
    s = stream(
        PROMPT, model=llama.model, base_url=f"{llama.url}/v1", display=False, n=2, max_tokens=20, **SAMPLING
    )
    result = s.result(timeout=60)
    assert [choice.finish_reason for choice in result.choices] == ["length", "length"]
    assert all(len(choice.text) >= 20 for choice in result.choices)


@pytest.mark.parametrize("wire_format", PATHS)
def test_its_refusal_is_quoted(llama: LlamaServer, wire_format: str) -> None:
    s = stream(
        PROMPT,
        model=llama.model,
        base_url=llama.url + BASES[wire_format],
        wire_format=wire_format,
        display=False,
        retries=0,
        temperature="hot",
    )
    with pytest.raises(BadRequestError, match="type must be number") as caught:
        s.result(timeout=60)
    assert caught.value.host in llama.url


def test_a_bad_request_is_answered_by_a_real_error(llama: LlamaServer) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        read_body(llama.url, "openai-chat", {"stream": True})


def test_nothing_is_left_running(tmp_path_factory: pytest.TempPathFactory) -> None:
    with LlamaServer(tmp_path_factory.mktemp("llama")) as server:
        url = server.url
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{url}/health")


@pytest.mark.parametrize("wire_format", ["openai-chat", "anthropic", "completions", "llama-cpp"])
@pytest.mark.parametrize("tokens", [4, 13, 40])
def test_an_answer_that_was_cut_off_goes_on_as_the_whole_would_have(
    llama: LlamaServer, wire_format: str, tokens: int
) -> None:
    # The likeliest token each time: so the two parts must be the whole that comes of one request.
    options: dict[str, Any] = {
        "base_url": llama.url + BASES[wire_format],
        "wire_format": wire_format,
        "display": False,
    }
    limit = LIMITS[wire_format]
    asked = {"model": llama.model, "temperature": 0, "top_k": 1, **options}
    whole = stream(PROMPT, **asked | {limit: tokens + 40}).result(timeout=60)
    first = stream(PROMPT, **asked | {limit: tokens})
    assert first.result(timeout=60).finish_reason == "length"
    second = first.resume(**{limit: 40})
    result = second.result(timeout=60)
    assert result.text.startswith(first.text)
    assert result.text == "".join(second.text_stream)
    assert result.usage is not None
    assert result.usage.output_tokens == 40
    # Elsewhere the beginning may come to other tokens than were written; in this model a character is one.
    assert result.text.rstrip() == whole.text.rstrip()
