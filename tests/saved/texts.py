"""Markdown for the tests of the saved copy: specifications' examples, the demo's answers, recorded ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from notebook_stream.events import Reasoning, Text
from tests.formats.recorded import events_of, recorded

REPO = Path(__file__).resolve().parents[2]
COMMONMARK = REPO / "js" / "node_modules" / "commonmark-spec" / "spec.txt"
GFM = REPO / "js" / "tests" / "markdown" / "gfm.txt"
ANSWERS = REPO / "notebook_stream" / "demo" / "answers"
_EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n.*?^`{32}$", re.DOTALL | re.MULTILINE)


def commonmark() -> list[str]:
    """The 652 examples of CommonMark 0.31.2; skips where the page's tools are not installed."""
    if not COMMONMARK.exists():
        pytest.skip("needs js/node_modules: run `make setup`")
    return _examples(COMMONMARK)


def gfm() -> list[str]:
    """GFM's examples of tables, task lists, strikethrough and autolinks."""
    return _examples(GFM)


def _examples(path: Path) -> list[str]:
    # In the specification's format "→" stands for a tab.
    return [found[1].replace("→", "\t") for found in _EXAMPLE.finditer(path.read_text(encoding="utf-8"))]


def answers() -> list[str]:
    """What the demo says."""
    return [path.read_text(encoding="utf-8") for path in sorted(ANSWERS.glob("*.md"))]


def recorded_answers() -> list[str]:
    """Texts and reasoning of the recorded streams, each once."""
    found: dict[str, None] = {}
    for stream in recorded():
        parts: dict[tuple[str, int], list[str]] = {}
        for event in events_of(stream):
            if isinstance(event, Text | Reasoning) and event.text:
                parts.setdefault((type(event).__name__, event.index), []).append(event.text)
        found |= dict.fromkeys("".join(pieces) for pieces in parts.values())
    return list(found)
