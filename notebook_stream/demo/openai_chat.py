"""An answer -> the chunks of OpenAI's chat completions, and its errors.

Source: the "Chat Completions: streaming" page of OpenAI's API reference; `reasoning_content` is DeepSeek's.
Knows no socket and no time but the date of creation.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from random import Random
from typing import Any

from .answers import MODELS, Answer, Piece
from .logprobs import ALTERNATIVES, Guesses
from .request import Asked, BadRequest, integer
from .wire import FAILED, event, identifier, prompt_tokens, public_name

DONE = b"data: [DONE]\n\n"
FINGERPRINT = "fp_demo"
_FIELDS = {"text": "content", "reasoning": "reasoning_content", "refusal": "refusal"}


class OpenAIChat:
    """Encodes one answer, `choices` times over (the request's `n`)."""

    def __init__(self, asked: Asked, answer: Answer, rng: Random) -> None:
        body = asked.body
        self.choices = asked.choices
        self._answer = answer
        self._prompt_tokens = prompt_tokens(asked)
        self._include_usage = _include_usage(body)
        # The chosen token is one of the likely ones, so five alternatives make six.
        unasked = ALTERNATIVES + 1 if answer.with_logprobs else 0
        self._top = integer(body, "top_logprobs", least=0, most=20, default=unasked)
        wanted = answer.with_logprobs or body.get("logprobs") is True
        self._guesses = Guesses(answer.pieces, rng) if wanted else None
        self._id = identifier("chatcmpl-", rng)
        self._call_ids = [[identifier("call_", rng) for _ in answer.calls] for _ in range(self.choices)]
        self._begun = [-1] * self.choices
        self._base = {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": public_name(answer),
            "service_tier": "default",
            "system_fingerprint": FINGERPRINT,
        }

    def start(self) -> bytes:
        """The role of each choice."""
        role = {"role": "assistant", "content": "", "refusal": None}
        return b"".join(self._chunk(index, role) for index in range(self.choices))

    def token(self, index: int, piece: Piece) -> bytes:
        """One chunk; a tool call's first token has the call's name and id in a chunk before it."""
        if piece.kind != "tool":
            return self._chunk(index, {_FIELDS[piece.kind]: piece.text}, self._logprobs(piece))
        head = b"" if self._begun[index] == piece.call else self._call_head(index, piece.call)
        call = {"index": piece.call, "function": {"arguments": piece.text}}
        return head + self._chunk(index, {"tool_calls": [call]})

    def finish(self, index: int) -> bytes:
        """The finish reason."""
        return self._chunk(index, {}, finish_reason=self._finish_reason(index))

    def done(self) -> bytes:
        """The usage, if it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        return event({**self._base, "choices": [], "usage": self._usage()}) + DONE

    def heartbeat(self) -> bytes:
        """A comment."""
        return b": keep-alive\n\n"

    def error(self) -> bytes:
        """An error where a chunk would be."""
        return event(json_error(BadRequest(FAILED, status=500)))

    def whole(self) -> dict[str, Any]:
        """The `chat.completion` object."""
        return {
            **self._base,
            "object": "chat.completion",
            "choices": [self._choice(index) for index in range(self.choices)],
            "usage": self._usage(),
        }

    def _finish_reason(self, index: int) -> str:
        finish = self._answer.choice(index).finish
        return "stop" if finish in ("refusal", "error") else finish

    def _chunk(
        self,
        index: int,
        delta: Mapping[str, Any],
        logprobs: Mapping[str, Any] | None = None,
        finish_reason: str | None = None,
    ) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason}
        chunk: dict[str, Any] = {**self._base, "choices": [choice]}
        if self._include_usage:
            chunk["usage"] = None
        return event(chunk)

    def _call_head(self, index: int, call: int) -> bytes:
        self._begun[index] = call
        function = {"name": self._answer.calls[call], "arguments": ""}
        head = {"index": call, "id": self._call_ids[index][call], "type": "function", "function": function}
        return self._chunk(index, {"tool_calls": [head]})

    def _logprobs(self, piece: Piece) -> dict[str, Any] | None:
        if self._guesses is None or piece.kind not in ("text", "refusal"):
            return None
        likely = self._guesses.of(piece)
        own = _token_logprob(piece.text, dict(likely)[piece.text])
        own["top_logprobs"] = [_token_logprob(token, logprob) for token, logprob in likely[: self._top]]
        content, refusal = ([own], None) if piece.kind == "text" else (None, [own])
        return {"content": content, "refusal": refusal}

    def _choice(self, index: int) -> dict[str, Any]:
        answer = self._answer.choice(index)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": answer.text("text") or None,
            "refusal": answer.text("refusal") or None,
        }
        if answer.count("reasoning"):
            message["reasoning_content"] = answer.text("reasoning")
        if answer.calls:
            message["tool_calls"] = [self._call(index, call) for call in range(len(answer.calls))]
        logprobs = [entry for piece in answer.pieces if (entry := self._logprobs(piece))]
        return {
            "index": index,
            "message": message,
            "logprobs": _joined(logprobs) if logprobs else None,
            "finish_reason": self._finish_reason(index),
        }

    def _call(self, index: int, call: int) -> dict[str, Any]:
        function = {"name": self._answer.calls[call], "arguments": self._answer.text("tool", call)}
        return {"id": self._call_ids[index][call], "type": "function", "function": function}

    def _usage(self) -> dict[str, Any]:
        answers = [self._answer.choice(index) for index in range(self.choices)]
        completion = sum(len(answer.pieces) for answer in answers)
        reasoning = sum(answer.count("reasoning") for answer in answers)
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self._prompt_tokens + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }


def json_error(error: BadRequest) -> dict[str, Any]:
    """The body of an error answer."""
    kinds = {401: "invalid_request_error", 404: "invalid_request_error", 429: "requests"}
    fallback = "server_error" if error.status >= 500 else "invalid_request_error"
    codes = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
    return {
        "error": {
            "message": error.message,
            "type": kinds.get(error.status, fallback),
            "param": error.param,
            "code": error.code or codes.get(error.status),
        }
    }


def models() -> dict[str, Any]:
    """The list of models, with the fields of OpenAI's and those of Anthropic's, which do not clash."""
    day = "2026-01-01T00:00:00Z"
    data = [
        {
            "id": name,
            "object": "model",
            "created": 1767225600,
            "owned_by": "notebook-stream",
            "type": "model",
            "display_name": f"{name}: {text}",
            "created_at": day,
        }
        for name, text in MODELS.items()
    ]
    first, *_, last = MODELS
    return {"object": "list", "data": data, "has_more": False, "first_id": first, "last_id": last}


def _include_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _token_logprob(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8", "replace"))}


def _joined(logprobs: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = ("content", "refusal")
    return {kind: [token for entry in logprobs for token in entry[kind] or ()] or None for kind in kinds}
