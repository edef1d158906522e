"""Voila 0.5: a stream comes, stops and ends in a page that has no cells, and its end stays readable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect

from notebook_stream import demo

from .apps import asks, last_closed, serve
from .kernels import DEFAULT, write_kernelspec
from .page import WAIT_MS, View

GOAL_IDLE_SECONDS = 0.25
LAST_WORD = "t000040"
SETTLED_MS = 5_000
"""Longer than a page that says nothing is waited for at a run's end (1.5 s)."""

OpenApp = Callable[[list[str]], Page]


@pytest.fixture
def server() -> Iterator[demo.Server]:
    with demo.Server() as running:
        yield running


@pytest.fixture
def open_app(browser: Browser, tmp_path: Path) -> Iterator[OpenApp]:
    """`open_app(cells)`: a page of that notebook."""
    with ExitStack() as stack:

        def open_it(cells: list[str]) -> Page:
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
            notebook.metadata.kernelspec = {"name": DEFAULT, "display_name": DEFAULT, "language": "python"}
            nbformat.write(notebook, tmp_path / "app.ipynb")
            write_kernelspec(DEFAULT, tmp_path / "data")
            environment = {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "JUPYTER_PREFER_ENV_PATH": "0"}
            command = ["-m", "voila", "app.ipynb", "--no-browser", "--port={port}", "--Voila.ip=127.0.0.1"]
            origin = stack.enter_context(serve(tmp_path, command, environment=environment))
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            page.goto(origin, timeout=WAIT_MS)
            return page

        yield open_it


def test_it_streams_stops_and_stays_readable(open_app: OpenApp, server: demo.Server) -> None:
    # Three that begin while the page is made, one of which has ended before it is there.
    page = open_app(
        [
            "from notebook_stream import stream",
            f"early = {asks(server, tokens=20, pace=0)}\nearly.result();",
            f"late = {asks(server, tokens=400, seed=2)}",
            f"endless = {asks(server)}",
        ]
    )
    endless = View(page.locator(".notebook-stream").last)
    endless.wait_for_more(endless.wait_for_more(0))
    pressed = time.monotonic()
    endless.stop()
    endless.wait_until("stopped")
    assert last_closed(server) - pressed < 10 * GOAL_IDLE_SECONDS
    said = endless.answer.split()[-1]
    expect(page.get_by_text("t000400").last).to_be_visible(timeout=WAIT_MS)
    page.wait_for_timeout(SETTLED_MS)  # that nothing vanishes cannot be waited for in another way
    for word in ("t000020", "t000400", said):
        expect(page.get_by_text(word).last).to_be_visible()
    for state in ("done", "stopped"):
        expect(page.get_by_text(state).last).to_be_visible()


BUSY = """
import time
from ipywidgets import Button
button = Button(description="work")
button.on_click(lambda _: time.sleep(20))
button
"""


@pytest.mark.whole
def test_it_stops_while_a_widget_s_callback_keeps_the_kernel_busy(
    open_app: OpenApp, server: demo.Server
) -> None:
    page = open_app(["from notebook_stream import stream", f"endless = {asks(server)}", BUSY])
    view = View(page.locator(".notebook-stream"))
    view.wait_for_more(view.wait_for_more(0))
    page.get_by_role("button", name="work").click()
    view.wait_for_more(len(view.answer) + 20)
    pressed = time.monotonic()
    view.stop()
    view.wait_until("stopped")
    # By the control channel, long before the callback has returned.
    assert last_closed(server) - pressed < 10


def test_a_comparison_streams_and_stops(open_app: OpenApp) -> None:
    page = open_app(
        [
            "from notebook_stream import compare",
            'short, long = ({"model": "demo/lorem", "tokens": count} for count in (30, 10**6))',
            'c = compare(["one", "two"], {"short": short, "long": long}, keep_running=True)',
        ]
    )
    host = page.locator(".notebook-stream.comparison")
    done = host.locator('[role=gridcell][aria-label="one, short: done"]')
    expect(done).to_contain_text("t000030", timeout=WAIT_MS)
    expect(host.locator(".progress")).to_contain_text("2 of 4 · 2 running")
    host.get_by_role("button", name="Stop all").click()
    expect(host.locator(".progress")).to_contain_text("4 of 4 ended · 2 stopped", timeout=WAIT_MS)


def test_a_recording_is_replayed(open_app: OpenApp) -> None:
    page = open_app(
        [
            "from notebook_stream import replay, stream",
            's = stream("hi", model="demo/lorem", tokens=40, pace=200, display=False)',
            "r = s.result()",
            "i = replay(s.recording)",
        ]
    )
    host = page.locator(".notebook-stream.inspected")
    expect(host.locator("[part=answer]")).to_contain_text("t000040", timeout=WAIT_MS)
    host.get_by_role("slider", name="Place in the stream").focus()
    page.keyboard.press("Home")
    expect(host.locator("[part=answer]")).not_to_contain_text("t000001")
    host.get_by_role("button", name="Play").click()
    expect(host.locator("[part=answer]")).to_contain_text("t000040", timeout=WAIT_MS)
