"""OpenAI's legacy Completions, which continue a text: chunks in, events out, and the request body.

Spoken by vLLM, llama.cpp, Ollama, LM Studio and many others. Source: platform.openai.com, "Completions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import StreamError
from ..events import Event
from .base import WireFormat, only_prompt, with_params
from .openai_chat import ChatDecoder
from .openai_fields import INCLUDE_USAGE, without_usage_option
from .values import mapping, mappings


class Completions(WireFormat):
    """The format `completions`."""

    name = "completions"

    def path(self, model: str) -> str:
        """What is joined to the base URL."""
        return "/completions"

    def body(
        self,
        model: str,
        messages: list[dict[str, Any]],
        params: Mapping[str, Any],
        *,
        system: str | None = None,
    ) -> dict[str, Any]:
        """The request body; streamed, with usage asked for.

        Raises:
            UsageError: there is more than one message, or it is no text of a user's.
        """
        defaults = {
            "model": model,
            "prompt": only_prompt(messages, system, self.name),
            "stream": True,
            "stream_options": dict(INCLUDE_USAGE),
        }
        return with_params(defaults, params)

    def amend(self, body: dict[str, Any], error: StreamError) -> dict[str, Any] | None:
        """The body without our `stream_options`, which older servers refuse; None where that was not it."""
        return without_usage_option(body, error)

    def decoder(self) -> CompletionDecoder:
        """A decoder for one attempt."""
        return CompletionDecoder()


FORMAT = Completions()


class CompletionDecoder(ChatDecoder):
    """The state of one answer: chunks as in chat, but for the places of text and log probabilities."""

    def _chunk(self, chunk: dict[str, Any], event: str, data: str) -> list[Event]:
        if "choices" in chunk:
            chunk = {**chunk, "choices": [_as_chat(choice) for choice in mappings(chunk["choices"])]}
        return super()._chunk(chunk, event, data)


def _as_chat(choice: dict[str, Any]) -> dict[str, Any]:
    told = mapping(choice.get("logprobs"))
    if told and "content" not in told:  # llama.cpp tells them as in chat
        told = {"content": _tokens(told)}
    return {**choice, "delta": {"content": choice.get("text")}, "logprobs": told}


def _tokens(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The parallel lists of old as one list; a prompt's first token has no number."""
    lists = (told.get("tokens"), told.get("token_logprobs"))
    tokens, numbers = (value if isinstance(value, list) else [] for value in lists)
    tops = told.get("top_logprobs")
    tops = tops if isinstance(tops, list) else [None] * len(tokens)
    return [
        {"token": token, "logprob": number, "top_logprobs": _alternatives(top)}
        for token, number, top in zip(tokens, numbers, tops, strict=False)
    ]


def _alternatives(top: object) -> list[dict[str, Any]]:
    pairs = [(token, number) for token, number in mapping(top).items() if isinstance(number, (int, float))]
    pairs.sort(key=lambda pair: -pair[1])
    return [{"token": token, "logprob": number} for token, number in pairs]
