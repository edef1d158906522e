"""LangChain's message chunks -> our events: `stream` and `astream` of chat models, chains and LangGraph.

Content is a str or a list of blocks, in the provider's own form or in LangChain's (`output_version="v1"`).
Sources: LangChain, "Messages" and "Standard content blocks"; LangGraph, "Streaming" (mode "messages").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import SourceError, quote
from ..events import (
    Citation,
    Event,
    Finish,
    Media,
    Reasoning,
    Refusal,
    Start,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from ..formats.base import FINISH_REASONS
from .fields import get, int_of, json_text, list_of, plain, text_of

FINISH = {
    **FINISH_REASONS,
    "completed": "stop",
    "complete": "stop",
    "tool_call": "tool_calls",
    "safety": "content_filter",
    "recitation": "content_filter",
    "prohibited_content": "content_filter",
    "malformed_function_call": "error",
}
"""The provider's word in lower case -> ours; any other word stands for itself."""

INSTEAD = (
    "Show the messages themselves: show(chain.stream(...)) or show(lambda: chain.astream(...)), not\n"
    'astream_events or astream_log; of LangGraph stream_mode="messages".'
)


class LangChainItems:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._started = False
        self._calls: dict[tuple[str, object], int] = {}  # message and index in it -> position of the call
        self._ids: dict[int, str] = {}  # position -> id
        self._usage: dict[str, Any] = {}
        self._calling: set[str] = set()  # messages with a call
        self._finished: set[str] = set()

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for one that holds no message."""
        if isinstance(item, tuple):  # LangGraph: the message, and where in the graph it was made
            item = item[0] if item else None
        message = get(item, "message") or item
        kind = text_of(get(message, "type"))
        if not kind or isinstance(message, Mapping):
            raise SourceError(
                f"the source gave an item of type {quote(type(item).__qualname__)}", hint=INSTEAD
            )
        if kind.startswith("tool"):
            return [self._result(message)]
        return list(self._message(message)) if kind.startswith(("AI", "ai")) else ()

    def _message(self, message: object) -> Iterator[Event]:
        about = get(message, "response_metadata")
        model = text_of(get(about, "model_name")) or text_of(get(about, "model"))
        if model and not self._started:
            self._started = True
            yield Start(model, text_of(get(about, "id")) or None)
        yield from _extras(get(message, "additional_kwargs"))
        content = get(message, "content")
        if text_of(content):
            yield Text(text_of(content))
        for block in list_of(content):
            yield from _block(block)
        yield from self._tool_calls(message)
        yield from self._counted(get(message, "usage_metadata"))
        yield from self._finish(about, text_of(get(message, "id")))

    # Tool calls

    def _tool_calls(self, message: object) -> Iterator[Event]:
        """Those in the making; of a message that came whole, those that it has."""
        chunks = get(message, "tool_call_chunks")
        for call in list_of(chunks):
            yield self._tool_call(call, text_of(get(message, "id")), text_of(get(call, "args")))
        if chunks is None:
            for call in list_of(get(message, "tool_calls")):
                yield self._tool_call(call, text_of(get(message, "id")), json_text(get(call, "args")))

    def _tool_call(self, call: object, message_id: str, arguments: str) -> ToolCall:
        id, name = text_of(get(call, "id")), text_of(get(call, "name"))
        self._calling.add(message_id)
        position = self._position((message_id, get(call, "index")), id, name)
        return ToolCall(position, id, name, arguments)

    def _position(self, key: tuple[str, object], id: str, name: str) -> int:
        """A piece without id and name continues the call of its index, or else the last one."""
        known = self._calls.get(key) if key[1] is not None else None
        if known is not None and id in ("", self._ids[known]):
            return known
        if self._ids and not id and not name:
            return len(self._ids) - 1
        position = len(self._ids)
        self._ids[position] = id
        self._calls[key] = position
        return position

    def _result(self, message: object) -> ToolResult:
        id = text_of(get(message, "tool_call_id"))
        position = next((place for place, known in self._ids.items() if id and known == id), None)
        return ToolResult(json_text(get(message, "content")), position, id, text_of(get(message, "name")))

    # Ends

    def _counted(self, usage: object) -> Iterator[Event]:
        """LangChain adds up the counts of all chunks, and so do we."""
        if not isinstance(usage, Mapping):
            return
        self._usage = _added(self._usage, plain(usage))
        yield Usage(
            input_tokens=int_of(self._usage.get("input_tokens")),
            output_tokens=int_of(self._usage.get("output_tokens")),
            reasoning_tokens=int_of(get(self._usage.get("output_token_details"), "reasoning")),
            cached_tokens=int_of(get(self._usage.get("input_token_details"), "cache_read")),
            raw=self._usage,
        )

    def _finish(self, about: object, message_id: str) -> Iterator[Event]:
        names = ("finish_reason", "stop_reason", "done_reason", "status")
        cut_off = text_of(get(get(about, "incomplete_details"), "reason"))
        raw = cut_off or next((word for name in names if (word := text_of(get(about, name)))), "")
        if not raw or message_id in self._finished:
            return
        self._finished.add(message_id)
        reason = FINISH.get(raw.lower(), raw)
        yield Finish("tool_calls" if reason == "stop" and message_id in self._calling else reason, raw)


def _added(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    total = dict(old)
    for name, value in new.items():
        count = int_of(value)
        if isinstance(value, Mapping):
            inner = total.get(name)
            total[name] = _added(inner if isinstance(inner, Mapping) else {}, value)
        elif count is not None:
            total[name] = (int_of(total.get(name)) or 0) + count
    return total


# Content


def _extras(extras: object) -> Iterator[Event]:
    """What some integrations keep beside the content."""
    reasoning = get(extras, "reasoning_content") or get(extras, "reasoning")
    yield from _reasoning(text_of(reasoning) or _joined(get(reasoning, "summary"), "text"))
    if text_of(get(extras, "refusal")):
        yield Refusal(text_of(get(extras, "refusal")))


def _block(block: object) -> Iterator[Event]:
    if isinstance(block, str):
        yield from [Text(block)] if block else []
        return
    match text_of(get(block, "type")):
        case "text" | "output_text":
            yield from [Text(text_of(get(block, "text")))] if text_of(get(block, "text")) else []
            for note in list_of(get(block, "annotations")) + list_of(get(block, "citations")):
                yield _citation(note)
        case "reasoning":
            told = text_of(get(block, "reasoning")) or text_of(get(block, "text"))
            yield from _reasoning(told or _joined(get(block, "summary"), "text"))
        case "thinking":
            yield from _reasoning(text_of(get(block, "thinking")))
        case "reasoning_content":  # Bedrock
            yield from _reasoning(text_of(get(get(block, "reasoning_content"), "text")))
        case "refusal":
            yield from [Refusal(text_of(get(block, "refusal")))] if text_of(get(block, "refusal")) else []
        case "image" | "audio" | "file" as kind:
            yield _media(kind, block)
        case "image_url":
            yield Media("image", url=text_of(get(get(block, "image_url"), "url") or get(block, "image_url")))
        case "server_tool_result":
            told = json_text(get(block, "output"))
            yield ToolResult(told, id=text_of(get(block, "tool_call_id")), kind="server_tool_result")


def _reasoning(text: str) -> Iterator[Event]:
    if text:
        yield Reasoning(text)


def _joined(parts: object, name: str) -> str:
    return "".join(text_of(get(part, name)) for part in list_of(parts))


def _media(kind: str, block: object) -> Media:
    return Media(
        kind,
        text_of(get(block, "mime_type")),
        text_of(get(block, "base64")),
        text_of(get(block, "url")),
        # Pieces of a sound carry the index of their block.
        id=text_of(get(block, "id")) or (kind if kind == "audio" else ""),
    )


def _citation(note: object) -> Citation:
    # Offsets into the answer have these names with OpenAI and LangChain; Anthropic's are those of a document.
    return Citation(
        url=text_of(get(note, "url")) or text_of(get(note, "source")),
        title=text_of(get(note, "title")) or text_of(get(note, "document_title")),
        quote=text_of(get(note, "cited_text")),
        start=int_of(get(note, "start_index")),
        end=int_of(get(note, "end_index")),
    )
