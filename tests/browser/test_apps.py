"""The apps of the README, run as they stand there: Shiny, Solara, Panel. A stream comes, and stops there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from notebook_stream import demo

from .apps import asks, last_closed, serve
from .kernels import REPO, VENVS, venv_python
from .page import WAIT_MS

pytestmark = pytest.mark.whole

IN_README = 'stream("Explain SSE", model="openai/gpt-5-mini", display=False)'
PANEL = ("-m", "panel", "serve", "app.py", "--port", "{port}")
SHINY = ("-m", "shiny", "run", "app.py", "--port", "{port}")
SOLARA = ("-m", "solara", "run", "app.py", "--port", "{port}", "--no-open", "--production")


@pytest.fixture
def server() -> Iterator[demo.Server]:
    with demo.Server() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def app_of_readme(name: str, call: str) -> str:
    """The README's program that imports `name`, with another call of `stream()`."""
    programs = re.findall(r"```python\n(.*?)```", (REPO / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (program,) = (each for each in programs if re.search(rf"^(import|from) {name}\b", each, re.MULTILINE))
    assert program.count(IN_README) == 1
    return str(program).replace(IN_README, call)


def open_app(page: Page, origin: str, name: str) -> None:
    """Open the app's first page, and in Panel ask."""
    # Panel's page fetches the front end of anywidget from its registry; here from where pip has put it.
    amd = VENVS / "panel" / "share" / "jupyter" / "nbextensions" / "anywidget" / "index.js"
    headers = {"access-control-allow-origin": "*", "content-type": "text/javascript"}
    page.route("https://unpkg.com/anywidget@*/**", lambda route: route.fulfill(path=amd, headers=headers))
    page.goto(f"{origin}/app" if name == "panel" else origin, timeout=WAIT_MS)
    if name == "panel":
        page.get_by_role("button", name="Ask").click(timeout=WAIT_MS)


@pytest.mark.parametrize(("name", "command"), [("shiny", SHINY), ("solara", SOLARA), ("panel", PANEL)])
def test_the_readme_s_app_streams_stops_and_ends(
    page: Page, server: demo.Server, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    call = asks(server, display=False)
    (tmp_path / "app.py").write_text(app_of_readme(name, call), encoding="utf-8")
    with serve(tmp_path, command, python=venv_python(name)) as origin:
        open_app(page, origin, name)
        view = page.locator(".notebook-stream")
        expect(view).to_contain_text("t000001", timeout=WAIT_MS)
        expect(view).to_contain_text("t000100", timeout=WAIT_MS)
        # The bridge of Panel leaves the core out.
        expect(view.locator("[part~=answer] p")).to_have_count(0 if name == "panel" else 1, timeout=WAIT_MS)
        view.get_by_role("button", name="Stop", exact=True).focus()
        page.keyboard.press("Enter")
        expect(view).to_contain_text("stopped", timeout=WAIT_MS)
        last_closed(server)


def test_two_pages_of_an_app_have_each_the_whole_view(
    page: Page, server: demo.Server, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(app_of_readme("shiny", asks(server, display=False)), encoding="utf-8")
    with serve(tmp_path, SHINY, python=venv_python("shiny")) as origin:
        for each in (page, page.context.new_page()):
            open_app(each, origin, "shiny")
            expect(each.locator(".notebook-stream [part~=answer] p")).to_have_count(1, timeout=WAIT_MS)
