"""The name of a model -> its scripted answer, in tokens.

The texts are data files in `answers/`. Knows no wire format, no HTTP and no time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Literal, overload

from . import ngram
from .request import Asked, BadRequest
from .tokens import split

Kind = Literal["reasoning", "text", "refusal", "tool"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One token. `call` numbers the tool call it belongs to; `likely` are (token, probability), itself among
    them, where the script tells them."""

    kind: Kind
    text: str
    call: int = 0
    likely: tuple[tuple[str, float], ...] = ()


class Numbered(Sequence[Piece]):
    """`count` tokens, "t000001 t000002 ...", made as they are asked for: a million of them take no memory."""

    def __init__(self, numbers: range) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> Piece: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Piece]: ...
    def __getitem__(self, at: int | slice) -> Piece | Sequence[Piece]:
        if isinstance(at, slice):
            return Numbered(self._numbers[at])
        number = self._numbers[at]
        return Piece("text", f"t{number:06d}" if number == 1 else f" t{number:06d}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `finish` is why it ends, in OpenAI's words, "refusal", or "error": an error event.

    `calls` are the names of the tools it calls. `first_token_s`: seconds, where this answer has its own.
    `with_logprobs`: they are sent unasked. `others` are the choices after the first, where each has
    words of its own; otherwise all say the same.
    """

    model: str
    pieces: Sequence[Piece]
    finish: Literal["stop", "length", "tool_calls", "refusal", "error"] = "stop"
    calls: tuple[str, ...] = ()
    first_token_s: float | None = None
    with_logprobs: bool = False
    others: tuple[Answer, ...] = ()

    def choice(self, index: int) -> Answer:
        """What choice `index` says, from 0."""
        return self.others[index - 1] if 0 < index <= len(self.others) else self

    def text(self, kind: Kind, call: int = 0) -> str:
        """All text of one kind, of one tool call if it is that."""
        return "".join(p.text for p in self.pieces if p.kind == kind and p.call == call)

    def count(self, kind: Kind) -> int:
        """Tokens of one kind."""
        if isinstance(self.pieces, Numbered):
            return len(self.pieces) if kind == "text" else 0
        return sum(piece.kind == kind for piece in self.pieces)

    def after(self, begun: str) -> Answer:
        """What is left of it where its text begins with `begun` (nothing is thought again), or all of it."""
        if not begun:
            return self
        pieces, left = self.pieces, begun
        for place, piece in enumerate(pieces):
            if piece.kind != "text":
                continue
            if left.startswith(piece.text):
                left = left[len(piece.text) :]
                continue
            if not piece.text.startswith(left):
                return self
            rest = (replace(piece, text=piece.text[len(left) :]), *pieces[place + 1 :])
            return replace(self, pieces=rest if left else pieces[place:])
        return self if left else replace(self, pieces=())

    def cut(self, max_tokens: int | None) -> Answer:
        """The answer as `max_tokens` lets it be."""
        if max_tokens is None or len(self.pieces) <= max_tokens:
            return self
        return replace(self, pieces=self.pieces[:max_tokens], finish="length")


SLOW_S = 3.0

MODELS: dict[str, str] = {
    "markdown": "headings, nested lists, a table, code, a quote and links",
    "python": "a long fenced block with its explanation",
    "maths": "formulas, inline and set apart",
    "table": "tables",
    "long": "an essay of several thousand tokens",
    "reasoning": "reasoning first, then the answer",
    "tools": "text, then two tool calls; sent their results, an answer",
    "logprobs": "each token with its log probability and five alternatives",
    "fails": "an error event after some text",
    "refusal": "a refusal",
    "cut": "ends at the token limit, in mid-sentence; goes on when it is resumed",
    "slow": f"{SLOW_S:g} seconds before the first token",
    "ngram": "drawn from an n-gram model, a very small one: varies with prompt, temperature, top_p and seed",
    "echo": "repeats the last message of the user",
    "lorem": "numbered tokens, as many as the field `tokens` says",
}


def answer(asked: Asked) -> Answer:
    """The answer to a request. Raises BadRequest (404, listing all models) for an unknown model."""
    name = asked.model.removeprefix("demo/")
    if name not in MODELS:
        message = f"The model `{asked.model}` does not exist. Models of this demo: {', '.join(MODELS)}."
        raise BadRequest(message, status=404, code="model_not_found")
    if name == "ngram":
        return _drawn(asked)
    if name == "echo":
        return Answer(name, _text(asked.last_user_text)).after(asked.begun).cut(asked.max_tokens)
    if name == "lorem":
        # Not cut by max_tokens: "exactly as many as asked for" is what measurements rest on.
        return Answer(name, Numbered(range(1, asked.tokens + 1))).after(asked.begun)
    if name == "tools" and asked.brings_tool_results:
        return Answer(name, _text(_file("tools_result.md"))).cut(asked.max_tokens)
    if name == "cut" and asked.begun:  # its limit is behind it
        return (
            Answer(name, _text(_file("cut.md") + _file("cut_rest.md")))
            .after(asked.begun)
            .cut(asked.max_tokens)
        )
    return _scripted(name).after(asked.begun).cut(asked.max_tokens)


TRAINING = ("long", "slow", "cut", "markdown", "reasoning", "tools_result")
"""The answers whose prose the n-gram model is trained on, beside the texts in `training/`."""


def _drawn(asked: Asked) -> Answer:
    model = ngram.trained(_training(), frozenset(ngram.words(asked.last_user_text)))
    temperature, top_p = (asked.number(name, most) for name, most in (("temperature", 2.0), ("top_p", 1.0)))
    rng = Random(asked.settings.seed)
    first, *others = (
        ngram.write(
            model,
            begun=asked.begun,
            temperature=0.8 if temperature is None else temperature,
            top_p=1.0 if top_p is None else top_p,
            rng=rng,
            most=min(ngram.MOST_TOKENS, asked.max_tokens or ngram.MOST_TOKENS),
        )
        for _ in range(asked.choices)
    )
    return replace(_of_ngram(first), others=tuple(map(_of_ngram, others)))


def _of_ngram(tokens: list[tuple[str, ngram.Distribution]]) -> Answer:
    ended = tokens[-1][0] == ngram.END
    pieces = tuple(Piece("text", token, likely=tuple(likely)) for token, likely in tokens)
    return Answer("ngram", pieces[:-1], "stop") if ended else Answer("ngram", pieces, "length")


@cache
def _training() -> tuple[str, ...]:
    folder = files(__package__) / "training"
    own = (folder.joinpath("primer.txt").read_text(encoding="utf-8"),)
    return own + tuple(_file(f"{name}.md") for name in TRAINING)


@cache
def _scripted(name: str) -> Answer:
    return _SPECIAL[name]() if name in _SPECIAL else Answer(name, _text(_file(f"{name}.md")))


def _reasoning() -> Answer:
    thoughts = _text(_file("reasoning_thoughts.md"), "reasoning")
    return Answer("reasoning", thoughts + _text(_file("reasoning.md")))


def _tools() -> Answer:
    pieces = _text(_file("tools.md"))
    calls = _json("tools.json")
    for place, call in enumerate(calls):
        arguments = json.dumps(call["arguments"], ensure_ascii=False)
        pieces = pieces + tuple(Piece("tool", token, place) for token in split(arguments))
    return Answer("tools", pieces, "tool_calls", tuple(call["name"] for call in calls))


def _logprobs() -> Answer:
    pieces = tuple(
        Piece("text", token, likely=tuple((other, float(p)) for other, p in likely))
        for token, likely in _json("logprobs.json")
    )
    return Answer("logprobs", pieces, with_logprobs=True)


_SPECIAL: dict[str, Callable[[], Answer]] = {
    "reasoning": _reasoning,
    "tools": _tools,
    "logprobs": _logprobs,
    "fails": lambda: Answer("fails", _text(_file("fails.md")), "error"),
    "refusal": lambda: Answer("refusal", _text(_file("refusal.md"), "refusal"), "refusal"),
    "cut": lambda: Answer("cut", _text(_file("cut.md")), "length"),
    "slow": lambda: Answer("slow", _text(_file("slow.md")), first_token_s=SLOW_S),
}


def _text(text: str, kind: Kind = "text") -> tuple[Piece, ...]:
    return tuple(Piece(kind, token) for token in split(text))


def _file(name: str) -> str:
    # The newline that ends a file is no part of the answer: no model writes it.
    return (files(__package__) / "answers" / name).read_text(encoding="utf-8").rstrip("\n")


def _json(name: str) -> Any:
    return json.loads(_file(name))
