"""Ollama's own API: the JSON lines of `/api/chat` in, our events out, and the request body.

Keywords that are fields of its `options` (temperature, num_ctx, ...) go there; `max_tokens` is its
`num_predict`. The lines of `/api/generate` are read too.
Source: docs.ollama.com, "Generate a chat message". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError, UsageError, quote
from ..events import End, Event, Finish, Media, Start, Usage
from .base import WireFormat, checked_messages, finish_reason, with_params
from .failures import failure, unknown
from .messages import Attachment, as_list, calls_of, parts_of, renamed, taken
from .openai_fields import logprobs
from .pieces import Pieces
from .values import MAX_QUOTE, cleaned, count, dumps, mapping, mappings, parse, string, strings

ROLES = ("system", "developer", "user", "assistant", "tool")

OPTIONS = frozenset(
    {
        "draft_num_predict", "f16_kv", "frequency_penalty", "low_vram", "main_gpu", "min_p", "mirostat",
        "mirostat_eta", "mirostat_tau", "num_batch", "num_ctx", "num_gpu", "num_keep", "num_predict",
        "num_thread", "numa", "penalize_newline", "presence_penalty", "repeat_last_n", "repeat_penalty",
        "seed", "stop", "temperature", "tfs_z", "top_k", "top_p", "typical_p", "use_mlock",
        "use_mmap", "vocab_only",
    }
)  # fmt: skip
"""The fields of `options`; a keyword of such a name goes there."""

_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_ENVELOPE = ("response", "image", "done")
"""A line has a message, or at least one of these; an object without any is none we know."""


class Ollama(WireFormat):
    """The format `ollama`."""

    name = "ollama"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/api/chat"

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
            UsageError: a message is malformed, or has a picture that is only a URL.
        """
        turns = [_message(message) for message in _named(checked_messages(messages, ROLES))]
        if system:
            turns.insert(0, {"role": "system", "content": system})
        own = renamed(params, _NAMES)
        options = {
            **taken(own, "options"),
            **{name: own.pop(name) for name in list(own) if name in OPTIONS},
        }
        if "stop" in options:
            options["stop"] = as_list(options["stop"])
        defaults = {
            "model": model,
            "messages": turns,
            "stream": True,
            **({"options": options} if options else {}),
        }
        return with_params(defaults, own)

    def decoder(self) -> OllamaDecoder:
        """A decoder for one attempt."""
        return OllamaDecoder()


FORMAT = Ollama()


def _named(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages, each result with the name of its tool: Ollama knows calls by that."""
    names = {
        str(call.get("id")): call["function"]["name"] for message in messages for call, _ in calls_of(message)
    }
    return [{**_tool_name(message, names), **message} for message in messages]


def _tool_name(message: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    name = names.get(str(message.get("tool_call_id")))
    return {"tool_name": name} if name and message["role"] == "tool" else {}


def _message(message: dict[str, Any]) -> dict[str, Any]:
    parts = parts_of(message.get("content"))
    texts = [part for part in parts if isinstance(part, str)]
    if any(isinstance(part, dict) for part in parts):
        raise UsageError("A part of a message needs its type: text, or image_url with a data: URL.")
    images = [_image(part) for part in parts if isinstance(part, Attachment)]
    turn = {**message, "content": "\n\n".join(texts)}
    turn["role"] = "system" if message["role"] == "developer" else message["role"]
    if images:
        turn["images"] = [*message.get("images", []), *images]
    if message.get("tool_calls"):
        turn["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": arguments}}
            for call, arguments in calls_of(message)
        ]
    return turn


def _image(part: Attachment) -> str:
    if not part.data or not part.mime_type.startswith("image/"):
        raise UsageError(
            'Ollama takes pictures only, and only in the message itself: "data:image/png;base64,...".'
        )
    return part.data


class OllamaDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._started = False
        self._calls = 0

    def decode(self, event: str, data: str) -> list[Event]:
        """One line as our events.

        Raises:
            ProtocolError: a line that is no JSON object.
        """
        line = parse(data)
        if line.get("error"):
            return [*self._pieces.rest(), failure(line)]
        if not isinstance(line.get("message"), dict) and not any(name in line for name in _ENVELOPE):
            return unknown(event, line, data)
        return [*self._start(line), *self._said(line), *self._end(line)]

    def whole(self, text: str) -> list[Event]:
        """An answer that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if not answer.get("error") and answer.get("done") is not True:
            raise ProtocolError(f"The server sent JSON that is no answer: {quote(text, MAX_QUOTE)}")
        return self.decode("", text)

    def _start(self, line: dict[str, Any]) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [Start(string(line.get("model")) or None)]

    def _said(self, line: dict[str, Any]) -> list[Event]:
        message = line.get("message")
        said = message if isinstance(message, dict) else {**line, "content": line.get("response")}
        events = self._pieces.reasoning(said.get("thinking"))
        events += self._pieces.text(said.get("content"), 0, logprobs(line.get("logprobs")))
        for call in mappings(said.get("tool_calls")):
            events += self._call(call)
        pictures = [*strings(said.get("images")), string(line.get("image"))]
        return [*events, *(Media("image", "image/png", data) for data in pictures if data)]

    def _call(self, call: dict[str, Any]) -> list[Event]:
        function = mapping(call.get("function"))
        arguments = function.get("arguments")
        events = self._pieces.tool_call(
            self._calls,
            arguments if isinstance(arguments, str) else dumps(mapping(arguments)),
            id=string(call.get("id")),
            name=string(function.get("name")),
        )
        self._calls += 1
        return events

    def _end(self, line: dict[str, Any]) -> list[Event]:
        if line.get("done") is not True:
            return []
        raw = string(line.get("done_reason"))
        reason = finish_reason(raw or "stop")
        if reason == "stop" and self._calls:
            reason = "tool_calls"
        return [*self._pieces.rest(), *_usage(line), Finish(reason, raw), End()]


def _usage(line: dict[str, Any]) -> list[Event]:
    """Counts in tokens; the durations, in nanoseconds, stay in `raw`."""
    raw = {name: value for name, value in line.items() if name.endswith(("_count", "_duration"))}
    if not raw:
        return []
    return [Usage(count(raw.get("prompt_eval_count")), count(raw.get("eval_count")), raw=cleaned(raw))]
