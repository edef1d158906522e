"""The recorded streams, and what is expected of each, in one shape: what the provider's own SDK read.

Where no SDK reads a format, a plain reading of the body stands for it. Shares no code with the decoders.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notebook_stream import formats
from notebook_stream.events import Event, Failure, Text

from .reading import Choice, by_choice, frames, last_usage

CORPUS = os.environ.get("NOTEBOOK_STREAM_CORPUS", "")
STREAMS = Path(CORPUS) / "streams"

FORMATS = {
    "openai-chat": "openai-chat",
    "openai-completions": "completions",
    "openai-responses": "openai-responses",
    "anthropic-messages": "anthropic",
    "gemini-sse": "gemini",
    "gemini-json-array": "gemini",
    "gemini-interactions": "gemini-interactions",
    "mistral-chat": "mistral",
    "cohere-v2": "cohere",
    "cohere-v1-ndjson": "cohere",
    "ollama-ndjson": "ollama",
    "llamacpp-native": "llama-cpp",
}
"""The index's name of a format, and ours."""

LABELLED_OTHERWISE = {
    "azure__openai-responses__ai__azure-deepseek-reasoning": "openai-chat",  # its bytes are chat chunks
    "writer__other__openllmetry": "openai-chat",  # Writer's own address, OpenAI's chunks
}
"""Beginnings of file names whose format the index does not tell."""

NOT_OURS = {
    "bedrock-converse": "a binary event stream with checksums, no server-sent events",
    "jsonrpc-sse": "agents that talk to each other (A2A), no answer of a model",
    "openai-assistants": "an API of runs and threads that OpenAI has withdrawn",
    "replicate-sse": "a second request reads what a first one has begun",
    "watsonx-generation": "an API of its own, with no other server that speaks it",
    "other": "Anthropic's API before Messages, and a transcription",
}

SDK_MISSES = {
    # part of the file name, field: what the SDK leaves out or changes, or which recording was edited
    (
        "incomplete_partial_json_response",
        "tools",
    ): "the SDK completes JSON that was cut off; ours is as written",
    ("test_anthropic_mcp_servers_stream", "tools"): "the SDK drops the input that mcp_tool_use starts with",
    ("stream-a-refusal", "usage"): "the SDK drops usage.iterations",
    ("stream-a-toolrefusal", "usage"): "the SDK drops usage.iterations",
    ("test_anthropic_compaction_usage_with_cache_streaming", "usage"): "the SDK drops usage.iterations",
    ("test_chat_streaming_with_events_with_content", "usage"): "the SDK does not look into x_groq",
    ("test_groq_model_thinking_part_iter", "usage"): "the SDK does not look into x_groq",
    (
        "test_openrouter_stream_error",
        "usage",
    ): "the SDK raises before it reads the usage of the error's chunk",
    (
        "openai-shell-container",
        "text",
    ): "edited: its pieces are another text than its end; ours is the pieces'",
}

Difference = tuple[str, object, object]


@dataclass
class Expected:
    """What one stream says. `tools` are id, name, arguments and, where told, kind."""

    choices: dict[int, Choice] = field(default_factory=dict)
    usage: dict[str, Any] | None = None
    error: bool = False
    finish: dict[int, str | None] = field(default_factory=dict)
    tools: dict[int, list[tuple[Any, ...]]] = field(default_factory=dict)
    citations: dict[int, int] = field(default_factory=dict)


def recorded() -> list[dict[str, Any]]:
    """The entries of the index whose format we have."""
    index = json.loads((STREAMS / "index.json").read_text()) if CORPUS else []
    return [stream for stream in index if wire_format(stream)]


def wire_format(stream: dict[str, Any]) -> str:
    """Our name of its format; empty where it is none of ours."""
    for beginning, name in LABELLED_OTHERWISE.items():
        if stream["file"].startswith(beginning):
            return name
    return FORMATS.get(stream["format"], "")


def body_of(stream: dict[str, Any]) -> bytes:
    return (STREAMS / str(stream["file"])).read_bytes()


def meta_of(stream: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads((STREAMS / stream["meta"]).read_text())
    return meta


def messages_of(stream: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and data of each event, as the layer below the decoders gives them."""
    body = body_of(stream)
    if stream["file"].endswith(".ndjson"):
        return [("", line) for line in body.decode().splitlines() if line.strip()]
    if stream["file"].endswith(".json-array"):
        return [("", json.dumps(item)) for item in json.loads(body)]
    return list(frames(body))


def events_of(stream: dict[str, Any]) -> list[Event]:
    decoder = formats.get(wire_format(stream)).decoder()
    return [event for name, data in messages_of(stream) for event in decoder.decode(name, data)]


def differences(stream: dict[str, Any], events: list[Event]) -> list[Difference]:
    """Each field in which the events differ from what is expected."""
    expected = expected_of(stream)
    choices = by_choice(events)
    found: list[Difference] = []
    for index, theirs in expected.choices.items():
        ours = choices.get(index, Choice())
        found += [
            ("text", ours.text, theirs.text),
            ("reasoning", ours.reasoning, theirs.reasoning),
            ("refusal", ours.refusal, theirs.refusal),
            ("logprobs", ours.logprob_tokens, theirs.logprob_tokens),
            ("finish", ours.finish.raw if ours.finish else None, expected.finish[index]),
            ("tools", *tools(_callers(stream, ours), expected.tools[index])),
            ("citations", len(ours.citations), expected.citations[index]),
        ]
    spoke = {event.index for event in events if isinstance(event, Text)}
    found.append(("choices", spoke - expected.choices.keys(), set()))
    usage = without_nulls(last_usage(events))
    found.append(("usage", *_alike(stream, usage, without_nulls(expected.usage))))
    found.append(("error", any(isinstance(event, Failure) for event in events), expected.error))
    return [difference for difference in found if difference[1] != difference[2]]


def _callers(stream: dict[str, Any], ours: Choice) -> list[dict[str, str]]:
    """The calls that the SDK's answer lists: of Responses, those that the caller is to run."""
    if stream["format"] != "openai-responses":
        return ours.tool_calls
    return [call for call in ours.tool_calls if call["kind"] in ("function", "custom")]


def tools(ours: list[dict[str, str]], theirs: list[tuple[Any, ...]]) -> tuple[object, object]:
    """Arguments are compared in the form the SDK gives: as text, or parsed."""
    kinds = {"function": "tool_use"}
    left = [
        (call["id"], call["name"], call["arguments"], kinds.get(call["kind"], call["kind"])) for call in ours
    ]
    size = min((len(call) for call in theirs), default=4)
    if not all(isinstance(call[2], str) for call in theirs):
        left = [(id, name, parsed(text), kind) for id, name, text, kind in left]
    return [call[:size] for call in left], theirs


def parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def without_nulls(usage: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if usage is None else {name: value for name, value in usage.items() if value is not None}


def excused(stream: dict[str, Any], field: str) -> bool:
    return any(name in stream["file"] and field == missed for name, missed in SDK_MISSES)


def unexcused(stream: dict[str, Any], found: Iterable[Difference]) -> list[Difference]:
    return [difference for difference in found if not excused(stream, difference[0])]


def _alike(
    stream: dict[str, Any], ours: dict[str, Any] | None, theirs: dict[str, Any] | None
) -> tuple[object, object]:
    """Usage under the SDK's names, and of the fields that it knows."""
    if ours is None or theirs is None:
        return ours, theirs
    if stream["format"].startswith("gemini"):
        ours = _snake_case(ours)
    if stream["format"] in ("gemini-sse", "ollama-ndjson", "cohere-v2"):
        ours = {name: value for name, value in ours.items() if name in theirs}
    return ours, theirs


def _snake_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name): _snake_case(item)
            for name, item in value.items()
        }
    return [_snake_case(item) for item in value] if isinstance(value, list) else value


# What is expected


def expected_of(stream: dict[str, Any]) -> Expected:
    told = meta_of(stream)["expected"]
    if stream["file"].startswith(tuple(LABELLED_OTHERWISE)):
        return _plain_chat(stream)
    read = READERS.get(stream["format"])
    return read(stream, told) if read else _of_sdk(told)


def _of_sdk(told: dict[str, Any]) -> Expected:
    """The shape of the index: choices with their fields, or the fields of one answer."""
    expected = Expected(usage=told.get("usage"), error=bool(told["error"]))
    for choice in told.get("choices") or [{"index": 0, **told}]:
        notes = choice["citations"] if "citations" in choice else len(choice["annotations"])
        notes += len((told.get("extra") or {}).get("citations", []))
        calls = [tuple(call.values()) for call in choice["tool_calls"]]
        _put(
            expected,
            Choice(
                choice["text"],
                choice["reasoning"],
                choice.get("refusal", ""),
                logprob_tokens=choice.get("logprob_tokens", 0),
            ),
            choice["finish_reason"],
            [(id or "", *rest) for id, *rest in calls],
            notes,
            choice["index"],
        )
    return expected


def _put(
    expected: Expected,
    choice: Choice,
    finish: str | None,
    tools: Iterable[tuple[Any, ...]] = (),
    citations: int = 0,
    index: int = 0,
) -> Expected:
    expected.choices[index] = choice
    expected.finish[index] = finish
    expected.tools[index] = list(tools)
    expected.citations[index] = citations
    return expected


def _responses(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    finish = (told["incomplete_details"] or {}).get("reason") or told["status"]
    # The SDK lists the parts of the reasoning; ours are paragraphs.
    choice = Choice(told["text"], "\n\n".join(told["reasoning"]), told["refusal"])
    choice.logprob_tokens = told["logprob_tokens"]
    calls = [tuple(call.values()) for call in told["tool_calls"]]
    expected = Expected(usage=told["usage"], error=bool(told["error"] or told["response_error"]))
    return _put(expected, choice, finish, calls, told["annotations"])


def _gemini(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    expected = _of_sdk(told)
    for choice in told["choices"]:
        expected.citations[choice["index"]] = choice["grounding_chunks"]
    return expected


def _cohere(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    last = messages_of(stream)[-1][1]  # of v1 the index tells no usage
    expected = _of_sdk(told if "usage" in told else {"usage": json.loads(last)["response"]["meta"], **told})
    expected.choices[0].reasoning = told.get("tool_plan", "") + expected.choices[0].reasoning
    expected.citations[0] = told.get("citations", 0)
    return expected


def _plain_gemini(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    chunks = json.loads(body_of(stream))
    candidates = [candidate for chunk in chunks for candidate in chunk["candidates"]]
    parts = [part for candidate in candidates for part in candidate["content"].get("parts", [])]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    thoughts, texts = (
        "".join(part.get("text", "") for part in parts if part.get("thought", False) is thought)
        for thought in (True, False)
    )
    usage = _snake_case(chunks[-1]["usageMetadata"])
    found = [("", call["name"], call["args"]) for call in calls]
    return _put(Expected(usage=usage), Choice(texts, thoughts), candidates[-1]["finishReason"], found)


def _plain_interaction(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    events = [json.loads(data) for _, data in messages_of(stream) if data != "[DONE]"]
    last = next(event["interaction"] for event in events if event["event_type"] == "interaction.completed")
    deltas = [event["delta"] for event in events if event["event_type"] == "step.delta"]
    steps = [event["step"] for event in events if event["event_type"] == "step.start"]
    given = [delta["arguments"] for delta in deltas if "arguments" in delta]
    calls = [step for step in steps if step["type"].endswith("_call")]
    found = [
        (call["id"], call.get("name") or call["type"].removesuffix("_call"), parsed(arguments))
        for call, arguments in zip(calls, given, strict=True)
    ]
    text = "".join(delta.get("text", "") for delta in deltas)
    notes = sum(len(delta.get("annotations", [])) for delta in deltas)
    return _put(Expected(usage=last["usage"]), Choice(text), last["status"], found, notes)


def _plain_native(stream: dict[str, Any], told: dict[str, Any]) -> Expected:
    chunks = [json.loads(data) for _, data in messages_of(stream)]
    names = ("tokens_evaluated", "tokens_predicted", "tokens_cached", "timings")
    usage = {name: chunks[-1][name] for name in names}
    text = "".join(chunk["content"] for chunk in chunks)
    return _put(Expected(usage=usage), Choice(text), chunks[-1]["stop_type"])


def _plain_chat(stream: dict[str, Any]) -> Expected:
    chunks = [json.loads(data) for _, data in messages_of(stream) if data != "[DONE]"]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    deltas = [choice["delta"] for choice in choices]
    calls: dict[int, list[str]] = {}
    for call in (call for delta in deltas for call in delta.get("tool_calls") or []):
        function = call["function"]
        whole = calls.setdefault(call["index"], [call.get("id") or "", "", ""])
        whole[1] += function.get("name") or ""
        whole[2] += function.get("arguments") or ""
    choice = Choice(
        "".join(delta.get("content") or "" for delta in deltas),
        "".join(delta.get("reasoning_content") or "" for delta in deltas),
    )
    usage = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    finish = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    expected = Expected(usage=usage[-1] if usage else None)
    return _put(expected, choice, finish[-1], map(tuple, calls.values()))


READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Expected]] = {
    "openai-responses": _responses,
    "gemini-sse": _gemini,
    "gemini-json-array": _plain_gemini,
    "gemini-interactions": _plain_interaction,
    "cohere-v2": _cohere,
    "cohere-v1-ndjson": _cohere,
    "llamacpp-native": _plain_native,
}
"""Formats of whose answers the SDK says something else than the index's own shape, or nothing."""
