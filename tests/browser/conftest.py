"""One JupyterLab server and one Chromium for the whole run, a fresh browser context for each test.

When a test fails, its report holds what the page and the kernel said, and `test-results/` a screenshot.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from .frames import Traffic, count_traffic
from .jupyter import JupyterServer
from .page import Notebook

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_OPTIONS = (
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

OpenNotebook = Callable[..., Notebook]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder drives a browser, whether it says so or not."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Add the page's and the kernel's words, and a screenshot, while the page is still there."""
    report = yield
    witness = item.stash.get(WITNESS, None)
    if report.when == "call" and report.failed and witness is not None:
        report.sections.extend(witness.sections(item.nodeid))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where a kernel's own fault was helped over, so that it never goes unseen."""
    for knock in config.stash.get(KNOCKS, []):
        terminalreporter.write_line(f"a request lay unread in the kernel (ipython/ipykernel#1554): {knock}")


KNOCKS = pytest.StashKey[list[str]]()


class Witness:
    """What one page said, kept for the report of a test that fails."""

    def __init__(self, page: Page, server: JupyterServer) -> None:
        self.lines: list[str] = []
        self._page = page
        self._server = server
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.lines.append(f"uncaught: {error}"))

    def sections(self, test: str) -> list[tuple[str, str]]:
        """Titles and texts for the report."""
        return [
            ("page console", "\n".join(self.lines[-60:])),
            ("jupyter log", self._server.log()),
            ("screenshot", self._screenshot(test)),
        ]

    def _console(self, message: ConsoleMessage) -> None:
        self.lines.append(f"{message.type}: {message.text[:500]}")

    def _screenshot(self, test: str) -> str:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / (re.sub(r"[^\w.-]+", "_", test)[-120:] + ".png")
        try:
            self._page.screenshot(path=path, timeout=10_000)
        except Exception as error:  # a crashed page has no picture; the test's own failure must still be told
            return f"none: {error}"
        return str(path)


WITNESS = pytest.StashKey[Witness]()


def find_chromium() -> str | None:
    """Path of the system's Chromium, or what $CHROMIUM names; None when there is none."""
    wanted = os.environ.get("CHROMIUM")
    return wanted or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def jupyter_server(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[JupyterServer]:
    """The one JupyterLab server, which serves Notebook 7 too."""
    with JupyterServer(tmp_path_factory.mktemp("jupyter")) as server:
        pytestconfig.stash[KNOCKS] = server.knocks
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium."""
    executable = find_chromium()
    if executable is None:
        pytest.skip("no Chromium: install one, or name it in $CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, jupyter_server: JupyterServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a fresh context; afterwards every kernel is ended, so that no test inherits a run."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    request.node.stash[WITNESS] = Witness(page, jupyter_server)
    yield page
    context.close()
    jupyter_server.shut_down_kernels()


@pytest.fixture
def traffic(page: Page) -> Traffic:
    """What the page and its kernels say to each other."""
    return count_traffic(page)


@pytest.fixture
def open_notebook(page: Page, jupyter_server: JupyterServer) -> OpenNotebook:
    """`open_notebook(cells, kernel=..., front_end=...)`: see `Notebook.open`."""

    def open_it(cells: list[str], **options: Any) -> Notebook:
        return Notebook.open(page, jupyter_server, cells, **options)

    return open_it
