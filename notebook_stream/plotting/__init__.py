"""The events of a run with their times in, a picture out: of its timing, or of its tokens.

matplotlib draws, the extra `plots`; it is asked for with the first picture and never through pyplot, so that
nothing is shown twice and no setting of the user's is touched.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..events import Event

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_timing", "plot_tokens"]


def plot_timing(events: Iterable[tuple[float, Event]], *, title: str = "") -> Figure:
    """When the pieces of an answer came: a strip of arrivals, the rate over time, a histogram of the gaps.

    `events` are (seconds since the start, event). Raises UsageError where matplotlib is missing.
    """
    figure: Figure = _drawn_by("timing").draw(list(events), title)
    return figure


def plot_tokens(events: Iterable[tuple[float, Event]], *, title: str = "") -> Figure:
    """The tokens of an answer in running text, by their probability, with the surprise of each above.

    `events` are (seconds since the start, event). Raises UsageError where matplotlib is missing.
    """
    figure: Figure = _drawn_by("tokens").draw(list(events), title)
    return figure


def _drawn_by(module: str) -> Any:
    try:
        return importlib.import_module(f".{module}", __name__)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
    raise UsageError(
        'Pictures need matplotlib, which is not installed: pip install "notebook-stream[plots]"\n'
        'Without it, s.inspect("timing") and s.inspect("tokens") show the same.'
    )
