"""Markdown of a run comes in, its blocks go out, each text read once for HTML and Markdown; bounded."""

from __future__ import annotations

from .nodes import Node
from .parser import TooMuch
from .render import render

MAX_MARKDOWN = 500_000
"""Characters; a longer text is not read."""


class Texts:
    """The texts of one run that have been read."""

    def __init__(self) -> None:
        self._blocks: dict[str, list[Node] | None] = {}

    def blocks(self, text: str) -> list[Node] | None:
        """What `text` is made of; None where reading it takes too long, and it is shown as it was written."""
        if text not in self._blocks:
            self._blocks[text] = _read(text)
        return self._blocks[text]


def _read(text: str) -> list[Node] | None:
    if len(text) > MAX_MARKDOWN:
        return None
    try:
        return render(text)
    except TooMuch:
        return None
