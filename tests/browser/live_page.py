"""In: the built page modules. Out: a blank page with one stream's view in it, fed by the test, not a kernel.

The view is the real one (stream.js with core.js); only the model behind it is made here. Knows no Jupyter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from .page import WAIT_MS, View

STATIC = Path(__file__).resolve().parents[2] / "notebook_stream" / "static"
SCRIPT, CONTRASTS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("live_page.js", "contrasts.js")
)
PARTS = ("core", "highlight", "maths")
ORIGIN = "http://page.test"
"""Plain http and not loopback: such a page has no `navigator.clipboard`."""

STATE = {
    "status": "streaming",
    "model": "demo/markdown",
    "elapsed_s": 1.0,
    "first_byte_s": 0.1,
    "ttft_s": 0.2,
    "total_s": None,
    "stop_reason": None,
    "finish_reason": None,
    "finish_detail": "",
    "origin": "connection",
    "tokens": 0,
    "estimated": True,
    "tokens_per_s": None,
    "usage": None,
    "error": None,
    "retry": None,
    "notice": "",
    "note": "",
}


class LivePage:
    """A page with a view in a box `#output`; `style` is its CSS, `body_class` tells its theme."""

    def __init__(self, page: Page, *, style: str = "", body_class: str = "") -> None:
        self.page = page
        self._seq = 0
        html = (
            f'<!doctype html><meta charset="utf-8"><title>page</title><style>{style}</style>'
            f'<body class="{body_class}"><div id="output"></div>'
            f"<script>{SCRIPT}</script><script>{CONTRASTS}</script>"
        )
        self._files = {f"{ORIGIN}/": (html, "text/html")}
        for name in ("stream", *PARTS):
            if (STATIC / f"{name}.js").exists():
                text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
                self._files[f"{ORIGIN}/{name}.js"] = (text, "text/javascript")
        if f"{ORIGIN}/core.js" not in self._files:
            pytest.skip("notebook_stream/static is not built: run `make build`")
        page.route("**/*", self._answer)
        page.goto(f"{ORIGIN}/")
        parts = [name for name in PARTS if f"{ORIGIN}/{name}.js" in self._files]
        page.evaluate("([state, parts]) => start(state, parts)", [STATE, parts])
        self.view = View(page.locator(".notebook-stream"))

    def append(self, text: str, **more: Any) -> None:
        """The next piece of the answer; returns when it has been painted."""
        self._tell({"type": "append", "text": text, **more})

    def end(self, **state: Any) -> None:
        """The end of the run, by default a good one."""
        ended = {"status": "done", "finish_reason": "stop", "total_s": 3.2, "tokens": 212, **state}
        self._tell({"type": "end", "state": {**STATE, **ended}})

    def type(self, text: str) -> list[str]:
        """Types `text`, a frame for each character; returns the answer's tags and text after every change.

        Comes back when the last word of `text` shows.
        """
        seen: list[str] = self.page.evaluate("([text, seq]) => type(text, seq)", [text, self._seq])
        self._seq += len(text)
        return seen

    def ask(self, expression: str) -> Any:
        """The value of JavaScript, in which `root` is the shadow root and `answer` the answer's element."""
        return self.page.evaluate(expression)

    def until(self, expression: str) -> None:
        """Waits until that value is true."""
        self.page.wait_for_function(expression, timeout=WAIT_MS)

    def _tell(self, message: dict[str, Any]) -> None:
        self._seq += 1
        self.page.evaluate("message => tell(message)", {**message, "seq": self._seq})

    def _answer(self, route: Route) -> None:
        body, kind = self._files.get(route.request.url, ("", ""))
        if kind:
            route.fulfill(body=body, content_type=kind)
        else:
            route.fulfill(status=404)
