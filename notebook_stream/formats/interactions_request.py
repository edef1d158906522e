"""Chat messages and parameters in, the body of Gemini's Interactions API out.

Source: ai.google.dev, "Interactions API", "Migrating to the Interactions API". Knows no HTTP.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any

from ..errors import UsageError
from .base import checked_messages, with_params
from .messages import Attachment, as_list, calls_of, parts_of, renamed, taken, text_of

ROLES = ("system", "developer", "user", "assistant", "model", "tool")
_INSTRUCTIONS = ("system", "developer")

GENERATION = frozenset(
    {
        "frequency_penalty", "image_config", "max_output_tokens", "presence_penalty", "seed", "speech_config",
        "stop_sequences", "temperature", "thinking_level", "thinking_summaries", "tool_choice", "top_k",
        "top_p", "video_config",
    }
)  # fmt: skip
"""The fields of `generation_config`; a keyword of such a name goes there."""

_NAMES = {
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "stop": "stop_sequences",
}
"""What other APIs call the same thing, so that one call can be sent to several models."""


def body_of(
    model: str, messages: list[dict[str, Any]], params: Mapping[str, Any], system: str | None
) -> dict[str, Any]:
    """The body; streamed, and nothing is to be stored, since the messages are all sent each time.

    Raises:
        UsageError: a malformed message, or none but system messages.
    """
    turns = checked_messages(messages, ROLES)
    instructions = [system or "", *(text_of(m["content"]) for m in turns if m["role"] in _INSTRUCTIONS)]
    steps = _steps([turn for turn in turns if turn["role"] not in _INSTRUCTIONS])
    if not steps:
        raise UsageError("messages holds only system messages; add one with the role user")
    body: dict[str, Any] = {"model": model, "input": steps, "stream": True, "store": False}
    if any(instructions):
        body["system_instruction"] = "\n\n".join(filter(None, instructions))
    own = renamed(params, _NAMES)
    generation = {
        **taken(own, "generation_config"),
        **{name: own.pop(name) for name in list(own) if name in GENERATION},
    }
    if "stop_sequences" in generation:
        generation["stop_sequences"] = as_list(generation["stop_sequences"])
    return with_params({**body, **({"generation_config": generation} if generation else {})}, own)


def _steps(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    steps: list[dict[str, Any]] = []
    for turn in turns:
        if turn["role"] == "tool":
            id = str(turn.get("tool_call_id") or "")
            result = [{"type": "text", "text": text_of(turn["content"])}]
            name = turn.get("name") or names.get(id, id)
            steps.append({"type": "function_result", "call_id": id, "name": name, "result": result})
            continue
        content = [_content(part) for part in parts_of(turn.get("content"))]
        if content:
            kind = "user_input" if turn["role"] == "user" else "model_output"
            steps.append({"type": kind, "content": content})
        for call, arguments in calls_of(turn):
            id, name = str(call.get("id") or ""), call["function"]["name"]
            names[id] = name
            steps.append({"type": "function_call", "id": id, "name": name, "arguments": arguments})
    return steps


def _content(part: str | Attachment | dict[str, Any]) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if isinstance(part, dict):
        raise UsageError("A part of a message needs its type: text, image_url, input_audio or file.")
    mime_type = part.mime_type or mimetypes.guess_type(part.url.partition("?")[0])[0] or ""
    major = mime_type.partition("/")[0] or "image"
    kind = major if major in ("image", "audio", "video") else "document"
    where = {"data": part.data} if part.data else {"uri": part.url}
    return {"type": kind, **where, **({"mime_type": mime_type} if mime_type else {})}
