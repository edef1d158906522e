"""Markdown with tildes comes in at the rules' place in markdown-it, `s` tokens go out: GFM 0.29, section 6.5.

One tilde strikes as two do, three or more are text, and what begins with one does not end with two.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

TILDE = ord("~")
SINGLE = TILDE + 0x11_0000
"""The delimiter rule pairs what has the same `marker`; one tilde is given one that no character has."""


def strikethrough(md: MarkdownIt) -> None:
    """Puts the rules in place of markdown-it's own."""
    md.inline.ruler.at("strikethrough", _tokenize)
    md.inline.ruler2.at("strikethrough", _pair)


def _tokenize(state: StateInline, silent: bool) -> bool:
    if silent or state.src[state.pos] != "~":
        return False
    scanned = state.scanDelims(state.pos, True)
    state.push("text", "", 0).content = "~" * scanned.length
    state.pos += scanned.length
    if scanned.length <= 2:
        delimiter = Delimiter(
            marker=SINGLE if scanned.length == 1 else TILDE,
            length=0,  # the "rule of three" is not for tildes
            token=len(state.tokens) - 1,
            end=-1,
            open=scanned.can_open,
            close=scanned.can_close,
        )
        state.delimiters.append(delimiter)
    return True


def _pair(state: StateInline) -> None:
    _pair_among(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _pair_among(state, meta["delimiters"])


def _pair_among(state: StateInline, delimiters: Sequence[Delimiter]) -> None:
    for delimiter in delimiters:
        if delimiter.marker in (TILDE, SINGLE) and delimiter.end >= 0:
            _strike(state, delimiter.token, "s_open", 1)
            _strike(state, delimiters[delimiter.end].token, "s_close", -1)


def _strike(state: StateInline, index: int, name: str, nesting: int) -> None:
    token = state.tokens[index]
    token.type = name
    token.tag = "s"
    token.nesting = 1 if nesting > 0 else -1
    token.markup = token.content
    token.content = ""
