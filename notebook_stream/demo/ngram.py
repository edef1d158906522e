"""A prompt, a temperature and a seed in; an answer drawn token by token from an n-gram model out.

A real language model, if a very small one: it counts which token follows which two in the demo's own texts,
and draws from these counts. What it writes reads like them and means nothing; but it varies with the prompt,
with `temperature`, `top_p` and `seed`, as the answers of large models do, and its probabilities are true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from random import Random

from .tokens import split

ORDER = 2
"""Tokens that the next one depends on."""
SHARES = (0.02, 0.58, 0.4)
"""How much the counts after no, one and two tokens weigh: with so little text the longest would copy it."""
TOPIC = 8.0
"""So many times likelier is a word that stands in the prompt, as in cache language models (Kuhn, 1988)."""
MOST_TOKENS = 200
TOP = 5
"""Alternatives that are told with a token."""
END = ""
"""The token that ends an answer."""
START = "\n\n"

Distribution = list[tuple[str, float]]
"""Tokens with their probabilities, the likeliest first."""


class Ngram:
    """Counts of the tokens of some paragraphs."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._after: dict[tuple[str, ...], Counter[str]] = {}
        for paragraph in paragraphs:
            tokens = [*[START] * ORDER, *split(paragraph), END]
            for at in range(ORDER, len(tokens)):
                for size in range(ORDER + 1):
                    context = tuple(tokens[at - size : at])
                    self._after.setdefault(context, Counter())[tokens[at]] += 1

    def distribution(self, before: Sequence[str], topic: frozenset[str]) -> Distribution:
        """What may follow `before`, words of `topic` being likelier."""
        weights: Counter[str] = Counter()
        for size in range(ORDER + 1):
            counts = self._after.get(tuple(before[len(before) - size :]))
            if counts is None or (size == 0 and self._knows(before)):
                continue
            total = counts.total()
            for token, count in counts.items():
                weights[token] += SHARES[size] * count / total  # type: ignore[assignment]  # a float is fine
        for token in weights:
            if token.strip().lower() in topic:
                weights[token] *= TOPIC  # type: ignore[assignment]
        total = weights.total()
        ordered = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(token, weight / total) for token, weight in ordered]

    def _knows(self, before: Sequence[str]) -> bool:
        return tuple(before[-1:]) in self._after


def write(
    model: Ngram, prompt: str, *, begun: str = "", temperature: float, top_p: float, rng: Random
) -> list[tuple[str, Distribution]]:
    """The tokens of an answer after `begun`, each with the likeliest ones of its place, itself among them."""
    topic = frozenset(token.strip().lower() for token in split(prompt) if len(token.strip()) > 3)
    tokens = [*[START] * ORDER, *split(begun)]
    written: list[tuple[str, Distribution]] = []
    while len(written) < MOST_TOKENS:
        possible = model.distribution(tokens[-ORDER:], topic)
        token = _draw(_shaped(possible, temperature, top_p), rng)
        if token == END:
            if written or begun:
                break
            continue
        told = [pair for pair in possible[:TOP] if pair[0] not in (END, token)]
        written.append((token, [(token, dict(possible)[token]), *told]))
        tokens.append(token)
    return written


def _shaped(possible: Distribution, temperature: float, top_p: float) -> Distribution:
    """The distribution that is drawn from: sharper or flatter, and without its tail."""
    if temperature <= 0:
        return possible[:1]
    powers = [(token, (p / possible[0][1]) ** (1 / temperature)) for token, p in possible]
    total = sum(p for _, p in powers)
    kept: Distribution = []
    mass = 0.0
    for token, p in powers:
        kept.append((token, p / total))
        mass += p / total
        if mass >= top_p:
            break
    return kept


def _draw(possible: Distribution, rng: Random) -> str:
    return rng.choices([token for token, _ in possible], [p for _, p in possible])[0]


@cache
def trained(texts: tuple[str, ...]) -> Ngram:
    """The model of `texts`, trained once: on their paragraphs of prose."""
    paragraphs = (part.replace("\n", " ").strip() for text in texts for part in text.split("\n\n"))
    return Ngram(part for part in paragraphs if part[:1].isalpha() and len(part) > 80)
