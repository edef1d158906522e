"""In: a running JupyterLab and hostile texts. Out: what they did in a freshly run, hence trusted, cell.

Each text is a stream of its own from `show()`, many in one cell. What JupyterLab itself asks its server for
in the meantime is left out by its kind: its own scripts and its REST interface, which text alone cannot call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, Route, expect

from .attacks import Attack, Feed, Tally, targets, targets_on_the_way
from .blank import INSPECTOR, wait_until_asked
from .jupyter import JupyterServer
from .page import WAIT_MS, Notebook

SCRIPT = Path(__file__).with_name("cell_attacks.js").read_text(encoding="utf-8")
MOST = 24
"""Streams in one cell, each of two outputs, view and copy; JupyterLab folds away those after fifty."""
MOST_HEAVY = 6
PATIENCE_MS = 10 * WAIT_MS
"""Each of the heavy texts keeps the page for seconds, and a machine may be busy with other tests."""
TEXTS = "texts.json"
# Only reported, and only for what text could bring along: JupyterLab's own scripts are files and blobs.
POLICY = "script-src 'self' blob: 'unsafe-eval'; base-uri 'none'; form-action 'none'"
OWN_PATHS = re.compile(r"/(?:api|lab|static|lsp|jupyterlab-[a-z-]+)(?:/|$)")

SETUP = """
import asyncio, json, sys
sys.path[:0] = {paths!r}
from notebook_stream import show

async def said(pieces):
    for piece in pieces:
        yield piece
        await asyncio.sleep(1 / len(pieces))
"""
RUN = """
with open({texts!r}, encoding="utf-8") as file:
    runs = [show(lambda pieces=pieces: said(pieces), settle=False) for pieces in json.load(file)]
"""

Fed = tuple[Attack, list[str]]
"""A text, and the pieces in which it comes."""


def is_heavy(attack: Attack) -> bool:
    """Whether it is meant to keep a renderer busy."""
    return attack.kind == "dos"


def is_light(attack: Attack) -> bool:
    """Whether dozens of it may share a page."""
    return not is_heavy(attack)


class Cell:
    """A notebook whose cell 1 shows hostile texts. `package`: the folder of another build's package."""

    run = RUN

    def __init__(self, browser: Browser, server: JupyterServer, package: Path | None = None) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        # The last: a document that `_answer` gives has no address, and may not call a local one unasked.
        self.context.grant_permissions(["clipboard-read", "clipboard-write", "local-network-access"])
        self.context.add_init_script(path=INSPECTOR)
        self.asked: list[str] = []
        self.popups: list[Page] = []
        self._server = server
        self.context.route("**/*", self._answer)
        page = self.context.new_page()
        self.context.on("page", lambda popup: self.popups.append(popup))
        self.context.on("request", self._note)
        paths = [] if package is None else [str(package.parent)]
        cells = [SETUP.format(paths=paths), self.run.format(texts=TEXTS)]
        self.notebook = Notebook.open(page, server, cells)
        self.notebook.run(0)
        self.asked.clear()

    def close(self) -> None:
        """Close the page and end its kernel."""
        self.context.close()
        self._server.shut_down_kernels()

    def render(self, attacks: Sequence[Attack], feed: Feed) -> Tally:
        """Show each text, watch it, touch it."""
        tally = Tally()
        for texts, most in ((is_light, MOST), (is_heavy, MOST_HEAVY)):
            fed = [(attack, feed(attack.markdown)) for attack in attacks if texts(attack)]
            for start in range(0, len(fed), most):
                tally.join(self._show_batch(fed[start : start + most]))
        return tally

    def press_links(self, text: str) -> list[tuple[str, list[str]]]:
        """Show `text`, press each of its links with the mouse: their targets, and what was asked for then."""
        self.render([Attack("pressed", "pressed", text)], lambda text: [text])
        links = self.notebook.views(1).locator("[part~=answer] a")
        found = []
        for index in range(links.count()):
            self.asked.clear()
            links.nth(index).hover()
            assert self.asked == [], "hovering asked for something"
            with self.context.expect_page():
                links.nth(index).click()
            wait_until_asked(self.notebook.page, self.asked)
            found.append((str(links.nth(index).get_attribute("href")), list(self.asked)))
            for popup in self.popups:
                popup.close()
            self.popups.clear()
        return found

    def is_trusted(self) -> bool:
        """Whether JupyterLab trusts the cell, as it does what one has just run."""
        trusted = "() => window.jupyterapp.shell.currentWidget.content.widgets[1].model.trusted"
        return bool(self.notebook.page.evaluate(trusted))

    def _show_batch(self, fed: list[Fed]) -> Tally:
        page = self.notebook.page
        texts = json.dumps([pieces for _, pieces in fed])
        (self._server.root / TEXTS).write_text(texts, encoding="utf-8")
        self.notebook.clear_output(1)
        self.asked.clear()
        page.evaluate(SCRIPT, {"step": "begin", "cell": 1})
        self.notebook.run(1)
        statuses = self.notebook.views(1).locator("[part~=status]")
        expect(statuses.filter(has_text="done")).to_have_count(len(fed), timeout=PATIENCE_MS)
        expected = [targets(attack.markdown) for attack, _ in fed]
        answer: dict[str, Any] = page.evaluate(SCRIPT, {"step": "end", "cell": 1, "expected": expected})
        tally = Tally(texts=sum(result["isShown"] for result in answer["results"]))
        for (attack, pieces), result in zip(fed, answer["results"], strict=True):
            tally.add(attack.id, result["found"])
            tally.add(attack.id, self._wrong_targets(attack, pieces, result["strange"]))
            tally.clicks += result["clicks"]
            tally.formulas += result["formulas"]
            tally.coloured += result["coloured"]
        names = " or ".join(attack.id for attack, _ in fed)
        tally.add(names, answer["page"])
        tally.add(names, [f"requests|{url}" for url in self.asked])
        tally.add(names, [f"requests|a window: {popup.url}" for popup in self.popups])
        return tally

    def _wrong_targets(self, attack: Attack, pieces: list[str], strange: list[str]) -> list[str]:
        """Those that no part of the text has, where parts may end only as its pieces do."""
        if not strange:
            return []
        prefixes = accumulate(pieces)
        raw = sorted({one for prefix in prefixes for one in targets_on_the_way(prefix, attack.markdown)})
        allowed = self.notebook.page.evaluate("raw => raw.map(attacks.canonical)", raw)
        return [f"links|leads to {href}" for href in strange if href not in allowed]

    def _answer(self, route: Route) -> None:
        request = route.request
        if not request.url.startswith(f"{self._server.url}/"):
            route.abort()  # `_note` has seen it
        elif request.resource_type == "document" and "/lab/" in request.url:
            answer = route.fetch()
            headers = {**answer.headers, "content-security-policy-report-only": POLICY}
            route.fulfill(response=answer, headers=headers)
        else:
            route.continue_()

    def _note(self, request: Request) -> None:
        if not self._is_jupyters(request):
            self.asked.append(f"{request.resource_type} {request.url}")

    def _is_jupyters(self, request: Request) -> bool:
        if request.url.startswith("blob:"):
            return request.resource_type == "script"  # how anywidget loads a widget's own module
        if not request.url.startswith(f"{self._server.url}/"):
            return False
        path = request.url.removeprefix(self._server.url)
        if path.startswith("/static/favicons/"):
            return request.resource_type == "other"  # the tab's icon tells that the kernel is busy
        return request.resource_type in ("fetch", "xhr", "script") and OWN_PATHS.match(path) is not None
