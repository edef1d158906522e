"""`%%stream` in JupyterLab: the answer below the cell, several models side by side, Tab after -m."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .page import WAIT_MS
from .test_settle import expect_static

LOAD = "%load_ext notebook_stream\ntopic = 'SSE'"


def test_a_cell_is_asked_and_its_answer_stays(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([LOAD, "%%stream -m demo/echo -o s\nAbout {topic}", "print(s.text)"])
    notebook.run(0)
    notebook.run(1)
    expect_static(notebook, 1, "About SSE", "done")
    notebook.run(2)
    assert notebook.output_text(2).strip() == "About SSE"


def test_several_models_stand_side_by_side(open_notebook: OpenNotebook) -> None:
    code = "%%stream -m demo/echo -m demo/lorem -o c --wait tokens=3\nAbout {topic}"
    notebook = open_notebook([LOAD, code, "print(len(c), [s.status for s in c])"])
    notebook.run(0)
    notebook.run(1)
    for text in ("About SSE", "t000001 t000002 t000003"):
        expect(notebook.output(1)).to_contain_text(text, timeout=WAIT_MS)
    notebook.run(2)
    assert notebook.output_text(2).strip() == "2 ['done', 'done']"


def test_tab_completes_the_name_of_a_model(open_notebook: OpenNotebook, page: Page) -> None:
    notebook = open_notebook([LOAD, ""])
    notebook.run(0)
    notebook.activate(1)
    page.keyboard.press("Enter")
    page.keyboard.type("%%stream -m demo/ec")
    page.keyboard.press("Tab")
    proposal = page.locator(".jp-Completer-item").get_by_text("demo/echo", exact=True)
    expect(proposal).to_be_visible(timeout=WAIT_MS)
    page.keyboard.press("Enter")
    expect(notebook.cell(1).locator(".cm-line").first).to_have_text("%%stream -m demo/echo")
