"""What both dialects share: an encoder's shape, the framing of an event, and made-up identifiers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any, Protocol

from .answers import Answer, Piece
from .request import Asked, text_of
from .tokens import split

FAILED = "This demo answer fails here on purpose. A real server says so when it is overloaded or restarted."

PER_MESSAGE = 4
"""Tokens that a chat template adds to each message, about."""


class Dialect(Protocol):
    """One answer -> the bytes of its events. One object an answer: it remembers which blocks are open."""

    choices: int

    def start(self) -> bytes:
        """What comes before the first token."""

    def token(self, index: int, piece: Piece) -> bytes:
        """One token of choice `index`."""

    def finish(self, index: int) -> bytes:
        """Choice `index` is complete, and why."""

    def done(self) -> bytes:
        """The end mark, after what belongs before it."""

    def heartbeat(self) -> bytes:
        """A sign of life without content."""

    def error(self) -> bytes:
        """An error event in mid-stream."""

    def whole(self) -> dict[str, Any]:
        """The answer in one JSON object, for requests that do not stream."""


def dumps(value: Mapping[str, Any]) -> bytes:
    """JSON as servers write it: compact, UTF-8; escapes only where a lone surrogate leaves no other way."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def event(value: Mapping[str, Any], name: str = "") -> bytes:
    """One server-sent event, with `name` in its event field unless empty."""
    head = f"event: {name}\n".encode() if name else b""
    return b"".join((head, b"data: ", dumps(value), b"\n\n"))


def identifier(prefix: str, rng: Random) -> str:
    """A made-up identifier, the same for the same seed."""
    return f"{prefix}{rng.getrandbits(96):024x}"


def prompt_tokens(asked: Asked) -> int:
    """Tokens of the request's messages, about."""
    return sum(PER_MESSAGE + len(split(text_of(message.get("content")))) for message in asked.messages)


def public_name(answer: Answer) -> str:
    """The model's name as the answer tells it."""
    return f"demo/{answer.model}"
