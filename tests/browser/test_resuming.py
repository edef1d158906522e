"""An answer that goes on is shown as one, what was there from the first moment on; its limits are named."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import OpenNotebook

FIRST = 'from notebook_stream import stream\ns = stream("hi", model="demo/cut", pace=0, settle=False)'
REST = "t = s.resume(pace=5, first_token_s=3, settle=False)"


def test_an_answer_goes_on_in_one_view(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([FIRST, REST, "print(s.text); print('----'); print(t.text)"])
    notebook.run(0)
    notebook.view(0).wait_until("cut off")
    shown = notebook.view(0).answer.split()
    notebook.run(1)
    view = notebook.view(1)
    # Before anything new has come: all of the beginning, and no rate that it would make.
    expect(view.part("status")).to_contain_text("waiting for first token")
    assert view.answer.split() == shown
    view.wait_for_more(len(view.answer))
    expect(view.part("metrics")).to_contain_text("tokens/s")
    rate = re.search(r"≈ ([\d.,]+) tokens/s", view.part("metrics").inner_text())
    assert rate is not None
    assert float(rate[1].replace(",", "")) < 100  # five a second; with the beginning it would be hundreds
    view.wait_until("done")
    whole = view.answer.split()
    assert whole[: len(shown)] == shown
    assert len(whole) > len(shown)
    notebook.run(2)
    before, after = notebook.output_text(2).split("----\n")
    assert after.startswith(before.rstrip("\n"))


def test_the_view_and_the_saved_copy_name_the_limit(open_notebook: OpenNotebook) -> None:
    code = 'from notebook_stream import stream\ns = stream("hi", model="demo/lorem", stop_when="t000009"'
    notebook = open_notebook([f"{code}, settle=False)", f"{code})"])
    for cell in (0, 1):
        notebook.run(cell)
    notebook.view(0).wait_until("“t000009” was found (stop_when)")
    expect(notebook.output(1)).to_contain_text("stopped: “t000009” was found (stop_when)")
    expect(notebook.output(1)).not_to_contain_text("t000010")
