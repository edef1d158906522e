"""In: llama.cpp's address and a prompt. Out: what plain httpx reads there, to hold our own readers against.

Deliberately naive, and shares no code with the product.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

PATHS = {
    "openai-chat": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "openai-responses": "/v1/responses",
}
SAMPLING: dict[str, Any] = {"temperature": 0.8}


def request_body(wire_format: str, model: str, prompt: str, max_tokens: int = 200) -> dict[str, Any]:
    """The body that asks `model` for the same text every time, at most `max_tokens` tokens of it."""
    if wire_format == "openai-responses":
        question: dict[str, Any] = {"input": prompt, "max_output_tokens": max_tokens}
    else:
        question = {"messages": [{"role": "user", "content": prompt}], "max_tokens": max_tokens}
    return {"model": model, "stream": True, **SAMPLING, **question}


def read_body(url: str, wire_format: str, body: dict[str, Any]) -> bytes:
    """The whole streamed answer as it came; raises `httpx.HTTPStatusError` for any other status than 2xx."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        response = client.post(url + PATHS[wire_format], json=body)
        response.raise_for_status()
        return response.content


def text_of(wire_format: str, sse: bytes) -> str:
    """The answer's text in a recorded body."""
    payloads = [line[6:] for line in sse.decode().splitlines() if line.startswith("data: {")]
    return "".join(_piece(wire_format, json.loads(payload)) for payload in payloads)


def _piece(wire_format: str, event: dict[str, Any]) -> str:
    if wire_format == "openai-chat":
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    if wire_format == "anthropic":
        return str(event["delta"]["text"]) if event["type"] == "content_block_delta" else ""
    return str(event["delta"]) if event["type"] == "response.output_text.delta" else ""
