"""The anthropic package's stream items -> our events: raw events, and those of `messages.stream()`.

The latter are the raw events with repetitions between them (types text, thinking, ...), which are left out.
Source: Anthropic API reference, "Streaming messages".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass
class _Call:
    """A tool call in the making. `given` is the input its block began with, mostly empty."""

    position: int
    kind: str
    given: object
    is_told: bool = False


class AnthropicItems:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}  # index of the content block -> the call in it
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
        elif kind == "content_block_stop":
            yield from self._block_done(int_of(get(item, "index")) or 0)
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
            kind = "function" if kind == "tool_use" else kind
            call = self._calls.setdefault(index, _Call(len(self._calls), kind, get(block, "input")))
            yield ToolCall(call.position, text_of(get(block, "id")), text_of(get(block, "name")), kind=kind)

    def _block_done(self, index: int) -> Iterator[Event]:
        """A call whose input did not come in pieces: what its block began with is all of it."""
        call = self._calls.get(index)
        if call is not None and not call.is_told and isinstance(call.given, dict):
            call.is_told = True
            arguments = json.dumps(call.given, ensure_ascii=False)
            yield ToolCall(call.position, arguments=arguments, kind=call.kind)

    def _delta(self, index: int, delta: object) -> Iterator[Event]:
        kind = text_of(get(delta, "type"))
        if kind == "text_delta" and text_of(get(delta, "text")):
            yield Text(text_of(get(delta, "text")))
        elif kind == "thinking_delta" and text_of(get(delta, "thinking")):
            yield Reasoning(text_of(get(delta, "thinking")))
        elif kind == "input_json_delta" and text_of(get(delta, "partial_json")):
            call = self._calls.setdefault(index, _Call(len(self._calls), "function", None))
            call.is_told = True
            yield ToolCall(call.position, arguments=text_of(get(delta, "partial_json")), kind=call.kind)
        elif kind == "citations_delta":
            yield _citation(get(delta, "citation"))

    def _counted(self, usage: object) -> Iterator[Event]:
        """Counts are cumulative; a message_delta may leave out those of message_start, which then stand."""
        if usage is None:
            return
        self._usage |= {name: value for name, value in plain(usage).items() if value is not None}
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
