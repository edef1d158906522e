"""Chat messages in, `messages` and `system` of Anthropic's Messages API out; its own blocks stay as given.

Source: docs.anthropic.com, "Messages", "Vision", "PDF support", "Tool use". Knows no HTTP.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, cast

from ..errors import UsageError
from .base import checked_messages
from .messages import Attachment, calls_of, parts_of
from .values import mapping

ROLES = ("user", "assistant", "tool", "system", "developer")
_INSTRUCTIONS = ("system", "developer")
_ATTACHED = ("image_url", "file")
"""Types of parts of chat that this API writes in its own way."""

_TEXT = "text/"
_IMAGE = "image/"


def conversation(
    messages: list[dict[str, Any]], system: str | None
) -> tuple[list[dict[str, Any]], str | list[Any]]:
    """The turns, and the instructions: `system` and the system messages that stand before all turns.

    Raises:
        UsageError: a message is malformed, or there is none but system messages.
    """
    checked = checked_messages(messages, ROLES)
    first = next((n for n, message in enumerate(checked) if message["role"] not in _INSTRUCTIONS), None)
    if first is None:
        raise UsageError("messages holds only system messages; add one with the role user")
    instructions = _system([system or "", *(message["content"] for message in checked[:first])])
    return _joined([_turn(message) for message in checked[first:]]), instructions


def _system(contents: list[str | list[Any]]) -> str | list[Any]:
    told = [content for content in contents if content]
    texts = [content for content in told if isinstance(content, str)]
    if len(texts) == len(told):
        return "\n\n".join(texts)
    # A list of parts may carry cache_control: kept as it is.
    return [part for content in told for part in _blocks(content)]


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":
        content = message.get("content")
        blocks = _blocks(content) if isinstance(content, list) else content
        result = {"type": "tool_result", "tool_use_id": message.get("tool_call_id"), "content": blocks}
        return {"role": "user", "content": [result]}
    calls = [
        {
            "type": "tool_use",
            "id": call.get("id"),
            "name": mapping(call.get("function")).get("name"),
            "input": given,
        }
        for call, given in calls_of(message)
    ]
    turn = {name: value for name, value in message.items() if name != "tool_calls"}
    if calls:
        return {**turn, "content": [*_blocks(message.get("content")), *calls]}
    if isinstance(turn.get("content"), list):
        return {**turn, "content": _blocks(turn["content"])}
    return turn


def _joined(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results of several tools in one turn, as the API wants them."""
    joined: list[dict[str, Any]] = []
    for turn in turns:
        if joined and _is_result(turn) and _is_result(joined[-1]):
            joined[-1] = {**turn, "content": [*joined[-1]["content"], *turn["content"]]}
        else:
            joined.append(turn)
    return joined


def _is_result(turn: Mapping[str, Any]) -> bool:
    content = turn.get("content")
    return (
        isinstance(content, list)
        and bool(content)
        and all(mapping(block).get("type") == "tool_result" for block in content)
    )


def _blocks(content: object) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [_block(part) for part in content] if isinstance(content, list) else []


def _block(part: Any) -> Any:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, Mapping) or part.get("type") not in _ATTACHED:
        return part
    found = cast(Attachment, parts_of([part])[0])
    source = _source(found)
    if part["type"] == "image_url" or found.mime_type.startswith(_IMAGE):
        return {"type": "image", "source": source}
    name = mapping(part.get("file")).get("filename")
    return {"type": "document", "source": source, **({"title": name} if name else {})}


def _source(found: Attachment) -> dict[str, Any]:
    if found.data and found.mime_type.startswith(_TEXT):
        return {"type": "text", "media_type": "text/plain", "data": _text(found.data)}
    if found.data:
        return {"type": "base64", "media_type": found.mime_type, "data": found.data}
    if found.url.startswith(("https://", "http://")):
        return {"type": "url", "url": found.url}
    return {"type": "file", "file_id": found.url}


def _text(data: str) -> str:
    try:
        return b64decode(data, validate=True).decode("utf-8", "replace")
    except ValueError:
        raise UsageError("The data: URL of a file in a message is not base64.") from None
