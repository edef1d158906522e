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
    "completions": "/v1/completions",
    "llama-cpp": "/completion",
}
BASES = {wire_format: "" if wire_format == "llama-cpp" else "/v1" for wire_format in PATHS}
"""What of the path belongs to the base URL."""

LIMITS = {
    "openai-chat": "max_tokens",
    "anthropic": "max_tokens",
    "openai-responses": "max_output_tokens",
    "completions": "max_tokens",
    "llama-cpp": "n_predict",
}
SAMPLING: dict[str, Any] = {"temperature": 0.8}
LOGPROBS: dict[str, dict[str, Any]] = {
    "openai-chat": {"logprobs": True, "top_logprobs": 2},
    "completions": {"logprobs": 2},
    "llama-cpp": {"n_probs": 2},
}
"""What asks for log probabilities with two alternatives; at the other endpoints there are none."""


def request_body(wire_format: str, model: str, prompt: str, max_tokens: int = 200) -> dict[str, Any]:
    """The body that asks `model` for the same text every time, at most `max_tokens` tokens of it."""
    if wire_format in ("completions", "llama-cpp"):
        question: dict[str, Any] = {"prompt": prompt}
    elif wire_format == "openai-responses":
        question = {"input": prompt}
    else:
        question = {"messages": [{"role": "user", "content": prompt}]}
    return {"model": model, "stream": True, LIMITS[wire_format]: max_tokens, **SAMPLING, **question}


def read_body(url: str, wire_format: str, body: dict[str, Any]) -> bytes:
    """The whole streamed answer as it came; raises `httpx.HTTPStatusError` for any other status than 2xx."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        response = client.post(url + PATHS[wire_format], json=body)
        response.raise_for_status()
        return response.content


def text_of(wire_format: str, sse: bytes) -> str:
    """The answer's text in a recorded body."""
    return "".join(_piece(wire_format, payload) for payload in _payloads(sse))


def usage_of(wire_format: str, sse: bytes) -> tuple[int, int]:
    """Tokens in and out, as a recorded body says; for chat and completions they must have been asked for."""
    payloads = _payloads(sse)
    if wire_format == "anthropic":
        (start,) = (payload["message"]["usage"] for payload in payloads if "message" in payload)
        (end,) = (payload["usage"] for payload in payloads if "usage" in payload)
        return start["input_tokens"], end["output_tokens"]
    last = payloads[-1]
    if wire_format == "llama-cpp":
        return last["tokens_evaluated"], last["tokens_predicted"]
    if wire_format == "openai-responses":
        return last["response"]["usage"]["input_tokens"], last["response"]["usage"]["output_tokens"]
    return last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]


def logprobs_of(wire_format: str, sse: bytes) -> list[tuple[str, float, list[tuple[str, float]]]]:
    """Each token with its log probability and the alternatives, in a recorded body."""
    tokens = [token for payload in _payloads(sse) for token in _tokens(wire_format, payload)]
    return [
        (token["token"], token["logprob"], [(top["token"], top["logprob"]) for top in token["top_logprobs"]])
        for token in tokens
    ]


def _payloads(sse: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in sse.decode().splitlines() if line.startswith("data: {")]


def _tokens(wire_format: str, event: dict[str, Any]) -> list[dict[str, Any]]:
    if wire_format == "llama-cpp":
        found: list[dict[str, Any]] = event.get("completion_probabilities", [])
        return found
    told = [choice.get("logprobs") for choice in event["choices"]]
    return [token for logprobs in told if logprobs for token in logprobs["content"]]


def _piece(wire_format: str, event: dict[str, Any]) -> str:
    if wire_format == "openai-chat":
        return "".join(choice["delta"].get("content") or "" for choice in event["choices"])
    if wire_format == "completions":
        return "".join(choice["text"] for choice in event["choices"])
    if wire_format == "llama-cpp":
        return str(event["content"])
    if wire_format == "anthropic":
        return str(event["delta"]["text"]) if event["type"] == "content_block_delta" else ""
    return str(event["delta"]) if event["type"] == "response.output_text.delta" else ""
