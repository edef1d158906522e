"""One run of a tuning with the settings it was begun with, and the words that tell it from others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..saved.words import dollars
from ..widget import Stream

MAX_VALUE = 30
SHORT_S = 0.05
"""Seconds that would be shown as 0.0."""
MAX_WORDS = 60
"""Characters of a value, and of an answer's first words, in one line."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A run: its `number` (from 1), the `settings` of the controls, what else was asked, and its `stream`."""

    number: int
    prompt: str
    settings: Mapping[str, Any]
    params: Mapping[str, Any]
    stream: Stream

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.stream.status not in ("queued", "connecting", "streaming")

    @property
    def is_private(self) -> bool:
        """Whether its prompt is not to be saved."""
        return self.stream._options.get("save_prompt") is False


def varied(trials: Iterable[Trial]) -> list[str]:
    """The settings that are not the same in all of them."""
    all_ = list(trials)
    names = dict.fromkeys(name for trial in all_ for name in trial.settings)
    return [n for n in names if any(each.settings.get(n) != all_[0].settings.get(n) for each in all_[1:])]


def label(trial: Trial, names: Iterable[str]) -> str:
    """One line that tells a run from the others: its settings `names`, time, tokens, first words."""
    parts = [f"{trial.number}", said(trial.settings, names), figures(trial), first_words(trial)]
    return " · ".join(part for part in parts if part)


def said(settings: Mapping[str, Any], names: Iterable[str]) -> str:
    """The settings `names` in one line."""
    told = ((name, short(settings[name])) for name in names if name in settings)
    return " · ".join(f"{name}: {value}" for name, value in told if value)


def short(value: Any, limit: int = MAX_VALUE) -> str:
    """A value in one line of at most `limit` characters."""
    text = " ".join((value if isinstance(value, str) else _plain(value)).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def figures(trial: Trial) -> str:
    """How it stands, its seconds, its tokens, and where it is known its cost; of no answer no noughts."""
    metrics = trial.stream.metrics
    parts = [] if trial.stream.status == "done" else [trial.stream.status]
    if trial.has_ended and metrics.total_s is not None and (metrics.tokens or metrics.total_s >= SHORT_S):
        parts.append(f"{metrics.total_s:.1f} s")
    if trial.has_ended and metrics.total_s is not None and metrics.tokens:
        tokens = f"{metrics.tokens} token{'' if metrics.tokens == 1 else 's'}"
        parts.append(f"≈ {tokens}" if metrics.estimated else tokens)
    if trial.has_ended and metrics.cost is not None and (metrics.tokens or metrics.cost):
        cost = dollars(metrics.cost)
        parts.append(f"≈ {cost}" if metrics.cost_estimated else cost)
    return " · ".join(parts)


def first_words(trial: Trial) -> str:
    """How the answer begins, without the mark of a heading or a list."""
    return short(trial.stream.text[: 4 * MAX_WORDS].lstrip("#>*- \n"), MAX_WORDS)


def _plain(value: Any) -> str:
    # A slider's 0.1 + 0.2 is meant as 0.3.
    return f"{value:.6g}" if isinstance(value, float) else repr(value) if value is not None else "none"
