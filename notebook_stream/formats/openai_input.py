"""Chat messages in, the `input` items of a Responses request out.

Source: platform.openai.com, "Responses: create", and "Migrate to the Responses API". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import checked_messages
from .values import mapping, mappings, string

ROLES = ("system", "developer", "user", "assistant", "tool")


def input_items(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items; one that is already an item of Responses (a type, and no role) stays as given.

    Raises:
        UsageError: a message is malformed.
    """
    if isinstance(messages, list) and messages and all(map(_is_item, messages)):
        return [dict(message) for message in messages]
    checked = checked_messages([m for m in messages if not _is_item(m)], ROLES)
    turns = iter(checked)
    items = [[dict(m)] if _is_item(m) else _items(next(turns)) for m in messages]
    return [item for group in items for item in group]


def _is_item(message: object) -> bool:
    return isinstance(message, Mapping) and isinstance(message.get("type"), str) and "role" not in message


def _items(message: dict[str, Any]) -> list[dict[str, Any]]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        output = [_part(part, "input_text") for part in content] if isinstance(content, list) else content
        call_id = string(message.get("tool_call_id"))
        return [{"type": "function_call_output", "call_id": call_id, "output": output}]
    said: list[dict[str, Any]] = []
    if content:
        text_type = "output_text" if role == "assistant" else "input_text"
        parts = [_part(part, text_type) for part in content] if isinstance(content, list) else content
        said = [{"role": role, "content": parts}]
    return [*said, *map(_call, mappings(message.get("tool_calls")))]


def _part(part: Any, text_type: str) -> Any:
    if isinstance(part, str):
        return {"type": text_type, "text": part}
    fields = mapping(part)
    match fields.get("type"):
        case "text":
            return {"type": text_type, "text": fields.get("text")}
        case "image_url":
            told = fields.get("image_url")
            return {"type": "input_image", **({"image_url": told} if isinstance(told, str) else _image(told))}
        case "file":
            return {"type": "input_file", **mapping(fields.get("file"))}
    return part


def _image(told: object) -> dict[str, Any]:
    fields = mapping(told)
    return {"image_url": fields.get("url"), **{k: v for k, v in fields.items() if k != "url"}}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    id = string(call.get("id"))
    if custom := mapping(call.get("custom")):
        return {"type": "custom_tool_call", "call_id": id, **custom}
    return {"type": "function_call", "call_id": id, **mapping(call.get("function"))}
