"""What stands before the cursor in a `%%stream` line in, the models that fit out: a matcher of IPython's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from ..api.asking import MODEL_VARIABLE
from ..api.defaults import configured
from ..demo.answers import MODELS
from ..providers import PROVIDERS

DEMO_MODELS = tuple(f"demo/{name}" for name in MODELS)

_TYPING = re.compile(r"\s*%%stream\b.*\s-m\s+[\"']?(?P<name>[^\s\"']*)$")
_USED = re.compile(r"""(?:\s-m\s+|\bmodel\s*=\s*)["']?([\w.:@-]+/[\w.:@/-]+)""")
MAX_CELLS = 200
"""How many cells back a notebook is searched for the models it has used."""


def known_names(found: Iterable[str], cells: Iterable[str]) -> list[str]:
    """Names for `-m`: the default, those used in `cells` (the last first), `found`, the demo's; providers."""
    used = [name for cell in reversed(list(cells)[-MAX_CELLS:]) for name in _USED.findall(cell)]
    chosen = [name for name in (configured.get("model"), os.environ.get(MODEL_VARIABLE)) if name]
    providers = [f"{name}/" for name in PROVIDERS if name != "demo"]
    return list(dict.fromkeys([*chosen, *used, *found, *DEMO_MODELS, *providers]))


def matcher(names: Callable[[], list[str]]) -> Any:
    """A matcher for `IPCompleter.custom_matchers` (its API 2) that completes the name after `-m`."""

    def complete_models(context: Any) -> dict[str, Any]:
        typed = _TYPING.match(context.text_until_cursor)
        before = context.full_text.split("\n")[: context.cursor_line]
        if typed is None or any(line.strip() for line in before):
            return {"completions": []}
        fragment = typed["name"]
        fitting = [name for name in names() if name.startswith(fragment) and name != fragment]
        return {
            "completions": [_completion(name) for name in fitting],
            "matched_fragment": fragment,
            "suppress": True,
            "ordered": True,
        }

    complete_models.matcher_api_version = 2  # type: ignore[attr-defined]  # how IPython tells its two forms apart
    return complete_models


def _completion(name: str) -> Any:
    from IPython.core.completer import SimpleCompletion

    return SimpleCompletion(text=name, type="model")
