"""Mime bundles in; the outputs of one stream in the notebook out: a live view, its static copy, or both.

The copy either takes the live view's place, or stands in a display of its own right below, which the page
hides as long as the view is there.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

from .. import hosts

Bundle = tuple[dict[str, Any], dict[str, Any]]
"""Mime types with their data, and the output's metadata."""

PLACE = '<div class="notebook-stream-copy">{}</div>'
"""Where a copy stands beside a live view; its twin is in js/src/notebook.ts."""


MAX_PLACES = 10
"""Copies beside live views in one execution of a cell: JupyterLab shows no more than fifty outputs of a cell,
and forty live views go before the copies of all."""

_places: dict[str | None, int] = {}


def _has_place() -> bool:
    """Whether the running cell may have one more."""
    cell = hosts.current_execution()
    count = _places.get(cell, 0)
    _places.clear()  # of the cells before
    _places[cell] = count + 1
    return count < MAX_PLACES


class Displays:
    """Where one stream is displayed, and which of its displays have no copy yet."""

    def __init__(self) -> None:
        self._own = uuid.uuid4().hex
        self._has_own = False
        self._pairs: list[tuple[str, str]] = []
        self._is_own_due = False
        self._due_pairs: list[tuple[str, str]] = []
        self._unsaved: list[str] = []
        self._lock = threading.Lock()  # a run may end on the loop while it is being displayed

    @property
    def any(self) -> bool:
        """Whether there is a display that has, or will have, a copy."""
        return self._has_own or bool(self._pairs)

    @property
    def stay(self) -> bool:
        """Whether a live view is there to stay."""
        return bool(self._pairs or self._unsaved)

    @property
    def has_unsaved(self) -> bool:
        """Whether a live view has no place for a copy beside it."""
        return bool(self._unsaved)

    @property
    def are_due(self) -> bool:
        """Whether a display has no copy yet."""
        return self._is_own_due or bool(self._due_pairs)

    @property
    def is_view_due(self) -> bool:
        """Whether a live view, which somebody may be reading, is to be replaced."""
        return self._is_own_due

    def show(self, live: Callable[[], Bundle]) -> None:
        """A live view that the copy will replace; all of them have one display id."""
        with self._lock:
            self._has_own = self._is_own_due = True  # before, for the view's opening state tells it
            hosts.display(*live(), display_id=self._own)

    def show_beside(self, live: Callable[[], Bundle]) -> None:
        """A live view that stays, and below it the place of the copy, if the cell has one left."""
        with self._lock:
            view, copy = pair = uuid.uuid4().hex, uuid.uuid4().hex
            if not _has_place():
                self._unsaved.append(view)  # before, for the view's opening state tells it
                hosts.display(*live(), display_id=view)
                return
            self._pairs.append(pair)
            self._due_pairs.append(pair)
            hosts.display(*live(), display_id=view)
            hosts.display(*_empty(), display_id=copy)

    def show_copy(self, copy: Bundle) -> None:
        """The copy alone, from the beginning."""
        hosts.display(*copy, display_id=self._own)

    def settle(self, copy: Bundle, *, is_whole: bool = True) -> None:
        """Put the copy into each display that has none, from any thread; another follows one not whole."""
        with self._lock:
            if self._is_own_due:
                hosts.display(*copy, display_id=self._own, update=True)
            for _, beside in self._due_pairs:
                hosts.display(*_beside(copy), display_id=beside, update=True)
            if is_whole:
                self._is_own_due = False
                self._due_pairs.clear()

    def renew(self) -> None:
        """What is shown, or has been, will be another: each copy is due again."""
        with self._lock:
            self._is_own_due = self._has_own
            self._due_pairs = list(self._pairs)

    def freeze(self, copy: Bundle) -> None:
        """Put the copy in place of each live view that stays."""
        with self._lock:
            for view, beside in self._pairs:
                hosts.display(*copy, display_id=view, update=True)
                hosts.display(*_empty(), display_id=beside, update=True)
            for view in self._unsaved:
                hosts.display(*copy, display_id=view, update=True)
            self._unsaved.clear()
            self._pairs.clear()
            self._due_pairs.clear()


def _beside(copy: Bundle) -> Bundle:
    data, metadata = copy
    return {**data, "text/html": PLACE.format(data.get("text/html", ""))}, metadata


def _empty() -> Bundle:
    return {"text/html": PLACE.format(""), "text/plain": ""}, {}
