"""All that rests on marimo, which has cells but no IPython kernel; guarded, and never imported here first.

Elsewhere every question is answered "no" and every action does nothing. What is relied upon, and measured on
marimo 0.25 in edit and run mode:

- a cell's thread has a runtime context, which holds the registry of what is disposed of when that cell is run
  again or deleted;
- a widget's comm is opened while the widget is made, and closed with the cell that made it;
- each browser session of `marimo run` has a thread of its own in one process, which ends with it.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any

MARKDOWN_CLASSES = "markdown prose dark:prose-invert contents"
"""Those of `mo.md`: without them a heading looks like a paragraph."""


def is_here() -> bool:
    """Whether the caller runs in a cell of a marimo notebook that somebody may be looking at."""
    return _context() is not None


def session() -> threading.Thread | None:
    """The thread of the browser session that the caller runs in, None elsewhere; it ends with the session."""
    return threading.current_thread() if is_here() else None


def has_ended(session: Any) -> bool:
    """Whether `session` is one of ours that is over."""
    return isinstance(session, threading.Thread) and not session.is_alive()


def show(widget: Any) -> None:
    """Append `widget` to the output of the running cell, which its last expression takes the place of."""
    sys.modules["marimo"].output.append(widget)


def as_widget(widget: Any) -> Any:
    """What marimo shows `widget` as."""
    return sys.modules["marimo"].ui.anywidget(widget)


def as_html(html: str) -> Any:
    """What marimo shows `html` as, which must be safe: a notebook's file of outputs keeps it."""
    return sys.modules["marimo"].Html(f'<div class="{MARKDOWN_CLASSES}">{html}</div>')


def is_closed(comm: Any) -> bool:
    """Whether marimo has closed `comm`, which it does not tell the widget."""
    return getattr(comm, "_closed", False) is True


def keep_open(comm: Any) -> None:
    """Let `comm` outlive the cell that has made it, for other cells' widgets need it, too."""
    with contextlib.suppress(Exception):  # then it is closed, found closed, and made anew
        items = _context().cell_lifecycle_registry.registry  # type: ignore[union-attr]  # None raises, too
        for of_cell in items.values():
            of_cell.difference_update([item for item in of_cell if getattr(item, "_comm", None) is comm])


def on_cell_gone(callback: Callable[[], None]) -> None:
    """Call `callback()` once the running cell is run again, deleted, or depends on one that is."""
    if not is_here():
        return  # and marimo, which takes half a second, is not imported
    with contextlib.suppress(Exception):
        from marimo._runtime.cell_lifecycle_item import CellLifecycleItem

        class Item(CellLifecycleItem):
            def create(self, context: Any) -> None:
                pass

            def dispose(self, context: Any, deletion: bool) -> bool:
                callback()
                return True

        _context().cell_lifecycle_registry.add(Item())  # type: ignore[union-attr]  # None raises, too


def _context() -> Any | None:
    contexts = sys.modules.get("marimo._runtime.context")
    with contextlib.suppress(Exception):
        if contexts is not None and sys.modules["marimo"].running_in_notebook():
            return contexts.get_context()
    return None
