"""Texts that may not be kept in, rows without them out: where a server says again what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from ..errors import MASK

SHORTEST = 12
"""Characters: a shorter text, such as "Go on", is in many an answer by itself, and tells little."""


def hider(texts: Iterable[str]) -> Callable[[str], str]:
    """What puts a mask in the place of each of `texts`, as it is and as JSON writes it."""
    forms = {form for text in texts if len(text) >= SHORTEST for form in _forms(text)}
    # The longest first, for one may be a part of another.
    ordered = sorted(forms, key=len, reverse=True)

    def hide(data: str) -> str:
        for form in ordered:
            if form in data:
                data = data.replace(form, MASK)
        return data

    return hide


def _forms(text: str) -> set[str]:
    found = {text, *(json.dumps(text, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True))}
    return found | {_as_go_writes_it(form) for form in found}


def _as_go_writes_it(form: str) -> str:
    return form.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
