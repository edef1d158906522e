"""In: a number of pieces. Out: one answer of so many as its server sends it, in each of two wire formats.

The same text in both, as recorded from OpenAI and Anthropic. Knows no socket.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import cycle, islice

CHUNK_BYTES = 303
"""Of one of OpenAI's events, as recorded: most of it is what every chunk repeats."""

_WORDS = ("The", " stream", " is", " read", " as", " it", " comes", ",", " token", " by", " token", ".\n")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

_ENVELOPE: dict[str, object] = {
    "id": "chatcmpl-Bq7fJ0oV1sXw3uYt5RkZ2mNcA8dEg",
    "object": "chat.completion.chunk",
    "created": 1763800000,
    "model": "gpt-4o-mini-2024-07-18",
    "service_tier": "default",
    "system_fingerprint": "fp_560af6e559",
}


def text_of(count: int) -> str:
    """The text of `count` pieces."""
    return "".join(_words(count))


def openai_chat(count: int) -> list[bytes]:
    """`count` pieces of text and what goes before and after them, each one event with its blank line."""
    rng = random.Random(1)
    opening = _chunk({"role": "assistant", "content": "", "refusal": None}, rng)
    pieces = [_chunk({"content": word}, rng) for word in _words(count)]
    usage = {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": count + 9}
    return [
        opening,
        *pieces,
        _chunk({}, rng, finish_reason="stop"),
        _event({**_ENVELOPE, "choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    ]


def anthropic(count: int) -> list[bytes]:
    """The same pieces in one content block of Anthropic's Messages."""
    usage = {"input_tokens": 9, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    message: dict[str, object] = {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5-20250929",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    ending = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        _named("message_start", message=message),
        _named("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        _named("ping"),
        *(
            _named("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
            for word in _words(count)
        ),
        _named("content_block_stop", index=0),
        _named("message_delta", delta=ending, usage={**usage, "output_tokens": count}),
        _named("message_stop"),
    ]


ANSWERS: dict[str, Callable[[int], list[bytes]]] = {"/chat/completions": openai_chat, "/messages": anthropic}
"""By the end of the path that is asked."""


def _words(count: int) -> Iterator[str]:
    return islice(cycle(_WORDS), count)


def _chunk(delta: dict[str, str | None], rng: random.Random, finish_reason: str | None = None) -> bytes:
    # `obfuscation` is the provider's own padding: it hides the length of a token from who watches the line.
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    chunk = {**_ENVELOPE, "choices": [choice], "usage": None, "obfuscation": ""}
    room = max(0, CHUNK_BYTES - len(_event(chunk)))
    return _event({**chunk, "obfuscation": "".join(rng.choices(_LETTERS, k=room))})


def _event(chunk: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def _named(name: str, **fields: object) -> bytes:
    return b"event: " + name.encode() + b"\n" + _event({"type": name, **fields})
