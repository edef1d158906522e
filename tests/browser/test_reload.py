"""The page is reloaded, or opened again, while a stream runs: the text is there, once, and goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from .conftest import OpenNotebook
from .demo import ENDLESS
from .jupyter import JupyterServer
from .numbered import EACH_FRONT_END, Complaints, cell, numbered
from .page import FrontEnd, Notebook

BLOCKED_SECONDS = 8


def text_of_kernel(notebook: Notebook, index: int) -> str:
    """What cell `index`, which prints `s.text`, says; the answer must be numbered without a gap."""
    notebook.run(index)
    text = notebook.output_text(index).strip()
    assert text == numbered(len(text.split()))
    return text


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_reload_in_mid_stream_and_after_the_end(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    notebook = open_notebook([ENDLESS, "print(s.text)"], front_end=front_end)
    notebook.run(0)
    before = notebook.view(0).wait_for_more(100)
    notebook.save()
    complaints = Complaints(page)
    notebook.reload()
    view = notebook.view(0)
    # What had come before is there, and it goes on.
    after = view.wait_for_more(before)
    view.wait_for_more(after + 100)
    view.stop()
    view.wait_until("stopped")
    text = text_of_kernel(notebook, 1)
    view.wait_for_answer(text)
    notebook.save()
    notebook.reload()
    notebook.view(0).wait_for_answer(text)
    notebook.view(0).wait_until("stopped")
    assert complaints.lines == []


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_reload_while_another_cell_blocks(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    tokens = 120
    blocking = f"import time; time.sleep({BLOCKED_SECONDS}); print(s.status)"
    notebook = open_notebook([cell(tokens), blocking], front_end=front_end)
    notebook.run(0)
    notebook.view(0).wait_for_more(50)
    notebook.save()
    notebook.run(1, wait=False)
    notebook.wait_until_cell_runs(1)
    notebook.reload()
    # The models of a reloaded page come from the kernel, once it is idle; the stream has ended by then.
    notebook.wait_until_ready()
    view = notebook.view(0)
    view.wait_for_answer(numbered(tokens))
    view.wait_until("done")


@pytest.fixture
def second_page(page: Page) -> Iterator[Page]:
    """Another tab of the same browser."""
    second = page.context.new_page()
    yield second
    second.close()


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_a_second_tab_shows_the_same(
    open_notebook: OpenNotebook, jupyter_server: JupyterServer, second_page: Page, front_end: FrontEnd
) -> None:
    first = open_notebook([ENDLESS, "print(s.text)"], front_end=front_end)
    first.run(0)
    first.view(0).wait_for_more(100)
    first.save()
    second = Notebook(second_page, jupyter_server, front_end, first.name)
    second.visit()
    shown = second.view(0).wait_for_more(100)
    second.view(0).wait_for_more(shown + 100)
    second.view(0).stop()
    first.view(0).wait_until("stopped")
    text = text_of_kernel(first, 1)
    for notebook in (first, second):
        notebook.view(0).wait_for_answer(text)
        notebook.view(0).wait_until("stopped")
