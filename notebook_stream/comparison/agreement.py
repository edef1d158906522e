"""The answers to one request that was repeated come in; how far they agree goes out. Pure."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SHOWN = 40
"""Characters that are told before and after the place where the texts part."""
MAX_WORDS = 3_000
MAX_TEXTS = 10
"""Texts that are compared word by word, each with each, and their words: this happens at every end of
a run, on the loop of all runs, and takes 0.1 s at most (measured; 200 texts would take seconds)."""

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Agreement:
    """How far some texts agree.

    `distinct`: how many different ones. `prefix`: code points that all begin with; `before`: the last of
    them; `after`: how each goes on where they part. `alike`: the mean share of words that two of them have in
    common (Dice's coefficient of their counts), 0 to 1, of `MAX_TEXTS` at most. `chars`, `seconds`: the
    least and the most.
    """

    distinct: int
    prefix: int
    before: str
    after: tuple[str, ...]
    alike: float
    chars: tuple[int, int]
    seconds: tuple[float, float]


def agreement(texts: Sequence[str], seconds: Sequence[float]) -> Agreement | None:
    """How far `texts` agree, which took so many `seconds`; None of fewer than two."""
    if len(texts) < 2:
        return None
    prefix = _common(texts)
    sizes = [len(text) for text in texts]
    return Agreement(
        distinct=len(set(texts)),
        prefix=prefix,
        before=texts[0][max(0, prefix - SHOWN) : prefix],
        after=tuple(text[prefix : prefix + SHOWN] for text in texts),
        alike=_alike(texts),
        chars=(min(sizes), max(sizes)),
        seconds=(min(seconds), max(seconds)),
    )


def _common(texts: Sequence[str]) -> int:
    """Code points that all begin with, up to the end of a word: half a word in common says nothing."""
    least, most = min(texts), max(texts)  # by code points, so that all others stand between
    if least == most:
        return len(least)
    size = next((at for at, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), len(least))
    if all(len(text) == size for text in texts):
        return size
    while size and any(_cuts_word(text, size) for text in texts):
        size -= 1
    return size


def _cuts_word(text: str, at: int) -> bool:
    return at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _alike(texts: Sequence[str]) -> float:
    step = -(-len(texts) // MAX_TEXTS)
    counts = [Counter(_words(text)) for text in texts[::step]]
    pairs = [_dice(a, b) for a, b in itertools.combinations(counts, 2)]
    return round(sum(pairs) / len(pairs), 3)


def _words(text: str) -> Iterator[str]:
    return (found.group() for found in itertools.islice(_WORD.finditer(text), MAX_WORDS))


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0
