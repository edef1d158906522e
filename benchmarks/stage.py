"""In: nothing. Out: JupyterLab, Chromium with a recording page, and the demo server, all running.

Also tells their CPU time. The front end is driven by the helpers of the browser tests. Times nothing.
"""

# ruff: noqa: T201  # what the kernels said when a measurement failed

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it comes with ipykernel
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS, find_chromium
from tests.browser.jupyter import JupyterServer

from .recorder import Recorder
from .server import DemoServer

PARTS = ("kernel", "server", "renderer")
"""Whose CPU time is told: the kernel, Jupyter's server, and the browser's renderers."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a measurement needs."""

    jupyter: JupyterServer
    demo: DemoServer
    browser: Browser

    @contextmanager
    def new_page(self) -> Iterator[tuple[Page, Recorder]]:
        """A page in a fresh context; its kernels end with it."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        try:
            page = context.new_page()
            yield page, Recorder(page)
        finally:
            context.close()
            self.jupyter.shut_down_kernels()

    def cpu_seconds(self, kernel_pid: int) -> dict[str, float]:
        """CPU time used so far by each of `PARTS`, in seconds."""
        kernel = psutil.Process(kernel_pid)
        server = kernel.parent()
        return {
            "kernel": _cpu(kernel),
            "server": _cpu(server) if server is not None else 0.0,
            "renderer": sum(_cpu(psutil.Process(pid)) for pid in self._renderers()),
        }

    def _renderers(self) -> list[int]:
        session = self.browser.new_browser_cdp_session()
        try:
            processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        finally:
            session.detach()
        return [process["id"] for process in processes if process["type"] == "renderer"]


@contextmanager
def open_stage(paragraph: int = 0) -> Iterator[Stage]:
    """Start everything, and end it; `paragraph` as for the demo server."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium: install one, or name it in $CHROMIUM")
    with (
        tempfile.TemporaryDirectory(prefix="notebook-stream-bench-") as folder,
        JupyterServer(Path(folder)) as jupyter,
        DemoServer(paragraph) as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_OPTIONS))
        try:
            yield Stage(jupyter, demo, browser)
        except BaseException:
            print(jupyter.log(), file=sys.stderr)
            raise
        finally:
            browser.close()


def _cpu(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
