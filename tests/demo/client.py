"""What the tests of the demo server ask it with: a request in, the pieces of its answer out."""

from __future__ import annotations

import json
from typing import Any

import httpx

from notebook_stream.demo import Server

CHAT, MESSAGES = "/chat/completions", "/messages"
JSON = {"content-type": "application/json"}
PATIENCE = 10.0
"""Seconds to wait for what should take milliseconds."""


def body(model: str, prompt: str = "hi", **fields: Any) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": 100_000,
        **fields,
    }


def ask(
    client: httpx.Client, server: Server, path: str, model: str, prompt: str = "hi", **fields: Any
) -> str:
    # json.dumps, for httpx refuses the lone surrogates that one of the prompts has.
    request = json.dumps(body(model, prompt, stream=True, **fields))
    response = client.post(server.base_url + path, content=request, headers=JSON)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    return response.text


def events(text: str) -> list[dict[str, Any]]:
    """The JSON of each event; the tests' own reading of SSE, which here is always LF and one data line."""
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def deltas(text: str) -> list[dict[str, Any]]:
    return [choice["delta"] for event in events(text) for choice in event.get("choices", ())]


def chat_text(text: str, field: str = "content") -> str:
    return "".join(delta.get(field) or "" for delta in deltas(text))


def messages_text(text: str, field: str = "text") -> str:
    return "".join(event.get("delta", {}).get(field, "") for event in events(text))
