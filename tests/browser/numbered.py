"""In: nothing. Out: cells whose streams give numbered tokens, the text they must end in, and who complained.

Loss, doubling and disorder show in "t000001 t000002 ..." as they show in no prose. Knows no widget's inside.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Error, Page

from .page import FRONT_ENDS

EACH_FRONT_END = [
    pytest.param(name, marks=[] if name == "lab" else [pytest.mark.whole]) for name in FRONT_ENDS
]
"""JupyterLab in an ordinary run, Notebook 7 as well in a whole one."""


def numbered(tokens: int) -> str:
    """The answer of `demo/lorem` with this many tokens."""
    return " ".join(f"t{number:06d}" for number in range(1, tokens + 1))


def cell(tokens: int, *, pace: float = 60, name: str = "s", more: str = "") -> str:
    """A cell that starts such a stream, `pace` tokens a second, and calls it `name`."""
    arguments = f'"hi", model="demo/lorem", tokens={tokens}, pace={pace}, settle=False{more and ", " + more}'
    return f"from notebook_stream import stream\n{name} = stream({arguments})"


def tell(figure: str) -> None:
    """Print what was measured: pytest shows it with -rP, and when the test fails."""
    print(figure)  # noqa: T201  what it is for


class Complaints:
    """What the page's scripts complained of, as far as it is ours: in a widget's code, or in our name."""

    def __init__(self, page: Page) -> None:
        self.lines: list[str] = []
        page.on("pageerror", self._uncaught)
        page.on("console", self._console)

    def _uncaught(self, error: Error) -> None:
        # A widget's code comes from a blob: address. Notebook 7 has uncaught errors of its own.
        if "blob:" in (error.stack or ""):
            self.lines.append(f"uncaught: {error.stack}")

    def _console(self, message: ConsoleMessage) -> None:
        where: Any = message.location
        of_widget = str(where.get("url", "")).startswith("blob:")
        named = "notebook-stream" in message.text or "anywidget" in message.text
        if message.type in ("error", "warning") and (named or of_widget):
            self.lines.append(f"{message.type}: {message.text[:300]}")
