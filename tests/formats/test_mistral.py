"""Mistral's API as documented, where no recording shows it: requests and references."""

from __future__ import annotations

import json
from typing import Any

from notebook_stream import formats
from notebook_stream.events import Citation, Event, Reasoning, Text

MISTRAL = formats.get("mistral")
HELLO = [{"role": "user", "content": "Hello"}]


def read(*parts: object) -> list[Event]:
    chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": list(parts)}}]}
    return MISTRAL.decoder().decode("message", json.dumps(chunk))


def test_the_body_holds_nothing_that_the_api_refuses() -> None:
    messages = [{"role": "developer", "content": "Polite."}, *HELLO]
    params = {"seed": 7, "max_completion_tokens": 9, "safe_prompt": True}
    assert MISTRAL.body("m", messages, params, system="Short.") == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Short."},
            {"role": "system", "content": "Polite."},
            *HELLO,
        ],
        "stream": True,
        "random_seed": 7,
        "max_tokens": 9,
        "safe_prompt": True,
    }


def test_thinking_and_text_in_one_list() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}
    assert read(thinking, {"type": "text", "text": "Hi"}) == [Reasoning("Hm"), Text("Hi")]


def test_references_are_citations() -> None:
    tool = {
        "type": "tool_reference",
        "tool": "web_search",
        "title": "T",
        "url": "https://a.example",
        "description": "d",
    }
    assert read(
        {"type": "text", "text": "It is so"}, {"type": "reference", "reference_ids": [3, "b", None]}, tool
    ) == [
        Text("It is so"),
        Citation(title="3"),
        Citation(title="b"),
        Citation("https://a.example", "T", "d"),
    ]
