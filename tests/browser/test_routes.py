"""The ways by which Stop reaches a busy kernel, closed in turn: either is enough, and none is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook
from .demo import CLOSED, ENDLESS, closed_at
from .page import WAIT_MS, FrontEnd

CLOSE = (
    "from notebook_stream import hosts\nhosts.SUBSHELL_ROUTE = {subshell}\nhosts.CONTROL_ROUTE = {control}\n"
)
SLEEPING = "import time; time.sleep({seconds})"

CASES = [
    # kernel, front end, subshell route, control route
    ("ipykernel-7.4", "lab", True, False),
    ("ipykernel-7.4", "notebook", False, True),
    ("ipykernel-7.3", "lab", False, False),  # handles widget messages on a subshell by itself
    ("ipykernel-6.31", "lab", False, True),
]
MORE = [
    ("ipykernel-7.4", "notebook", True, False),
    ("ipykernel-7.4", "lab", False, True),
    ("ipykernel-6.31", "notebook", False, True),
    ("ipykernel-7.3", "notebook", False, False),
]


@pytest.mark.parametrize(
    ("kernel", "front_end", "subshell", "control"),
    [*CASES, *(pytest.param(*case, marks=pytest.mark.whole) for case in MORE)],
)
def test_one_way_is_enough(
    open_notebook: OpenNotebook, kernel: str, front_end: FrontEnd, subshell: bool, control: bool
) -> None:
    start = CLOSE.format(subshell=subshell, control=control) + ENDLESS
    notebook = open_notebook(
        [start, SLEEPING.format(seconds=600), CLOSED], kernel=kernel, front_end=front_end
    )
    notebook.run(0)
    view = notebook.view(0)
    notebook.run(1, wait=False)
    notebook.wait_until_cell_runs(1)
    view.wait_for_more(len(view.answer) + 20)
    view.stop()
    view.wait_until("stopped")
    assert notebook.is_cell_running(1)
    notebook.interrupt()
    notebook.wait_until_cell_ended(1, raises="KeyboardInterrupt")
    assert closed_at(notebook, 2) > 0


@pytest.mark.parametrize("kernel", ["ipykernel-7.4", "ipykernel-6.31"])
def test_without_a_way_the_page_says_so_and_stops_when_the_cell_ends(
    open_notebook: OpenNotebook, kernel: str
) -> None:
    start = CLOSE.format(subshell=False, control=False) + ENDLESS
    notebook = open_notebook([start, SLEEPING.format(seconds=6), CLOSED], kernel=kernel)
    notebook.run(0)
    view = notebook.view(0)
    notebook.run(1, wait=False)
    notebook.wait_until_cell_runs(1)
    view.wait_for_more(len(view.answer) + 20)
    view.stop()
    view.wait_until("kernel busy: stops when the running cell ends")
    assert notebook.is_cell_running(1)
    expect(view.part("status")).to_contain_text("stopped: connection closed", timeout=WAIT_MS)
    notebook.wait_until_cell_ended(1)
    assert closed_at(notebook, 2) > 0
