"""Events in; the tokens of the answer, with their probabilities, and their places in running text out."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ..events import Event, Text, TokenLogprob

MOST_TOKENS = 2_000
"""What a picture shows: beyond it nobody reads one."""
MOST_CHARS = 60
"""Of one token; real ones are shorter, and a server may send what it likes."""
MOST_MARKS = 2
"""Accents on one letter: more would paint over the lines around it."""
UNSHOWN = "\u25af"
"""Stands for what has no shape, or none in our fonts."""
SHOWN_AS = {"\n": "\u21b5", "\t": "\u21e5", "\r": "\u240d"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token, or a piece of the answer where tokens are not told. `entropy` is in bits, at least that."""

    text: str
    p: float | None = None
    entropy: float | None = None

    @property
    def surprise(self) -> float | None:
        """In bits: 0 for what was certain, one more for each halving of the probability."""
        return None if self.p is None else max(0.0, -math.log2(max(self.p, 1e-30)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a token stands: `cells` cells from `column` in `line`."""

    line: int
    column: int
    cells: int
    text: str
    token: int


def tokens_of(events: Sequence[tuple[float, Event]]) -> list[Token]:
    """The tokens of the first answer."""
    texts = (event for _, event in events if isinstance(event, Text) and event.index == 0 and event.text)
    return [token for event in texts for token in _tokens(event)]


def entropy_of(told: TokenLogprob) -> float | None:
    """How undecided the model was, in bits; None where no alternatives are told.

    What is not told counts as one token, so that it is at least this.
    """
    if not told.top:
        return None
    logprobs = dict(told.top) | {told.token: told.logprob}
    chances = {token: math.exp(min(0.0, logprob)) for token, logprob in logprobs.items()}
    rest = 1 - sum(chances.values())
    return sum(-p * math.log2(p) for p in (*chances.values(), rest) if p > 0)


def laid_out(tokens: Sequence[Token], columns: int) -> list[Place]:
    """The tokens in lines of `columns` cells, broken after a line end, before a token, or in a long one."""
    places: list[Place] = []
    line = column = 0
    for number, token in enumerate(tokens):
        text = shown(token.text)
        width = sum(map(cells_of, text))
        if column and column + width > columns and width <= columns:
            line, column = line + 1, 0
        for part in _parts(text, columns, column):
            cells = sum(map(cells_of, part))
            if column + cells > columns:
                line, column = line + 1, 0
            places.append(Place(line, column, cells, part, number))
            column += cells
        if "\n" in token.text:
            line, column = line + 1, 0
    return places


def shown(text: str) -> str:
    """`text` with a mark for each character that has no shape: line ends, controls, halves of characters."""
    found: list[str] = []
    marks = 0
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            if found and marks <= MOST_MARKS:
                found.append(char)
            continue
        marks = 0
        found.append(SHOWN_AS.get(char) or (UNSHOWN if _is_shapeless(char) else char))
        if len(found) >= MOST_CHARS:
            return "".join(found[: MOST_CHARS - 1]) + "…"
    return "".join(found)


def cells_of(char: str) -> int:
    """How wide a character is: two cells in East Asian scripts, none for an accent."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _parts(text: str, columns: int, column: int) -> list[str]:
    """`text` cut to what is left of a line of `columns` cells, then to whole lines."""
    parts, part, left = [], "", columns - column
    for char in text:
        if cells_of(char) > left:
            parts.append(part)
            part, left = "", columns
        part += char
        left -= cells_of(char)
    return [one for one in (*parts, part) if one]


def _is_shapeless(char: str) -> bool:
    # Zl, Zp: line separators; C*: controls, invisible and bidi characters, surrogates, what is not assigned.
    return unicodedata.category(char) in ("Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn")


def _tokens(event: Text) -> list[Token]:
    return [_token(told) for told in event.logprobs] or [Token(event.text)]


def _token(told: TokenLogprob) -> Token:
    return Token(told.token, math.exp(min(0.0, told.logprob)), entropy_of(told))
