"""At the change-over nothing jumps and nothing flashes: what follows stays, and no frame is without text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import OpenNotebook
from .numbered import tell
from .page import WAIT_MS, Notebook

MODELS = ["markdown", "python", "table", "maths", "reasoning", "tools", "refusal"]
MAX_PIXELS = 8.0
MAX_SHIFT = 0.02
"""Either is enough: what a reader below would notice, or the browser's own measure (layout instability)."""

WATCH = """() => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[0].node;
  const output = cell.querySelector('.jp-Cell-outputArea');
  const seen = window.changeOver = {shift: 0, frames: 0, empty: 0, heights: []};
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) seen.shift += entry.value;
  }).observe({type: 'layout-shift'});
  const look = () => {
    const host = output.querySelector('.notebook-stream');
    const text = host ? host.shadowRoot.querySelector('.choices')?.textContent : output.textContent;
    seen.frames++;
    if (!text?.trim()) seen.empty++;
    const height = output.getBoundingClientRect().height;
    if (seen.heights.at(-1) !== height) seen.heights.push(height);
    seen.isStatic = !host;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def change_over(notebook: Notebook) -> dict[str, Any]:
    """What the page saw from the end of the run to a second after its change-over."""
    page = notebook.page
    status = notebook.view(0).part("status")
    status.evaluate("element => element.focus()")  # holds it
    expect(status).not_to_contain_text(re.compile("connecting|waiting|streaming"), timeout=WAIT_MS)
    page.evaluate(WATCH)
    status.evaluate("element => element.blur()")
    page.wait_for_function("() => window.changeOver.isStatic", timeout=WAIT_MS)
    page.wait_for_timeout(1000)
    seen: dict[str, Any] = page.evaluate("window.changeOver")
    return seen


EACH_MODEL = [pytest.param(m, marks=[] if m == "markdown" else [pytest.mark.whole]) for m in MODELS]


@pytest.mark.parametrize("model", EACH_MODEL)
def test_nothing_jumps_and_nothing_flashes(open_notebook: OpenNotebook, model: str) -> None:
    asked = f'"hi", model="demo/{model}", pace=150, first_token_s=2'
    code = f"from notebook_stream import stream\ns = stream({asked})"
    notebook = open_notebook([code, "1"])
    notebook.page.mouse.move(2, 2)
    notebook.run(0, wait=False)
    seen = change_over(notebook)
    heights = seen["heights"]
    # The host's MathJax sets formulas some frames later, and until then their source has another height: of
    # an answer that is full of them only the beginning and the end can be the same.
    moved = abs(heights[-1] - heights[0]) if model == "maths" else max(heights) - min(heights)
    empty = f"{seen['empty']} of {seen['frames']} frames empty"
    tell(f"demo/{model}: {moved:.1f} px, shift {seen['shift']:.4f}, {empty}")
    assert seen["frames"] > 5
    assert seen["empty"] == 0
    assert moved <= MAX_PIXELS or seen["shift"] <= MAX_SHIFT
