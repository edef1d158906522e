"""OpenAI's Chat Completions, and what speaks it: chunks in, events out, and the request body.

Reads the extensions of Azure, DeepSeek, Groq, llama.cpp, Mistral, OpenRouter, Perplexity, vLLM, xAI, others.
Source: platform.openai.com, "Chat Completions: streaming", and each provider's own page. Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProtocolError, StreamError, quote
from ..events import End, Event, Finish, Heartbeat, Unknown
from . import plain
from .base import WireFormat, checked_messages, finish_reason, with_params
from .failures import failure, reported
from .openai_extras import Executed, Steps, media, picture
from .openai_fields import (
    INCLUDE_USAGE,
    Citations,
    Starts,
    ToolPositions,
    logprobs,
    usage,
    usage_of,
    without_usage_option,
)
from .pieces import Pieces
from .references import REFERENCES, references
from .values import (
    MAX_QUOTE,
    dumps,
    index,
    mapping,
    mappings,
    merged,
    parse,
    parsed_or_text,
    string,
)

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_UNNAMED = ("", "message")
_PINGS = ("ping", "heartbeat", "keepalive", "keep-alive")
_TEXT_FIELDS = ("text", "thinking", "summary", "reasoning")
_REASONING = ("reasoning_content", "reasoning", "reasoning_text")
"""The names of the field with the reasoning; the last is GitHub Copilot's."""

_ENVELOPE = frozenset({"choices", "usage", "x_groq", "prompt_filter_results", "citations", "search_results"})
"""A chunk has at least one of these; an object without any is none we know."""

_PLAIN = frozenset({"content", "role"})
"""Of most deltas with text the only fields."""


class OpenAIChat(WireFormat):
    """The format `openai-chat`."""

    name = "openai-chat"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/chat/completions"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed, with usage asked for. `system` goes before all messages.

        Raises:
            UsageError: a message is malformed.
        """
        checked = checked_messages(messages, ROLES)
        if system:
            checked.insert(0, {"role": "system", "content": system})
        defaults = {
            "model": model,
            "messages": checked,
            "stream": True,
            "stream_options": dict(INCLUDE_USAGE),
        }
        return with_params(defaults, params)

    def amend(self, body: dict[str, Any], error: StreamError) -> dict[str, Any] | None:
        """The body without our `stream_options`, which older servers refuse; None where that was not it."""
        return without_usage_option(body, error)

    def decoder(self) -> ChatDecoder:
        """A decoder for one attempt."""
        return ChatDecoder()


FORMAT = OpenAIChat()


@dataclass(slots=True)
class _Choice:
    """What one choice has said so far, as far as later chunks depend on it."""

    index: int
    tools: ToolPositions = field(default_factory=ToolPositions)
    executed: Executed = field(default_factory=Executed)
    steps: Steps = field(default_factory=Steps)
    refused: bool = False
    reasoned: bool = False
    finished: str = ""


class ChatDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._choices: dict[int, _Choice] = {}
        self._citations = Citations()
        self._starts = Starts()
        self._usage: dict[str, Any] = {}

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event as our events.

        Raises:
            ProtocolError: an unnamed event that is no JSON object.
        """
        chunk = plain.read(plain.CHAT_CHUNK, data) if event in _UNNAMED else None
        if chunk is not None and self._starts.is_told(chunk.model):
            choice = chunk.choices[0]
            return self._pieces.text(choice.delta.content, choice.index)
        return self._any(event, data)

    def _any(self, event: str, data: str) -> list[Event]:
        if data.strip() == "[DONE]":
            return [*self._pieces.rest(), End()]
        if event in _PINGS:
            return [Heartbeat()]
        if event == "error":
            return [*self._pieces.rest(), failure(parsed_or_text(data))]
        try:
            chunk = parse(data)
        except ProtocolError:
            if event in _UNNAMED:
                raise
            return [Unknown(event, data)]
        return self._chunk(chunk, event, data)

    def whole(self, text: str) -> list[Event]:
        """A `chat.completion` that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        error = _error(answer)
        if error:
            return [failure(error)]
        choices = mappings(answer.get("choices"))
        if not choices:
            raise ProtocolError(f"The server sent JSON that is no chat completion: {quote(text, MAX_QUOTE)}")
        as_chunk = [{**choice, "delta": choice.get("message")} for choice in choices]
        return [*self._chunk({**answer, "choices": as_chunk}, "", text), *self._pieces.rest(), End()]

    def _chunk(self, chunk: dict[str, Any], event: str, data: str) -> list[Event]:
        error = _error(chunk)
        kind = string(chunk.get("object"))
        if not error and _ENVELOPE.isdisjoint(chunk):
            return [Unknown(kind or event, data)]
        events = self._starts.start(chunk)
        for choice in mappings(chunk.get("choices")):
            events += self._choice(choice, kind)
        events += self._citations.lists(chunk)
        events += self._use(usage_of(chunk))
        if error:
            events += [*self._pieces.rest(), failure(error)]
        if kind == "chat.completion.done":  # Perplexity's own end mark; no [DONE] follows
            events += [*self._pieces.rest(), End()]
        return events

    def _use(self, told: dict[str, Any]) -> list[Event]:
        if not told:
            return []
        # Some servers repeat it in every chunk; nulls tell nothing.
        new = merged({}, told)
        if not new or new == self._usage:
            return []
        self._usage = new
        return [usage(told)]

    def _choice(self, choice: dict[str, Any], kind: str) -> list[Event]:
        place = index(choice.get("index")) or 0
        state = self._choices.get(place)
        if state is None:
            state = self._choices[place] = _Choice(place)
        delta = choice.get("delta")
        if delta is None and kind == "chat.completion":  # a whole answer in one event
            delta = choice.get("message")
        events = self._delta(state, mapping(delta), mapping(choice.get("logprobs")))
        return [*events, *self._finish(state, choice)]

    def _delta(self, state: _Choice, delta: dict[str, Any], probabilities: dict[str, Any]) -> list[Event]:
        content = delta.get("content")
        if isinstance(content, str) and not probabilities and delta.keys() <= _PLAIN:
            return self._pieces.text(content, state.index)
        events = self._reasoning(state, delta)
        events += state.steps.events(delta.get("reasoning_steps"), state.index)
        if isinstance(content, list):
            events += [event for part in content for event in self._part(state, part)]
        tokens = logprobs(probabilities.get("content"))
        if tokens or isinstance(content, str):
            events += self._pieces.text(content if isinstance(content, str) else "", state.index, tokens)
        tokens = logprobs(probabilities.get("refusal"))
        if tokens or delta.get("refusal"):
            state.refused = True
            events += self._pieces.refusal(delta.get("refusal"), state.index, tokens)
        calls = delta.get("tool_calls")
        for call in mappings([calls] if isinstance(calls, dict) else calls):  # one alone: TGI
            events += self._tool_call(state, call)
        if isinstance(delta.get("function_call"), dict):  # before tools: one call, without id and index
            events += self._tool_call(state, {"index": 0, "function": delta["function_call"]})
        events += self._citations.annotations(delta.get("annotations"), state.index)
        events += self._citations.documents(delta.get("context"), state.index)
        events += state.executed.events(delta.get("executed_tools"), state.index)
        return [*events, *media(delta, state.index)]

    def _reasoning(self, state: _Choice, delta: dict[str, Any]) -> list[Event]:
        # One text under several names (OpenRouter, vLLM, LiteLLM): the first that is told, and never doubled.
        for name in _REASONING:
            piece = delta.get(name)
            if piece and isinstance(piece, str):
                state.reasoned = True
                return self._pieces.reasoning(piece, state.index)
        if state.reasoned:
            return []
        details = mappings(delta.get("reasoning_details")) or mappings(delta.get("thinking_blocks"))
        return self._pieces.reasoning("".join(map(_text_of, details)), state.index)

    def _part(self, state: _Choice, part: object) -> list[Event]:
        if isinstance(part, str):
            return self._pieces.text(part, state.index)
        fields = mapping(part)
        kind = string(fields.get("type"))
        if kind in ("text", "output_text"):
            return self._pieces.text(fields.get("text"), state.index)
        if kind in ("thinking", "reasoning"):  # Mistral, Databricks
            return self._pieces.reasoning(_text_of(fields), state.index)
        if kind == "refusal":
            state.refused = True
            return self._pieces.refusal(fields.get("refusal"), state.index)
        if kind in REFERENCES:
            return references(fields, state.index)
        return picture(fields, state.index) or [Unknown(f"content.{kind}", dumps(part))]

    def _tool_call(self, state: _Choice, call: dict[str, Any]) -> list[Event]:
        custom = mapping(call.get("custom"))
        function = custom or mapping(call.get("function"))
        name = string(function.get("name"))
        arguments = function.get("input" if custom else "arguments")
        position = state.tools.place(call, name)
        return self._pieces.tool_call(
            position,
            dumps(arguments) if isinstance(arguments, (dict, list)) else arguments,
            state.index,
            id=state.tools.first_id(position, string(call.get("id"))),
            name=state.tools.first_name(position, name),
            kind="custom" if custom else "function",
        )

    def _finish(self, state: _Choice, choice: dict[str, Any]) -> list[Event]:
        raw = string(choice.get("finish_reason"))
        if not raw or raw == state.finished:
            return []
        state.finished = raw
        reason = finish_reason(raw)
        if reason == "stop" and state.refused:  # OpenAI ends a refusal with "stop"
            reason = "refusal"
        return [*self._pieces.rest(state.index), Finish(reason, raw, state.index, _detail(choice, raw))]


def _error(chunk: dict[str, Any]) -> object:
    """The error report of a chunk, or None.

    vLLM has sent it flat, as an object "error"; Groq in `x_groq`, OpenRouter also in a choice, MiniMax with a
    code of its own in every chunk.
    """
    if "error" in (chunk.get("object"), chunk.get("type")):
        return chunk
    told = chunk.get("error") or mapping(chunk.get("x_groq")).get("error")
    if told:
        return chunk if told is chunk.get("error") and isinstance(told, str) else told
    if _ENVELOPE.isdisjoint(chunk):
        return reported(chunk)
    choices = mappings(chunk.get("choices"))
    in_choice = next((choice["error"] for choice in choices if choice.get("error")), None)
    return in_choice or reported(mapping(chunk.get("base_resp")))


def _detail(choice: dict[str, Any], raw: str) -> str:
    """What a provider adds to its finish reason.

    The filters that cut (Azure), the upstream's own word (OpenRouter), the text at which it stopped (vLLM).
    """
    filters = mapping(choice.get("content_filter_results")) if raw == "content_filter" else {}
    cut = [string(name) for name, result in filters.items() if mapping(result).get("filtered") is True]
    native = string(choice.get("native_finish_reason"))
    told = ", ".join(cut) or (native if native != raw else "") or string(choice.get("stop_reason"))
    return quote(told, MAX_QUOTE)


def _text_of(value: object) -> str:
    """The text in a part that is a string, a list of parts, or an object with either."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_text_of, value))
    fields = mapping(value)
    return next((_text_of(fields[name]) for name in _TEXT_FIELDS if fields.get(name)), "")
