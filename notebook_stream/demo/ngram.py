"""A prompt, a temperature and a seed in; an answer drawn token by token from an n-gram model out.

A real language model, if a very small one: it counts which token follows which three in some pages of text,
and draws from these counts. No neural network, no understanding: what it writes reads like its texts and
means nothing. But it varies with the prompt, with `temperature`, `top_p` and `seed`, as large models do, and
the probabilities that it tells are true: those of the model itself, at temperature 1 and before `top_p`, as
OpenAI's servers tell them, and llama.cpp's unless asked otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from random import Random

from .tokens import split

ORDER = 3
"""Tokens that the next one depends on."""
SHARES = (0.02, 0.18, 0.35, 0.45)
"""How much the counts after no, one, two and three tokens weigh: the longest alone would copy the text."""
TOPIC = 8
"""So many times more counts a paragraph for each word of the prompt that it has, up to `MOST_WORDS` times."""
MOST_WORDS = 4
MOST_TOKENS = 400
"""Its longest answer: the likeliest tokens may go round in a circle for ever."""
TOP = 20
"""Alternatives that are told with a token, the most that OpenAI's format has."""
END = ""
"""The token that ends an answer. It is never told; its probability is what is missing in those that are."""
START = "\n\n"
COMMON = frozenset(
    ("about", "and", "can", "does", "for", "how", "tell", "that", "the", "this", "what", "when", "who", "why")
)
"""Words that do not say what a prompt is about."""

Distribution = list[tuple[str, float]]
"""Tokens with their probabilities, the likeliest first."""


class Ngram:
    """Counts of the tokens of some paragraphs, those that have words of `topic` counting more."""

    def __init__(self, paragraphs: Iterable[str], topic: frozenset[str] = frozenset()) -> None:
        self._after: dict[tuple[str, ...], dict[str, int]] = {}
        for paragraph in paragraphs:
            shared = sum(word in topic for word in words(paragraph))
            self._count([*[START] * ORDER, *split(paragraph), END], 1 + TOPIC * min(MOST_WORDS, shared))

    def distribution(self, before: Sequence[str]) -> Distribution:
        """What may follow the tokens `before`, at temperature 1."""
        weights: dict[str, float] = {}
        known = tuple(before[-1:]) in self._after
        for size in range(1 if known else 0, ORDER + 1):
            counts = self._after.get(tuple(before[len(before) - size :]), {})
            total = sum(counts.values())
            for token, count in counts.items():
                weights[token] = weights.get(token, 0.0) + SHARES[size] * count / total
        total_weight = sum(weights.values())
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(token, weight / total_weight) for token, weight in ordered]

    def _count(self, tokens: Sequence[str], times: int) -> None:
        for at in range(ORDER, len(tokens)):
            for size in range(ORDER + 1):
                counts = self._after.setdefault(tuple(tokens[at - size : at]), {})
                counts[tokens[at]] = counts.get(tokens[at], 0) + times


def write(
    model: Ngram, *, begun: str = "", temperature: float, top_p: float, rng: Random, most: int = MOST_TOKENS
) -> list[tuple[str, Distribution]]:
    """The tokens of an answer after `begun`, at most `most`; each with the likeliest of its place and itself.

    The last is `END`, unless the answer was longer than that.
    """
    tokens = [*[START] * ORDER, *split(begun)]
    written: list[tuple[str, Distribution]] = []
    while len(written) < most:
        possible = model.distribution(tokens[-ORDER:])
        token = _draw(shaped(possible, temperature, top_p), rng)
        written.append((token, _told(possible, token)))
        if token == END:
            break
        tokens.append(token)
    return written


def shaped(possible: Distribution, temperature: float, top_p: float) -> Distribution:
    """The distribution that is drawn from: sharper or flatter, and without its tail."""
    if temperature <= 0:
        return [(possible[0][0], 1.0)]
    powers = [(token, (p / possible[0][1]) ** (1 / temperature)) for token, p in possible]
    total = sum(p for _, p in powers)
    kept: Distribution = []
    mass = 0.0
    for token, p in powers:
        kept.append((token, p / total))
        mass += p / total
        if mass >= top_p:
            break
    return [(token, p / mass) for token, p in kept]


def words(text: str) -> list[str]:
    """The words of `text` that say what it is about, in lower case and without the s of a plural."""
    found = re.findall(r"[^\W\d_]{3,}", text.lower())
    telling = (word for word in found if word not in COMMON)
    return [word[:-1] if word.endswith("s") and len(word) > 3 else word for word in telling]


@cache
def paragraphs(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The paragraphs of prose of some Markdown, without its code and marks."""
    prose = (re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE) for text in texts)
    parts = (re.sub(r"[*`_]", "", part).replace("\n", " ") for text in prose for part in text.split("\n\n"))
    return tuple(part for part in parts if part[:1].isalpha() and len(part) > 80 and "://" not in part)


@lru_cache(maxsize=8)
def trained(texts: tuple[str, ...], topic: frozenset[str]) -> Ngram:
    """The model of `texts` for answers about `topic`, trained in some hundredths of a second."""
    return Ngram(paragraphs(texts), topic)


def _told(possible: Distribution, drawn: str) -> Distribution:
    told = [pair for pair in possible if pair[0] != END][:TOP]
    if drawn in (END, *(token for token, _ in told)):
        return told
    return [*told, (drawn, dict(possible)[drawn])]


def _draw(possible: Distribution, rng: Random) -> str:
    return rng.choices([token for token, _ in possible], [p for _, p in possible])[0]
