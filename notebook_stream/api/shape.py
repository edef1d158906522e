"""A request body in, what it says of the answer's shape out: the view is right from the first token on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..wire import Asked

JSON_TYPES = ("json_object", "json_schema", "json")
COUNTS = (("n",), ("num_generations",), ("generationConfig", "candidateCount"))
"""Where chat completions, Cohere's v1 and Gemini name the number of answers."""


def asked_of(body: Mapping[str, Any]) -> Asked:
    """What `body` asks for beyond one answer in prose; empty where it says nothing."""
    asked: Asked = {}
    if any(_json_marks(body)):
        asked["json"] = True
    counts = [count for path in COUNTS if isinstance(count := _at(body, *path), int)]
    if counts and counts[0] > 1:
        asked["choices"] = counts[0]
    return asked


def _json_marks(body: Mapping[str, Any]) -> Iterator[bool]:
    """Each provider's own way to ask for JSON, by the names of its API reference."""
    # Chat completions, Mistral, Cohere; Responses; Anthropic, before and after its beta.
    for path in (("response_format",), ("text", "format"), ("output_format",), ("output_config", "format")):
        yield _at(body, *path, "type") in JSON_TYPES
    # Gemini, in both of its APIs.
    for path in (("generationConfig", "responseMimeType"), ("response_mime_type",)):
        yield _at(body, *path) == "application/json"
    # Ollama: "json" or a schema.
    yield _at(body, "format") == "json" or isinstance(_at(body, "format"), Mapping)
    # llama.cpp and vLLM.
    yield any(isinstance(body.get(name), Mapping) for name in ("json_schema", "guided_json"))


def _at(body: Mapping[str, Any], *path: str) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
