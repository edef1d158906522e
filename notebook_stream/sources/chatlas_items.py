"""What chatlas yields beside text with `stream(..., content="all")` -> our events.

Source: chatlas, "Content types". Text itself comes as str, and so does the whole of an ordinary stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..events import Citation, Event, Reasoning, Text, ToolCall, ToolResult
from .fields import get, json_text, list_of, text_of


class ChatlasItems:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}  # id of a call -> its position

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; none for content that the person who asked has given."""
        return list(self._events(text_of(get(item, "content_type")), item))

    def _events(self, kind: str, item: object) -> Iterator[Event]:
        if kind == "text" and text_of(get(item, "text")):
            yield Text(text_of(get(item, "text")))
        elif kind in ("thinking", "thinking_delta") and text_of(get(item, "thinking")):
            yield Reasoning(text_of(get(item, "thinking")))
        elif kind == "tool_request":
            id = text_of(get(item, "id"))
            position = self._positions.setdefault(id, len(self._positions))
            yield ToolCall(position, id, text_of(get(item, "name")), json_text(get(item, "arguments")))
        elif kind == "tool_result":
            yield self._result(item)
        elif kind in ("web_search_request", "web_fetch_request"):
            arguments = json_text({"query": get(item, "query"), "url": get(item, "url")})
            position = self._positions.setdefault(f"{kind} {len(self._positions)}", len(self._positions))
            yield ToolCall(position, name=kind.removesuffix("_request"), arguments=arguments, kind=kind)
        elif kind == "web_search_results":
            for source in list_of(get(item, "sources")):
                yield Citation(text_of(get(source, "url")), text_of(get(source, "title")))
        elif kind == "citation":
            source = get(item, "source")
            title = text_of(get(source, "title"))
            yield Citation(text_of(get(source, "url")), title, text_of(get(item, "cited_quote")))

    def _result(self, item: object) -> ToolResult:
        request = get(item, "request")
        id = text_of(get(request, "id"))
        error = get(item, "error")
        content = json_text(get(item, "value")) if error is None else f"{type(error).__name__}: {error}"
        return ToolResult(content, self._positions.get(id), id, text_of(get(request, "name")), "function")
