"""From a server that nobody here wrote to the page: the text shown is what plain httpx reads there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..llama.readers import BASES, LIMITS, PATHS, SAMPLING, read_body, request_body, text_of
from ..llama.server import LlamaServer
from .conftest import OpenNotebook

PROMPT = "Explain streams."
CELL = """
from notebook_stream import stream
s = stream({prompt!r}, model={model!r}, base_url={base_url!r}, wire_format={wire_format!r},
           settle=False, **{sampling!r})
"""


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    with LlamaServer(tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.mark.parametrize("wire_format", PATHS)
def test_the_page_shows_what_the_server_said(
    open_notebook: OpenNotebook, llama: LlamaServer, wire_format: str
) -> None:
    body = request_body(wire_format, llama.model, PROMPT)
    said = text_of(wire_format, read_body(llama.url, wire_format, body))
    cell = CELL.format(
        prompt=PROMPT,
        model=llama.model,
        base_url=llama.url + BASES[wire_format],
        wire_format=wire_format,
        sampling={**SAMPLING, LIMITS[wire_format]: 200},
    )
    notebook = open_notebook([cell, "print(repr(s.text))"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_until("done")
    notebook.run(1)
    assert notebook.output_text(1).strip() == repr(said)
    # Markdown keeps no space at the ends of a paragraph.
    assert view.answer.strip() == said.strip() != ""
