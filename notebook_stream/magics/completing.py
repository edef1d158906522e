"""What stands before the cursor in a `%%stream` line in, the models that fit out: a matcher of IPython's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from ..api.asking import MODEL_VARIABLE
from ..api.defaults import configured
from ..demo.answers import MODELS
from ..prices import listed_models
from ..providers import PROVIDERS

DEMO_MODELS = tuple(f"demo/{name}" for name in MODELS)

_TYPING = re.compile(r"\s*%%stream\b.*\s-m\s+[\"']?(?P<name>[^\s\"']*)$")
_USED = re.compile(r"""(?:\s-m\s+|\bmodel\s*=\s*)["']?([\w.:@-]+/[\w.:@/-]+)""")
MAX_CELLS = 200
"""How many cells back a notebook is searched for the models it has used."""


def known_names(typed: str, found: Iterable[str], cells: Iterable[str]) -> list[str]:
    """The models that begin with `typed`, the likely ones first.

    The default, those used in `cells` (the last first), those `found`, the demo's, and once a provider has
    been typed those of the list of prices; before that the providers.
    """
    used = [name for cell in reversed(list(cells)[-MAX_CELLS:]) for name in _USED.findall(cell)]
    chosen = [name for name in (configured.get("model"), os.environ.get(MODEL_VARIABLE)) if name]
    others = listed_models() if "/" in typed else [f"{name}/" for name in PROVIDERS if name != "demo"]
    names = dict.fromkeys([*chosen, *used, *found, *DEMO_MODELS, *others])
    return [name for name in names if name.startswith(typed) and name != typed]


def matcher(names: Callable[[str], list[str]]) -> Any:
    """A matcher for `IPCompleter.custom_matchers` (its API 2) that completes the name after `-m`."""

    def complete_models(context: Any) -> dict[str, Any]:
        typed = _TYPING.match(context.text_until_cursor)
        before = context.full_text.split("\n")[: context.cursor_line]
        if typed is None or any(line.strip() for line in before):
            return {"completions": []}
        fragment = typed["name"]
        return {
            "completions": [_completion(name) for name in names(fragment)],
            "matched_fragment": fragment,
            "suppress": True,
            "ordered": True,
        }

    complete_models.matcher_api_version = 2  # type: ignore[attr-defined]  # how IPython tells its two forms apart
    return complete_models


def _completion(name: str) -> Any:
    from IPython.core.completer import SimpleCompletion

    return SimpleCompletion(text=name, type="model")
