"""The wire formats: server-sent events in, our events out, and the request body of each dialect.

A format is a module of this package with a `FORMAT`; a new one is one new file, found here by itself.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..errors import UsageError, quote
from .base import Decoder, WireFormat

__all__ = ["Decoder", "WireFormat", "get", "names"]


def get(name: str) -> WireFormat:
    """The wire format of this name.

    Raises:
        UsageError: there is none; the message lists those there are.
    """
    found = _formats().get(name) if isinstance(name, str) else None
    if found is None:
        raise UsageError(
            f"No wire format {quote(str(name), 40)!r}; wire_format is one of: {', '.join(names())}"
        )
    return found


def names() -> tuple[str, ...]:
    """The names of all wire formats, sorted."""
    return tuple(sorted(_formats()))


@cache
def _formats() -> dict[str, WireFormat]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    found: list[WireFormat] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {wire_format.name: wire_format for wire_format in found}
