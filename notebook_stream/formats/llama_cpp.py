"""llama.cpp's own `/completion`, which continues a text: its chunks in, events out, and the request body.

Source: llama.cpp, tools/server/README.md, "POST /completion". Knows no HTTP.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import ProtocolError, quote
from ..events import End, Event, Finish, TokenLogprob, Unknown, Usage
from .base import WireFormat, only_prompt, with_params
from .failures import failure, unknown
from .openai_fields import Starts
from .pieces import Pieces
from .values import MAX_QUOTE, cleaned, count, index, mapping, mappings, number, parse, parsed_or_text, string

STOPS = {"eos": "stop", "word": "stop", "limit": "length"}
"""`stop_type` in the vocabulary of `events.Finish`."""

_COUNTS = ("tokens_evaluated", "tokens_predicted", "tokens_cached", "timings")


class LlamaCpp(WireFormat):
    """The format `llama-cpp`."""

    name = "llama-cpp"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/completion"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed. The prompt goes as it is: the server puts no template around it.

        Raises:
            UsageError: there is more than one message, or it is no text of a user's.
        """
        prompt = only_prompt(messages, system, self.name)
        return with_params({"model": model, "prompt": prompt, "stream": True}, params)

    def decoder(self) -> CompletionDecoder:
        """A decoder for one attempt."""
        return CompletionDecoder()


FORMAT = LlamaCpp()


class CompletionDecoder:
    """The state of one answer: see `base.Decoder`."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._starts = Starts()
        self._open: set[int] = set()
        self._predicted = 0

    def decode(self, event: str, data: str) -> list[Event]:
        """One server-sent event as our events.

        Raises:
            ProtocolError: an unnamed event that is no JSON object.
        """
        if data.strip() == "[DONE]":
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
        return self._chunk(chunk) if "content" in chunk else unknown(event, chunk, data)

    def whole(self, text: str) -> list[Event]:
        """An answer that came as one JSON text, or an error.

        Raises:
            ProtocolError: neither of them.
        """
        answer = parse(text)
        if answer.get("error"):
            return [failure(answer)]
        if "content" not in answer:
            raise ProtocolError(f"The server sent JSON that is no completion: {quote(text, MAX_QUOTE)}")
        return self._chunk({"stop": True, **answer})

    def _chunk(self, chunk: dict[str, Any]) -> list[Event]:
        place = index(chunk.get("index")) or 0
        self._open.add(place)
        tokens = _logprobs(chunk.get("completion_probabilities"))
        events = [*self._starts.start(chunk), *self._pieces.text(chunk.get("content"), place, tokens)]
        if chunk.get("stop") is not True:
            return events
        self._predicted += count(chunk.get("tokens_predicted")) or 0  # each choice counts for itself
        events += [_usage(chunk, self._predicted), *self._pieces.rest(place), _finish(chunk, place)]
        self._open.discard(place)
        return events if self._open else [*events, End()]


def _finish(chunk: dict[str, Any], place: int) -> Finish:
    raw = string(chunk.get("stop_type"))
    if not raw:  # before 2025: one flag for each
        raw = next((name for name in STOPS if chunk.get(f"stopped_{name}") is True), "")
    return Finish(
        STOPS.get(raw, raw or "stop"), raw, place, quote(string(chunk.get("stopping_word")), MAX_QUOTE)
    )


def _usage(chunk: dict[str, Any], predicted: int) -> Usage:
    return Usage(
        input_tokens=count(chunk.get("tokens_evaluated")),
        output_tokens=predicted,
        cached_tokens=count(mapping(chunk.get("timings")).get("cache_n")),
        raw=cleaned({name: chunk[name] for name in _COUNTS if name in chunk}),
    )


def _logprobs(values: object) -> tuple[TokenLogprob, ...]:
    """The tokens of a chunk; after sampling, and before 2025, they have probabilities, not logarithms."""
    found: list[TokenLogprob] = []
    for value in mappings(values):
        tops = next((value[n] for n in ("top_logprobs", "top_probs", "probs") if value.get(n)), None)
        top = [pair for pair in map(_pair, mappings(tops)) if pair is not None]
        own = _pair(value) or next((pair for pair in top if pair[0] == string(value.get("content"))), None)
        if own is not None:
            found.append(TokenLogprob(*own, tuple(top)))
    return tuple(found)


def _pair(fields: dict[str, Any]) -> tuple[str, float] | None:
    token = string(fields.get("token")) or string(fields.get("tok_str"))
    logprob, probability = number(fields.get("logprob")), number(fields.get("prob"))
    if logprob is None and probability is not None and 0 < probability <= 1:
        logprob = math.log(probability)
    return None if logprob is None else (token, logprob)
