"""JSON as a model wrote it comes in, the same text with line breaks and indentation goes out.

It reads marks only (as `js/src/view/json.ts`), so that text which is no JSON, or cut off, comes through as
it is.
"""

from __future__ import annotations

import re

_INDENT = "  "
MAX_DEPTH = 12
"""Deeper levels stay in one line: else a text of brackets alone would grow by its depth."""

_MARK = re.compile(r'"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[{}\[\],:]|\s+|[^\s{}\[\],:"]+')


def is_json_like(text: str) -> bool:
    """Whether it begins as an object or a list does."""
    return text.lstrip()[:1] in ("{", "[")


def indented(text: str) -> str:
    """`text` with one value a line, if it looks like JSON; else as it is."""
    if not is_json_like(text):
        return text.lstrip()
    out: list[str] = []
    depth = 0
    is_break_due = False  # only before what follows: {} stays together
    for match in _MARK.finditer(text.lstrip()):
        mark = match[0]
        if mark.isspace():
            out.append("" if depth else mark)
            continue
        if mark in ("}", "]") and depth:
            depth -= 1
            if not is_break_due:
                out.append(_line_break(depth))
        elif is_break_due and mark != ",":
            out.append(_line_break(depth))
        is_break_due = mark in ("{", "[") or (mark == "," and depth > 0)
        depth += mark in ("{", "[")
        out.append(": " if mark == ":" and depth else mark)
    return "".join(out)


def _line_break(depth: int) -> str:
    return "" if depth > MAX_DEPTH else "\n" + _INDENT * depth
