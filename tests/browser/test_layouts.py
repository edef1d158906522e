"""A stream inside other widgets: it streams, stops, ends, says that it is not saved there, and lives on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook
from .numbered import numbered
from .page import WAIT_MS
from .test_settle import START, WIDGET, cell, expect_static, outputs_of

UNSAVED = "Not saved in this layout: display(s) keeps it."
MADE = f'{START}import ipywidgets\nfrom IPython.display import display\ns = stream("hi", model="demo/lorem", '
HIDDEN = f"{MADE}tokens={{tokens}}, pace=100, display=False)\n"
LAYOUTS = {
    "VBox": HIDDEN + "ipywidgets.VBox([ipywidgets.Label('above'), s])",
    "HBox": HIDDEN + "ipywidgets.HBox([s, ipywidgets.Label('beside')])",
    "Tab": HIDDEN + "ipywidgets.Tab([s], titles=['answer'])",
    "Output": HIDDEN + "out = ipywidgets.Output()\ndisplay(out)\nwith out:\n    display(s)",
    "interact": (
        f"{START}import ipywidgets\nfrom IPython.display import display\n"
        "@ipywidgets.interact(tokens=ipywidgets.fixed({tokens}))\n"
        "def ask(tokens):\n    global s\n"
        '    s = stream("hi", model="demo/lorem", tokens=tokens, pace=100, display=False)\n    display(s)'
    ),
}


def drawn(*names: str) -> list[object]:
    """Every layout; in an ordinary run only these."""
    return [pytest.param(name, marks=[] if name in names else [pytest.mark.whole]) for name in LAYOUTS]


@pytest.mark.parametrize("layout", drawn("VBox", "Output"))
def test_it_ends_says_that_it_is_not_saved_and_is_kept_by_display(
    open_notebook: OpenNotebook, layout: str
) -> None:
    notebook = open_notebook([LAYOUTS[layout].replace("{tokens}", "60"), "display(s)"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_answer(numbered(60))
    view.wait_until("done")
    expect(view.part("notice")).to_have_text(UNSAVED, timeout=WAIT_MS)
    notebook.run(1)
    expect_static(notebook, 1, numbered(60))
    # The kernel has had all the time to take it for static; the view lives on.
    notebook.page.wait_for_timeout(2500)
    view.wait_for_answer(numbered(60))


@pytest.mark.parametrize("layout", drawn("Tab", "interact"))
def test_stop_works_in_it(open_notebook: OpenNotebook, layout: str) -> None:
    code = LAYOUTS[layout].replace("{tokens}", "1_000_000")
    notebook = open_notebook([code, "print(s.result().stop_reason)"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(50)
    view.stop()
    view.wait_until("stopped: connection closed")
    notebook.run(1)
    assert notebook.output_text(1).strip() == "user"


def test_alone_it_settles_and_in_a_box_it_lives_on(open_notebook: OpenNotebook) -> None:
    boxed_too = "import ipywidgets; ipywidgets.VBox([s])"
    notebook = open_notebook([cell(150), boxed_too, "print(s.comm is not None)"])
    notebook.run(0)
    notebook.run(1)
    boxed = notebook.view(1)
    boxed.wait_for_more(50)
    expect_static(notebook, 0, numbered(150))
    (output,) = outputs_of(notebook, 0)
    assert WIDGET not in output["data"]
    boxed.wait_for_answer(numbered(150))
    expect(boxed.part("notice")).to_have_text(UNSAVED, timeout=WAIT_MS)
    notebook.run(2)
    assert notebook.output_text(2).strip() == "True"


def test_reloaded_a_box_still_shows_it(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([cell(100, more="display=False"), "import ipywidgets; ipywidgets.VBox([s])"])
    notebook.run(0)
    notebook.run(1)
    notebook.view(1).wait_until("done")
    notebook.save()
    notebook.reload()
    notebook.view(1).wait_for_answer(numbered(100))
    expect(notebook.view(1).part("notice")).to_have_text(UNSAVED, timeout=WAIT_MS)
