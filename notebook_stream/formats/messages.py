"""Messages and parameters as OpenAI's chat writes them in, their pieces out.

For the formats that write them otherwise. Knows no wire format and no HTTP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError, quote

_DATA_URL = re.compile(r"data:([^,;]*)(?:;[^,]*)?;base64,", re.IGNORECASE)
_SHOWN = 60


Content = str | Sequence[str | Mapping[str, Any]] | None
"""A message's content as `checked_messages` lets it through."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, a sound or a file of a message: `data` in base64, or else the `url` where it lies."""

    mime_type: str
    data: str = ""
    url: str = ""


def parts_of(content: Content) -> list[str | Attachment | dict[str, Any]]:
    """The parts of a checked message's content: texts, attachments, and as they are those without a `type`.

    Raises:
        UsageError: a part of a type that only some formats take.
    """
    if content is None:
        return []
    return [_part(part) for part in ([content] if isinstance(content, str) else content)]


def text_of(content: Content) -> str:
    """The text of a message's content.

    Raises:
        UsageError: there is something else in it.
    """
    parts = parts_of(content)
    if not all(isinstance(part, str) for part in parts):
        raise UsageError(
            "Only text can stand in such a message; pictures and files go into a user's message."
        )
    return "\n\n".join(part for part in parts if isinstance(part, str))


def calls_of(message: Mapping[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The tool calls of an assistant's checked message: each with its arguments as an object.

    Raises:
        UsageError: one that calls no function, or whose arguments are no JSON object.
    """
    return [(call, _arguments(call)) for call in message.get("tool_calls") or []]


def object_of(text: str) -> dict[str, Any] | None:
    """The JSON object that the text is, or None."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def renamed(params: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """`params` under the API's own `names`; what is given under its own name counts."""
    own = {name: value for name, value in params.items() if name not in names}
    return {names[name]: value for name, value in params.items() if name in names} | own


def taken(params: dict[str, Any], name: str) -> dict[str, Any]:
    """The object `name` among `params`, which hold it no more; an empty one where it is not given.

    Raises:
        UsageError: it is no dict.
    """
    value = params.pop(name, None) or {}
    if not isinstance(value, Mapping):
        raise UsageError(f"{name}= takes a dict, not {type(value).__name__}")
    return dict(value)


def as_list(value: Any) -> Any:
    """One stop sequence as the list that most APIs want."""
    return [value] if isinstance(value, str) else value


def _part(part: str | Mapping[str, Any]) -> str | Attachment | dict[str, Any]:
    if isinstance(part, str):
        return part
    kind = part.get("type")
    if kind is None:
        return dict(part)
    if kind in ("text", "input_text", "output_text"):
        if not isinstance(text := part.get("text"), str):
            raise UsageError(f"A part of the type {kind!r} needs its text, a string.")
        return text
    if kind in ("image_url", "input_image"):
        url = part.get("image_url")
        return _at(url.get("url") if isinstance(url, Mapping) else url)
    if kind == "input_audio" and isinstance(sound := part.get("input_audio"), Mapping):
        return Attachment(f"audio/{sound.get('format', 'wav')}", str(sound.get("data", "")))
    if kind == "file" and isinstance(file := part.get("file"), Mapping):
        return _at(file.get("file_data") or file.get("file_id"))
    raise UsageError(f"A part of the type {quote(str(kind), _SHOWN)!r} cannot be sent in this wire format.")


def _at(url: object) -> Attachment:
    if not isinstance(url, str) or not url:
        raise UsageError('A picture or file needs its URL: "https://..." or "data:image/png;base64,...".')
    found = _DATA_URL.match(url)
    if found:
        return Attachment(found[1].lower() or "application/octet-stream", url[found.end() :])
    if url.startswith("data:"):
        raise UsageError('A data: URL must be in base64: "data:image/png;base64,...".')
    return Attachment("", url=url)


def _arguments(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function")
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise UsageError('A tool call needs {"function": {"name": ..., "arguments": ...}}.')
    given = function.get("arguments") or {}
    arguments = object_of(given) if isinstance(given, str) else given
    if not isinstance(arguments, dict):
        raise UsageError(
            f"The arguments of the tool call {quote(function['name'], _SHOWN)!r} are no JSON object."
        )
    return arguments
