"""Notebooks that a program runs: nbclient, papermill and nbconvert keep the answers, waiting or not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter

from notebook_stream import Stream, demo

from .browser.apps import asks

Run = Callable[[nbformat.NotebookNode, Path], nbformat.NotebookNode]

WIDGET = "application/vnd.jupyter.widget-view+json"
PATIENCE_S = 120
CUT_OFF = "NOTEBOOK_STREAM_WAIT=1"


def read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def with_nbclient(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    NotebookClient(notebook, timeout=PATIENCE_S, kernel_name="python3").execute()
    return notebook


def with_papermill(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    given, made = folder / "given.ipynb", folder / "made.ipynb"
    nbformat.write(notebook, given)
    papermill.execute_notebook(str(given), str(made), kernel_name="python3", progress_bar=False)
    return read(made)


def with_nbconvert(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    given = folder / "given.ipynb"
    nbformat.write(notebook, given)
    options = ["--to", "notebook", "--output", "made.ipynb", "--ExecutePreprocessor.kernel_name=python3"]
    command = [sys.executable, "-m", "nbconvert", "--execute", *options, str(given)]
    subprocess.run(command, check=True, timeout=PATIENCE_S, capture_output=True)
    return read(folder / "made.ipynb")


RUNNERS: list[Any] = [
    pytest.param(with_nbclient, id="nbclient"),
    pytest.param(with_papermill, id="papermill", marks=pytest.mark.whole),
    pytest.param(with_nbconvert, id="nbconvert", marks=pytest.mark.whole),
]


def notebook_of(*sources: str) -> nbformat.NotebookNode:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook: nbformat.NotebookNode = nbformat.v4.new_notebook(cells=cells)
    return notebook


def only_output(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    output: nbformat.NotebookNode
    (output,) = cell.outputs
    assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
    return output


def assert_no_widget_is_kept(notebook: nbformat.NotebookNode) -> None:
    assert "widgets" not in notebook.metadata
    assert WIDGET not in nbformat.writes(notebook)


@pytest.mark.parametrize("run", RUNNERS)
def test_without_waiting_it_keeps_what_had_come_and_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTEBOOK_STREAM_WAIT", raising=False)
    with demo.Server(pace=100, first_token_s=0) as server:
        notebook = run(
            notebook_of(
                "from notebook_stream import stream",
                f"a = {asks(server, tokens=40)}\na.result();",
                f"b = {asks(server, tokens=40)}",
                "b.result();",
                # In the last cell: nothing is read after its end.
                f"c = {asks(server)}\nnext(iter(c.text_stream));",
            ),
            tmp_path,
        )
    _, in_its_own_cell, in_a_later_cell, _, last = notebook.cells
    for cell in (in_its_own_cell, in_a_later_cell):
        data = only_output(cell).data
        assert all("t000040" in text for text in data.values())
        assert CUT_OFF not in data["text/html"]
    cut = only_output(last)
    assert all("t000001" in text for text in cut.data.values())
    assert CUT_OFF in cut.data["text/html"]
    assert CUT_OFF in cut.data["text/plain"]
    assert_no_widget_is_kept(notebook)


@pytest.mark.parametrize("run", RUNNERS)
def test_waiting_keeps_all_of_it_in_the_last_cell_too(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_WAIT", "1")
    with demo.Server(pace=100, first_token_s=0) as server:
        asked = asks(server, tokens=80)
        # Two of one cell, neither of which anybody awaits; a live view that would stay is for a page.
        stays = asked.removesuffix(")") + ", settle=False)"
        notebook = run(notebook_of(f"from notebook_stream import stream\na = {asked}\nb = {stays}"), tmp_path)
    assert len(notebook.cells[-1].outputs) == 2
    for output in notebook.cells[-1].outputs:
        assert all("t000080" in text for text in output.data.values())
        assert CUT_OFF not in output.data["text/html"]
        assert Stream.from_output(output.metadata).status == "done"
    assert_no_widget_is_kept(notebook)


def test_an_exported_notebook_reads_as_the_page_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_WAIT", "1")
    source = "from notebook_stream import stream\ns = stream('x', model='demo/markdown', pace=0)"
    notebook = with_nbclient(notebook_of(source), tmp_path)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    body = html[html.index("<body") :]
    assert "<Stream" not in body
    for part in ("<h2", "<table", "What travels over the wire", "<pre", "demo/markdown", "done"):
        assert part in body
    markdown, _ = MarkdownExporter().from_notebook_node(notebook)
    assert "What travels over the wire" in markdown
    assert "<Stream" not in markdown


BEGUN = """
import asyncio
from notebook_stream import show
async def words():
    yield "begun"
    while True:
        yield "so "
        await asyncio.sleep(0.05)
source = words()
await anext(source)
s = show(source)
await asyncio.sleep(0.5)
"""


def test_what_the_cells_own_loop_must_read_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_WAIT", "1")
    # To wait for it would block the loop that it needs: the notebook would never end.
    notebook = with_nbclient(notebook_of(BEGUN), tmp_path)
    assert "so" in only_output(notebook.cells[0]).data["text/plain"]
