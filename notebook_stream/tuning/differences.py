"""Two texts in, each as HTML in which the words that the other has not are marked out: everything escaped."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ..saved.html import escape
from ..saved.visible import visible_prose

MAX_WORDS = 3000
"""Of either text; the cost of comparing grows with the product of both (3,000 x 3,000: about a second)."""

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_MARK = "background:color-mix(in srgb,{} 22%,transparent);text-decoration:underline;text-decoration-color:{}"
_LEFT, _RIGHT = "#d60", "#08c"

_GRID = "display:grid;grid-template-columns:1fr 1fr;gap:1.5em;margin-top:.6em;line-height:1.5"

Pieces = list[tuple[str, bool]]
"""Text, and whether the other one has it not."""


def differences(left: str, right: str) -> tuple[Pieces, Pieces] | None:
    """Both texts in pieces, or None where they are too long to be compared."""
    a, b = _WORD.findall(left), _WORD.findall(right)
    if max(len(a), len(b)) > MAX_WORDS:
        return None
    ours: Pieces = []
    theirs: Pieces = []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        ours.append(("".join(a[a0:a1]), kind != "equal"))
        theirs.append(("".join(b[b0:b1]), kind != "equal"))
    return [piece for piece in ours if piece[0]], [piece for piece in theirs if piece[0]]


def side_by_side(left: tuple[str, str], right: tuple[str, str]) -> str:
    """HTML of two texts, each with its title: `(title, text)`."""
    found = differences(left[1], right[1])
    note = "" if found else "<p>Too long for their words to be compared.</p>"
    pieces = found or ([(left[1], False)], [(right[1], False)])
    columns = _column(left[0], pieces[0], "del", _LEFT) + _column(right[0], pieces[1], "ins", _RIGHT)
    return f"{note}<div style='{_GRID}'>{columns}</div>"


def _column(title: str, pieces: Iterable[tuple[str, bool]], tag: str, tint: str) -> str:
    style = _MARK.format(tint, tint)
    inner = "".join(
        f"<{tag} style='{style}'>{_text(text)}</{tag}>" if is_own else _text(text) for text, is_own in pieces
    )
    head = f"<div style='font-weight:600;margin-bottom:.4em'>{_text(title)}</div>"
    return (
        f"<section style='min-width:0'>{head}"
        f"<div style='white-space:pre-wrap;overflow-wrap:anywhere'>{inner}</div></section>"
    )


def _text(text: str) -> str:
    return escape(visible_prose(text))
