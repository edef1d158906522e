"""A run that has ended becomes ordinary output in its place: idle or busy, never under the reader's hand."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .kernels import KERNELS
from .numbered import EACH_FRONT_END, Complaints, numbered
from .page import WAIT_MS, FrontEnd, Notebook, View

WIDGET = "application/vnd.jupyter.widget-view+json"
START = "from notebook_stream import stream, show\n"
LEFT = """
import time
from ipywidgets.widgets.widget import _instances
ours = lambda: sorted(type(w).__name__ for w in list(_instances.values()))
until = time.monotonic() + 20
while "Stream" in ours() and time.monotonic() < until:
    time.sleep(0.05)
print(ours())
"""
"""Which widgets the kernel still has, once there is no stream among them (or after 20 s)."""


def cell(tokens: int, *, name: str = "s", more: str = "") -> str:
    """A cell whose stream settles; `numbered.cell` makes one that does not."""
    given = f'"hi", model="demo/lorem", tokens={tokens}, pace=100{more and ", " + more}'
    return f"{START}{name} = stream({given})"


def outputs_of(notebook: Notebook, index: int) -> list[dict[str, Any]]:
    """What the file has of cell `index`, once saved."""
    found: list[dict[str, Any]] = notebook.save()["cells"][index]["outputs"]
    return found


def expect_static(notebook: Notebook, index: int, *texts: str) -> None:
    """No view is left in cell `index`, and its output reads these texts."""
    # First the texts, in a view or not: before it is there, a page that opens has no view either.
    for text in texts:
        expect(notebook.output(index)).to_contain_text(text, timeout=WAIT_MS)
    expect(notebook.views(index)).to_have_count(0, timeout=WAIT_MS)
    for text in texts:
        expect(notebook.output(index)).to_contain_text(text)


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_a_finished_answer_becomes_ordinary_output(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([cell(100), "s", LEFT], front_end=front_end)
    notebook.run(0)
    notebook.view(0).wait_for_more(20)
    expect_static(notebook, 0, numbered(100), "done")
    (output,) = outputs_of(notebook, 0)
    assert WIDGET not in output["data"]
    assert output["metadata"]["notebook_stream"]
    # Shown later it is static at once, and no comm is opened for it.
    notebook.run(2)
    assert notebook.output_text(2).strip() == "['Core']"
    notebook.run(1)
    expect_static(notebook, 1, numbered(100))
    notebook.run(2)
    assert notebook.output_text(2).strip() == "['Core']"
    assert complaints.lines == []


def fails(text: str) -> str:
    return f"def answer():\n    yield {text!r}\n    raise ValueError('out of paper')\n"


ENDS = {
    "stopped": (cell(1_000_000, more="max_chars=400"), "stopped: limit of 400 characters"),
    "interrupted": (f'{START}s = stream("hi", model="demo/markdown", fault="cut:20")', "interrupted"),
    "error": (f"{START}{fails('some words')}s = show(answer())", "out of paper"),
    "refused": (f'{START}s = stream("hi", model="demo/markdown", fault="http_401")', "401"),
}


@pytest.mark.parametrize("end", ENDS)
def test_every_end_is_kept(open_notebook: OpenNotebook, end: str) -> None:
    code, words = ENDS[end]
    notebook = open_notebook([code, "print(s.text)"])
    notebook.run(0)
    expect_static(notebook, 0, words)
    notebook.run(1)
    text = notebook.output_text(1).strip()
    (output,) = outputs_of(notebook, 0)
    # The answer's beginning, not its Markdown's letters.
    assert text[:10].strip("# ") in "".join(output["data"]["text/plain"])


EACH_KERNEL = [pytest.param(k, marks=[] if k == KERNELS[0] else [pytest.mark.whole]) for k in KERNELS]


@pytest.mark.parametrize("kernel", EACH_KERNEL)
def test_it_settles_while_another_cell_runs_and_in_every_display(
    open_notebook: OpenNotebook, kernel: str
) -> None:
    busy = "import time; time.sleep(600)"
    notebook = open_notebook([cell(300), "s", busy], kernel=kernel)
    notebook.run(0)
    notebook.run(1)
    notebook.view(1).wait_for_more(20)
    notebook.run(2, wait=False)
    notebook.wait_until_cell_runs(2)
    for index in (0, 1):
        expect_static(notebook, index, numbered(300))
    assert notebook.is_cell_running(2)
    assert notebook.output_text(2).strip() == ""
    notebook.interrupt()
    notebook.wait_until_cell_ended(2, raises="KeyboardInterrupt")


HELD_MS = 2500
"""Longer than the kernel waits for a page that says nothing."""


def hold(notebook: Notebook, how: str) -> None:
    view = notebook.view(0)
    if how == "pointer":
        view.part("answer").hover()
    elif how == "focus":
        view.part("answer").focus()
    else:
        view.part("answer").evaluate(
            """answer => {
              const range = document.createRange();
              range.selectNodeContents(answer.querySelector('p'));
              const selection = answer.getRootNode().getSelection?.() ?? document.getSelection();
              selection.removeAllRanges();
              selection.addRange(range);
            }"""
        )


def let_go(notebook: Notebook, how: str) -> None:
    page = notebook.page
    if how == "pointer":
        page.mouse.move(2, 2)
    elif how == "focus":
        page.evaluate("document.activeElement.blur()")
    else:
        page.evaluate("document.getSelection().removeAllRanges()")


@pytest.mark.parametrize("how", ["pointer", "focus", "selection"])
def test_it_waits_for_the_reader(open_notebook: OpenNotebook, how: str) -> None:
    notebook = open_notebook([cell(150)])
    notebook.run(0)
    notebook.page.mouse.move(2, 2)
    view = notebook.view(0)
    view.wait_for_more(50)
    hold(notebook, how)
    view.wait_until("done")
    notebook.page.wait_for_timeout(HELD_MS)
    view.wait_for_answer(numbered(150))
    let_go(notebook, how)
    expect_static(notebook, 0, numbered(150))


def test_it_does_not_wait_for_ever(open_notebook: OpenNotebook) -> None:
    patience = "import notebook_stream.widget.settling as m; m.READER_SECONDS = 3.0\n"
    notebook = open_notebook([patience + cell(100)])
    notebook.run(0)
    notebook.view(0).wait_for_more(10)
    notebook.view(0).part("answer").hover()
    notebook.view(0).wait_until("done")
    began = time.monotonic()
    expect_static(notebook, 0, numbered(100))
    assert time.monotonic() - began > 1.5  # it did wait


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_a_page_that_was_reloaded_repairs_its_output(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    notebook = open_notebook([cell(400), LEFT], front_end=front_end)
    notebook.run(0)
    notebook.view(0).wait_for_more(50)
    notebook.save()
    complaints = Complaints(page)
    notebook.reload()
    notebook.view(0).wait_for_more(50)
    expect_static(notebook, 0, numbered(400))
    (output,) = outputs_of(notebook, 0)
    assert WIDGET not in output["data"]
    assert numbered(400) in "".join(output["data"]["text/html"])
    assert output["metadata"]["notebook_stream"]
    notebook.run(1)
    assert notebook.output_text(1).strip() == "['Core']"
    assert complaints.lines == []


def test_a_tab_that_was_closed_repairs_its_output_when_it_returns(
    open_notebook: OpenNotebook, page: Page
) -> None:
    notebook = open_notebook([cell(150), "s.result().status"])
    notebook.run(0)
    notebook.view(0).wait_for_more(50)
    notebook.save()
    page.goto("about:blank")
    time.sleep(4)  # the run ends, and the change-over passes, while no page is there
    notebook.visit()
    expect_static(notebook, 0, numbered(150))
    (output,) = outputs_of(notebook, 0)
    assert WIDGET not in output["data"]


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_without_settling_the_view_stays_and_the_copy_is_in_the_file(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    notebook = open_notebook([cell(100, more="settle=False"), "s.freeze()", LEFT], front_end=front_end)
    notebook.run(0)
    notebook.view(0).wait_until("done")
    copy = notebook.output(0).locator(".notebook-stream-copy")
    expect(copy).to_contain_text(numbered(100), timeout=WAIT_MS)
    expect(copy).to_be_hidden()
    live, below = outputs_of(notebook, 0)
    assert WIDGET not in live["data"]  # the page shows it, the file only remembers where
    assert numbered(100) in "".join(below["data"]["text/html"])
    assert below["metadata"]["notebook_stream"]
    notebook.run(1)
    expect_static(notebook, 0, numbered(100))
    expect(copy).to_be_empty()
    notebook.run(2)
    assert notebook.output_text(2).strip() == "['Core']"


def test_a_reopened_notebook_shows_the_copy_below(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([cell(100, more="settle=False"), "import os; os._exit(0)"])
    notebook.run(0)
    notebook.view(0).wait_until("done")
    copy = notebook.output(0).locator(".notebook-stream-copy")
    expect(copy).to_contain_text(numbered(100), timeout=WAIT_MS)
    notebook.save()
    notebook.restart()
    notebook.reload()
    expect(copy).to_be_visible(timeout=WAIT_MS)
    # Of the view nothing is left, where JupyterLab would show an error for a widget that it does not find.
    assert "widget" not in notebook.output(0).inner_text().lower()
    live, below = outputs_of(notebook, 0)
    assert WIDGET not in live["data"]
    assert numbered(100) in "".join(below["data"]["text/html"])


def test_a_reloaded_page_puts_the_live_view_back(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([cell(100, more="settle=False")])
    notebook.run(0)
    notebook.view(0).wait_until("done")
    copy = notebook.output(0).locator(".notebook-stream-copy")
    expect(copy).to_contain_text(numbered(100), timeout=WAIT_MS)
    notebook.save()
    notebook.reload()
    notebook.view(0).wait_for_answer(numbered(100))
    expect(copy).to_be_hidden()


def test_inspect_shows_a_finished_run_and_leaves_its_copy(open_notebook: OpenNotebook) -> None:
    left = LEFT.replace("Stream", "Inspector")
    notebook = open_notebook([cell(100), "i = s.inspect()", "i.freeze()", left])
    notebook.run(0)
    expect_static(notebook, 0, numbered(100))
    notebook.run(1)
    notebook.view(1).wait_for_answer(numbered(100))
    notebook.view(1).wait_until("done")
    copy = notebook.output(1).locator(".notebook-stream-copy")
    expect(copy).to_contain_text(numbered(100), timeout=WAIT_MS)
    notebook.page.wait_for_timeout(HELD_MS)
    notebook.view(1).wait_for_answer(numbered(100))
    expect_static(notebook, 0, numbered(100))
    notebook.run(2)
    expect_static(notebook, 1, numbered(100))
    notebook.run(3)
    assert notebook.output_text(3).strip() == "['Core', 'Inspecting']"


MANY = f"""{START}
for _ in range(100):
    stream("hi", model="demo/lorem", tokens=5, pace=0, first_token_s=0)
"""


def test_a_hundred_finished_streams_leave_nothing_open(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([MANY, LEFT + "import comm; print(len(comm.get_comm_manager().comms))"])
    notebook.run(0)
    expect_static(notebook, 0, numbered(5))
    notebook.run(1)
    # Only the shared library; the other comm is the control channel of ipywidgets.
    widgets, comms = notebook.output_text(1).strip().splitlines()
    assert widgets == "['Core']"
    assert int(comms) <= 2


CROWD = f"""{START}
runs = [stream("hi", model="demo/lorem", tokens=30, pace=100, settle=False) for _ in range(30)]
"""


def test_thirty_live_views_of_one_cell_are_all_there(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([CROWD])
    notebook.run(0)
    # JupyterLab shows fifty outputs of a cell: ten with a place for their copy, and twenty without.
    expect(notebook.views(0)).to_have_count(30, timeout=WAIT_MS)
    copies = notebook.output(0).locator(".notebook-stream-copy")
    expect(copies).to_have_count(10)
    for at in (0, 9):
        expect(copies.nth(at)).to_contain_text(numbered(30), timeout=WAIT_MS)
    last = View(notebook.views(0).nth(29))
    last.wait_for_answer(numbered(30))
    expect(last.part("notice")).to_contain_text("Not saved", timeout=WAIT_MS)
