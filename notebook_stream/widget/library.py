"""The library widgets: the big parts of the page's code, each sent once for each kernel, for all streams."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from .. import hosts, marimo

STATIC = Path(__file__).parents[1] / "static"


class _Library(anywidget.AnyWidget):
    # No Layout widget: it would be a comm of its own.
    layout = t.Any(None, allow_none=True).tag(sync=True)


class Core(_Library):
    """The view: opened with the first stream."""

    _esm = STATIC / "core.js"


class Highlight(_Library):
    """The highlighter of code: opened when the first fence with a language passes."""

    _esm = STATIC / "highlight.js"


class Maths(_Library):
    """The typesetter of formulas: opened when the first formula passes."""

    _esm = STATIC / "maths.js"


class Inspecting(_Library):
    """Tokens, times, events and the player: opened with the first inspector."""

    _esm = STATIC / "inspector.js"


LIBRARIES: dict[str, type[_Library]] = {
    "core": Core,
    "highlight": Highlight,
    "maths": Maths,
    "inspector": Inspecting,
}

_opened: dict[tuple[Any, str], _Library] = {}
"""One of each for a session, see below."""
_lock = threading.Lock()


def session() -> Any | None:
    """What tells one page's widgets from another's where a process serves many, None in a kernel."""
    return marimo.session() or hosts.app_session()


def reference(name: str) -> str:
    """What the page finds the session's one library `name` by; opened when first asked for, on any thread."""
    key = (session(), name)
    with _lock:  # a stream's display and another one's text may ask at the same time
        library = _opened.get(key)
        if library is None or _is_closed(library):
            _forget_ended_sessions()
            library = _opened[key] = LIBRARIES[name]()
            marimo.keep_open(library.comm)
        return f"anywidget:{library.model_id}"


def _is_closed(library: _Library) -> bool:
    return library.comm is None or marimo.is_closed(library.comm)


def _forget_ended_sessions() -> None:
    for key, library in list(_opened.items()):
        if _is_closed(library) or marimo.has_ended(key[0]):
            del _opened[key]
