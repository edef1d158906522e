"""The words that tell one run of a tuning from another."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from notebook_stream import Metrics
from notebook_stream.tuning.trial import Trial, figures, label, short, varied


def trial(
    number: int = 1, text: str = "", status: str = "done", metrics: Metrics | None = None, **settings: Any
) -> Trial:
    stream = SimpleNamespace(status=status, text=text, metrics=metrics or Metrics(total_s=1.25, tokens=9))
    return Trial(number, "prompt", settings, {}, cast(Any, stream))


@pytest.mark.parametrize(
    ("status", "metrics", "words"),
    [
        ("done", Metrics(total_s=1.25, tokens=9, estimated=False), "1.2 s · 9 tokens"),
        ("stopped", Metrics(total_s=0.5, tokens=9, estimated=True), "stopped · 0.5 s · ≈ 9 tokens"),
        ("streaming", Metrics(total_s=None, tokens=9), "streaming"),
        ("done", Metrics(total_s=2, tokens=1, estimated=False, cost=0.0042), "2.0 s · 1 token · $0.0042"),
        (
            "error",
            Metrics(total_s=2, tokens=5, estimated=True, cost=0.5, cost_estimated=True),
            "error · 2.0 s · ≈ 5 tokens · ≈ $0.50",
        ),
        ("error", Metrics(total_s=0.01, tokens=0, estimated=True, cost=0.0), "error"),
        ("error", Metrics(total_s=30.0, tokens=0, estimated=True), "error · 30.0 s"),
        ("done", Metrics(total_s=0.01, tokens=2, estimated=False, cost=0.0), "0.0 s · 2 tokens · $0.00"),
    ],
)
def test_its_figures(status: str, metrics: Metrics, words: str) -> None:
    assert figures(trial(status=status, metrics=metrics)) == words


def test_its_line_has_the_settings_that_vary_and_the_first_words() -> None:
    one = trial(1, "# A title\n\nand text", a="x", b=0.1 + 0.2, c=1)
    two = trial(2, "", a="x", b=0.5, c=None)
    assert varied([one, two]) == ["b", "c"]
    assert varied([one]) == []
    assert label(one, ["b", "c"]).startswith("1 · b: 0.3 · c: 1 · ")
    assert label(one, []).endswith(" · A title and text")
    assert "c: none" in label(two, ["c"])


def test_long_values_are_cut() -> None:
    assert short("word " * 100, 12) == "word word w…"
    assert len(label(trial(text="x" * 500), [])) < 120
