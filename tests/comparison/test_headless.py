"""A comparison in a notebook that a program runs: its table is there, waiting or not, and no widget."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from notebook_stream import Comparison

from ..test_headless import (
    CUT_OFF,
    assert_no_widget_is_kept,
    notebook_of,
    only_output,
    with_nbclient,
)

IMPORT = "from notebook_stream import compare\n"
CELL = IMPORT + "c = compare(['a', 'b'], ['demo/lorem', 'demo/echo'], tokens={}, pace=100, first_token_s=0{})"


def test_waiting_keeps_the_whole_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_WAIT", "1")
    # One at a time: those that wait for their turn are waited for, too.
    notebook = with_nbclient(notebook_of(CELL.format(40, ", concurrency=1")), tmp_path)
    output = only_output(notebook.cells[0])
    assert output.data["text/html"].count("t000040") == 2
    assert CUT_OFF not in output.data["text/html"]
    kept = Comparison.from_output(output.metadata)
    assert [run.status for run in kept] == ["done"] * 4
    assert_no_widget_is_kept(notebook)


def test_a_table_is_whole_where_a_later_cell_has_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTEBOOK_STREAM_WAIT", raising=False)
    cells = (CELL.format(40, ""), "await c;", "c.again(lambda s: s.text == 'a')\nawait c;")
    notebook = with_nbclient(notebook_of(*cells), tmp_path)
    output = only_output(notebook.cells[0])
    assert output.data["text/html"].count("t000040") == 2
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 0, 0]
    assert_no_widget_is_kept(notebook)


def test_without_waiting_it_says_that_it_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTEBOOK_STREAM_WAIT", raising=False)
    notebook: nbformat.NotebookNode = with_nbclient(
        notebook_of(CELL.format(100_000, "") + "\nwhile not c[0, 0].text: pass"), tmp_path
    )
    html = only_output(notebook.cells[0]).data["text/html"]
    assert "t000001" in html
    assert CUT_OFF in html


@pytest.mark.parametrize("finish", ["c.freeze()", "c"])
def test_what_has_ended_is_a_table_at_once(
    finish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTEBOOK_STREAM_WAIT", raising=False)
    notebook = with_nbclient(notebook_of(CELL.format(3, ", display=False"), f"await c\n{finish}"), tmp_path)
    outputs = notebook.cells[1].outputs
    assert len(outputs) == (finish == "c")
    assert all("t000003" in output.data["text/html"] for output in outputs)
