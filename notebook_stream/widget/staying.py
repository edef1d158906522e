"""A widget that stays useful after its end: shown with the place of its copy below, or in marimo."""

from __future__ import annotations

from typing import Any

from .. import hosts, marimo
from .shown import Shown


class Staying(Shown):
    """A widget of ours whose live view stays: a comparison, an inspector."""

    def _ipython_display_(self) -> None:
        if self._is_shown_by_cell():
            return
        if not hosts.in_notebook():
            print(repr(self))  # noqa: T201  # what IPython's terminal shows of it
        elif hosts.is_headless():
            self._show_live()
        else:
            self._show_to_stay()

    def _display_(self) -> Any:
        """What marimo shows."""
        return marimo.as_widget(self)

    def display(self) -> None:
        """Show it here and now, in a notebook."""
        if marimo.is_here():
            marimo.show(self)
        else:
            self._ipython_display_()
