"""The saved copy beside a live view of the same run in JupyterLab: each block is in the same place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.demo import answers

from .conftest import OpenNotebook
from .page import WAIT_MS, Notebook

ANSWERS = Path(answers.__file__).parent / "answers"

RECORD = """
from IPython.display import HTML, display
from notebook_stream import saved, show, stream

def still(s):
    r = s.result()
    m = r.metrics
    names = ("text", "reasoning", "refusal", "tool_calls", "tool_results", "citations", "finish_reason")
    choices = tuple(saved.Answer(**{name: getattr(c, name) for name in names}) for c in r.choices)
    figures = dict(ttft_s=m.ttft_s, total_s=m.total_s, tokens=m.tokens)
    record = saved.Record(answers=choices, status=r.status, model=r.model, **figures)
    display(HTML(saved.to_html(record)))
"""
PLACES = """() => {
  const host = document.querySelector(".notebook-stream");
  const still = [...document.querySelectorAll(".ns-saved")].at(-1); // not the hidden one below the live view
  const output = (element) => element.closest(".jp-OutputArea-output").getBoundingClientRect();
  // Where its text begins, for headings have their margin as padding in the one and not in the other.
  const places = (parent, top) => [...parent.children].map((element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return [box.top + parseFloat(style.paddingTop) - top, box.left, box.right];
  });
  const live = host.shadowRoot.querySelector("[part~=answer] .ns-markdown");
  const blocks = [...still.children].filter((element) => element.localName !== "details");
  const parts = blocks.slice(0, live.children.length);
  return {
    live: places(live, output(host).top),
    still: places({ children: parts }, output(still).top),
    heights: [output(host).height, output(still).height],
  };
}"""


def measure(notebook: Notebook) -> dict[str, Any]:
    """Runs the cells; where the blocks of both are, and how high both are."""
    notebook.run(0)
    notebook.run(1)
    notebook.views(1).first.locator("[part~=status]").filter(has_text=re.compile("done|refused")).wait_for(
        timeout=WAIT_MS
    )
    notebook.run(2)
    notebook.output(2).locator(".ns-saved").wait_for(timeout=WAIT_MS)
    if notebook.views(1).first.locator("math").count() > 0:
        notebook.output(2).locator(".ns-saved mjx-container").first.wait_for(timeout=WAIT_MS)
    found: dict[str, Any] = notebook.page.evaluate(PLACES)
    return found


# What MathJax sets is not as high as what temml sets: that is the only thing which may move something.
@pytest.mark.parametrize(
    ("name", "most"),
    [("markdown", 1.0), ("python", 1.0), ("table", 1.0), ("long", 2.0), ("maths", 16.0)],
)
def test_an_answer_stays_where_it_is(open_notebook: OpenNotebook, name: str, most: float) -> None:
    text = (ANSWERS / f"{name}.md").read_text(encoding="utf-8")
    cells = [RECORD, f"s = show(iter([{text!r}]), settle=False)", "still(s)"]
    found = measure(open_notebook(cells))
    live, still = found["heights"]
    assert abs(still - live) <= most
    assert len(found["live"]) == len(found["still"]) > 3
    for before, after in zip(found["live"], found["still"], strict=True):
        assert abs(after[0] - before[0]) <= most
        assert abs(after[1] - before[1]) <= 1


@pytest.mark.parametrize("name", ["reasoning", "tools", "refusal"])
def test_reasoning_and_tool_calls_take_the_same_room(open_notebook: OpenNotebook, name: str) -> None:
    cells = [RECORD, f"s = stream('x', model='demo/{name}', settle=False)", "still(s)"]
    live, still = measure(open_notebook(cells))["heights"]
    assert abs(still - live) <= 8
