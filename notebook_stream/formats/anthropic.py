"""Anthropic's Messages API: its named events in, our events out, and the request body.

Source: docs.anthropic.com, "Streaming messages", "Errors", "Handling stop reasons". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ProtocolError, quote
from ..events import Citation, End, Event, Finish, Heartbeat, Start, ToolResult, Unknown, Usage
from . import plain
from .anthropic_input import conversation
from .base import WireFormat, finish_reason, with_params
from .failures import failure, unknown
from .pieces import Pieces
from .values import (
    MAX_QUOTE,
    cleaned,
    count,
    dumps,
    index,
    mapping,
    mappings,
    merged,
    parse,
    parsed_or_text,
    string,
)

VERSION = "2023-06-01"

MAX_TOKENS = 8192
"""The API wants a `max_tokens`; this is ours where the caller gives none (tokens)."""

_KNOWN = (
    "",
    "message",
    "message_start",
    "message_delta",
    "message_stop",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
)
_SILENT = ("signature_delta", "redacted_thinking")
"""Deltas and blocks that show nothing and are lost by nobody: they are for the server."""

COMPACTION = "compaction"
"""The server sums up what came before, to have room: shown like what a tool of its gave back."""


class Anthropic(WireFormat):
    """The format `anthropic`."""

    name = "anthropic"
    key_header = ("x-api-key", "")

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/messages"

    def headers(self) -> dict[str, str]:
        """The version of the API that this module speaks."""
        return {"anthropic-version": VERSION}

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed. `system` and the system messages at the beginning become its `system`.

        Pictures, files, tool calls and their results in the shape of chat become its own blocks.

        Raises:
            UsageError: a message is malformed, or there is none but system messages.
        """
        turns, instructions = conversation(messages, system)
        defaults = {"model": model, "max_tokens": MAX_TOKENS, "messages": turns, "stream": True}
        if instructions:
            defaults["system"] = instructions
        return with_params(defaults, params)

    def decoder(self) -> MessageDecoder:
        """A decoder for one attempt."""
        return MessageDecoder()


FORMAT = Anthropic()


@dataclass(slots=True)
class _Tool:
    """A tool call whose block is open: `given` is the input it started with, `wrote` that pieces followed."""

    position: int
    kind: str
    given: object
    wrote: bool = False


class MessageDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._tools: dict[int, _Tool] = {}
        self._calls = 0
        self._called: dict[str, tuple[int | None, str]] = {}
        self._block = 0
        self._usage: dict[str, Any] = {}

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event as our events.

        Raises:
            ProtocolError: an event of the format that is no JSON object.
        """
        piece = plain.read(plain.BLOCK_DELTA, data) if event == "content_block_delta" else None
        if piece is not None:
            self._block = piece.index
            return self._pieces.text(piece.delta.text)
        return self._any(event, data)

    def _any(self, event: str, data: str) -> list[Event]:
        if event == "ping":
            return [Heartbeat()]
        if data.strip() == "[DONE]":  # not of this API, but of proxies that speak it
            return [*self._close_all(), *self._pieces.rest(), End()]
        if event == "error":
            return [*self._pieces.rest(), failure(parsed_or_text(data))]
        try:
            fields = parse(data)
        except ProtocolError:
            if event in _KNOWN:
                raise
            return [Unknown(event, data)]
        match string(fields.get("type")) or event:
            case "message_start":
                return self._start(mapping(fields.get("message")))
            case "content_block_start":
                return self._open(self._place(fields), mapping(fields.get("content_block")))
            case "content_block_delta":
                return self._delta(self._place(fields), mapping(fields.get("delta")), data)
            case "content_block_stop":
                return self._close(self._place(fields))
            case "message_delta":
                return self._end(mapping(fields.get("delta")), fields.get("usage"))
            case "message_stop":
                return [*self._close_all(), *self._pieces.rest(), End()]
            case "ping":
                return [Heartbeat()]
            case "error":
                return [*self._pieces.rest(), failure(fields)]
            case name:  # a proxy may report its own errors as OpenAI does, without a type
                return unknown(name, fields, data)

    def whole(self, text: str) -> list[Event]:
        """A message that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if answer.get("type") == "error" or answer.get("error"):
            return [failure(answer)]
        blocks = answer.get("content")
        if not isinstance(blocks, list):
            raise ProtocolError(f"The server sent JSON that is no message: {quote(text, MAX_QUOTE)}")
        events = self._start(answer)
        for place, block in enumerate(mappings(blocks)):
            events += [*self._open(place, block), *self._close(place)]
        return [*events, *self._end(answer, None), *self._pieces.rest(), End()]

    def _place(self, fields: dict[str, Any]) -> int:
        """The block's own index, or the block opened last."""
        place = index(fields.get("index"))
        self._block = self._block if place is None else place
        return self._block

    def _start(self, message: dict[str, Any]) -> list[Event]:
        start = Start(string(message.get("model")) or None, string(message.get("id")) or None)
        return [start, *self._use(message.get("usage"))]

    def _open(self, place: int, block: dict[str, Any]) -> list[Event]:
        kind = string(block.get("type"))
        if kind == "text":
            cited = mappings(block.get("citations"))  # mostly an empty list: they follow
            return [*self._pieces.text(block.get("text")), *map(_citation, cited)]
        if kind == "thinking":
            return self._pieces.reasoning(block.get("thinking"))
        if kind.endswith("tool_use"):  # ours, and those the server runs itself: server_tool_use, mcp_tool_use
            tool = self._tool(place, "function" if kind == "tool_use" else kind, block.get("input"))
            id, name = string(block.get("id")), string(block.get("name"))
            self._called[id] = (tool.position, name)
            return self._pieces.tool_call(tool.position, "", id=id, name=name, kind=tool.kind)
        if kind.endswith("tool_result"):  # web_search_tool_result, mcp_tool_result, ...
            return self._result(kind, block)
        if kind == COMPACTION:
            return _summary(block.get("content"))
        if kind == "fallback":  # another model goes on
            return [Start(string(mapping(block.get("to")).get("model")) or None)]
        return [] if kind in _SILENT else [Unknown(kind, dumps(block))]

    def _delta(self, place: int, delta: dict[str, Any], data: str) -> list[Event]:
        kind = string(delta.get("type"))
        if kind == "text_delta":
            return self._pieces.text(delta.get("text"))
        if kind == "thinking_delta":
            return self._pieces.reasoning(delta.get("thinking"))
        if kind == "input_json_delta":
            return self._input(self._tools.get(place) or self._tool(place, "function", None), delta)
        if kind == "compaction_delta":
            return _summary(delta.get("content"))
        if kind == "citations_delta":
            return [_citation(mapping(delta.get("citation")))]
        return [] if kind in _SILENT else [Unknown(kind, data)]

    def _tool(self, place: int, kind: str, given: object) -> _Tool:
        tool = self._tools[place] = _Tool(self._calls, kind, given)
        self._calls += 1
        return tool

    def _result(self, kind: str, block: dict[str, Any]) -> list[Event]:
        id = string(block.get("tool_use_id"))
        position, name = self._called.get(id, (None, ""))
        return [ToolResult(_content(block.get("content")), position, id, name, kind)]

    def _input(self, tool: _Tool, delta: dict[str, Any]) -> list[Event]:
        events = self._pieces.tool_call(tool.position, delta.get("partial_json"), kind=tool.kind)
        tool.wrote = tool.wrote or bool(events)
        return events

    def _close(self, place: int) -> list[Event]:
        tool = self._tools.pop(place, None)
        # The input of a call stands in its start only when no pieces follow.
        if tool is None or tool.wrote or not isinstance(tool.given, dict):
            return []
        return self._pieces.tool_call(tool.position, dumps(tool.given), kind=tool.kind)

    def _close_all(self) -> list[Event]:
        return [event for place in list(self._tools) for event in self._close(place)]

    def _end(self, delta: dict[str, Any], usage: object) -> list[Event]:
        events = self._use(usage)
        raw = string(delta.get("stop_reason"))
        if raw:
            events += [
                *self._close_all(),
                *self._pieces.rest(),
                Finish(finish_reason(raw), raw, detail=_detail(delta)),
            ]
        return events

    def _use(self, told: object) -> list[Event]:
        new = merged(self._usage, mapping(told))
        if new == self._usage:
            return []
        self._usage = new
        return [_usage(new)]


def _usage(raw: dict[str, Any]) -> Usage:
    cached = count(raw.get("cache_read_input_tokens"))
    parts = [count(raw.get("input_tokens")), count(raw.get("cache_creation_input_tokens")), cached]
    return Usage(
        # The API's own input_tokens counts only what came after the last cache mark.
        input_tokens=None if parts[0] is None else sum(part for part in parts if part is not None),
        output_tokens=count(raw.get("output_tokens")),
        reasoning_tokens=count(mapping(raw.get("output_tokens_details")).get("thinking_tokens")),
        cached_tokens=cached,
        raw=cleaned(raw),
    )


def _citation(fields: dict[str, Any]) -> Citation:
    # Its indices count characters of the cited document, not of the answer.
    return Citation(
        url=string(fields.get("url")) or string(fields.get("source")),
        title=string(fields.get("title")) or string(fields.get("document_title")),
        quote=string(fields.get("cited_text")),
    )


def _detail(delta: dict[str, Any]) -> str:
    """What the API adds to its stop reason: the stop sequence, or why it refused."""
    details = mapping(delta.get("stop_details"))
    told = (delta.get("stop_sequence"), details.get("category"), details.get("explanation"))
    return quote(": ".join(filter(None, map(string, told))), MAX_QUOTE)


def _content(value: object) -> str:
    """What a tool gave back: text, or JSON text without what only the server can read."""
    if isinstance(value, str):
        return string(value)
    parts = mappings(value)
    if parts and all(part.get("type") == "text" for part in parts):
        return "\n".join(string(part.get("text")) for part in parts)
    return dumps(_readable(value))


def _readable(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _readable(item) for k, item in value.items() if not k.startswith("encrypted_")}
    return [_readable(item) for item in value] if isinstance(value, list) else value


def _summary(value: object) -> list[Event]:
    text = string(value)
    return [ToolResult(text, name=COMPACTION, kind=COMPACTION)] if text else []
