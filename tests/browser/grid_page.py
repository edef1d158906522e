"""In: the built page modules. Out: a blank page with one comparison's view in it, fed by the test.

The view is the real one (comparison.js with core.js); only the model behind it is made here.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from .live_page import CONTRASTS
from .page import WAIT_MS

STATIC = Path(__file__).resolve().parents[2] / "notebook_stream" / "static"
SCRIPT = Path(__file__).with_name("grid_page.js").read_text(encoding="utf-8")
PARTS = ("core", "highlight", "maths")
ORIGIN = "http://page.test"

QUEUED = {"status": "queued", "model": "demo/markdown", "elapsed_s": 0.0, "tokens": 0, "estimated": True}


def axis(name: str, labels: list[str], details: list[str] | None = None) -> dict[str, Any]:
    """One axis; `details`: labels in full where they are cut."""
    return {"name": name, "labels": labels, "details": details or [""] * len(labels)}


def layout_of(axes: list[dict[str, Any]], *, across: int, repeats: int = -1) -> dict[str, Any]:
    """The layout in which every combination has a cell."""
    points = [list(point) for point in product(*(range(len(one["labels"])) for one in axes))]
    return {"axes": axes, "points": points, "across": across, "repeats": repeats}


def whole(text: str, seq: int, state: dict[str, Any]) -> dict[str, Any]:
    """A snapshot of a run."""
    fields = {"reasoning": "", "refusal": "", "tools": [], "citations": []}
    return {"type": "snapshot", "seq": seq, "text": text, **fields, "state": state}


class GridPage:
    """A page with a comparison in a box `#output`; `style` is its CSS, `body_class` tells its theme."""

    def __init__(
        self, page: Page, layout: dict[str, Any], *, style: str = "", body: str = "", parts: bool = True
    ) -> None:
        self.page = page
        self.count = len(layout["points"])
        self._seq = 0
        self._seqs = [0] * self.count
        self.runs = [0] * self.count
        html = (
            f'<!doctype html><meta charset="utf-8"><title>page</title><style>{style}</style>'
            f'<body {body}><div id="output"></div><script>{SCRIPT}</script><script>{CONTRASTS}</script>'
        )
        self._files = {f"{ORIGIN}/": (html, "text/html")}
        names = PARTS if parts else ()
        for name in ("comparison", *names):
            path = STATIC / f"{name}.js"
            if not path.exists():
                pytest.skip("notebook_stream/static is not built: run `make build`")
            self._files[f"{ORIGIN}/{name}.js"] = (path.read_text(encoding="utf-8"), "text/javascript")
        page.route("**/*", self._answer)
        page.goto(f"{ORIGIN}/")
        cells = [self.message(cell, whole("", 0, QUEUED)) for cell in range(self.count)]
        opening = {"protocol": 3, "seq": 0, "cells": cells, "state": {"concurrency": 8}}
        page.evaluate("([layout, opening, parts]) => start(layout, opening, parts)", [layout, opening, names])

    def message(self, cell: int, message: dict[str, Any]) -> dict[str, Any]:
        """What a batch holds for one cell."""
        return {"cell": cell, "run": self.runs[cell], "message": message}

    def append(self, cell: int, text: str, **state: Any) -> dict[str, Any]:
        """The next piece of a cell's answer."""
        self._seqs[cell] += 1
        more = {"state": state} if state else {}
        return self.message(cell, {"type": "append", "seq": self._seqs[cell], "text": text, **more})

    def end(self, cell: int, **state: Any) -> dict[str, Any]:
        """The end of a cell's run, by default a good one."""
        self._seqs[cell] += 1
        ended = {
            "status": "done",
            "finish_reason": "stop",
            "estimated": False,
            "model": "demo/markdown",
            **state,
        }
        return self.message(cell, {"type": "end", "seq": self._seqs[cell], "state": ended})

    def batch(self, cells: list[dict[str, Any]], **state: Any) -> dict[str, Any]:
        """The next message of the comparison."""
        self._seq += 1
        return {"type": "cells", "seq": self._seq, "cells": cells, **({"state": state} if state else {})}

    def tell(self, *cells: dict[str, Any], **state: Any) -> None:
        """Hands one batch to the page; returns when it has been painted."""
        self.page.evaluate("messages => tell(messages)", [self.batch(list(cells), **state)])

    def play(self, batches: list[dict[str, Any]]) -> list[float]:
        """Hands over one batch a frame; gives the times between the frames in milliseconds."""
        gaps: list[float] = self.page.evaluate("batches => play(batches)", batches)
        return gaps

    def ask(self, expression: str) -> Any:
        """The value of JavaScript, in which `root` is the shadow root."""
        return self.page.evaluate(expression)

    def until(self, expression: str) -> None:
        """Waits until that value is true."""
        self.page.wait_for_function(expression, timeout=WAIT_MS)

    def sent(self) -> list[dict[str, Any]]:
        """What the page has told the kernel."""
        messages: list[dict[str, Any]] = self.page.evaluate("() => sent")
        return messages

    def _answer(self, route: Route) -> None:
        body, kind = self._files.get(route.request.url, ("", ""))
        if kind:
            route.fulfill(body=body, content_type=kind)
        else:
            route.fulfill(status=404)
