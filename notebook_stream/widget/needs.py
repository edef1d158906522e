"""The texts of answers come in, in pieces; which parts of the page it needs goes out, each once.

A cheap test, not a parser: it knows fences, so that the `$` of a shell script is no formula, and errs on the
side of a part that turns out not to be needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIGHLIGHT = "highlight"
MATHS = "maths"

_FENCE = re.compile(r"[\s>*+.)\d-]*(`{3,}|~{3,})[ \t]*([^\s`]?)")
"""At the beginning of a line, inside any list or quote: its mark, and the first letter of a language."""
_DISPLAY = re.compile(r"\\[(\[]|\$\$")
_INLINE = re.compile(r"(?<![A-Za-z0-9\\$])\$(?![\s$])(?:[^$\\]|\\.)*(?<!\s)\$(?=[^A-Za-z0-9])", re.DOTALL)
"""A closed formula and what is behind it: `$5 and $6` and `$HOME/$PATH` are none."""
MAX_CHARS = 10_000
"""No formula is longer; nothing longer is kept of a paragraph."""


class AnswersNeed:
    """What all answers of a run need of the page, their reasoning included."""

    def __init__(self, *, is_json: bool = False) -> None:
        self._is_json = is_json
        self._texts: dict[tuple[int, str], Needs] = {}

    def take(self, message: Mapping[str, Any]) -> set[str]:
        """The parts that are needed from this message on, and were not before."""
        found: set[str] = set()
        for answer in (message, *message.get("choices", ())):
            for name in ("text", "reasoning"):
                if answer.get(name):
                    found |= self._of(answer.get("index", 0), name).take(answer[name])
        return found

    def end(self) -> set[str]:
        """The same of the texts' ends."""
        return set().union(*(text.take("\n") for text in self._texts.values()))

    def _of(self, index: int, name: str) -> Needs:
        if (index, name) not in self._texts:
            self._texts[index, name] = Needs(is_json=self._is_json and name == "text")
        return self._texts[index, name]


class Needs:
    """What one text needs of the page; `is_json`: it is shown as code, and not as Markdown."""

    def __init__(self, *, is_json: bool = False) -> None:
        self._is_json = is_json
        self._missing = {HIGHLIGHT, MATHS}
        self._line = ""
        self._paragraph = ""  # the complete lines of it
        self._fence = ""

    def take(self, text: str) -> set[str]:
        """The parts that are needed from this piece on, and were not before. The text's end is a line end."""
        if not self._missing or not text:
            return set()
        before = set(self._missing)
        if self._is_json:
            self._missing.discard(HIGHLIGHT)
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._finish(line)
        self._look(self._line)
        self._line = self._line[-MAX_CHARS:]
        return before - self._missing

    def _finish(self, line: str) -> None:
        mark = _FENCE.match(line)
        if self._fence:
            if mark and mark[1].startswith(self._fence) and not mark[2]:
                self._fence = ""
            return
        self._look(line + "\n")
        self._paragraph = "" if mark or not line.strip() else f"{self._paragraph}{line}\n"[-MAX_CHARS:]
        if mark:
            self._fence = mark[1]

    def _look(self, line: str) -> None:
        if self._fence:
            return
        mark = _FENCE.match(line)
        if mark:
            if mark[2]:
                self._missing.discard(HIGHLIGHT)
        elif MATHS in self._missing and self._has_formula(line):
            self._missing.discard(MATHS)

    def _has_formula(self, line: str) -> bool:
        if _DISPLAY.search(line):
            return True
        return "$" in line and _INLINE.search(self._paragraph + line) is not None
