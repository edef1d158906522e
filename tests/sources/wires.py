"""One answer in the wire of each provider whose SDK the tests drive: thoughts, "Hello", a call of f."""

from __future__ import annotations

import json
from typing import Any

from .sdk_streams import chunk, data, named

GEMINI = data(
    {"candidates": [{"content": {"parts": [{"text": "hm", "thought": True}], "role": "model"}, "index": 0}],
     "modelVersion": "m", "responseId": "r"},
    {"candidates": [{"content": {"parts": [{"text": "Hel"}], "role": "model"}, "index": 0}]},
    {"candidates": [{"content": {"parts": [
        {"text": "lo"}, {"inlineData": {"mimeType": "image/png", "data": "+/+/"}},
        {"functionCall": {"id": "k1", "name": "f", "args": {"a": 1}}}], "role": "model"},
        "finishReason": "STOP", "index": 0,
        "groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://x.test/", "title": "X"}}]}}],
     "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 4}},
)  # fmt: skip
GEMINI_BLOCKED = data({"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "m"})

CALL = {"index": 0, "id": "k1", "type": "function", "function": {"name": "f", "arguments": '{"a"'}}
CHAT_CALL = [
    *data(
        chunk({"role": "assistant", "content": "", "reasoning_content": "hm"}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({"tool_calls": [CALL]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": ":1}"}}]}),
        chunk({}, "tool_calls"),
        chunk(usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}),
    ),
    b"data: [DONE]\n\n",
]

_THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
_WHOLE_CALL = {"id": "k1", "index": 0, "function": {"name": "f", "arguments": '{"a":1}'}}
MISTRAL = [
    *data(
        chunk({"role": "assistant", "content": _THOUGHT}),
        chunk({"content": "Hel"}),
        chunk(
            {"content": "lo", "tool_calls": [_WHOLE_CALL]},
            "tool_calls",
            usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        ),
    ),
    b"data: [DONE]\n\n",
]


def _cohere(kind: str, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": 0, "delta": {"message": message}}


_DOCUMENT = {"id": "d", "title": "D", "snippet": "so", "url": "https://x.test/"}
COHERE = named(
    {"id": "r", **_cohere("message-start", role="assistant")},
    _cohere("tool-plan-delta", tool_plan="hm"),
    _cohere("content-start", content={"type": "text", "text": ""}),
    _cohere("content-delta", content={"text": "Hel"}),
    _cohere("content-delta", content={"text": "lo"}),
    _cohere("citation-start", citations={
        "start": 0, "end": 5, "text": "Hello", "type": "TEXT_CONTENT",
        "sources": [{"type": "document", "id": "d", "document": _DOCUMENT}]}),
    {"type": "citation-end", "index": 0},
    {"type": "content-end", "index": 0},
    _cohere("tool-call-start",
            tool_calls={"id": "k1", "type": "function", "function": {"name": "f", "arguments": ""}}),
    _cohere("tool-call-delta", tool_calls={"function": {"arguments": '{"a":1}'}}),
    {"type": "tool-call-end", "index": 0},
    {"type": "message-end", "delta": {
        "finish_reason": "TOOL_CALL", "usage": {"tokens": {"input_tokens": 3, "output_tokens": 2}}}},
)  # fmt: skip


def lines(*objects: dict[str, Any]) -> list[bytes]:
    return [json.dumps(item).encode() + b"\n" for item in objects]


_ABOUT = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False}
_COUNTED = {"done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 2}


def _ollama(content: str, **fields: Any) -> dict[str, Any]:
    return {**_ABOUT, "message": {"role": "assistant", "content": content, **fields}}


OLLAMA = lines(
    _ollama("", thinking="hm"),
    _ollama("Hel"),
    _ollama("lo", tool_calls=[{"function": {"name": "f", "arguments": {"a": 1}}}]),
    {**_ollama(""), **_COUNTED},
)
OLLAMA_GENERATE = lines(
    {**_ABOUT, "response": "Hel"}, {**_ABOUT, "response": "lo"}, {**_ABOUT, "response": "", **_COUNTED}
)
NDJSON = {"content-type": "application/x-ndjson"}
