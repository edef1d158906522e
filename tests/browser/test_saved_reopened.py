"""A notebook from elsewhere, which is not trusted, reads as it should; so does what nbconvert makes of it."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from notebook_stream import saved

from .conftest import OpenNotebook
from .jupyter import code_cell
from .page import FRONT_ENDS, FrontEnd, Notebook
from .saved_blank import record_of

TEXT = r"""# Head

It costs $5 and $6, and $x^2$ is set, $\href{javascript:alert(1)}{y}$ is not.

| a | b |
|---|--:|
| 1 | 2 |

```python
def f(x):
    return "text"
```

[a link](https://example.com/a)
"""
LOOK = """() => {
  const copy = document.querySelector(".jp-OutputArea-output .ns-saved");
  const at = (selector) => copy.querySelector(selector);
  return {
    text: copy.innerText,
    formulas: copy.querySelectorAll("mjx-container").length,
    align: [...copy.querySelectorAll("td")].map((cell) => getComputedStyle(cell).textAlign),
    code: copy.querySelector("pre").textContent,
    link: [at("a").getAttribute("href"), at("a").rel],
    scripts: copy.querySelectorAll("script, [onerror]").length,
  };
}"""


def look(notebook: Notebook) -> dict[str, Any]:
    """What is there once MathJax has been."""
    notebook.page.wait_for_selector("mjx-container", timeout=30_000)
    found: dict[str, Any] = notebook.page.evaluate(LOOK)
    return found


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_reopened_copy_reads_as_it_should(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    data, metadata = saved.bundle(record_of(TEXT))
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    found = look(open_notebook([{**code_cell("1"), "outputs": [output]}], front_end=front_end))
    assert "It costs $5 and $6, and" in found["text"]
    assert r"$\href{javascript:alert(1)}{y}$ is not" in found["text"]
    assert "a link (example.com)" in found["text"]
    assert found["formulas"] == 1
    assert found["align"] == ["left", "right"]
    assert found["code"] == 'def f(x):\n    return "text"'
    assert found["link"][0] == "https://example.com/a"
    assert "noopener" in found["link"][1]
    assert found["scripts"] == 0


def saved_notebook() -> NotebookNode:
    data, metadata = saved.bundle(record_of(TEXT))
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=[cell])
    return notebook


@pytest.mark.parametrize("exporter", ["HTML", "Markdown"])
def test_nbconvert_has_all_of_it(exporter: str) -> None:
    """Its Markdown has the HTML too, which it prefers."""
    nbconvert = pytest.importorskip("nbconvert")
    body, _ = getattr(nbconvert, f"{exporter}Exporter")().from_notebook_node(saved_notebook())
    data, _ = saved.bundle(record_of(TEXT))
    assert plain(data["text/html"]) in plain(body)


def plain(html: str) -> str:
    """Without what a parser may write otherwise: quotes, their order of attributes, entities."""
    return re.sub(r"\s+", "", re.sub(r"<(/?\w+)[^>]*>", r"<\1>", html).replace("&#10;", ""))
