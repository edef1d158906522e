"""The library widgets: the big parts of the page's code, each sent once for each kernel, for all streams."""

from __future__ import annotations

import threading
from pathlib import Path

import anywidget
import traitlets as t

from .. import marimo

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


LIBRARIES: dict[str, type[_Library]] = {"core": Core, "highlight": Highlight, "maths": Maths}

_opened: dict[tuple[threading.Thread | None, str], _Library] = {}
"""For each session: one in a kernel, while marimo has many in a process, each with a page of its own."""
_lock = threading.Lock()


def reference(name: str) -> str:
    """What the page finds the session's one library `name` by; opened when first asked for, on any thread."""
    session = marimo.session()
    with _lock:  # a stream's display and another one's text may ask at the same time
        library = _opened.get((session, name))
        if library is None or library.comm is None or marimo.is_closed(library.comm):
            _forget_ended_sessions()
            library = _opened[session, name] = LIBRARIES[name]()
            marimo.keep_open(library.comm)
        return f"anywidget:{library.model_id}"


def _forget_ended_sessions() -> None:
    for key in [(session, name) for session, name in _opened if session and not session.is_alive()]:
        del _opened[key]
