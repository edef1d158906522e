"""marimo 0.25, edit and run mode: a stream comes, stops, ends, and stops when its cell is run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from notebook_stream import demo

from ..waiting import until
from .apps import asks, last_closed, serve
from .page import WAIT_MS, View

MODES = ("edit", "run")
GOAL_IDLE_SECONDS = 0.25
NOTEBOOK = """import marimo

app = marimo.App()
"""
CELL = """

@app.cell
def _({takes}):
    {body}
    return {gives}
"""

OpenApp = Callable[..., Page]


def cell(body: str, *, takes: str = "", gives: str = "") -> str:
    """A cell of a marimo file."""
    indented = body.strip().replace("\n", "\n    ")
    return CELL.format(takes=takes, body=indented, gives=f"({gives},)" if gives else "")


@pytest.fixture
def server() -> Iterator[demo.Server]:
    with demo.Server() as running:
        yield running


@pytest.fixture
def open_app(browser: Browser, tmp_path: Path) -> Iterator[OpenApp]:
    """`open_app(mode, cells)`: a page of that notebook; in edit mode its cells run, unless `run=False`."""
    with ExitStack() as stack:

        def open_it(mode: str, cells: list[str], *options: str, run: bool = True) -> Page:
            (tmp_path / "notebook.py").write_text(NOTEBOOK + "".join(cells), encoding="utf-8")
            given = ["--headless", "--no-token", "--port={port}", *options]
            command = ["-m", "marimo", mode, "notebook.py", *given]
            origin = stack.enter_context(serve(tmp_path, command))
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            page.goto(origin)
            if mode == "edit" and run:
                run_all(page, len(cells))
            return page

        yield open_it


def run_all(page: Page, count: int) -> None:
    """Run the cells, once they are all there; the notebook's own button comes last."""
    expect(page.locator(".marimo-cell")).to_have_count(count, timeout=WAIT_MS)
    page.get_by_test_id("run-button").last.click()


IMPORT = cell("from notebook_stream import stream", gives="stream")


def views(page: Page, count: int) -> list[View]:
    hosts = page.locator(".notebook-stream")
    expect(hosts).to_have_count(count, timeout=WAIT_MS)
    return [View(host) for host in hosts.all()]


@pytest.mark.parametrize("mode", ["edit", pytest.param("run", marks=pytest.mark.whole)])
def test_it_streams_stops_and_ends(open_app: OpenApp, server: demo.Server, mode: str) -> None:
    page = open_app(
        mode,
        [
            IMPORT,
            # Shown at the call; the second is the last expression as well, and not shown twice.
            cell(f"endless = {asks(server)}", takes="stream"),
            cell(f"short = {asks(server, tokens=40)}\nshort", takes="stream"),
        ],
    )
    endless, short = views(page, 2)
    endless.wait_for_more(endless.wait_for_more(0))
    short.wait_until("done")
    assert short.answer.split()[-1] == "t000040"
    asked = next(i for i, request in enumerate(server.requests) if request.body["tokens"] == 1_000_000)
    pressed = time.monotonic()
    endless.stop()
    endless.wait_until("stopped")
    assert last_closed(server, asked) - pressed < 10 * GOAL_IDLE_SECONDS
    assert endless.answer.split()[0] == "t000001"


@pytest.mark.parametrize("mode", ["edit", pytest.param("run", marks=pytest.mark.whole)])
def test_stop_in_a_busy_kernel_says_so_and_stops_when_the_cell_ends(
    open_app: OpenApp, server: demo.Server, mode: str
) -> None:
    wait = "import time\nuntil = time.monotonic() + 8\nwhile time.monotonic() < until: time.sleep(0.1)"
    busy = cell(f"s\n{wait}", takes="s")
    page = open_app(mode, [IMPORT, cell(f"s = {asks(server)}", takes="stream", gives="s"), busy])
    (view,) = views(page, 1)
    view.wait_for_more(view.wait_for_more(0))
    view.stop()
    view.wait_until("kernel busy: stops when the running cell ends")
    assert server.requests[-1].closed_at is None
    view.wait_until("stopped")
    last_closed(server)


def test_running_the_cell_again_stops_its_run_and_keeps_the_parts_for_others(
    open_app: OpenApp, server: demo.Server
) -> None:
    first = cell(f"a = {asks(server)}", takes="stream")
    second = cell(f"b = {asks(server, seed=2)}", takes="stream", gives="b")
    page = open_app("edit", [IMPORT, first, second, cell("b", takes="b")])
    for view in views(page, 3):
        view.wait_for_more(0)
    seeds = [request.body.get("seed") for request in server.requests]
    before = page.locator(".notebook-stream").first.element_handle()
    page.locator(".marimo-cell .cm-content").nth(1).click()
    page.keyboard.press("Control+Enter")
    again = time.monotonic()
    last_closed(server, seeds.index(None))
    assert time.monotonic() - again < 10
    assert server.requests[seeds.index(2)].closed_at is None
    page.wait_for_function("host => !host.isConnected", arg=before, timeout=WAIT_MS)
    # All have the parts of the page that the first of them has opened: this is no plain text. Nor is it in a
    # page that comes anew, to which marimo tells the models that are open.
    page.reload()
    for view in views(page, 3):
        view.wait_for_more(view.wait_for_more(0))
        expect(view.part("answer").locator("p")).to_have_count(1)


@pytest.mark.whole
def test_a_closed_page_of_an_app_ends_its_runs(open_app: OpenApp, server: demo.Server) -> None:
    page = open_app("run", [IMPORT, cell(f"s = {asks(server)}", takes="stream")], "--session-ttl=1")
    (view,) = views(page, 1)
    view.wait_for_more(0)
    page.close()
    last_closed(server, patience_s=60)


@pytest.mark.whole
def test_one_that_has_ended_is_shown_as_output_which_marimo_keeps(
    open_app: OpenApp, server: demo.Server, tmp_path: Path
) -> None:
    first = cell(f"s = {asks(server, tokens=40, pace=0)}", takes="stream", gives="s")
    cells = [IMPORT, first, cell("await s\ns", takes="s").replace("def _", "async def _")]
    page = open_app("edit", cells)
    shown = page.locator(".output-area .markdown")
    expect(shown).to_contain_text("t000040", timeout=WAIT_MS)
    expect(page.locator(".notebook-stream")).to_have_count(1)  # where it was begun
    kept = tmp_path / "__marimo__" / "session" / "notebook.py.json"
    until(lambda: kept.exists() and "t000040" in kept.read_text(encoding="utf-8"))
    again = open_app("edit", cells, run=False)
    expect(again.locator(".output-area .markdown")).to_contain_text("t000040", timeout=WAIT_MS)
    assert len(server.requests) == 1


def test_a_comparison_streams_and_stops(open_app: OpenApp) -> None:
    models = (
        '{"short": {"model": "demo/lorem", "tokens": 30}, "long": {"model": "demo/lorem", "tokens": 10**6}}'
    )
    body = f'c = compare(["one", "two"], {models})'
    given = cell("from notebook_stream import compare", gives="compare")
    page = open_app("edit", [given, cell(body, takes="compare")])
    host = page.locator(".notebook-stream.comparison")
    done = host.locator('[role=gridcell][aria-label="one, short: done"]')
    expect(done).to_contain_text("t000030", timeout=WAIT_MS)
    expect(host.locator(".progress")).to_contain_text("2 of 4 · 2 running")
    host.get_by_role("button", name="Stop all").click()
    expect(host.locator(".progress")).to_contain_text("4 of 4 ended · 2 stopped", timeout=WAIT_MS)


def test_a_recording_is_replayed(open_app: OpenApp) -> None:
    given = cell("from notebook_stream import replay, stream", gives="replay, stream")
    run = 's = stream("hi", model="demo/lorem", tokens=40, pace=200, display=False)\ns.result()'
    shown = cell("replay(s.recording, display=False)", takes="replay, s")
    page = open_app("edit", [given, cell(run, takes="stream", gives="s"), shown])
    host = page.locator(".notebook-stream.inspected")
    expect(host.locator("[part=answer]")).to_contain_text("t000040", timeout=WAIT_MS)
    slider = host.get_by_role("slider", name="Place in the stream")
    slider.focus()
    page.keyboard.press("Home")
    expect(host.locator("[part=answer]")).not_to_contain_text("t000001")
    host.get_by_role("button", name="Play").click()
    expect(host.locator("[part=answer]")).to_contain_text("t000040", timeout=WAIT_MS)
