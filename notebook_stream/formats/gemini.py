"""Google's Gemini API and Vertex AI: chunks of `streamGenerateContent` in, our events out, and the request.

There is no end mark: the chunk with a `finishReason` is the last but for usage. Keywords that are fields of
`generationConfig` go there. On Vertex AI give its `base_url`, up to `.../publishers/google`.
Source: ai.google.dev, "Generating content", "Thinking", "Code execution". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote as escaped

from ..errors import ProtocolError, quote
from ..events import Citation, End, Event, Start, Text, TokenLogprob, ToolCall, ToolResult, Unknown
from . import gemini_fields as fields_of
from .base import WireFormat
from .failures import failure, unknown
from .gemini_arguments import PartialArguments
from .gemini_request import body_of
from .pieces import Pieces
from .places import Places
from .values import MAX_QUOTE, dumps, index, mapping, mappings, parse, parsed_or_text, string

_ENVELOPE = ("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId")
"""A chunk has at least one of these; an object without any is none we know."""

_QUIET = {"thought", "thoughtSignature", "partMetadata", "videoMetadata"}
"""What stands beside the content of a part."""

_CODE = "code_execution"
_SERVER_TOOL = "server_tool"


class Gemini(WireFormat):
    """The format `gemini`."""

    name = "gemini"
    key_header = ("x-goog-api-key", "")

    def path(self, model: str) -> str:
        """What is joined to the base URL: a model's full name, such as `tunedModels/...`, stays as it is."""
        name = escaped(model, safe="/@:")
        return f"/{name if '/' in model else f'models/{name}'}:streamGenerateContent?alt=sse"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body. `system` and all system messages become its `systemInstruction`.

        Raises:
            UsageError: a message is malformed, or there is none but system messages.
        """
        return body_of(messages, params, system)

    def decoder(self) -> GeminiDecoder:
        """A decoder for one attempt."""
        return GeminiDecoder()


FORMAT = Gemini()


@dataclass(slots=True)
class _Candidate:
    """What one candidate has said so far, as far as later chunks depend on it."""

    index: int
    calls: int = 0
    functions: int = 0
    growing: PartialArguments | None = None
    code: int | None = None
    server_calls: dict[str, int] = field(default_factory=dict)
    finished: str = ""
    places: Places = field(default_factory=Places)
    cited: set[Citation] = field(default_factory=set)


class GeminiDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._candidates: dict[int, _Candidate] = {}
        self._started: tuple[str, str] | None = None
        self._usage: dict[str, Any] = {}

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event, or one object of the JSON array, as our events.

        Raises:
            ProtocolError: an unnamed event that is no JSON object.
        """
        if data.strip() == "[DONE]":  # not Google's, but of proxies that speak its API
            return [*self._pieces.rest(), End()]
        if event == "error":
            return [*self._pieces.rest(), failure(parsed_or_text(data))]
        try:
            chunk = parse(data)
        except ProtocolError:
            if event in ("", "message"):
                raise
            return [Unknown(event, data)]
        if chunk.get("error"):
            return [*self._pieces.rest(), failure(chunk)]
        if not any(name in chunk for name in _ENVELOPE):
            return unknown(event, chunk, data)
        return self._chunk(chunk)

    def whole(self, text: str) -> list[Event]:
        """An answer of `generateContent` that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if answer.get("error"):
            return [failure(answer)]
        if "candidates" not in answer and "promptFeedback" not in answer:
            raise ProtocolError(f"The server sent JSON that is no answer: {quote(text, MAX_QUOTE)}")
        return [*self._chunk(answer), *self._pieces.rest(), End()]

    def _chunk(self, chunk: dict[str, Any]) -> list[Event]:
        events = self._start(chunk)
        for place, candidate in enumerate(mappings(chunk.get("candidates"))):
            told = index(candidate.get("index"))
            events += self._candidate(place if told is None else told, candidate)
        blocked = fields_of.prompt_block(mapping(chunk.get("promptFeedback")))
        usage = mapping(chunk.get("usageMetadata"))
        if usage and usage != self._usage:
            self._usage = usage
            events.append(fields_of.usage(usage))
        return [*events, blocked] if blocked else events

    def _start(self, chunk: dict[str, Any]) -> list[Event]:
        told = string(chunk.get("modelVersion")), string(chunk.get("responseId"))
        if told == self._started or not any(told):
            return []
        self._started = told
        return [Start(told[0] or None, told[1] or None)]

    def _candidate(self, place: int, candidate: dict[str, Any]) -> list[Event]:
        state = self._candidates.setdefault(place, _Candidate(place))
        events: list[Event] = []
        tokens = fields_of.logprobs(mapping(candidate.get("logprobsResult")))
        for part in mappings(mapping(candidate.get("content")).get("parts")):
            if tokens and part.get("text") and part.get("thought") is not True:
                events += self._text(state, part, tokens)
                tokens = ()
            else:
                events += self._part(state, part)
        if tokens:
            events += self._pieces.text("", place, tokens)
        return [*events, *self._cite(state, candidate), *self._finish(state, candidate)]

    def _part(self, state: _Candidate, part: dict[str, Any]) -> list[Event]:
        if "text" in part:
            if part.get("thought") is True:
                return self._pieces.reasoning(part["text"], state.index)
            return self._text(state, part)
        if isinstance(part.get("functionCall"), dict):
            return self._call(state, part["functionCall"])
        if isinstance(part.get("executableCode"), dict):
            return self._code(state, part["executableCode"])
        if isinstance(part.get("codeExecutionResult"), dict):
            return [_result(state, part["codeExecutionResult"])]
        if isinstance(part.get("toolCall"), dict):
            return self._server_call(state, part["toolCall"])
        if isinstance(part.get("toolResponse"), dict):
            return [_server_result(state, part["toolResponse"])]
        made = fields_of.media(part, state.index)
        if made and part.get("thought") is not True:  # a picture that the model only tried out is no answer
            return [made]
        kind = next((name for name in part if name not in _QUIET), "")
        return [Unknown(f"part.{kind}", dumps(part))] if kind else []

    def _text(
        self, state: _Candidate, part: dict[str, Any], tokens: tuple[TokenLogprob, ...] = ()
    ) -> list[Event]:
        events = self._pieces.text(part["text"], state.index, tokens)
        for event in events:
            state.places.add(event.text if isinstance(event, Text) else "")
        return events

    def _call(self, state: _Candidate, call: dict[str, Any]) -> list[Event]:
        """A call that is whole, or a piece of one whose arguments are streamed; its last piece is empty."""
        name, id = string(call.get("name")), string(call.get("id"))
        partial = mappings(call.get("partialArgs"))
        goes_on = call.get("willContinue") is True
        events = self._close(state) if name else []
        if state.growing is None:
            if not name and not id:
                return events
            state.calls += 1
            state.functions += 1
            state.growing = PartialArguments() if goes_on or partial else None
            whole = "" if state.growing else dumps(mapping(call.get("args")))
            events += self._pieces.tool_call(state.calls - 1, whole, state.index, id=id, name=name)
        if state.growing is not None:
            text = "".join(map(state.growing.write, partial))
            events += self._pieces.tool_call(state.calls - 1, text, state.index)
            events += [] if goes_on else self._close(state)
        return events

    def _close(self, state: _Candidate) -> list[Event]:
        growing, state.growing = state.growing, None
        return self._pieces.tool_call(state.calls - 1, growing.end(), state.index) if growing else []

    def _code(self, state: _Candidate, code: dict[str, Any]) -> list[Event]:
        events = self._close(state)
        state.code = state.calls
        state.calls += 1
        call = ToolCall(
            state.code, string(code.get("id")), _CODE, string(code.get("code")), _CODE, state.index
        )
        return [*events, call]

    def _server_call(self, state: _Candidate, call: dict[str, Any]) -> list[Event]:
        """A call that the server runs itself, told where the request asks for that."""
        events = self._close(state)
        id, name = string(call.get("id")), string(call.get("toolType"))
        state.server_calls[id] = position = state.calls
        state.calls += 1
        arguments = dumps(mapping(call.get("args")))
        return [*events, ToolCall(position, id, name, arguments, _SERVER_TOOL, state.index)]

    def _cite(self, state: _Candidate, candidate: dict[str, Any]) -> list[Event]:
        if not candidate.get("groundingMetadata") and not candidate.get("citationMetadata"):
            return []
        found = dict.fromkeys(fields_of.citations(candidate, state.places, state.index))
        new = [citation for citation in found if citation not in state.cited]
        state.cited.update(new)
        return list(new)

    def _finish(self, state: _Candidate, candidate: dict[str, Any]) -> list[Event]:
        finish = fields_of.finish(candidate, state.index, has_calls=state.functions > 0)
        if finish is None or finish.raw == state.finished:
            return []
        state.finished = finish.raw
        return [*self._close(state), *self._pieces.rest(state.index), finish]


def _server_result(state: _Candidate, told: dict[str, Any]) -> ToolResult:
    id, name = string(told.get("id")), string(told.get("toolType"))
    content = dumps(told.get("response"))
    return ToolResult(content, state.server_calls.get(id), id, name, _SERVER_TOOL, state.index)


def _result(state: _Candidate, result: dict[str, Any]) -> ToolResult:
    went_well = result.get("outcome") in (None, "OUTCOME_OK")
    content = string(result.get("output")) if went_well else dumps(result)
    return ToolResult(content, state.code, string(result.get("id")), _CODE, _CODE, state.index)
