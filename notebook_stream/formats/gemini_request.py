"""Chat messages and parameters in, the body of Gemini's `generateContent` out.

Source: ai.google.dev, "Generating content" (Content, Part, GenerationConfig), "Function calling",
"Thought signatures". Knows no HTTP.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ..errors import UsageError
from .base import checked_messages
from .messages import Attachment, as_list, calls_of, object_of, parts_of, renamed, taken, text_of

ROLES = ("system", "developer", "user", "assistant", "model", "tool", "function")
_INSTRUCTIONS = ("system", "developer")
_RESULTS = ("tool", "function")

GENERATION = frozenset(
    {
        "audioTimestamp", "candidateCount", "enableAffectiveDialog", "enableEnhancedCivicAnswers",
        "frequencyPenalty", "imageConfig", "logprobs", "maxOutputTokens", "mediaResolution",
        "modelSelectionConfig", "presencePenalty", "responseJsonSchema", "responseLogprobs",
        "responseMimeType",
        "responseModalities", "responseSchema", "routingConfig", "seed", "speechConfig", "stopSequences",
        "temperature", "thinkingConfig", "topK", "topP",
    }
)  # fmt: skip
"""The fields of `generationConfig`; a keyword of such a name, also in snake_case, goes there."""

_NAMES = {
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "n": "candidateCount",
    "generation_config": "generationConfig",
}
"""What other APIs call the same thing, so that one call can be sent to several models."""


def body_of(messages: list[dict[str, Any]], params: Mapping[str, Any], system: str | None) -> dict[str, Any]:
    """The body. Messages that have `parts` are Gemini's own and go as they are.

    Raises:
        UsageError: a malformed message, or none but system messages.
    """
    turns = _checked(messages)
    instructions = [system or "", *(text_of(m["content"]) for m in turns if m["role"] in _INSTRUCTIONS)]
    contents = _contents([message for message in turns if message["role"] not in _INSTRUCTIONS])
    if not contents:
        raise UsageError("messages holds only system messages; add one with the role user")
    body: dict[str, Any] = {"contents": contents}
    if any(instructions):
        body["systemInstruction"] = {"parts": [{"text": text} for text in instructions if text]}
    return _with_params(body, renamed(params, _NAMES))


def _with_params(body: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    generation = taken(params, "generationConfig")
    for name in list(params):
        if (own := _camel(name)) in GENERATION:
            value = params.pop(name)
            if value is not None:
                generation[own] = as_list(value) if own == "stopSequences" else value
    body |= params
    return body | {"generationConfig": generation} if generation else body


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _checked(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    own = [isinstance(message, Mapping) and isinstance(message.get("parts"), list) for message in messages]
    # Gemini's own messages have parts in place of content; the check is for what the chat demands.
    chat = [{"role": "user", "content": "-"} if mine else m for mine, m in zip(own, messages, strict=True)]
    checked = checked_messages(chat, ROLES)
    return [
        {"role": "user", **given} if mine else message
        for mine, given, message in zip(own, messages, checked, strict=True)
    ]


def _contents(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    contents = []
    # The results of calls that were made together must stand together in one turn.
    for results, group in groupby(turns, lambda turn: turn["role"] in _RESULTS and "parts" not in turn):
        if results:
            contents.append({"role": "user", "parts": [_result(turn, names) for turn in group]})
        else:
            contents += [_turn(turn, names) for turn in group]
    return contents


def _turn(message: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if "parts" in message:
        return message
    parts = [_part(part) for part in parts_of(message.get("content"))]
    for call, arguments in calls_of(message):
        names[str(call.get("id"))] = call["function"]["name"]
        parts.append(_call(call, arguments))
    return {"role": "user" if message["role"] == "user" else "model", "parts": parts}


def _part(part: str | Attachment | dict[str, Any]) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, dict):
        return part
    if part.data:
        return {"inlineData": {"mimeType": part.mime_type, "data": part.data}}
    kind = mimetypes.guess_type(part.url.partition("?")[0])[0]
    return {"fileData": {"fileUri": part.url, **({"mimeType": kind} if kind else {})}}


def _call(call: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    function = {"name": call["function"]["name"], "args": arguments}
    if call.get("id"):
        function["id"] = call["id"]
    # Where the API's OpenAI-compatible side puts the signature that Gemini 3 wants to see again.
    extra = call.get("extra_content")
    google = extra.get("google") if isinstance(extra, Mapping) else None
    signature = google.get("thought_signature") if isinstance(google, Mapping) else None
    return {"functionCall": function, **({"thoughtSignature": signature} if signature else {})}


def _result(message: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    id = str(message.get("tool_call_id") or "")
    text = text_of(message["content"])
    found = object_of(text)
    response = {
        "name": message.get("name") or names.get(id, id),
        "response": {"result": text} if found is None else found,
    }
    return {"functionResponse": {**response, **({"id": id} if id else {})}}
