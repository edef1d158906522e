"""Gemini's Interactions API: its named events about steps in, our events out, and the request.

A step is a thought, a piece of the answer, or a call or a result of a tool; `interaction.completed` ends it.
Source: ai.google.dev, "Streaming interactions". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ProtocolError, quote
from ..events import Citation, End, Event, Finish, Media, Start, Text, ToolResult, Unknown, Usage
from .base import WireFormat
from .failures import failure
from .gemini_fields import MAX_CITATIONS
from .interactions_request import body_of
from .pieces import Pieces
from .places import Places
from .values import (
    MAX_INDEX,
    MAX_QUOTE,
    cleaned,
    count,
    dumps,
    index,
    mapping,
    mappings,
    parse,
    parsed_or_text,
    string,
)

REVISION = "2026-05-20"
"""The revision of the API that this module asks for: the one with steps. The one before is read too."""

_STEPS = {
    "interaction.start": "interaction.created",
    "content.start": "step.start",
    "content.delta": "step.delta",
    "content.stop": "step.stop",
    "interaction.complete": "interaction.completed",
}
"""The events of the revision before, by which of these each became."""

_REASONS = {
    "completed": "stop",
    "requires_action": "tool_calls",
    "incomplete": "length",
    "budget_exceeded": "length",
    "failed": "error",
}
_KNOWN = (
    "",
    "message",
    "interaction.created",
    "interaction.completed",
    "step.start",
    "step.delta",
    "step.stop",
)
MAX_ID = 200
"""Characters of an identifier that is remembered."""

_SOURCES = ("url", "document_uri", "source")
"""What an annotation calls the address of its source."""

_MEDIA = ("image", "audio", "video", "document")


class Interactions(WireFormat):
    """The format `gemini-interactions`."""

    name = "gemini-interactions"
    key_header = ("x-goog-api-key", "")

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/interactions"

    def headers(self) -> dict[str, str]:
        """The revision of the API that this module speaks."""
        return {"Api-Revision": REVISION}

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed. `system` and all system messages become its `system_instruction`.

        Raises:
            UsageError: a message is malformed, or there is none but system messages.
        """
        return body_of(model, messages, params, system)

    def decoder(self) -> InteractionDecoder:
        """A decoder for one attempt."""
        return InteractionDecoder()


FORMAT = Interactions()


@dataclass(slots=True)
class _Step:
    """One step: `begin` is where its text begins in the answer, in bytes.

    `position` is that of its tool call, `wrote` whether arguments have come, `call_id` whose result it is.
    """

    kind: str
    begin: int
    position: int | None = None
    wrote: bool = False
    call_id: str = ""


class InteractionDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._steps: dict[int, _Step] = {}
        self._positions: dict[str, int] = {}
        self._calls = 0
        self._places = Places()

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event as our events.

        Raises:
            ProtocolError: an event of the format that is no JSON object.
        """
        if data.strip() == "[DONE]":
            return [*self._pieces.rest(), End()]
        if event == "error":
            return [*self._pieces.rest(), failure(parsed_or_text(data))]
        try:
            fields = parse(data)
        except ProtocolError:
            if event in _KNOWN:
                raise
            return [Unknown(event, data)]
        place = index(fields.get("index")) or 0
        name = string(fields.get("event_type")) or event
        match _STEPS.get(name, name):
            case "interaction.created":
                return self._start(mapping(fields.get("interaction")))
            case "interaction.status_update":
                return []
            case "step.start":
                return self._open(place, mapping(fields.get("step") or fields.get("content")))
            case "step.delta":
                return self._delta(self._step(place), mapping(fields.get("delta")))
            case "step.stop":
                return self._close(place)
            case "interaction.completed":
                return self._end(mapping(fields.get("interaction")))
            case _:
                if fields.get("error"):
                    return [*self._pieces.rest(), failure(fields)]
                return [Unknown(name, data)]

    def whole(self, text: str) -> list[Event]:
        """An interaction that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if answer.get("error"):
            return [failure(answer)]
        steps = answer.get("steps") or answer.get("outputs")
        if not isinstance(steps, list):
            raise ProtocolError(f"The server sent JSON that is no interaction: {quote(text, MAX_QUOTE)}")
        events = self._start(answer)
        for place, step in enumerate(mappings(steps)):
            events += [*self._open(place, step), *self._close(place)]
        return [*events, *self._end(answer)]

    def _start(self, interaction: dict[str, Any]) -> list[Event]:
        return [Start(string(interaction.get("model")) or None, string(interaction.get("id")) or None)]

    def _step(self, place: int) -> _Step:
        return self._steps.setdefault(place, _Step("", self._places.size))

    def _open(self, place: int, fields: dict[str, Any]) -> list[Event]:
        kind = string(fields.get("type"))
        step = self._steps[place] = _Step(kind, self._places.size)
        if kind.endswith("_result"):
            step.call_id = string(fields.get("call_id"))
            return self._result(step, fields) if "result" in fields else []
        if kind.endswith("_call"):  # one without a name or an id begins with its first piece
            return self._call(step, fields) if fields.get("id") or fields.get("name") else []
        if kind == "text" or kind in _MEDIA:
            return self._delta(step, fields)
        events: list[Event] = []
        for part in mappings(fields.get("summary")):
            events += self._pieces.reasoning(part.get("text"))
        for part in mappings(fields.get("content")):
            events += self._delta(step, part)
        return events

    def _call(self, step: _Step, fields: dict[str, Any]) -> list[Event]:
        step.position, self._calls = self._calls, self._calls + 1
        id = string(fields.get("id"))
        if len(id) <= MAX_ID and len(self._positions) <= MAX_INDEX:
            self._positions[id] = step.position
        name = string(fields.get("name")) or step.kind.removesuffix("_call")
        # Often an empty object, which says nothing: the arguments follow.
        given = mapping(fields.get("arguments"))
        step.wrote = bool(given)
        arguments = dumps(given) if given else ""
        return self._pieces.tool_call(step.position, arguments, id=id, name=name, kind=_kind(step))

    def _delta(self, step: _Step, delta: dict[str, Any]) -> list[Event]:
        kind = string(delta.get("type"))
        if kind == "text":
            return [*self._text(delta.get("text")), *self._cite(step, delta)]
        if kind == "thought_summary":
            return self._pieces.reasoning(mapping(delta.get("content")).get("text"))
        if kind == "thought_signature":
            return []
        if kind == "text_annotation_delta":
            return self._cite(step, delta)
        if kind == "arguments_delta":
            return self._write(step, delta.get("arguments"))
        if kind in _MEDIA:
            return _media(kind, delta)
        if kind.endswith("_call"):  # whole, after an empty start: a server's tool, before steps every call
            return self._whole_call(step, delta)
        return (
            self._result(step, delta)
            if kind.endswith("_result")
            else [Unknown(f"delta.{kind}", dumps(delta))]
        )

    def _whole_call(self, step: _Step, delta: dict[str, Any]) -> list[Event]:
        step.kind = string(delta.get("type"))
        if step.position is None:
            return self._call(step, delta)
        return self._write(step, dumps(mapping(delta.get("arguments"))))

    def _write(self, step: _Step, arguments: object) -> list[Event]:
        begin = self._call(step, {}) if step.position is None else []
        step.wrote = True
        return [*begin, *self._pieces.tool_call(step.position or 0, arguments, kind=_kind(step))]

    def _text(self, piece: object) -> list[Event]:
        events = self._pieces.text(piece)
        for event in events:
            self._places.add(event.text if isinstance(event, Text) else "")
        return events

    def _cite(self, step: _Step, fields: dict[str, Any]) -> list[Event]:
        return [self._citation(step, cited) for cited in mappings(fields.get("annotations"))[:MAX_CITATIONS]]

    def _citation(self, step: _Step, cited: dict[str, Any]) -> Citation:
        start, end = count(cited.get("start_index")) or 0, count(cited.get("end_index"))
        return Citation(
            url=next(filter(None, (string(cited.get(name)) for name in _SOURCES)), ""),
            title=string(cited.get("title")) or string(cited.get("file_name")),
            start=None if end is None else self._places.character(step.begin + start),
            end=None if end is None else self._places.character(step.begin + end),
        )

    def _result(self, step: _Step, fields: dict[str, Any]) -> list[Event]:
        kind = string(fields.get("type"))
        result = fields.get("result")
        content = string(result) if isinstance(result, str) else dumps(result)
        id = step.call_id or string(fields.get("call_id"))
        return [ToolResult(content, self._positions.get(id), id, kind.removesuffix("_result"), kind)]

    def _close(self, place: int) -> list[Event]:
        step = self._steps.get(place)
        if step is None or step.position is None or step.wrote:
            return []
        return self._write(step, "{}")

    def _end(self, interaction: dict[str, Any]) -> list[Event]:
        raw = string(interaction.get("status"))
        usage = mapping(interaction.get("usage"))
        events = [event for place in self._steps for event in self._close(place)]
        events += [*self._pieces.rest(), *([_usage(usage)] if usage else [])]
        events.append(Finish(_REASONS.get(raw, raw or "stop"), raw))
        return [*events, failure(interaction) if interaction.get("error") else End()]


def _kind(step: _Step) -> str:
    return "function" if step.kind in ("", "function_call") else step.kind


def _media(kind: str, fields: dict[str, Any]) -> list[Event]:
    data, url = string(fields.get("data")), string(fields.get("uri"))
    if not data and not url:
        return []
    id = "audio" if kind == "audio" and data else ""
    return [
        Media(kind if kind in ("image", "audio") else "file", string(fields.get("mime_type")), data, url, id)
    ]


def _usage(raw: dict[str, Any]) -> Usage:
    """Thoughts are not in `total_output_tokens`, what tools read not in `total_input_tokens`."""
    read = [count(raw.get(name)) for name in ("total_input_tokens", "total_tool_use_tokens")]
    wrote = [count(raw.get(name)) for name in ("total_output_tokens", "total_thought_tokens")]
    return Usage(
        input_tokens=None if read[0] is None else read[0] + (read[1] or 0),
        output_tokens=None if wrote[0] is None else wrote[0] + (wrote[1] or 0),
        reasoning_tokens=wrote[1],
        cached_tokens=count(raw.get("total_cached_tokens")),
        raw=cleaned(raw),
    )
