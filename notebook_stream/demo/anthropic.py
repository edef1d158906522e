"""An answer -> the events of Anthropic's messages, and its errors.

Source: the "Streaming Messages" page of Anthropic's API documentation. Knows no socket and no time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from .answers import Answer, Kind, Piece
from .request import Asked, BadRequest
from .wire import FAILED, event, identifier, prompt_tokens, public_name

_STOP_REASONS = {
    "stop": "end_turn",
    "error": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "refusal": "refusal",
}
_ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_Block = tuple[Kind, int]


class Anthropic:
    """Encodes one answer: thinking, text and tool calls each in a content block of their own."""

    choices = 1

    def __init__(self, asked: Asked, answer: Answer, rng: Random) -> None:
        if asked.begun != asked.begun.rstrip():
            raise BadRequest("messages: final assistant content cannot end with trailing whitespace")
        self._answer = answer
        self._input_tokens = prompt_tokens(asked)
        self._id = identifier("msg_", rng)
        self._call_ids = [identifier("toolu_", rng) for _ in answer.calls]
        self._signature = base64.b64encode(rng.randbytes(96)).decode()
        self._open: _Block | None = None
        self._index = -1

    def start(self) -> bytes:
        """The empty message, with the tokens of the prompt."""
        message = {**self._message(), "content": [], "stop_reason": None, "usage": self._usage(1)}
        return _named({"type": "message_start", "message": message})

    def token(self, index: int, piece: Piece) -> bytes:
        """One delta, after the change of blocks where it is the first of its kind."""
        block: _Block = ("text", 0) if piece.kind == "refusal" else (piece.kind, piece.call)
        change = b"" if block == self._open else self._close_block() + self._open_block(block)
        return change + self._delta(_delta(block[0], piece.text))

    def finish(self, index: int) -> bytes:
        """The stop reason and what was counted."""
        delta: dict[str, Any] = {"stop_reason": self._stop_reason, "stop_sequence": None}
        usage = self._usage(len(self._answer.pieces))
        return self._close_block() + _named({"type": "message_delta", "delta": delta, "usage": usage})

    def done(self) -> bytes:
        """The end mark."""
        return _named({"type": "message_stop"})

    def heartbeat(self) -> bytes:
        """A ping."""
        return _named({"type": "ping"})

    def error(self) -> bytes:
        """An error event."""
        return _named(json_error(BadRequest(FAILED, status=529)))

    def whole(self) -> dict[str, Any]:
        """The `message` object."""
        return {
            **self._message(),
            "content": self._content(),
            "stop_reason": self._stop_reason,
            "usage": self._usage(len(self._answer.pieces)),
        }

    @property
    def _stop_reason(self) -> str:
        return _STOP_REASONS[self._answer.finish]

    def _message(self) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": public_name(self._answer),
            "stop_sequence": None,
        }

    def _usage(self, output_tokens: int) -> dict[str, Any]:
        return {
            "input_tokens": self._input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": output_tokens,
        }

    def _open_block(self, block: _Block) -> bytes:
        self._open = block
        self._index += 1
        empty = self._empty_block(block)
        start = {"type": "content_block_start", "index": self._index, "content_block": empty}
        # The real server's first ping comes here.
        return _named(start) + (self.heartbeat() if self._index == 0 else b"")

    def _close_block(self) -> bytes:
        if self._open is None:
            return b""
        signed = self._signed() if self._open[0] == "reasoning" else b""
        self._open = None
        return signed + _named({"type": "content_block_stop", "index": self._index})

    def _signed(self) -> bytes:
        return self._delta({"type": "signature_delta", "signature": self._signature})

    def _delta(self, delta: Mapping[str, Any]) -> bytes:
        return _named({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _empty_block(self, block: _Block) -> dict[str, Any]:
        kind, call = block
        if kind == "tool":
            return self._tool_use(call, {})
        if kind == "reasoning":
            return {"type": "thinking", "thinking": "", "signature": ""}
        return {"type": "text", "text": ""}

    def _tool_use(self, call: int, arguments: Mapping[str, Any]) -> dict[str, Any]:
        name = self._answer.calls[call]
        return {"type": "tool_use", "id": self._call_ids[call], "name": name, "input": arguments}

    def _content(self) -> list[dict[str, Any]]:
        answer = self._answer
        content: list[dict[str, Any]] = []
        if answer.count("reasoning"):
            thoughts = answer.text("reasoning")
            content.append({"type": "thinking", "thinking": thoughts, "signature": self._signature})
        if text := answer.text("text") + answer.text("refusal"):
            content.append({"type": "text", "text": text})
        for call in range(len(answer.calls)):
            if arguments := _whole_object(answer.text("tool", call)):
                content.append(self._tool_use(call, arguments))
        return content


def json_error(error: BadRequest) -> dict[str, Any]:
    """The body of an error answer, and the data of an error event."""
    fallback = "api_error" if error.status >= 500 else "invalid_request_error"
    kind = _ERROR_TYPES.get(error.status, fallback)
    return {"type": "error", "error": {"type": kind, "message": error.message}}


def _named(value: Mapping[str, Any]) -> bytes:
    return event(value, str(value["type"]))


def _delta(kind: Kind, text: str) -> dict[str, Any]:
    if kind == "tool":
        return {"type": "input_json_delta", "partial_json": text}
    if kind == "reasoning":
        return {"type": "thinking_delta", "thinking": text}
    return {"type": "text_delta", "text": text}


def _whole_object(arguments: str) -> dict[str, Any] | None:
    """The arguments as an object; None when max_tokens cut them off: such a call is left out."""
    try:
        value = json.loads(arguments)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
