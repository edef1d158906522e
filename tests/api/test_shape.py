"""What a request says of its answer's shape, in each provider's own words."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.api.shape import asked_of

SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    "body",
    [
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}},
        {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"generationConfig": {"responseMimeType": "application/json"}},
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
        {"format": "json"},
        {"format": SCHEMA},
        {"json_schema": SCHEMA},
    ],
)
def test_json_is_asked_for(body: dict[str, Any]) -> None:
    assert asked_of(body) == {"json": True}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"response_format": {"type": "text"}},
        {"response_format": "json"},
        {"text": "json"},
        {"text": {"format": {"type": "text"}}},
        {"generationConfig": {"responseMimeType": "text/plain"}},
        {"format": "wav"},
        {"n": 1},
        {"n": "2"},
    ],
)
def test_prose_is(body: dict[str, Any]) -> None:
    assert asked_of(body) == {}


@pytest.mark.parametrize("body", [{"n": 3}, {"generationConfig": {"candidateCount": 3}}])
def test_several_answers(body: dict[str, Any]) -> None:
    assert asked_of(body) == {"choices": 3}


def test_the_view_knows_it_before_the_first_token() -> None:
    s = stream("hi", model="demo/lorem", tokens=3, n=2, response_format={"type": "json_object"})
    assert s.outbox.snapshot()["state"]["asked"] == {"json": True, "choices": 2}
    s.result(timeout=60)
