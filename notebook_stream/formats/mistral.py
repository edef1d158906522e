"""Mistral's Chat Completions: OpenAI's chunks, with lists of parts as content, and its own request body.

The API refuses fields that it does not know: nothing is asked for usage, which its last chunk holds anyway.
Source: docs.mistral.ai, "Chat", "Reasoning", "Citations and references". Knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import WireFormat, checked_messages, with_params
from .messages import renamed
from .openai_chat import ChatDecoder

ROLES = ("system", "developer", "user", "assistant", "tool")

_NAMES = {"seed": "random_seed", "max_completion_tokens": "max_tokens"}
"""What other APIs call the same thing, so that one call can be sent to several models."""


class Mistral(WireFormat):
    """The format `mistral`."""

    name = "mistral"

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
        """The request body; streamed. `system` goes before all messages.

        Raises:
            UsageError: a message is malformed.
        """
        checked = checked_messages(messages, ROLES)
        turns = [{**turn, "role": "system"} if turn["role"] == "developer" else turn for turn in checked]
        if system:
            turns.insert(0, {"role": "system", "content": system})
        return with_params({"model": model, "messages": turns, "stream": True}, renamed(params, _NAMES))

    def decoder(self) -> ChatDecoder:
        """A decoder for one attempt."""
        return ChatDecoder()


FORMAT = Mistral()
