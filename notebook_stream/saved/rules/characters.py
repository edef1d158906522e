"""Classes of characters as the page's regular expressions have them, where Python's own differ."""

from __future__ import annotations

import re
import unicodedata

SPACE = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What `\\s` is in JavaScript, for use in a class."""

_SPACE = re.compile(f"[{SPACE}]")


def is_space(character: str) -> bool:
    """Whether `character`, which may be empty, is white space."""
    return _SPACE.fullmatch(character) is not None


def is_alphanumeric(character: str) -> bool:
    """Whether it is an ASCII letter or digit."""
    return character.isascii() and character.isalnum()


def is_word(character: str) -> bool:
    """Whether it is a letter, mark, number or other symbol, of any script."""
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "So"


def units(text: str) -> int:
    """Its length as JavaScript counts, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
