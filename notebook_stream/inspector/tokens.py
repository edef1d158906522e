"""Moments in, the tokens of the first answer's text out, numbered as the page does (js/src/inspect/trace.ts).

Where the server told no tokens, the pieces as they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .. import wire


class Token(NamedTuple):
    """A token, the character of the answer's text where it begins, and what was likely there."""

    text: str
    start: int
    top: list[tuple[str, float]]


def tokens_of(moments: Iterable[wire.Moment]) -> list[Token]:
    """All tokens in order."""
    found: list[Token] = []
    chars = 0
    for moment in moments:
        text = moment.get("piece", {}).get("text", "")
        logprobs = moment.get("logprobs", [])
        if not text and not logprobs:
            continue
        if not logprobs:
            found.append(Token(text, chars, []))
        at = 0
        for token, _, top in logprobs:
            found.append(Token(token, chars + at, [(other, logprob) for other, logprob in top]))
            at += len(token) if text.startswith(token, at) else 0
        chars += len(text)
    return found


def text_before(moments: Iterable[wire.Moment], start: int) -> str:
    """The answer's text up to character `start`."""
    return "".join(moment.get("piece", {}).get("text", "") for moment in moments)[:start]
