"""Gemini, Cohere, Ollama: every field in turn holds what it should not, and nothing breaks."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import ProtocolError
from notebook_stream.events import Event
from notebook_stream.formats.gemini_fields import MAX_CITATIONS

from .test_hostile import fields, paths, replaced

ODD: list[Any] = [
    None,
    True,
    -1,
    1.5,
    10**299,
    "",
    "x",
    "\ud83d",
    [],
    [None],
    [[]],
    {},
    {"a": 1},
    ["x", {"type": 1}],
]

SHAPES: dict[str, list[dict[str, Any]]] = {
    "gemini": [
        {
            "candidates": [
                {
                    "index": 0,
                    "content": {
                        "role": "model",
                        "parts": [
                            {"text": "a", "thought": True},
                            {"text": "a", "thoughtSignature": "s"},
                            {"functionCall": {"name": "f", "id": "i", "args": {"a": 1}}},
                            {
                                "functionCall": {
                                    "name": "f",
                                    "partialArgs": [
                                        {"jsonPath": "$.a[0].b", "stringValue": "x", "willContinue": True},
                                        {"jsonPath": "$.c", "numberValue": 1},
                                    ],
                                    "willContinue": True,
                                }
                            },
                            {"inlineData": {"mimeType": "audio/mp3", "data": "QQ=="}},
                            {"fileData": {"mimeType": "image/png", "fileUri": "u"}},
                            {"executableCode": {"language": "PYTHON", "code": "1"}},
                            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
                        ],
                    },
                    "finishReason": "SAFETY",
                    "finishMessage": "m",
                    "safetyRatings": [{"category": "c", "blocked": True}],
                    "logprobsResult": {
                        "chosenCandidates": [{"token": "a", "logProbability": -1}],
                        "topCandidates": [{"candidates": [{"token": "a", "logProbability": -1}]}],
                    },
                    "groundingMetadata": {
                        "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
                        "groundingSupports": [
                            {"segment": {"startIndex": 0, "endIndex": 1}, "groundingChunkIndices": [0]}
                        ],
                    },
                    "citationMetadata": {"citationSources": [{"startIndex": 0, "endIndex": 1, "uri": "u"}]},
                }
            ],
            "promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "m", "safetyRatings": [{}]},
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "thoughtsTokenCount": 1},
            "modelVersion": "m",
            "responseId": "r",
        },
        {"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}},
    ],
    "gemini-interactions": [
        {"event_type": "interaction.created", "interaction": {"id": "i", "model": "m"}},
        *(
            {"event_type": "step.start", "index": 0, "step": step}
            for step in (
                {"type": "thought", "summary": [{"type": "text", "text": "a"}]},
                {"type": "model_output", "content": [{"type": "text", "text": "a", "annotations": [{}]}]},
                {"type": "function_call", "id": "i", "name": "f", "arguments": {"a": 1}},
                {"type": "mcp_server_tool_result", "call_id": "i", "result": [{}]},
            )
        ),
        *(
            {"event_type": "step.delta", "index": 0, "delta": delta}
            for delta in (
                {"type": "text", "text": "a"},
                {"type": "thought_summary", "content": {"type": "text", "text": "a"}},
                {"type": "arguments_delta", "arguments": "{}"},
                {"type": "google_search_call", "arguments": {"queries": ["q"]}},
                {"type": "google_search_result", "result": [{}], "is_error": True},
                {"type": "image", "data": "QQ==", "mime_type": "image/png", "uri": "u"},
                {
                    "type": "text_annotation_delta",
                    "annotations": [{"type": "url_citation", "url": "u", "start_index": 0, "end_index": 1}],
                },
            )
        ),
        {"event_type": "step.stop", "index": 0},
        {
            "event_type": "interaction.completed",
            "interaction": {
                "status": "failed",
                "error": {"message": "m"},
                "usage": {"total_input_tokens": 1},
            },
        },
        {"event_type": "error", "error": {"code": 503, "message": "m"}},
    ],
    "cohere": [
        {"type": "message-start", "id": "i", "delta": {"message": {"role": "assistant"}}},
        {
            "type": "content-delta",
            "delta": {"message": {"content": {"text": "a", "thinking": "b"}}},
            "logprobs": {"text": "a", "logprobs": [-1]},
        },
        {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "a"}}},
        {
            "type": "tool-call-start",
            "index": 0,
            "delta": {"message": {"tool_calls": {"id": "i", "function": {"name": "f", "arguments": "{}"}}}},
        },
        {
            "type": "citation-start",
            "delta": {
                "message": {
                    "citations": {
                        "start": 0,
                        "end": 1,
                        "type": "TEXT_CONTENT",
                        "sources": [{"id": "i", "document": {"url": "u", "title": "t", "snippet": "s"}}],
                    }
                }
            },
        },
        {
            "type": "message-end",
            "delta": {
                "finish_reason": "ERROR",
                "error": "e",
                "usage": {"tokens": {"input_tokens": 1}, "cached_tokens": 1},
            },
        },
        {"event_type": "text-generation", "text": "a"},
        {"event_type": "search-results", "documents": [{"id": "d", "url": "u"}]},
        {"event_type": "citation-generation", "citations": [{"start": 0, "end": 1, "document_ids": ["d"]}]},
        {"event_type": "tool-calls-chunk", "tool_call_delta": {"index": 0, "name": "f", "parameters": "{}"}},
        {"event_type": "tool-calls-generation", "tool_calls": [{"name": "f", "parameters": {}}]},
        {"event_type": "stream-end", "finish_reason": "COMPLETE", "response": {"meta": {"tokens": {}}}},
    ],
    "ollama": [
        {
            "model": "m",
            "message": {
                "content": "a",
                "thinking": "b",
                "tool_calls": [{"id": "i", "function": {"name": "f", "arguments": {}}}],
            },
            "logprobs": [{"token": "a", "logprob": -1, "top_logprobs": [{"token": "a", "logprob": -1}]}],
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 1,
            "eval_count": 1,
        },
        {"response": "a", "thinking": "b", "done": False},
        {"error": "e"},
    ],
}


@pytest.mark.parametrize("name", SHAPES)
def test_odd_types_break_nothing(name: str) -> None:
    for shape in SHAPES[name]:
        for path in paths(shape):
            for value in ODD:
                data = json.dumps(replaced(shape, path, value))
                events = formats.get(name).decoder().decode("message", data)
                assert all(isinstance(event, Event) for event in events), (path, value)
                # Whatever came: it can be sent on and saved.
                told = [field for event in events for field in fields(event) if isinstance(field, str)]
                "".join(told).encode()


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("data", ["", "{", "null", "[]", '"text"', "<html>", '{"done": NaN}', "[" * 100_000])
def test_one_bad_event(name: str, data: str) -> None:
    decoder = formats.get(name).decoder()
    for read in (decoder.whole, partial(decoder.decode, "message")):
        with pytest.raises(ProtocolError) as caught:
            read(data)
        assert len(str(caught.value)) < 300


def test_sources_times_supports_are_bounded() -> None:
    """Twenty thousand sources, all of them named by each of fifty supports: no million of citations."""
    sources = [{"web": {"uri": f"u{number}"}} for number in range(20_000)]
    support = {"segment": {"endIndex": 1}, "groundingChunkIndices": list(range(20_000))}
    metadata = {"groundingChunks": sources, "groundingSupports": [support] * 50}
    data = json.dumps({"candidates": [{"groundingMetadata": metadata}]})
    assert len(formats.get("gemini").decoder().decode("", data)) == MAX_CITATIONS


def test_a_hostile_path_of_partial_arguments() -> None:
    """A JSONPath nested too deep, or none, adds nothing; a later piece still does."""
    paths_told = ["$" + ".a" * 5000, "", "a", "$", "$.ok"]
    partial_args = [{"jsonPath": path, "numberValue": 1} for path in paths_told]
    call = {"functionCall": {"name": "f", "partialArgs": partial_args}}
    data = json.dumps({"candidates": [{"content": {"parts": [call]}}]})
    events = formats.get("gemini").decoder().decode("", data)
    assert "".join(getattr(event, "arguments", "") for event in events) == '{"ok":1}'
