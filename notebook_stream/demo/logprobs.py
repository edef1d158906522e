"""A token -> what a model might have said instead, with log probabilities.

The script's own alternatives where it has some, else words of the same answer. Knows no wire format.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from .answers import Piece

ALTERNATIVES = 5
VOCABULARY = 2_000
"""Tokens of an answer that others are drawn from: enough to vary, and `lorem` may have millions."""


class Guesses:
    """The alternatives of one answer's tokens; the same for the same seed."""

    def __init__(self, pieces: Sequence[Piece], rng: Random) -> None:
        words = sorted({piece.text for piece in pieces[:VOCABULARY]})
        self._spaced = [word for word in words if word.startswith(" ")]
        self._others = [word for word in words if not word.startswith(" ")]
        self._rng = rng

    def of(self, piece: Piece) -> list[tuple[str, float]]:
        """(token, log probability) of this token and five others, the likeliest first."""
        likely = piece.likely or self._invented(piece.text)
        return [(token, round(math.log(p), 6)) for token, p in sorted(likely, key=lambda pair: -pair[1])]

    def _invented(self, token: str) -> tuple[tuple[str, float], ...]:
        same_kind = self._spaced if token.startswith(" ") else self._others
        others = [word for word in same_kind if word != token]
        others = self._rng.sample(others, min(ALTERNATIVES, len(others)))
        # Skewed to the sure side, as the tokens of fluent text are.
        left = 1.0 - (own := min(0.999, self._rng.betavariate(5, 1)))
        likely = [(token, own)]
        for other in others:
            likely.append((other, share := left * self._rng.uniform(0.4, 0.7)))
            left -= share
        return tuple(likely)
