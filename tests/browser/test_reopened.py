"""Saved, the kernel shut down, opened again: the answer is there to read, in every viewer, and harmless."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Locator, Page, Request, expect

from .conftest import OpenNotebook
from .jupyter import JupyterServer
from .numbered import EACH_FRONT_END
from .page import WAIT_MS, FrontEnd, Notebook
from .test_settle import expect_static

ANSWER = r"""# What it costs

It is $5 and $6, *not* $x^2 + y^2$ euros. See [the list](https://prices.test/list).

$$\int_0^1 x\,dx = \frac{1}{2}$$

A trap: $\href{javascript:window.ran=1}{press}$ and
<img src="https://evil.test/i.png" onerror="window.ran=1">.
![a picture](https://evil.test/p.png) [a trap](javascript:window.ran=1)

| what | how much |
|:--|--:|
| one | 5 |

```python
price = {"one": 5}  # <script>window.ran = 1</script>
```
"""
CELL = f"from notebook_stream import show\ns = show(lambda: iter([{ANSWER!r}]))"
SEEN = [
    *("What it costs", "It is $5 and $6,", "the list", "prices.test", "how much"),
    *('price = {"one": 5}', "done"),
]
"""What a reader must find, in every viewer."""
HARMLESS = """node => ({
  active: node.querySelectorAll(
    "script, iframe, object, embed, form, input, [onerror], [onclick], img:not([src^='data:'])").length,
  traps: Array.from(node.querySelectorAll("[href], [*|href]"), each => each.getAttribute("href") ?? "")
    .filter(href => /^javascript:/i.test(href)).length,
  ran: window.ran,
})"""


def watch(page: Page) -> list[str]:
    """The requests to hosts of the answer's from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if ".test" in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


def expect_readable(output: Locator, asked: list[str]) -> None:
    """The answer is there, and harmless, with the pointer on it, too."""
    for text in SEEN:
        expect(output).to_contain_text(text, timeout=WAIT_MS)
    output.hover()
    found: dict[str, Any] = output.evaluate(HARMLESS)
    assert found == {"active": 0, "traps": 0} | ({"ran": None} if found.get("ran", 0) is None else {})
    assert asked == []


def typeset(output: Locator) -> int:
    """How many formulas the host's MathJax has set, once it has set any."""
    formulas = output.locator("mjx-container, .MathJax")
    expect(formulas.first).to_be_visible(timeout=WAIT_MS)
    return formulas.count()


@pytest.fixture
def saved(open_notebook: OpenNotebook, jupyter_server: JupyterServer) -> Notebook:
    """A notebook whose answer is static and saved, and whose kernel is gone."""
    notebook = open_notebook([CELL])
    notebook.run(0)
    expect_static(notebook, 0, *SEEN)
    notebook.save()
    jupyter_server.shut_down_kernels()
    return notebook


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
@pytest.mark.parametrize("trust", ["trusted", "untrusted"])
def test_in_a_notebook(
    saved: Notebook, jupyter_server: JupyterServer, browser: Browser, trust: str, front_end: FrontEnd
) -> None:
    document = saved.read_file()
    if trust == "untrusted":
        # Another output than the one that was signed: the notebook comes from elsewhere.
        document["cells"][0]["outputs"][0]["metadata"]["changed"] = True
    name = f"{trust}-{saved.name}"
    (jupyter_server.root / name).write_text(json.dumps(document), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 1400})
    page = context.new_page()
    asked = watch(page)
    reopened = Notebook(page, jupyter_server, front_end, name)
    reopened.visit()
    is_trusted = page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets[0].model.trusted")
    assert is_trusted is (trust == "trusted")
    output = reopened.output(0)
    expect_readable(output, asked)
    # Two formulas, and neither the prices nor the trap.
    assert typeset(output) == 2
    page.screenshot(path=jupyter_server.root / f"{trust}-{front_end}.png")
    context.close()


def test_in_what_nbconvert_makes_of_it(saved: Notebook, browser: Browser, tmp_path: Path) -> None:
    for form in ("html", "markdown"):
        to = ["--to", form, "--output-dir", str(tmp_path), str(saved.path)]
        run([sys.executable, "-m", "nbconvert", *to], check=True, capture_output=True)
    page = browser.new_page()
    asked = watch(page)
    page.goto((tmp_path / saved.path.with_suffix(".html").name).as_uri(), wait_until="domcontentloaded")
    expect_readable(page.locator(".jp-Cell-outputArea, .output_area").first, asked)
    # By a renderer that lets all HTML through, as some viewers of Markdown do.
    markdown = (tmp_path / saved.path.with_suffix(".md").name).read_text(encoding="utf-8")
    written = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    page.set_content(f"<!doctype html><body>{written}</body>")
    expect_readable(page.locator("body"), asked)
    page.close()


def test_in_a_plain_page(saved: Notebook, browser: Browser) -> None:
    (output,) = saved.read_file()["cells"][0]["outputs"]
    html = "".join(output["data"]["text/html"])
    page = browser.new_page()
    asked = watch(page)
    page.set_content(f"<!doctype html><body>{html}</body>")
    expect_readable(page.locator("body"), asked)
    page.close()


def test_a_raw_answer_would_be_caught(browser: Browser) -> None:
    page = browser.new_page()
    asked = watch(page)
    page.set_content(f"<!doctype html><body>{ANSWER}</body>")
    page.wait_for_timeout(200)
    found = page.locator("body").evaluate(HARMLESS)
    assert found["active"] > 0
    assert asked != []
    page.close()
