"""In: a running JupyterLab and outputs as they are saved. Out: what they did in a freshly run cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Request

from .attacks import Tally
from .cell_attacks import MOST, TEXTS, Cell

LOOK = Path(__file__).with_name("saved_cells.js").read_text(encoding="utf-8")

Bundle = dict[str, str]
"""Type -> text of one output."""


class SavedCell(Cell):
    """A notebook whose cell 1 shows static outputs."""

    run = """
from IPython.display import display
with open({texts!r}, encoding="utf-8") as file:
    for data in json.load(file):
        display(data, raw=True)
"""

    def show(self, bundles: Sequence[tuple[str, Bundle]]) -> Tally:
        """Each output, by its name: shown, looked at, touched."""
        tally = Tally()
        for start in range(0, len(bundles), MOST):
            tally.join(self._show_some(bundles[start : start + MOST]))
        return tally

    def look(self, bundles: Sequence[tuple[str, Bundle]]) -> dict[str, Any]:
        """What the page finds in one cell with these outputs."""
        texts = json.dumps([bundle for _, bundle in bundles])
        (self._server.root / TEXTS).write_text(texts, encoding="utf-8")
        self.notebook.clear_output(1)
        self.asked.clear()
        self.notebook.page.evaluate("attacks.page.splice(0)")
        self.notebook.run(1)
        found: dict[str, Any] = self.notebook.page.evaluate(LOOK, {"cell": 1, "count": len(bundles)})
        return found

    def _is_jupyters(self, request: Request) -> bool:
        # The letters that MathJax sets formulas with.
        is_font = request.resource_type == "font" and request.url.startswith(
            f"{self._server.url}/static/lab/"
        )
        return is_font or super()._is_jupyters(request)

    def _show_some(self, bundles: Sequence[tuple[str, Bundle]]) -> Tally:
        answer = self.look(bundles)
        tally = Tally(texts=len(answer["results"]), formulas=answer["formulas"])
        for (name, _), result in zip(bundles, answer["results"], strict=True):
            tally.add(name, result["found"])
            tally.clicks += result["clicks"]
        names = " or ".join(name for name, _ in bundles)
        tally.add(names, answer["page"])
        tally.add(names, [f"requests|{url}" for url in self.asked])
        tally.add(names, [f"requests|a window: {popup.url}" for popup in self.popups])
        return tally
