"""Text -> pieces of about the size of a language model's tokens; pure, and the same for the same text.

No real vocabulary: words with their leading space, long words cut into pieces of about four characters.
"""

from __future__ import annotations

import re

WHOLE_WORD = 7
"""Letters up to which a word stays one token, as frequent words do in real vocabularies."""

SUBWORD = 4

_PIECE = re.compile(
    r"""
      '(?:s|t|re|ve|m|ll|d)\b      # English contractions
    | [ ]?[^\W\d_]+                # a word with its space
    | [ ]?\d{1,3}                  # up to three digits
    | [ ]?(?:[^\s\w]|_){1,4}       # punctuation, Markdown's marks, emoji
    | \s{1,16}(?!\S)               # white space, but for the space that belongs to the word after it
    | \s
    """,
    re.VERBOSE,
)


def split(text: str) -> list[str]:
    """`text` in tokens; joined, they are `text` again."""
    tokens: list[str] = []
    for match in _PIECE.finditer(text):
        tokens += _subwords(match.group())
    return tokens


def _subwords(piece: str) -> list[str]:
    lead = 1 if piece.startswith(" ") else 0
    if len(piece) - lead <= WHOLE_WORD:
        return [piece]
    cuts = list(range(lead + SUBWORD, len(piece) - 1, SUBWORD))
    return [piece[a:b] for a, b in zip([0, *cuts], [*cuts, len(piece)], strict=True)]
