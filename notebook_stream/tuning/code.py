"""A run's prompt and parameters in, Python that asks the same out; nothing that may be a key stands in it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

PRIVATE = frozenset({"api_key", "extra_headers", "http_client", "verify"})
"""Options that may hold a secret, or belong to this machine."""
OURS = frozenset({"display", "keep_running"})
"""What the tuning itself says to `stream()`."""


def code_of(prompt: str, params: Mapping[str, Any]) -> str:
    """Python that asks `prompt` with `params`: each value by its repr, where that is code."""
    given = {name: value for name, value in params.items() if name not in OURS}
    written = {name: repr(value) for name, value in given.items() if name not in PRIVATE and _is_code(value)}
    lines = [f"    {prompt!r},", *(f"    {name}={value}," for name, value in written.items())]
    missing = [f"{name}=" for name in given if name not in written]
    if missing:
        lines.append(f"    # and {', '.join(missing)} as it was given to tune()")
    return "\n".join(["from notebook_stream import stream", "", "s = stream(", *lines, ")", ""])


def _is_code(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
