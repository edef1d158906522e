"""A block of code comes in, runs of one colour go out. The colours are few, and as cheap in bytes as can be.

Pygments reads the code; its lexers are regular expressions, so what could take them long stays plain.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Operator, String, _TokenType
from pygments.util import ClassNotFound

MAX_CODE = 50_000
"""Characters of a block; a longer one stays plain."""

MAX_LINE = 1_000
"""Characters; a block with a longer line stays plain: expressions that look far ahead are slow."""

KINDS: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (String, "s"),
    (Name.Function, "d"),
    (Name.Class, "d"),
    (Name.Tag, "k"),
    (Name.Attribute, "d"),
    (Name.Decorator, "d"),
)
"""Token -> the name of its colour; all others have the colour of the text, for every colour costs bytes."""

_OTHER_NAMES = {"ipython": "python", "py3": "python", "sage": "python", "jsonl": "json", "geojson": "json"}


def coloured(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Pieces of `text` in order, each with the name of its colour, or "" for none; neighbours differ."""
    lexer = _lexer(language) if language and _is_readable(text) else None
    if lexer is None:
        yield text, ""
        return
    run, last = "", ""
    # get_tokens() would change the text (line ends, white space at its ends); this does not.
    for _, token, piece in lexer.get_tokens_unprocessed(text):
        colour = _colour(token)
        # White space has no colour, so it goes with what is before it.
        if colour != last and not piece.isspace():
            if run:
                yield run, last
            run, last = "", colour
        run += piece
    if run:
        yield run, last


def is_known(language: str) -> bool:
    """Whether it is the name of a language whose code can be read."""
    return _lexer(language) is not None


def _is_readable(text: str) -> bool:
    return len(text) <= MAX_CODE and all(len(line) <= MAX_LINE for line in text.split("\n"))


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    name = language.lower()
    try:
        return get_lexer_by_name(_OTHER_NAMES.get(name, name))
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _colour(token: _TokenType) -> str:
    return next((colour for kind, colour in KINDS if token in kind), "")
