"""Views come and go, kernels end: what the stream does then, and what the page says."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .demo import ENDLESS
from .numbered import EACH_FRONT_END, Complaints, cell, numbered
from .page import WAIT_MS, FrontEnd, View

IMPATIENT = """
import notebook_stream.widget.shown
notebook_stream.widget.shown.ABANDONED_SECONDS = 0.3
"""


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_two_views_show_the_same_and_either_may_go(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([IMPATIENT + ENDLESS, "s", "s", "print(s.text)"], front_end=front_end)
    notebook.run(0)
    notebook.view(0).wait_for_more(20)
    notebook.run(1)
    notebook.run(2)
    views = [notebook.view(index) for index in (0, 1, 2)]
    for view in views:
        view.wait_for_more(60)
    # One goes; the others stay, go on, and the run is not abandoned.
    notebook.clear_output(2)
    for view in views[:2]:
        view.wait_for_more(len(view.answer) + 60)
    views[1].stop()
    for view in views[:2]:
        view.wait_until("stopped: connection closed")
    notebook.run(3)
    for view in views[:2]:
        view.wait_for_answer(notebook.output_text(3).strip())


WAIT_FOR_END = """
import time
until = time.monotonic() + 20
while a.status == "streaming" and time.monotonic() < until:
    time.sleep(0.01)
print(a.status, a.stop_reason, a._view_count)
print(b.status, b.stop_reason, b._view_count)
print(c.status, c.stop_reason, c._view_count)
"""
"""Neither `result()` nor a loop over the text: they would count as somebody who wants it."""

IN_A_BOX = (
    cell(1_000_000, name="c", more="display=False")
    + """
from ipywidgets import HBox
box = HBox([c])
box
"""
)


def test_a_run_that_nobody_sees_any_more_stops(open_notebook: OpenNotebook) -> None:
    endless = [
        IMPATIENT + cell(1_000_000, name="b", more="keep_running=True"),
        IN_A_BOX,
        cell(1_000_000, name="a"),
    ]
    notebook = open_notebook([*endless, WAIT_FOR_END])
    for index in range(3):
        notebook.run(index)
        notebook.view(index).wait_for_more(20)
    # What must go on loses its view first: when the last has been stopped, their time is up, too.
    notebook.clear_output(0)
    notebook.clear_output(1)
    notebook.delete_cell(2)
    notebook.run(2)
    assert notebook.output_text(2).split("\n")[:3] == [
        "stopped abandoned 0",
        "streaming None 0",
        "streaming None 0",
    ]


STOP_LATER = """
import threading, time
def stop_later():
    while s._view_count:
        time.sleep(0.01)
    time.sleep(4 * notebook_stream.widget.shown.ABANDONED_SECONDS)
    s.stop()
threading.Thread(target=stop_later).start()
"""
WANTED = {"awaited": "await s", "iterated": "for piece in s.text_stream: pass"}


@pytest.mark.parametrize("how", WANTED)
def test_a_run_that_somebody_waits_for_goes_on_without_a_view(open_notebook: OpenNotebook, how: str) -> None:
    waiting = f"{STOP_LATER}\n{WANTED[how]}\nprint(s.status, s.stop_reason)"
    notebook = open_notebook([IMPATIENT + ENDLESS, waiting])
    notebook.run(0)
    notebook.view(0).wait_for_more(20)
    notebook.run(1, wait=False)
    notebook.wait_until_cell_runs(1)
    notebook.clear_output(0)
    notebook.wait_until_cell_ended(1)
    assert notebook.output_text(1).strip() == "stopped user"


AGAIN = "runs = globals().setdefault('runs', [])" + ENDLESS + "runs.append(s)"


def test_running_the_cell_again_stops_the_run_it_had_started(open_notebook: OpenNotebook) -> None:
    ask = "print([(run.status, run.stop_reason) for run in runs])"
    notebook = open_notebook([AGAIN, ask, ENDLESS])
    notebook.run(0)
    notebook.view(0).wait_for_more(20)
    notebook.run(2)
    notebook.run(0)
    notebook.view(0).wait_for_more(20)
    # Another cell has stopped nothing.
    notebook.view(2).wait_for_more(len(notebook.view(2).answer) + 20)
    notebook.run(1)
    assert notebook.output_text(1).strip() == "[('stopped', 'abandoned'), ('streaming', None)]"


SIDE_BY_SIDE = f"""
from ipywidgets import HBox
{cell(120, name="s1", more="display=False")}
{cell(90, name="s2", more="display=False")}
HBox([s1, s2])
"""


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_two_streams_side_by_side_in_a_box(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([SIDE_BY_SIDE], front_end=front_end)
    notebook.run(0)
    views = notebook.views(0)
    expect(views).to_have_count(2, timeout=WAIT_MS)
    for index, tokens in enumerate((120, 90)):
        view = View(views.nth(index))
        view.wait_for_answer(numbered(tokens))
        view.wait_until("done")
    # Side by side, and neither squeezed to nothing.
    first, second = (views.nth(index).bounding_box() for index in (0, 1))
    assert first is not None
    assert second is not None
    assert first["x"] + first["width"] <= second["x"] + 1
    assert min(first["width"], second["width"]) > 200


def expect_gone(view: View) -> str:
    """The page says that the kernel is gone, Stop is grey and does nothing; returns the text that is kept."""
    view.wait_until("interrupted: kernel gone")
    expect(view.stop_button).to_have_attribute("aria-disabled", "true")
    view.stop_button.click(force=True)  # Playwright itself would wait for it to be enabled
    view.wait_until("interrupted: kernel gone")
    text = view.answer
    assert text.startswith(numbered(3))
    return text


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_kernel_restart_in_mid_stream(open_notebook: OpenNotebook, page: Page, front_end: FrontEnd) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([ENDLESS, cell(60)], front_end=front_end)
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(100)
    notebook.restart()
    text = expect_gone(view)
    # A new stream in the new kernel works, and the old text stays as it was.
    notebook.run(1)
    notebook.view(1).wait_for_answer(numbered(60))
    assert view.answer == text
    assert complaints.lines == []


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_kernel_death_in_mid_stream(open_notebook: OpenNotebook, page: Page, front_end: FrontEnd) -> None:
    complaints = Complaints(page)
    notebook = open_notebook(["import os; print(os.getpid())", ENDLESS], front_end=front_end)
    notebook.run(0)
    notebook.run(1)
    view = notebook.view(1)
    view.wait_for_more(100)
    os.kill(int(notebook.output_text(0)), signal.SIGKILL)
    # The server notices after some seconds, and the application tells it in a dialog.
    page.locator(".jp-Dialog .jp-mod-accept").click(timeout=WAIT_MS)
    expect_gone(view)
    assert complaints.lines == []
