"""Errors that a server or a proxy reports inside an answer, in the shapes that no format has to itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import (
    BadRequestError,
    HttpError,
    NotFoundError,
    OverloadedError,
    RateLimitError,
    ServerError,
)
from notebook_stream.events import Failure, Finish, Start, Text, Unknown
from notebook_stream.formats.failures import failure

from .test_openai_chat import chunk, read

WITHOUT_A_CHUNK = (
    "openai-chat",
    "completions",
    "openai-responses",
    "anthropic",
    "gemini",
    "ollama",
    "llama-cpp",
)

REPORTS: list[tuple[dict[str, Any], type[HttpError]]] = [
    ({"error": {"message": "it broke", "code": 404}}, NotFoundError),  # OpenAI
    ({"error": "it broke", "error_type": "overloaded"}, OverloadedError),  # Text Generation Inference
    ({"detail": "it broke"}, ServerError),  # FastAPI
    ({"detail": [{"loc": ["body"], "msg": "it broke"}]}, ServerError),
    ({"success": False, "errors": [{"code": 5007, "message": "it broke"}]}, ServerError),  # Cloudflare
    ({"code": "InvalidParameter", "message": "it broke", "request_id": "r"}, BadRequestError),  # Alibaba
    ({"error_code": "BAD_REQUEST", "message": "it broke"}, BadRequestError),  # Databricks
    ({"error_code": 429, "error_msg": "it broke"}, RateLimitError),
]


@pytest.mark.parametrize("wire_format", WITHOUT_A_CHUNK)
@pytest.mark.parametrize(("report", "kind"), REPORTS)
def test_an_unnamed_object_that_reports_an_error(
    wire_format: str, report: dict[str, Any], kind: type[HttpError]
) -> None:
    (event,) = formats.get(wire_format).decoder().decode("", json.dumps(report))
    assert isinstance(event, Failure)
    assert type(event.error) is kind
    assert "it broke" in event.error.message


@pytest.mark.parametrize("wire_format", WITHOUT_A_CHUNK)
@pytest.mark.parametrize(
    "fields",
    [
        {"message": "Searching the web"},
        {"status": "in_progress", "message": "Searching the web"},
        {"code": 200, "message": "ok"},
        {"code": 0, "msg": ""},
        {"errors": []},
        {"detail": ""},
        {"error": None},
    ],
)
def test_an_unnamed_object_that_reports_none(wire_format: str, fields: dict[str, Any]) -> None:
    data = json.dumps(fields)
    assert formats.get(wire_format).decoder().decode("", data) == [Unknown("", data)]


def test_a_named_event_with_a_message_is_no_error() -> None:
    data = '{"code": 7, "message": "Searching"}'
    for wire_format in ("openai-responses", "anthropic", "gemini", "llama-cpp"):
        assert formats.get(wire_format).decoder().decode("progress", data) == [Unknown("progress", data)]


def test_the_status_may_stand_outside_the_report() -> None:
    error = failure({"error": {"message": "it broke", "code": ""}, "status_code": 503}).error
    assert type(error) is OverloadedError
    assert type(failure({"status": "failed", "error": {"message": "it broke"}}).error) is ServerError


def test_what_the_provider_behind_a_router_said() -> None:
    report = {"message": "Provider returned error", "code": 502, "metadata": {"raw": "it broke"}}
    assert failure({"error": report}).error.message.endswith("Provider returned error: it broke")


def test_no_word_is_no_label() -> None:
    error = failure({"message": "it broke", "type": "None", "code": "429"}).error  # LiteLLM
    assert type(error) is RateLimitError
    assert "None" not in error.message


class TestInAChunk:
    def test_in_a_choice(self) -> None:
        choice = {"index": 0, "delta": {"content": "a"}, "error": {"code": 502, "message": "it broke"}}
        text, event = read({"choices": [choice]})
        assert text == Text("a")
        assert isinstance(event, Failure)
        assert type(event.error) is ServerError

    def test_in_a_choice_of_a_whole_answer(self) -> None:
        choice = {"finish_reason": "error", "message": None, "error": {"code": 429, "message": "it broke"}}
        (event,) = formats.get("openai-chat").decoder().whole(json.dumps({"choices": [choice]}))
        assert isinstance(event, Failure)
        assert type(event.error) is RateLimitError

    def test_a_code_of_its_own_in_every_chunk(self) -> None:  # MiniMax
        fine = {"id": "1", **chunk(content="a"), "base_resp": {"status_code": 0, "status_msg": ""}}
        assert read(fine) == [Start(None, "1"), Text("a")]
        wrong = {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}
        (event,) = read(wrong)
        assert isinstance(event, Failure)
        assert "insufficient balance" in event.error.message


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("sensitive", "content_filter"),
        ("guardrail_intervened", "content_filter"),
        ("network_error", "error"),
        ("tool_call", "tool_calls"),
    ],
)
def test_an_upstreams_own_word_for_the_end(raw: str, reason: str) -> None:
    assert read(chunk(finish=raw)) == [Finish(reason, raw)]
