"""The anthropic package's stream items -> our events: raw events, and those of `messages.stream()`.

The latter are the raw events with repetitions between them (types text, thinking, ...), which are left out.
Source: Anthropic API reference, "Streaming messages".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..events import Citation, Event, Finish, Reasoning, Start, Text, ToolCall, Usage
from .fields import get, int_of, plain, text_of

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "pause_turn": "pause",
    "refusal": "refusal",
}
"""The provider's word -> ours; any other word stands for itself."""


class AnthropicItems:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._calls: dict[int, int] = {}  # index of the content block -> position among the calls
        self._usage: dict[str, Any] = {}

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; none for what repeats another item."""
        return list(self._events(text_of(get(item, "type")), item))

    def _events(self, kind: str, item: object) -> Iterator[Event]:
        if kind == "message_start":
            message = get(item, "message")
            yield Start(model=text_of(get(message, "model")) or None, id=text_of(get(message, "id")) or None)
            yield from self._counted(get(message, "usage"))
        elif kind == "content_block_start":
            yield from self._block(int_of(get(item, "index")) or 0, get(item, "content_block"))
        elif kind == "content_block_delta":
            yield from self._delta(int_of(get(item, "index")) or 0, get(item, "delta"))
        elif kind == "message_delta":
            yield from self._counted(get(item, "usage"))
            raw = text_of(get(get(item, "delta"), "stop_reason"))
            if raw:
                detail = text_of(get(get(get(item, "delta"), "stop_details"), "explanation"))
                yield Finish(FINISH.get(raw, raw), raw=raw, detail=detail)

    def _block(self, index: int, block: object) -> Iterator[Event]:
        kind = text_of(get(block, "type"))
        if kind == "text" and text_of(get(block, "text")):
            yield Text(text_of(get(block, "text")))
        elif kind == "thinking" and text_of(get(block, "thinking")):
            yield Reasoning(text_of(get(block, "thinking")))
        elif kind.endswith("tool_use"):
            given = get(block, "input")
            yield ToolCall(
                self._calls.setdefault(index, len(self._calls)),
                id=text_of(get(block, "id")),
                name=text_of(get(block, "name")),
                arguments=json.dumps(given, ensure_ascii=False) if given else "",
                kind="function" if kind == "tool_use" else kind,
            )

    def _delta(self, index: int, delta: object) -> Iterator[Event]:
        kind = text_of(get(delta, "type"))
        if kind == "text_delta" and text_of(get(delta, "text")):
            yield Text(text_of(get(delta, "text")))
        elif kind == "thinking_delta" and text_of(get(delta, "thinking")):
            yield Reasoning(text_of(get(delta, "thinking")))
        elif kind == "input_json_delta" and text_of(get(delta, "partial_json")):
            position = self._calls.setdefault(index, len(self._calls))
            yield ToolCall(position, arguments=text_of(get(delta, "partial_json")))
        elif kind == "citations_delta":
            yield _citation(get(delta, "citation"))

    def _counted(self, usage: object) -> Iterator[Event]:
        """Counts are cumulative; a message_delta may leave out those of message_start, which then stand."""
        if usage is None:
            return
        self._usage.update(plain(usage))
        read = int_of(self._usage.get("cache_read_input_tokens"))
        fresh = int_of(self._usage.get("input_tokens"))
        written = int_of(self._usage.get("cache_creation_input_tokens"))
        yield Usage(
            input_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
            output_tokens=int_of(self._usage.get("output_tokens")),
            reasoning_tokens=int_of(get(self._usage.get("output_tokens_details"), "thinking_tokens")),
            cached_tokens=read,
            raw=dict(self._usage),
        )


def _citation(citation: object) -> Citation:
    # Its character offsets count in the cited document, not in the answer.
    return Citation(
        url=text_of(get(citation, "url")) or text_of(get(citation, "source")),
        title=text_of(get(citation, "title")) or text_of(get(citation, "document_title")),
        quote=text_of(get(citation, "cited_text")),
    )
