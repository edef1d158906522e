"""Markdown with formulas comes in at the rules' place, `math_inline` and `math_block` tokens go out.

`content` is the TeX, `markup` the opening mark, `info` "display" for a display formula in a line. The
grammar is that of Pandoc's tex_math_dollars and tex_math_single_backslash, with two limits of our own: what
prose writes with a dollar ("US$5 to US$6", "$HOME/$PATH") stays prose, and no formula is unbounded. Knows no
TeX.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import MutableMapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from .characters import SPACE, is_alphanumeric, is_space, units

MAX_TEX = 10_000
"""UTF-16 units of the source that may stand between the marks of a formula."""

CLOSING = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
"""What ends a formula that begins with the mark."""

Marks = dict[str, list[int]]
"""Where the closing marks are."""

_MARK = re.compile(r"\\[\s\S]|\$+")
_TEX = re.compile(rf"[^{SPACE}\\]")
_NOT_BLANK = re.compile(r"[^ \t]")
_SPACES = "".join(chr(c) for c in range(0x10000) if is_space(chr(c)))


def formulas(md: MarkdownIt) -> None:
    """Adds the rules."""
    # Before tables: a line that begins with a mark is no header, whatever follows it.
    alt = {"alt": ["paragraph", "reference", "blockquote"]}
    md.block.ruler.before("table", "math_block", _math_block, {"alt": alt["alt"]})
    # Before escapes, which would take the backslash of \( and \[.
    md.inline.ruler.before("escape", "math_inline", _math_inline)


def source_of(markup: str, tex: str) -> str:
    """The formula of a token as it was written, with its marks."""
    return markup + tex + CLOSING.get(markup, "")


def _is_tex(text: str) -> bool:
    """Whether there is something to set. An empty line is not: a row of escapes is none."""
    return _TEX.search(text) is not None


def _find_marks(text: str) -> Marks:
    """A backslash and what follows it are one: two of them and a ")" are no mark, three are."""
    marks: Marks = {mark: [] for mark in CLOSING.values()}
    for match in _MARK.finditer(text):
        found, index = match[0], match.start()
        if found in ("\\)", "\\]"):
            marks[found].append(index)
        if found[0] != "$":
            continue
        marks["$"].extend(range(index, index + len(found)))
        if len(found) == 2:
            marks["$$"].append(index)
    return marks


# Found once for each text, since a text of nothing but opening marks would be searched from each of them.
_marks_of: MutableMapping[Any, Marks] = WeakKeyDictionary()


def _math_inline(state: StateInline, silent: bool) -> bool:
    mark = _mark_at(state.src, state.pos)
    if not mark or (mark == "$" and not _opens_inline(state.src, state.pos)):
        return False
    close = _closing_mark(state, mark)
    tex = "" if close < 0 else state.src[state.pos + len(mark) : close]
    if not _is_tex(tex) or units(tex) > MAX_TEX or (mark == "$" and not _closes_inline(state.src, close)):
        return False
    if not silent:
        token = state.push("math_inline", "", 0)
        token.content = tex
        token.markup = mark
        token.info = "display" if mark in ("$$", "\\[") else ""
    state.pos = close + len(mark)
    return True


def _mark_at(text: str, at: int) -> str:
    """The opening mark at `at`, or "". A run of three dollars or more is none, nor is any part of it."""
    two = text[at : at + 2]
    if two in ("\\(", "\\["):
        return two
    if not two.startswith("$") or text[at - 1 : at] == "$":
        return ""
    if two != "$$":
        return "$"
    return "" if text[at + 2 : at + 3] == "$" else "$$"


def _opens_inline(text: str, at: int) -> bool:
    after = text[at + 1 : at + 2]
    return not is_alphanumeric(text[at - 1 : at] if at else "") and after != "" and not is_space(after)


def _closes_inline(text: str, at: int) -> bool:
    return not is_space(text[at - 1 : at]) and not is_alphanumeric(text[at + 1 : at + 2])


def _closing_mark(state: StateInline, mark: str) -> int:
    marks = _marks_of.get(state)
    if marks is None:
        marks = _marks_of[state] = _find_marks(state.src)
    places = marks[CLOSING[mark]]
    index = bisect_left(places, state.pos + len(mark))
    close = places[index] if index < len(places) else -1
    return close if close + len(mark) <= state.posMax else -1


# Lines of a text, of which it is known that they have no closing mark, from and to: none is searched twice.
_searched_for: MutableMapping[Any, dict[str, list[int]]] = WeakKeyDictionary()


def _math_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = _line_start(state, start_line)
    mark = _mark_at(state.src, start)
    margin = _margin_of(state, start_line)
    if len(mark) < 2 or mark == "\\(" or state.sCount[start_line] - margin >= 4:
        return False
    last = _closing_line(state, start_line, end_line, mark, margin)
    if last < 0:
        return False
    begin = start + len(mark)
    close = _close_in(state, last, begin if last == start_line else _line_start(state, last), mark)
    if (
        _NOT_BLANK.search(state.src[close + 2 : state.eMarks[last]])
        or units(state.src[begin:close]) > MAX_TEX
    ):
        return False
    tex = _text_of(state, start_line, last, begin, close)
    if not _is_tex(tex):
        return False
    if silent:
        return True
    state.line = last + 1
    token = state.push("math_block", "", 0)
    token.content = tex
    token.markup = mark
    token.map = [start_line, state.line]
    return True


def _margin_of(state: StateBlock, line: int) -> int:
    """The column that the lines of a formula must not fall short of: that of the block they are in.

    A line that stands left of it, asked whether it ends a paragraph, would be in a block further out, of
    which only the next is known.
    """
    column = state.sCount[line]
    return state.blkIndent if column >= state.blkIndent else max(0, min(state.listIndent, column))


def _closing_line(state: StateBlock, start_line: int, end_line: int, mark: str, margin: int) -> int:
    """The first line with a closing mark, or -1 if a blank line or the end of the block comes before."""
    if _close_in(state, start_line, _line_start(state, start_line) + len(mark), mark) >= 0:
        return start_line
    searched = _searched_for.setdefault(state, {})
    known = searched.get(mark)
    region = known if known and known[0] <= start_line < known[1] else [start_line, start_line + 1]
    searched[mark] = region
    for line in range(region[1], end_line):
        if state.isEmpty(line) or state.sCount[line] < margin:
            return -1
        if _close_in(state, line, _line_start(state, line), mark) >= 0:
            return line
        region[1] = line + 1
    return -1


def _close_in(state: StateBlock, line: int, start: int, mark: str) -> int:
    """Where in `line`, from `start` on, the formula is closed, or -1."""
    places: Sequence[int] = _find_marks(state.src[start : state.eMarks[line]])[CLOSING[mark]]
    return start + places[0] if places else -1


def _text_of(state: StateBlock, start_line: int, last: int, begin: int, close: int) -> str:
    if last == start_line:
        return state.src[begin:close]
    rest = state.getLines(start_line + 1, last + 1, state.sCount[start_line], False).rstrip(_SPACES)
    return f"{state.src[begin : state.eMarks[start_line]]}\n{rest[:-2]}"


def _line_start(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]
