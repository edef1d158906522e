"""The library widget: the big part of the page's code, sent once for each kernel, for all streams."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets as t

STATIC = Path(__file__).parents[1] / "static"


class Core(anywidget.AnyWidget):
    """The library widget: the big part of the page's code, sent once for each kernel, for all streams."""

    # No Layout widget: it would be a comm of its own.
    layout = t.Any(None, allow_none=True).tag(sync=True)
    _esm = STATIC / "core.js"


_core: Core | None = None


def core() -> Core:
    """The kernel's one library widget, opened when first asked for."""
    global _core
    if _core is None or _core.comm is None:
        _core = Core()
    return _core
