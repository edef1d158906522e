"""Markdown text comes in, markdown-it's tokens go out, by the page's own rules (`js/src/markdown/parser.ts`).

Work is counted, not timed, so that the same text always has the same end: what would keep markdown-it busy
for long raises `TooMuch`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import mdurl
from markdown_it import MarkdownIt
from markdown_it.common.utils import unescapeAll
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .rules.autolink import autolinks
from .rules.formula import formulas
from .rules.strikethrough import strikethrough

MAX_NESTING = 100
"""Deeper nesting than this is dropped: a stack for each level is what a parse bomb aims at."""

MAX_STEPS = 80_000
"""From place to place of one text: a second or two of work. Answers need one for two to ten characters."""


class TooMuch(Exception):
    """The text would keep the parser busy for longer than it is worth."""


def parse(source: str) -> list[Token]:
    """The block tokens of `source`; those of type "inline" have their children.

    Raises:
        TooMuch: the text is made, or happens to be, so that reading it takes long.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    env: dict[str, Any] = {"references": {}, "steps": MAX_STEPS}
    tokens: list[Token] = []
    try:
        _md.block.parse(text, _md, env, tokens)
        for token in tokens:
            if token.type == "inline":
                children: list[Token] = []
                _md.inline.parse(token.content, _md, env, children)
                token.children = children
    except RecursionError:
        raise TooMuch from None
    return tokens


def language_of(info: str) -> str:
    """The first word of a fence's info string, if it can be a language's name; else ""."""
    words = unescapeAll(info).split()
    return words[0] if words and re.fullmatch(r"[A-Za-z0-9+#.-]{1,32}", words[0]) else ""


def _count(env: Any) -> None:
    env["steps"] -= 1
    if env["steps"] < 0:
        raise TooMuch


def _count_inline(state: StateInline, silent: bool) -> bool:
    _count(state.env)
    return False


def _count_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    _count(state.env)
    return False


def _normalize_link(url: str) -> str:
    """Escaped, but for the host's letters: what these are to a browser is decided in one place, `links`."""
    parsed = mdurl.parse(url, slashes_denote_host=True)
    if ":" not in (parsed.hostname or ""):
        return mdurl.encode(mdurl.format(parsed))
    # The brackets around an IPv6 address are not escaped.
    path, search, anchor = (
        mdurl.encode(part or "") for part in (parsed.pathname, parsed.search, parsed.hash)
    )
    return mdurl.format(parsed._replace(pathname=path, search=search, hash=anchor))


class _Inline(ParserInline):
    """Counts also what is only looked over: brackets that are never closed are, from each of them on."""

    def skipToken(self, state: StateInline) -> None:
        _count(state.env)
        super().skipToken(state)


def _make() -> MarkdownIt:
    md = MarkdownIt("js-default", {"html": False, "linkify": False, "maxNesting": MAX_NESTING})
    md.inline = _Inline()
    md.normalizeLink = _normalize_link  # type: ignore[method-assign]
    # markdown-it would decode punycode and percent signs for the reader: a homoglyph would look like the
    # host.
    md.normalizeLinkText = str  # type: ignore[method-assign, assignment]
    for plugin in (formulas, strikethrough, autolinks):
        md.use(plugin)
    alt: Sequence[str] = ["paragraph", "reference", "blockquote", "list", "table"]
    md.block.ruler.before("table", "steps", _count_block, {"alt": list(alt)})
    md.inline.ruler.before("bare_url", "steps", _count_inline)
    return md


_md = _make()
