"""Stop, in every situation of the kernel, by whatever route that kernel version and front end leave open."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from .conftest import OpenNotebook
from .demo import CLOSED, ENDLESS, closed_at
from .kernels import KERNELS
from .page import FRONT_ENDS, FrontEnd, Notebook

SITUATIONS = {
    "idle": "",
    "sleeping": "import time; time.sleep(600)",
    "busy loop": "while True: pass",
    "awaiting": "r = await s; print(r.status)",
}
"""What the kernel does while somebody presses Stop: the source of the cell that runs then."""

GOAL_SECONDS = {"idle": 0.25, "sleeping": 1.0, "busy loop": 1.0, "awaiting": 1.0}
SEED = 20261122


def cases() -> list[object]:
    """Each kernel in each situation in an ordinary run, the front end drawn; in a whole run in both."""
    drawn = random.Random(SEED)
    params: list[object] = []
    for kernel, situation in itertools.product(KERNELS, SITUATIONS):
        chosen = drawn.choice(FRONT_ENDS)
        for front_end in FRONT_ENDS:
            marks = [] if front_end == chosen else [pytest.mark.whole]
            params.append(pytest.param(kernel, front_end, situation, marks=marks))
    return params


@pytest.mark.parametrize(("kernel", "front_end", "situation"), cases())
def test_stop_closes_the_connection(
    open_notebook: OpenNotebook,
    request: pytest.FixtureRequest,
    kernel: str,
    front_end: FrontEnd,
    situation: str,
) -> None:
    notebook = open_notebook([ENDLESS, SITUATIONS[situation], CLOSED], kernel=kernel, front_end=front_end)
    notebook.run(0)
    view = notebook.view(0)
    if situation != "idle":
        notebook.run(1, wait=False)
        notebook.wait_until_cell_runs(1)
    # That it goes on in the background is the other half of the promise.
    view.wait_for_more(len(view.answer) + 20)
    pressed = time.monotonic()
    view.stop()
    view.wait_until("stopped")
    end_cell(notebook, situation)
    seconds = closed_at(notebook, 2) - pressed
    request.node.user_properties.append(("seconds_to_close", round(seconds, 3)))
    assert seconds < 10 * GOAL_SECONDS[situation]


def end_cell(notebook: Notebook, situation: str) -> None:
    """End the cell that kept the kernel busy: Stop must have ended only the one that awaits the stream."""
    if situation in ("sleeping", "busy loop"):
        assert notebook.is_cell_running(1)
        notebook.interrupt()
        notebook.wait_until_cell_ended(1, raises="KeyboardInterrupt")
    elif situation == "awaiting":
        notebook.wait_until_cell_ended(1)
        assert notebook.output_text(1).strip() == "stopped"
