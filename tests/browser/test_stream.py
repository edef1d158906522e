"""A stream in a cell: it comes piece by piece, ends, is shown once, and again where one asks for it."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook
from .demo import CLOSED, ENDLESS, closed_at
from .frames import Traffic
from .page import FRONT_ENDS, FrontEnd

SHORT = """
from notebook_stream import stream
s = stream("hi", model="demo/lorem", tokens=120, settle=False)
s
"""


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_answer_comes_piece_by_piece_and_is_shown_once(
    open_notebook: OpenNotebook, traffic: Traffic, front_end: FrontEnd
) -> None:
    notebook = open_notebook([SHORT, "print(s.status); print(s.text)", "s"], front_end=front_end)
    notebook.run(0)
    view = notebook.view(0)
    lengths = [view.wait_for_more(0)]
    for _ in range(3):
        lengths.append(view.wait_for_more(lengths[-1]))
    view.wait_until("done")
    notebook.run(1)
    status, text = notebook.output_text(1).split("\n", 1)
    assert status == "done"
    assert view.answer.split() == text.split()
    assert len(text) > lengths[-1] > lengths[0]
    # At most thirty a second, and fewer than one for each token.
    appends = [message for message in traffic.own_messages() if message["type"] == "append"]
    assert 3 < len(appends) <= 120
    # As the last expression of its own cell it is not shown twice; in a later cell it is shown again.
    expect(notebook.views(0)).to_have_count(1)
    notebook.run(2)
    notebook.view(2).wait_until("done")
    assert notebook.view(2).answer.split() == text.split()


def test_markdown_becomes_elements(open_notebook: OpenNotebook) -> None:
    cell = 'from notebook_stream import stream\ns = stream("hi", model="demo/markdown", pace=0, settle=False)'
    notebook = open_notebook([cell, "print(s.text)"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_until("done")
    notebook.run(1)
    source = notebook.output_text(1)
    assert "# " in source
    assert "**" in source
    expect(view.part("answer").locator("h1, h2, h3").first).to_be_visible()
    expect(view.part("answer").locator("strong").first).to_be_visible()
    assert "**" not in view.answer


def test_stop_closes_the_connection_and_keeps_the_text(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([ENDLESS, CLOSED, "print(s.status, s.stop_reason); print(s.text)"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(20)
    pressed = time.monotonic()
    view.stop()
    view.wait_until("stopped")
    # The goal is 0.25 s; the click itself waits for the page to be steady.
    assert closed_at(notebook, 1) - pressed < 2.5
    notebook.run(2)
    status, text = notebook.output_text(2).split("\n", 1)
    assert status == "stopped user"
    assert view.answer.split() == text.split() != []
