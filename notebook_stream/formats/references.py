"""Mistral's references in, citations out: sources that its tools found, documents of the caller's by name.

Source: docs.mistral.ai, "Citations and references". Knows no stream.
"""

from __future__ import annotations

from typing import Any

from ..events import Citation, Event
from .values import string

REFERENCES = ("reference", "tool_reference")
"""The types of parts that refer to a source."""


def references(part: dict[str, Any], index: int) -> list[Event]:
    """The sources of one part of the content, of a type of `REFERENCES`."""
    if part.get("type") == "tool_reference":
        url, title, about = (string(part.get(name)) for name in ("url", "title", "description"))
        return [Citation(url, title, about, index=index)]
    ids = part.get("reference_ids")
    names = [id for id in ids if isinstance(id, int | str)] if isinstance(ids, list) else []
    return [Citation(title=string(str(name)), index=index) for name in names]
