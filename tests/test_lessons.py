"""The lessons run from top to bottom without key and network, and their cells show what their text claims."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from .test_kernel import NOTEBOOKS, OTHERS, QUICK

LESSONS = sorted(NOTEBOOKS.glob("lesson*.ipynb"))
SAID = {
    "lesson1_events": (
        "Transfer-Encoding: chunked",
        "[('', 'first line\\nsecond line'), ('weather', '{\"sky\": \"grey\"}')]",
        "8 events; the last: ('', '[DONE]')",
        "unexpected end of data",
        "message_stop",
        "  :end ",
        "[('', 'one'), ('', 'two\\nthree\\n')]",
    ),
    "lesson2_tokens": (
        "<Figure: tokens of demo/ngram",
        "at noon the sea is grey, at noon the sea is grey",
        "The sea is never still",
        "logprob  -1.120   probability 32.6%",
        "' never'    32.6% █",  # the same place, asked for alone
        "The sea is full",
        "perplexity",
    ),
    "lesson3_latency": (
        "foretold 3.80 s",
        "chunks: 120 were sent, 5 arrived",
        "all at once: read after 28.0 s, empty page 4.0 s",
        "streamed   : read after 24.2 s, empty page 0.2 s",
        "<Figure: timing of demo/long · 150 tokens",
        "45 tokens: P   2.5 s   Q   2.5 s",
    ),
    "lesson4_stopping": (
        "('stopped', 'user', ",
        "closed by: client",
        "stopped, chars: ",
        "stopped, seconds: ",
        "how language model'",
        "('done', 'length')",
        "ended without an end mark",
        "fell silent for 1 s",
        "sent heartbeats but no content for 1 s",
        "[(429, '0.0 s'), (429, '1.",
        "http_401  requests: 1",
        "http_500  requests: 3",
        "html      requests: 1",
        "cut:10    requests: 1",
        "failed (InterruptedStream), 77 characters kept",
        "[('no_done', 'done, ",
    ),
    "lesson5_wire": (
        "{'reasoning_content': ",
        "Reasoning begins after",
        "(551, 359)",
        "not yet   {\"city",
        "complete  ",
        "get_weather Reykjavík",
        "{'city': 'Oslo', 'celsius': -3, 'sky': ['grey', '']}",
        "'content_block_delta': 82",
    ),
    "lesson6_race": (
        "tortoise 150  ahead: tortoise",
        "<Figure: timing of demo/long · 150 tokens",
        "True, True)",
        " KB'",
        "68.0",
    ),
}  # fmt: skip
"""What the outputs of each lesson must say."""


@cache
def executed(path: Path) -> Any:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(QUICK))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


def said(notebook: Any) -> str:
    """All that the cells printed and gave back, as plain text."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.get("name") == "stderr"] == []
    texts = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]
    return "\n".join(texts)


def test_each_lesson_is_there_and_each_notebook_is_tested() -> None:
    assert [path.stem for path in LESSONS] == sorted(SAID)
    assert {path.name for path in NOTEBOOKS.glob("*.ipynb")} == {path.name for path in LESSONS} | set(OTHERS)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_what_it_says(path: Path) -> None:
    text = said(executed(path))
    assert [words for words in SAID[path.stem] if words not in text] == []


def test_the_told_probabilities_are_those_that_are_drawn() -> None:
    text = said(executed(NOTEBOOKS / "lesson2_tokens.ipynb"))
    pairs = re.findall(r"(?:told|by hand) +([\d.]+)% +drawn +([\d.]+)%", text)
    assert len(pairs) == 14
    assert max(abs(float(told) - float(drawn)) for told, drawn in pairs) < 4  # 3 standard deviations


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_kept_without_outputs_and_its_answers_are_folded(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code if cell.outputs] == []
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    exercises = next(n for n, cell in enumerate(notebook.cells) if "## Exercises" in cell.source)
    folded = [cell for cell in notebook.cells if cell.metadata.get("tags") == ["answer"]]
    assert folded
    assert all(cell.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True} for cell in folded)
    assert notebook.cells[-len(folded) :] == folded
    assert all(notebook.cells.index(cell) > exercises for cell in folded)
    assert max(len(cell.source.splitlines()) for cell in code) <= 26  # a cell is read at a glance
