"""From a server that nobody here wrote to the page: the text shown is what plain httpx reads there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from ..llama.readers import BASES, LIMITS, PATHS, SAMPLING, read_body, request_body, text_of
from ..llama.server import LlamaServer
from .conftest import OpenNotebook
from .page import WAIT_MS

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


INSPECTED = """
import json
from notebook_stream import stream
s = stream({prompt!r}, model={model!r}, base_url={base_url!r}, display=False, logprobs=True, top_logprobs=4,
           max_tokens=12, **{sampling!r})
s.result()
i = s.inspect()
"""
SENT = """
chunks = [json.loads(row.data) for row in s.recording.rows if row.data.startswith('{"choices"')]
choices = [choice for chunk in chunks for choice in chunk["choices"]]
told = [one for choice in choices for one in (choice.get("logprobs") or {}).get("content", [])]
print(json.dumps([[t["logprob"] for t in one["top_logprobs"]] for one in told]))
"""


def nearest(values: list[float], to: float) -> float:
    """The one of `values` that is nearest."""
    return min(values, key=lambda value: abs(value - to))


def test_the_probabilities_in_the_view_are_the_servers(
    open_notebook: OpenNotebook, llama: LlamaServer
) -> None:
    cell = INSPECTED.format(
        prompt=PROMPT, model=llama.model, base_url=f"{llama.url}/v1", sampling=dict(SAMPLING)
    )
    notebook = open_notebook([cell, SENT])
    notebook.run(0)
    host = notebook.output(0).locator(".notebook-stream.inspected")
    expect(host.locator(".view-tokens [tabindex='0']").first).to_be_visible(timeout=WAIT_MS)
    notebook.run(1)
    sent = json.loads(notebook.output_text(1))
    host.locator(".view-tokens [tabindex='0']").first.evaluate("element => element.focus()")
    shown: list[list[float]] = []
    for number in range(len(sent)):
        if number:
            notebook.page.keyboard.press("ArrowRight")
        expect(host.locator(".detail .head")).to_contain_text(f"token {number + 1}")
        figures = host.locator(".detail li:not(.others) .much").all()
        shown.append([float(figure.get_attribute("title") or "nan") for figure in figures])
    wanted = [[math.exp(logprob) for logprob in logprobs] for logprobs in sent]
    assert len(wanted) == 12
    for seen, right in zip(shown, wanted, strict=True):
        # The token itself stands there too where it was none of the likeliest.
        assert [nearest(seen, one) for one in right] == pytest.approx(right, rel=1e-5)
        assert len(seen) in (len(right), len(right) + 1)
