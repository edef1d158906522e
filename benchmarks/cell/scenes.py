"""In: a way. Out: a page in which it stands ready and can be asked, again and again. Measures nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Locator, Page

from tests.browser.apps import serve
from tests.browser.page import WAIT_MS, Notebook

from ..meter import Meter
from ..recorder import Recorder
from ..stage import Stage
from .ways import PIECES, Asked, InNotebook, OnPage, Way


class Scene(Protocol):
    """A way in its page, with all that is needed to ask and to measure."""

    page: Page
    recorder: Recorder
    meter: Meter

    def prepare(self, asked: Asked) -> Locator:
        """Leave nothing of the last answer; all but the key press done. Returns where the text will come."""

    def ask(self, asked: Asked) -> None:
        """Press the key; returns once the page has it, not when there is an answer."""

    def finish(self, asked: Asked) -> None:
        """Wait until nothing runs any more; raises what the cell did."""


class NotebookScene:
    """A notebook with a cell for the setup and one for each answer that will be asked for."""

    def __init__(
        self, stage: Stage, page: Page, recorder: Recorder, way: InNotebook, asks: Sequence[Asked]
    ) -> None:
        self.page = page
        self.recorder = recorder
        self._asks = list(asks)
        setup = PIECES.format(base_url=stage.demo.base_url) + way.setup
        sources = [way.source.format(fields=asked.fields()) for asked in asks]
        self._notebook = Notebook.open(page, stage.jupyter, [setup, *sources])
        self._notebook.run(0)
        pid = int(self._notebook.output_text(0))
        self.meter = Meter(stage.browser, page, pid, has_server=True)

    def prepare(self, asked: Asked) -> Locator:
        """Clear all outputs and select the cell, which is where the text will come."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self._notebook.activate(self._index(asked))
        return self._notebook.cell(self._index(asked))

    def ask(self, asked: Asked) -> None:
        """Run the cell."""
        self._notebook.run(self._index(asked), wait=False)

    def finish(self, asked: Asked) -> None:
        """Wait for the cell's end."""
        self._notebook.wait_until_cell_ended(self._index(asked))

    def _index(self, asked: Asked) -> int:
        return 1 + self._asks.index(asked)


class AppScene:
    """A chat on a page of its own; the question holds what is asked for."""

    def __init__(
        self, browser: Browser, page: Page, recorder: Recorder, way: OnPage, origin: str, folder: Path
    ) -> None:
        self.page = page
        self.recorder = recorder
        self._browser = browser
        self._way = way
        self._url = origin + way.path
        self._pid = folder / "pid"

    def prepare(self, asked: Asked) -> Locator:
        """Open the page anew and write the question; the text may come anywhere."""
        self.page.goto(self._url, timeout=WAIT_MS)
        box = self.page.locator(self._way.box).last
        box.click(timeout=WAIT_MS)
        self.page.keyboard.insert_text(json.dumps(asked.fields()))
        self.meter = Meter(self._browser, self.page, int(self._pid.read_text()), has_server=False)
        return self.page.locator("body")

    def ask(self, asked: Asked) -> None:
        """Send the question."""
        self.page.keyboard.press("Enter")

    def finish(self, asked: Asked) -> None:
        """Nothing: a page has no running cell."""


@contextmanager
def open_scene(stage: Stage, way: Way, asks: Sequence[Asked]) -> Iterator[Scene]:
    """A fresh page, and a fresh kernel or app, in which `asks` can be asked."""
    with stage.new_page() as (page, recorder):
        if isinstance(way, InNotebook):
            yield NotebookScene(stage, page, recorder, way, asks)
            return
        with tempfile.TemporaryDirectory(prefix="notebook-stream-bench-") as name:
            folder = Path(name)
            (folder / way.file).write_text(way.program, encoding="utf-8")
            environment = {"BASE_URL": stage.demo.base_url}
            with serve(folder, way.command, environment=environment, python=way.python()) as origin:
                yield AppScene(stage.browser, page, recorder, way, origin, folder)
