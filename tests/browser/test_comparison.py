"""A comparison in JupyterLab: its cells stream, stop, begin anew, are looked at in many ways, and stay."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from .conftest import OpenNotebook
from .frames import Message, Traffic, lose_messages, own_message
from .jupyter import JupyterServer
from .numbered import EACH_FRONT_END, Complaints, numbered, tell
from .page import ANSWER_TEXT, WAIT_MS, FrontEnd, Notebook

COMPARE = "from notebook_stream import compare\n"
MODELS = {"m30": 30, "m60": 60, "m90": 90, "m120": 120}
"""Names of models, and how many tokens each writes."""
TWENTY_FOUR = f"""{COMPARE}
models = {{name: {{"model": "demo/lorem", "tokens": n}} for name, n in {MODELS}.items()}}
c = compare(["one", "two", "three"], models, temperature=[0, 0.7], pace=60)
"""
ENDLESS = f"""{COMPARE}
c = compare(["one", "two"], {{"a": "demo/lorem", "b": "demo/lorem"}}, tokens=1_000_000, concurrency=3)
"""
ONE_FAILS = f"""{COMPARE}
bad = {{"model": "demo/lorem", "fault": "http_401"}}
c = compare(["one", "two"], {{"good": "demo/lorem", "bad": bad}}, tokens=80, pace=200)
"""
STATUSES = "print([s.status for s in c])"


class Grid:
    """The view of a comparison, read by the names of its cells: "one, a", or "one, a, temperature 0.7"."""

    def __init__(self, host: Locator) -> None:
        self.host = host

    def cell(self, name: str) -> Locator:
        """The cell of this name."""
        return self.host.locator(f'.cell[aria-label^="{name}:"]')

    def text(self, name: str) -> str:
        """The answer that the cell shows, brought into sight first."""
        self.cell(name).scroll_into_view_if_needed()
        return str(self.cell(name).locator("[part=answer]").evaluate(ANSWER_TEXT)).strip()

    def wait_for_text(self, name: str, text: str) -> None:
        """Until the cell shows exactly this answer."""
        self.cell(name).scroll_into_view_if_needed()
        expect(self.cell(name).locator("[part=answer]")).to_have_text(text, timeout=WAIT_MS)

    def wait_for_status(self, name: str, status: str) -> None:
        """Until the cell's status line holds this."""
        self.cell(name).scroll_into_view_if_needed()
        expect(self.cell(name).locator(".how")).to_contain_text(status, timeout=WAIT_MS)

    def wait_for_progress(self, words: str) -> None:
        """Until the line above the grid holds these words."""
        expect(self.host.locator(".progress")).to_contain_text(words, timeout=4 * WAIT_MS)

    def press(self, name: str, button: str) -> None:
        """Come to the cell with the pointer, and press its button."""
        self.cell(name).hover()
        self.cell(name).get_by_role("button", name=button, exact=True).click()

    def heads(self, role: str) -> list[str]:
        """What the heads of rows or columns read."""
        labels = self.host.locator(f"[role={role}]:not(.corner) .value:not(.detail)")
        return labels.all_inner_texts()


def grid_in(notebook: Notebook, index: int = 0) -> Grid:
    """The only comparison in the output of a cell."""
    hosts = notebook.views(index)
    expect(hosts).to_have_count(1, timeout=WAIT_MS)
    return Grid(hosts)


def printed(notebook: Notebook, index: int) -> Any:
    """What a cell prints, as Python's own notation of lists and strings."""
    notebook.run(index)
    return json.loads(notebook.output_text(index).strip().replace("'", '"'))


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_all_cells_stream_and_are_whole(open_notebook: OpenNotebook, page: Page, front_end: FrontEnd) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([TWENTY_FOUR, STATUSES], front_end=front_end)
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("queued")
    grid.wait_for_progress("24 of 24 ended")
    for prompt in ("one", "two", "three"):
        for model, tokens in MODELS.items():
            for temperature in ("0", "0.7"):
                grid.wait_for_text(f"{prompt}, {model}, temperature {temperature}", numbered(tokens))
    assert grid.host.get_by_role("button", name="Stop all").count() == 0
    assert printed(notebook, 1) == ["done"] * 24
    assert complaints.lines == []


def test_one_is_stopped_then_all(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([ENDLESS, STATUSES, "import time; time.sleep(600)"])
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_status("one, a", "streaming")
    grid.wait_for_status("two, b", "queued")
    grid.press("one, a", "Stop")
    grid.wait_for_status("one, a", "stopped")
    grid.wait_for_status("two, b", "streaming")  # its turn has come
    assert printed(notebook, 1) == ["stopped", "streaming", "streaming", "streaming"]
    notebook.run(2, wait=False)
    notebook.wait_until_cell_runs(2)
    grid.host.get_by_role("button", name="Stop all").click()
    grid.wait_for_progress("4 of 4 ended · 4 stopped")
    assert notebook.is_cell_running(2)
    notebook.interrupt()
    notebook.wait_until_cell_ended(2, raises="KeyboardInterrupt")
    assert printed(notebook, 1) == ["stopped"] * 4


def test_what_fails_leaves_the_others_alone_and_runs_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([ONE_FAILS, STATUSES])
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("4 of 4 ended · 2 failed")
    for prompt in ("one", "two"):
        grid.wait_for_text(f"{prompt}, good", numbered(80))
        grid.wait_for_status(f"{prompt}, bad", "error: key refused")
        expect(grid.cell(f"{prompt}, bad").locator(".trouble .hint")).not_to_be_empty()
    grid.press("two, good", "Again")
    grid.wait_for_progress("3 of 4 · 1 running · 2 failed")
    grid.wait_for_progress("4 of 4 ended · 2 failed")
    grid.wait_for_text("two, good", numbered(80))
    assert printed(notebook, 1) == ["done", "error", "done", "error"]


def test_again_counts_once_while_another_cell_keeps_the_kernel_busy(open_notebook: OpenNotebook) -> None:
    busy = "import time; time.sleep(4)"
    notebook = open_notebook([ONE_FAILS, busy, "print(c._runs.numbers)"], kernel="ipykernel-6.31")
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("4 of 4 ended")
    notebook.run(1, wait=False)
    notebook.wait_until_cell_runs(1)
    grid.press("one, good", "Again")
    grid.wait_for_progress("3 of 4")
    grid.wait_for_progress("4 of 4 ended")
    notebook.wait_until_cell_ended(1)
    assert printed(notebook, 2) == [1, 0, 0, 0]


def test_the_reader_looks_at_it_as_he_likes(open_notebook: OpenNotebook, page: Page) -> None:
    notebook = open_notebook([TWENTY_FOUR.replace("pace=60", "pace=0"), "1"])
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("24 of 24 ended")
    before = notebook.state_of_cells()
    grid.host.get_by_label("Across").select_option(label="prompt")
    assert grid.heads("columnheader") == ["one", "two", "three"]
    grid.host.get_by_label("Across").select_option(label="model")
    grid.host.get_by_label("Sort", exact=True).select_option(label="tokens")
    assert grid.heads("columnheader") == list(MODELS)
    grid.host.get_by_label("Least first").click()
    assert grid.heads("columnheader") == list(reversed(MODELS))
    grid.host.get_by_label("Sort", exact=True).select_option(label="order")

    grid.cell("one, m30, temperature 0").focus()
    page.keyboard.press("p")
    expect(grid.cell("one, m60, temperature 0").locator("ins")).to_have_text(
        numbered(60)[len(numbered(30)) :]
    )
    page.keyboard.press("p")
    expect(grid.host.locator("ins:visible")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    title = grid.host.locator(".enlarged .title")
    expect(title).to_have_text("one · m30 · temperature 0.7")
    page.keyboard.press("Escape")
    expect(title).to_have_count(0)
    # Keys that delete, move and run cells outside.
    for key in ("d", "d", "ArrowDown", "ArrowDown", "Shift+Enter", "x"):
        page.keyboard.press(key)
    grid.host.get_by_label("Find in answers and labels").fill("two")
    expect(grid.host.locator("[role=rowheader]")).to_have_count(2)
    assert notebook.state_of_cells() == before


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_the_page_is_reloaded_in_mid_stream(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    slow = TWENTY_FOUR.replace("pace=60", "pace=15")
    notebook = open_notebook([slow], front_end=front_end)
    notebook.run(0)
    grid = grid_in(notebook)
    expect(grid.cell("one, m30, temperature 0").locator("[part=answer]")).to_contain_text(
        "t000010", timeout=WAIT_MS
    )
    notebook.save()
    notebook.reload()
    grid = grid_in(notebook)
    expect(grid.cell("one, m30, temperature 0").locator("[part=answer]")).to_contain_text(
        "t000010", timeout=WAIT_MS
    )
    grid.wait_for_progress("24 of 24 ended")
    for prompt in ("one", "two", "three"):
        for model, tokens in MODELS.items():
            grid.wait_for_text(f"{prompt}, {model}, temperature 0.7", numbered(tokens))


def test_lost_messages_heal(open_notebook: OpenNotebook, page: Page) -> None:
    lost: list[str] = []

    def is_lost(message: Message) -> bool:
        own = own_message(message) or {}
        parts = (
            [part["message"]["type"] for part in own.get("cells", [])] if own.get("type") == "cells" else []
        )
        is_end = "end" in parts and lost.count("an end") < 3
        is_last = "_opening" in message["content"].get("data", {}).get("state", {}) and not own
        is_update = is_last and message["header"]["msg_type"] == "comm_msg"
        names = {"a batch": parts and own["seq"] in (3, 4, 9), "an end": is_end, "the last state": is_update}
        lost.extend(name for name, is_it in names.items() if is_it)
        return any(names.values())

    lose_messages(page, is_lost)
    notebook = open_notebook([TWENTY_FOUR, "c.result(); 1"])
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("24 of 24 ended")
    for prompt in ("one", "two", "three"):
        for model, tokens in MODELS.items():
            grid.wait_for_text(f"{prompt}, {model}, temperature 0", numbered(tokens))
    assert lost.count("a batch") == 3
    assert lost.count("an end") == 3
    assert "the last state" in lost


def test_it_stays_as_a_table_which_is_hidden_while_the_grid_is_there(
    open_notebook: OpenNotebook, jupyter_server: JupyterServer, browser: Browser
) -> None:
    notebook = open_notebook([ONE_FAILS])
    notebook.run(0)
    grid_in(notebook).wait_for_progress("4 of 4 ended")
    table = notebook.output(0).locator(".notebook-stream-copy table").first
    expect(table).to_be_attached(timeout=WAIT_MS)
    expect(table).to_be_hidden()
    notebook.save()
    jupyter_server.shut_down_kernels()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    reopened = Notebook(context.new_page(), jupyter_server, "lab", notebook.name)
    reopened.visit()
    output = reopened.output(0)
    expect(output.locator("table").first).to_be_visible(timeout=WAIT_MS)
    for text in ("t000080", "good", "bad", "one", "two"):
        expect(output).to_contain_text(text)
    assert reopened.views(0).count() == 0
    # Of the grid nothing is left, where JupyterLab would show an error for a widget that it does not find.
    assert "widget" not in output.inner_text().lower()
    context.close()


def test_two_views_show_the_same_runs(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([ENDLESS, "c"])
    notebook.run(0)
    notebook.run(1)
    first, second = grid_in(notebook, 0), grid_in(notebook, 1)
    second.wait_for_status("one, a", "streaming")
    first.host.get_by_label("Across").select_option(label="prompt")
    second.host.get_by_role("button", name="Stop all").click()
    for grid in (first, second):
        grid.wait_for_progress("4 of 4 ended · 4 stopped")
    assert first.heads("columnheader") == ["one", "two"]
    assert second.heads("columnheader") == ["a", "b"]
    assert first.text("one, b") == second.text("one, b")


TWO_HUNDRED = f"""{COMPARE}
import time
models = {{f"m{{n}}": {{"model": "demo/lorem", "tokens": n}} for n in (40, 60, 80, 100)}}
c = compare([f"p{{n}}" for n in range(50)], models, pace=20, concurrency=50)
cpu, start = time.process_time(), time.monotonic()
"""
COST = "c.result(); print(f'[{time.process_time() - cpu}, {time.monotonic() - start}]')"
FRAMES = """() => {
  const gaps = window.gaps = [];
  let last = performance.now();
  const look = (now) => { gaps.push(now - last); last = now; requestAnimationFrame(look); };
  requestAnimationFrame(look);
}"""
# Scrolls through; gives what each cell reads where it is in sight.
READ_ALL = """async (host) => {
  const root = host.shadowRoot;
  const scroller = root.querySelector(".scroll");
  const texts = {};
  for (let top = 0; ; top += scroller.clientHeight / 2) {
    scroller.scrollTop = top;
    await new Promise((done) => setTimeout(done, 100));
    const box = scroller.getBoundingClientRect();
    for (const cell of root.querySelectorAll(".cell")) {
      const { top, bottom } = cell.getBoundingClientRect();
      if (bottom <= box.top || top >= box.bottom) continue;
      texts[cell.getAttribute("aria-label")] = cell.querySelector("[part=answer]")?.textContent.trim();
    }
    if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) return texts;
  }
}"""


def test_two_hundred_cells_fifty_at_once(open_notebook: OpenNotebook, page: Page, traffic: Traffic) -> None:
    notebook = open_notebook([TWO_HUNDRED, COST])
    notebook.run(0)
    grid = grid_in(notebook)
    grid.wait_for_progress("50 running · 150 queued")
    page.evaluate(FRAMES)
    before, start = len(traffic.received), time.monotonic()
    grid.wait_for_progress("200 of 200 ended")
    seconds = time.monotonic() - start
    gaps = sorted(page.evaluate("window.gaps"))
    messages = len(traffic.received) - before
    cpu, wall = printed(notebook, 1)
    drawn = grid.host.evaluate("host => host.shadowRoot.querySelectorAll('.cell .choices').length")
    read = grid.host.evaluate(READ_ALL)
    assert read == {
        f"p{prompt}, m{tokens}: done": numbered(tokens)
        for prompt in range(50)
        for tokens in (40, 60, 80, 100)
    }
    median, p99 = gaps[len(gaps) // 2], gaps[int(0.99 * len(gaps))]
    tell(
        f"200 cells, 50 at once, {seconds:.1f} s: {drawn} drawn at the end; "
        f"frame gap median {median:.0f} ms, p99 {p99:.0f} ms, longest {gaps[-1]:.0f} ms; "
        f"{messages / seconds:.0f} messages/s; kernel CPU {100 * cpu / wall:.0f} %"
    )
    assert drawn < 100
    assert median < 200
