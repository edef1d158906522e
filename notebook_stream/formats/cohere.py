"""Cohere's Chat API: the named events of v2 and the JSON lines of v1 in, our events out, and v2's body.

What still answers as v1 is understood; nothing is asked in its form.
Source: docs.cohere.com, "Chat with Streaming", "Chat with Streaming Outputs (API V1)". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError, quote
from ..events import Citation, End, Event, Finish, Start, TokenLogprob, Unknown, Usage
from .base import WireFormat, checked_messages, with_params
from .failures import failure
from .messages import as_list, renamed
from .pieces import Pieces
from .values import (
    MAX_QUOTE,
    cleaned,
    count,
    dumps,
    index,
    mapping,
    mappings,
    number,
    parse,
    parsed_or_text,
    string,
    strings,
)

ROLES = ("system", "developer", "user", "assistant", "tool")

_NAMES = {"top_p": "p", "top_k": "k", "stop": "stop_sequences", "max_completion_tokens": "max_tokens"}
"""What other APIs call the same thing, so that one call can be sent to several models."""

_REASONS = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR": "error",
    "TIMEOUT": "error",
    "ERROR_LIMIT": "length",
    "ERROR_TOXIC": "content_filter",
}
MAX_SOURCES = 1000
MAX_FIELD = 2000
"""Documents of v1 that are remembered for its citations, and characters of each of their fields."""

_SILENT = ("content-end", "tool-call-end", "citation-end")
"""Events that say nothing but that something is over."""


class Cohere(WireFormat):
    """The format `cohere`."""

    name = "cohere"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/v2/chat"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed. `system` goes before all messages.

        Raises:
            UsageError: a message is malformed.
        """
        checked = checked_messages(messages, ROLES)
        turns = [{**turn, "role": "system"} if turn["role"] == "developer" else turn for turn in checked]
        if system:
            turns.insert(0, {"role": "system", "content": system})
        own = renamed(params, _NAMES)
        if "stop_sequences" in own:
            own["stop_sequences"] = as_list(own["stop_sequences"])
        return with_params({"model": model, "messages": turns, "stream": True}, own)

    def decoder(self) -> CohereDecoder:
        """A decoder for one attempt."""
        return CohereDecoder()


FORMAT = Cohere()


class CohereDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._calls: set[int] = set()
        self._sources: dict[str, dict[str, Any]] = {}

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event, or one line of v1, as our events.

        Raises:
            ProtocolError: an unnamed event that is no JSON object.
        """
        if data.strip() == "[DONE]":
            return [*self._pieces.rest(), End()]
        if event == "error":
            return [*self._pieces.rest(), failure(parsed_or_text(data))]
        try:
            fields = parse(data)
        except ProtocolError:
            if event in ("", "message"):
                raise
            return [Unknown(event, data)]
        if "event_type" in fields:
            return self._v1(string(fields["event_type"]), fields, data)
        return self._v2(string(fields.get("type")) or event, fields, data)

    def whole(self, text: str) -> list[Event]:
        """An answer of v2 that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        message = answer.get("message")
        if isinstance(message, str) or answer.get("error"):
            return [failure(answer)]
        if not isinstance(message, dict):
            raise ProtocolError(f"The server sent JSON that is no answer: {quote(text, MAX_QUOTE)}")
        events: list[Event] = [Start(id=string(answer.get("id")) or None)]
        events += self._pieces.reasoning(message.get("tool_plan"))
        for part in mappings(message.get("content")):
            events += self._content(part, ())
        for place, call in enumerate(mappings(message.get("tool_calls"))):
            events += self._call(place, call)
        events += [found for cited in mappings(message.get("citations")) for found in _citations(cited)]
        return [*events, *self._end(answer)]

    def _v2(self, kind: str, fields: dict[str, Any], data: str) -> list[Event]:
        delta = mapping(fields.get("delta"))
        message = mapping(delta.get("message"))
        match kind:
            case "message-start":
                return [Start(id=string(fields.get("id")) or None)]
            case "content-start" | "content-delta":
                return self._content(mapping(message.get("content")), _logprobs(fields.get("logprobs")))
            case "tool-plan-delta":
                return self._pieces.reasoning(message.get("tool_plan"))
            case "tool-call-start" | "tool-call-delta":
                return self._call(index(fields.get("index")) or 0, mapping(message.get("tool_calls")))
            case "citation-start":
                return _citations(mapping(message.get("citations")))
            case "message-end":
                return self._end(delta)
        if not kind or kind == "message":
            return (
                [failure(fields)] if fields.get("message") or fields.get("error") else [Unknown(kind, data)]
            )
        return [] if kind in _SILENT else [Unknown(kind, data)]

    def _content(self, content: dict[str, Any], tokens: tuple[TokenLogprob, ...]) -> list[Event]:
        return self._pieces.reasoning(content.get("thinking")) + self._pieces.text(
            content.get("text"), 0, tokens
        )

    def _call(self, position: int, call: dict[str, Any]) -> list[Event]:
        self._calls.add(position)
        function = mapping(call.get("function"))
        return self._pieces.tool_call(
            position, function.get("arguments"), id=string(call.get("id")), name=string(function.get("name"))
        )

    def _end(self, fields: dict[str, Any]) -> list[Event]:
        raw = string(fields.get("finish_reason"))
        error = string(fields.get("error"))
        finish = Finish(_REASONS.get(raw, raw or "stop"), raw, detail=quote(error, MAX_QUOTE))
        usage = mapping(fields.get("usage"))
        events = [*self._pieces.rest(), *([_usage(usage)] if usage else []), finish]
        return [*events, failure({"message": error}) if error else End()]

    # v1

    def _v1(self, kind: str, fields: dict[str, Any], data: str) -> list[Event]:
        match kind:
            case "stream-start":
                return [Start(id=string(fields.get("generation_id")) or None)]
            case "text-generation":
                return self._pieces.text(fields.get("text"))
            case "search-results":
                self._remember(mappings(fields.get("documents")))
                return []
            case "citation-generation":
                cited = mappings(fields.get("citations"))
                return [
                    event
                    for each in cited
                    for event in _citations({**each, "sources": self._documents(each)})
                ]
            case "tool-calls-chunk":
                return self._v1_chunk(fields)
            case "tool-calls-generation":
                return self._v1_calls(mappings(fields.get("tool_calls")))
            case "stream-end":
                response = mapping(fields.get("response"))
                return self._end({**fields, "usage": response.get("meta")})
        return [Unknown(kind, data)]

    def _remember(self, documents: list[dict[str, Any]]) -> None:
        for document in documents[: MAX_SOURCES - len(self._sources)]:
            known = {name: string(document.get(name))[:MAX_FIELD] for name in ("url", "title", "snippet")}
            self._sources[string(document.get("id"))[:MAX_FIELD]] = known

    def _documents(self, cited: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {"id": id, "document": self._sources.get(id, {})} for id in strings(cited.get("document_ids"))
        ]

    def _v1_chunk(self, fields: dict[str, Any]) -> list[Event]:
        call = mapping(fields.get("tool_call_delta"))
        if not call:
            return self._pieces.reasoning(fields.get("text"))
        position = index(call.get("index")) or 0
        self._calls.add(position)
        return self._pieces.tool_call(position, call.get("parameters"), name=string(call.get("name")))

    def _v1_calls(self, calls: list[dict[str, Any]]) -> list[Event]:
        # Said again as a whole, after the pieces.
        events: list[Event] = []
        for position, call in enumerate(calls):
            if position not in self._calls:
                arguments = dumps(mapping(call.get("parameters")))
                events += self._pieces.tool_call(position, arguments, name=string(call.get("name")))
        return events


def _logprobs(item: object) -> tuple[TokenLogprob, ...]:
    """The log probability of one piece of text: the sum of its tokens', whose own texts are not told."""
    fields = mapping(item)
    told = fields.get("logprobs")
    values = [value for value in map(number, told if isinstance(told, list) else []) if value is not None]
    return (TokenLogprob(string(fields.get("text")), sum(values)),) if values else ()


def _citations(cited: dict[str, Any]) -> list[Event]:
    """One for each source. In thoughts and plans, the places are none of the answer's."""
    in_answer = cited.get("type") in (None, "TEXT_CONTENT")
    start, end = (count(cited.get(name)) if in_answer else None for name in ("start", "end"))
    found: list[Event] = []
    for source in mappings(cited.get("sources")) or [{}]:
        document = mapping(source.get("document")) or mapping(source.get("tool_output"))
        title = string(document.get("title")) or string(source.get("id"))
        found.append(Citation(string(document.get("url")), title, _excerpt(document), start, end))
    return found


def _excerpt(document: dict[str, Any]) -> str:
    return next(filter(None, (string(document.get(name)) for name in ("snippet", "content", "text"))), "")


def _usage(raw: dict[str, Any]) -> Usage:
    tokens = mapping(raw.get("tokens")) or mapping(raw.get("billed_units"))
    return Usage(
        count(tokens.get("input_tokens")),
        count(tokens.get("output_tokens")),
        cached_tokens=count(raw.get("cached_tokens")),
        raw=cleaned(raw),
    )
