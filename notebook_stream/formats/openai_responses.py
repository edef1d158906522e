"""OpenAI's Responses API, and what speaks it: its named events in, our events out, and the request body.

Reads what Azure, DeepSeek, LiteLLM, llama.cpp, LM Studio, OpenRouter and xAI make of it.
Source: platform.openai.com, "Responses: streaming events". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError, quote
from ..events import End, Event, Finish, Heartbeat, Media, Unknown
from .base import WireFormat, finish_reason, with_params
from .failures import failure, unknown
from .openai_fields import Starts, logprobs, usage
from .openai_input import input_items
from .openai_output import CALLS_OF_OURS, Output
from .replays import Replays
from .values import MAX_QUOTE, mapping, mappings, parse, parsed_or_text, string

_PIECES = {
    "response.output_text.delta": ("text", "content_index"),
    "response.refusal.delta": ("refusal", "content_index"),
    "response.reasoning_text.delta": ("reasoning_text", "content_index"),
    "response.reasoning_summary_text.delta": ("reasoning_summary", "summary_index"),
    "response.function_call_arguments.delta": ("arguments", ""),
    "response.custom_tool_call_input.delta": ("arguments", ""),
    "response.mcp_call_arguments.delta": ("arguments", ""),
    "response.code_interpreter_call_code.delta": ("arguments", ""),
    "response.shell_call_command.delta": ("arguments", "command_index"),
}
"""Events that carry a piece: what of their item it belongs to, and the field that numbers its part."""

_WHOLES = {
    "response.output_text.done": ("response.output_text.delta", "text"),
    "response.refusal.done": ("response.refusal.delta", "refusal"),
    "response.reasoning_text.done": ("response.reasoning_text.delta", "text"),
    "response.reasoning_summary_text.done": ("response.reasoning_summary_text.delta", "text"),
    "response.function_call_arguments.done": ("response.function_call_arguments.delta", "arguments"),
    "response.mcp_call_arguments.done": ("response.mcp_call_arguments.delta", "arguments"),
    "response.custom_tool_call_input.done": ("response.custom_tool_call_input.delta", "input"),
    "response.code_interpreter_call_code.done": ("response.code_interpreter_call_code.delta", "code"),
}
"""Events that repeat a part as a whole: which event told its pieces, and the field that holds it."""

_ENDS = ("response.completed", "response.incomplete", "response.cancelled", "response.failed")
_ALIVE = ("keepalive", "ping", "response.in_progress", "response.queued")
_SILENT = (
    ".added",
    ".done",
    ".in_progress",
    ".searching",
    ".generating",
    ".interpreting",
    ".compacting",
    ".completed",
    ".failed",
    ".shell_call_output_content.delta",
    ".apply_patch_call_operation_diff.delta",
)
"""Endings of events that tell a state, or what other events tell as well."""


class OpenAIResponses(WireFormat):
    """The format `openai-responses`."""

    name = "openai-responses"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/responses"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed. Chat messages become its `input`, `system` its `instructions`.

        Raises:
            UsageError: a message is malformed.
        """
        defaults: dict[str, Any] = {"model": model, "input": input_items(messages), "stream": True}
        if system:
            defaults["instructions"] = system
        return with_params(defaults, params)

    def decoder(self) -> ResponseDecoder:
        """A decoder for one attempt."""
        return ResponseDecoder()


FORMAT = OpenAIResponses()


class ResponseDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._output = Output()
        self._starts = Starts()
        self._replays = Replays()

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event as our events.

        Raises:
            ProtocolError: an event of the format that is no JSON object.
        """
        if data.strip() == "[DONE]":  # OpenRouter and LiteLLM add it
            return [*self._output.rest(), End()]
        if event == "error":
            return [*self._output.rest(), failure(parsed_or_text(data))]
        try:
            fields = parse(data)
        except ProtocolError:
            if event in ("", "message") or event.startswith("response."):
                raise
            return [Unknown(event, data)]
        if self._replays.is_one(fields.get("sequence_number"), data):
            return [Heartbeat()]
        return self._event(string(fields.get("type")) or event, fields, data)

    def whole(self, text: str) -> list[Event]:
        """A response that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if answer.get("error"):
            return [failure(answer)]
        if not isinstance(answer.get("output"), list):
            raise ProtocolError(f"The server sent JSON that is no response: {quote(text, MAX_QUOTE)}")
        name = f"response.{string(answer.get('status')) or 'completed'}"
        return self._end(name, answer) if name in _ENDS else self._starts.start(answer)

    def _event(self, name: str, fields: dict[str, Any], data: str) -> list[Event]:
        if name in _PIECES:
            field, number = _PIECES[name]
            tokens = logprobs(fields.get("logprobs"))
            return self._output.piece(fields, field, fields.get(number), fields.get("delta"), tokens)
        if name in _WHOLES:
            piece, holder = _WHOLES[name]
            field, number = _PIECES[piece]
            return self._output.whole(fields, field, fields.get(number), fields.get(holder))
        if name in _ENDS:
            return self._end(name, mapping(fields.get("response")))
        match name:
            case "response.created":
                return self._starts.start(mapping(fields.get("response")))
            case "response.output_item.added":
                return self._output.added(fields, mapping(fields.get("item")))
            case "response.output_item.done":
                return self._output.done(fields, mapping(fields.get("item")))
            case "response.output_text.annotation.added":
                return self._output.annotation(fields, fields.get("annotation"))
            case "response.image_generation_call.partial_image":
                return self._output.picture(fields, fields.get("partial_image_b64"), fields)
            case "response.audio.delta" | "response.output_audio.delta":
                return [Media("audio", data=string(fields.get("delta")), id="audio")]
            case "response.audio.transcript.delta" | "response.output_audio_transcript.delta":
                return [Media("audio", transcript=string(fields.get("delta")), id="audio")]
            case "error" | "response.error":
                return [*self._output.rest(), failure(fields)]
        if name in _ALIVE:
            return [Heartbeat()]
        if name.startswith("response.") and name.endswith(_SILENT):
            return []
        return unknown(name, fields, data)  # a proxy's own error comes without a type

    def _end(self, name: str, response: dict[str, Any]) -> list[Event]:
        events = self._starts.start(response)
        if self._output.is_untold:  # a server that does not stream, or a whole answer: all of it is here
            for place, item in enumerate(mappings(response.get("output"))):
                events += self._output.done({"output_index": place}, item)
        told = mapping(response.get("usage"))
        if told:
            events.append(usage(told))
        events += self._output.rest()
        if name == "response.failed":
            return [
                *events,
                failure(response if response.get("error") else {"message": "the response failed"}),
            ]
        return [*events, self._finish(name, response), End()]

    def _finish(self, name: str, response: dict[str, Any]) -> Finish:
        raw = string(mapping(response.get("incomplete_details")).get("reason")) or name.partition(".")[2]
        reason = finish_reason(raw)
        if raw == "completed":  # vLLM ends what was cut off with response.completed too
            if self._output.refused:
                reason = "refusal"
            elif self._output.kinds & CALLS_OF_OURS:
                reason = "tool_calls"
        return Finish(reason, raw, detail=_filtered(response) if reason == "content_filter" else "")


def _filtered(response: dict[str, Any]) -> str:
    """The filters that cut, where the server names them (Azure)."""
    names = [
        string(name)
        for report in mappings(response.get("content_filters"))
        for name, result in mapping(report.get("content_filter_results")).items()
        if mapping(result).get("filtered") is True
    ]
    return quote(", ".join(names), MAX_QUOTE)
