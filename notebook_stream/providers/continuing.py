"""How each server is asked to go on with an answer that was cut off: its beginning as the last message.

A target, the messages and the text so far in; what to ask, or None where the server cannot, out. A server
that is not listed may well answer such a request, but from the beginning: so only those are that document it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .resolving import Target

Messages = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Continuation:
    """What to ask so that the answer goes on.

    `sent` is how much of its text the server gets (characters): white space at its end is left out, since
    Anthropic refuses it, many chat templates cut it off, and no token begins well behind it. `params` go into
    the request over what the user gave.
    """

    target: Target
    messages: Messages
    sent: int
    params: Mapping[str, Any] = field(default_factory=dict)


_PREFILL: dict[str, dict[str, Any]] = {
    "groq": {},  # "Assistant Message Prefilling"
    "openrouter": {},  # "Assistant Prefill"
    "mistral": {"prefix": True},  # API reference, AssistantMessage
    "deepseek": {"prefix": True},  # "Chat Prefix Completion (Beta)"
    "moonshot": {"partial": True},  # "Partial Mode"
    "alibaba": {"partial": True},  # "Partial mode"
}
"""Providers that go on with a last message of the assistant, and what that message has to say."""

LOCAL = {"continue_final_message": True, "add_generation_prompt": False}
"""vLLM's and SGLang's word for it. llama.cpp does it without as well, and so do Ollama and LM Studio."""

DEEPSEEK_BETA = "https://api.deepseek.com/beta"

_CLAUDE = re.compile(r"claude-(?:[23]\b|instant|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-?\d{1,2}\b)(?:\D|$))")
"""Anthropic's models up to 4.5; later ones refuse it ("does not support assistant message prefill")."""
_GEMINI = re.compile(r"gemini-(?:2\.|3-|3\.1-)")
"""Google's that go on; later ones refuse it ("Requests ending with a model turn are not supported")."""


def continuation(target: Target, messages: Messages, text: str) -> Continuation | None:
    """What to ask for the rest of `text`, which answers `messages`; None where this server cannot."""
    if target.wire_format in ("completions", "llama-cpp"):
        return _of_plain_text(target, messages, text)
    said = _said(target)
    begun = text.rstrip()
    if said is None or not begun:
        return None
    params: Mapping[str, Any] = {}
    if target.wire_format == "openai-chat":
        if target.provider == "deepseek":
            target = replace(target, base_url=DEEPSEEK_BETA)
        params = LOCAL if target.is_local else {}
    return Continuation(
        target, [*messages, {"role": "assistant", "content": begun, **said}], len(begun), params
    )


def _of_plain_text(target: Target, messages: Messages, text: str) -> Continuation | None:
    """APIs that continue a text, and know no messages: the prompt and what came of it are that text."""
    content = messages[-1].get("content") if len(messages) == 1 else None
    if not isinstance(content, str):
        return None
    return Continuation(target, [{**messages[0], "content": content + text}], len(text))


def _said(target: Target) -> dict[str, Any] | None:
    """What the last message has to say beside its text; None where no such message is taken."""
    wire_format, provider = target.wire_format, target.provider
    if wire_format == "ollama":
        return {}
    if wire_format == "gemini":
        return {} if _GEMINI.match(target.model) else None
    if wire_format == "anthropic":
        return {} if target.is_local or _CLAUDE.search(target.model) else None
    if wire_format == "mistral":
        return _PREFILL["mistral"]
    if wire_format != "openai-chat":
        return None
    if provider == "openrouter":
        return _PREFILL[provider] if _goes_through(target.model) else None
    return _PREFILL.get(provider, {} if target.is_local else None)


def _goes_through(model: str) -> bool:
    """Whether the model behind OpenRouter goes on: OpenAI's begin anew, the newest of others refuse."""
    maker, _, name = model.partition("/")
    if maker == "anthropic":
        return bool(_CLAUDE.search(name.replace(".", "-")))
    return bool(_GEMINI.match(name)) if maker == "google" else maker != "openai"
