"""What a reader feels: looks beside a Markdown cell, contrast, the place kept while it grows, print, copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import OpenNotebook
from .live_page import CONTRASTS, LivePage
from .page import FRONT_ENDS, FrontEnd, View

RICH = """# One

Some *prose* with **bold**, `code` and a [link](https://example.com/a).

## Two

- one
- two
  - nested
    - deeper

1. first

   more

> A quote

| a | b |
|---|--:|
| 1 | 2 |
| 3 | `4` |

### Three

```python
def greet(name: str = "you") -> int:  # a comment
    return len(f"Hello, {name}!") + 1
```

- [x] done

---

A formula $x^2$ and ![a picture](https://example.com/i.png).
"""

VSCODE_LIGHT = {
    "editor-foreground": "#3b3b3b",
    "editor-background": "#ffffff",
    "descriptionForeground": "#3b3b3b",
    "textLink-foreground": "#005fb8",
    "textCodeBlock-background": "#f8f8f8",
    "textPreformat-foreground": "#3b3b3b",
    "widget-border": "#e5e5e5",
    "panel-border": "#e5e5e5",
    "focusBorder": "#005fb8",
    "font-family": "system-ui",
}
VSCODE_DARK = {
    "editor-foreground": "#cccccc",
    "editor-background": "#1f1f1f",
    "descriptionForeground": "#9d9d9d",
    "textLink-foreground": "#4daafc",
    "textCodeBlock-background": "#2b2b2b",
    "textPreformat-foreground": "#d0d0d0",
    "widget-border": "#313131",
    "panel-border": "#2b2b2b",
    "focusBorder": "#0078d4",
    "font-family": "system-ui",
}
"""The default themes of VS Code, as it tells them to a notebook's outputs."""


@pytest.fixture
def page_alone(browser: Browser) -> Iterator[Page]:
    """A page that needs no Jupyter."""
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    yield context.new_page()
    context.close()


def vscode(variables: dict[str, str]) -> str:
    told = "".join(f"--vscode-{name}: {value};" for name, value in variables.items())
    return f":root {{ {told} }} body {{ background: {variables['editor-background']}; }}"


THEMES = {
    "bare": ("body { background: white; }", "light"),
    "bare dark": (":root { color-scheme: dark; } body { background: #111; color: #ddd; }", "dark"),
    "vscode": (vscode(VSCODE_LIGHT), "vscode-light"),
    "vscode dark": (vscode(VSCODE_DARK), "vscode-dark"),
}


def wait_for_parts(page: Page) -> None:
    page.wait_for_function("root.querySelector('math') && root.querySelector('.ns-keyword')", timeout=15_000)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_passes_aa(page_alone: Page, theme: str) -> None:
    style, body_class = THEMES[theme]
    live = LivePage(page_alone, style=style, body_class=body_class)
    live.append(RICH, reasoning="Some *thoughts*.", state={"status": "streaming", "notice": "a notice"})
    live.append("x", tools=[{"position": 0, "name": "weather", "arguments": "{}"}])
    wait_for_parts(page_alone)
    streaming = live.ask("contrasts(root)")
    live.end(status="error", error={"code": "auth", "message": "401", "hint": "Set the key."})
    ended = live.ask("contrasts(root)")
    assert streaming["count"] > 40
    assert streaming["low"] + ended["low"] == []


# Of a Markdown cell of JupyterLab and of an answer: what must be the same for each of these elements.
COMPARE = """([cell, answer]) => {
  const properties = ['fontFamily', 'fontSize', 'fontWeight', 'color', 'lineHeight', 'backgroundColor'];
  const names = ['p', 'h1', 'h2', 'h3', 'li', 'ul ul li', 'blockquote', 'th', 'td', 'p > code', 'p > a'];
  const differ = [];
  for (const name of names) {
    const [theirs, ours] = [cell, answer].map((root) => getComputedStyle(root.querySelector(name)));
    for (const property of properties) {
      if (name === 'p > code' && property === 'lineHeight') continue; // theirs makes lines with code taller
      const [is, should] = [ours[property], theirs[property]];
      if (is !== should) differ.push(`${name} ${property}: ${is}, not ${should}`);
    }
  }
  const heights = [cell, answer].map((root) => root.getBoundingClientRect().height);
  return { differ, heights };
}"""
MARKDOWN_CELL = {"cell_type": "markdown", "source": RICH, "metadata": {}}
INSTALL = f"() => {{ {CONTRASTS} }}"
SHOW = f"from notebook_stream import show\ns = show([{RICH!r}], settle=False)"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_an_answer_looks_like_a_markdown_cell(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([MARKDOWN_CELL, SHOW], front_end=front_end)
    notebook.run(1)
    view = notebook.view(1)
    view.wait_until("done")
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        notebook.set_theme(theme)
        cell = notebook.cell(0).locator(".jp-RenderedMarkdown").element_handle()
        answer = view.part("answer").locator(".ns-markdown").element_handle()
        compared = notebook.page.evaluate(COMPARE, [cell, answer])
        assert compared["differ"] == []
        theirs, ours = compared["heights"]
        assert abs(theirs - ours) < 0.06 * theirs
        notebook.page.evaluate(INSTALL)
        assert view.host.evaluate("host => contrasts(host.shadowRoot).low") == []


WINDOW = "body { margin: 0; } #output { min-height: 100vh; }"
PARAGRAPH = "Some words of an answer that is long enough to be read. " * 5 + "\n\n"


def bottom(live: LivePage) -> float:
    """How far the view's end is below the window's lower edge, in pixels."""
    return float(live.ask("root.host.getBoundingClientRect().bottom - innerHeight"))


def test_the_end_is_followed_until_the_reader_scrolls_up_and_offered_then(page_alone: Page) -> None:
    live = LivePage(page_alone, style=WINDOW)
    jump = live.view.host.get_by_role("button", name="Jump to the end")
    for _ in range(30):
        live.append(PARAGRAPH)
    assert abs(bottom(live)) < 8
    expect(jump).to_be_hidden()
    page_alone.mouse.move(300, 300)
    page_alone.mouse.wheel(0, -400)
    expect(jump).to_be_visible()
    place = live.ask("scrollY")
    live.append(PARAGRAPH * 3)
    assert live.ask("scrollY") == place
    # By the keyboard, from the answer: the status line is the next stop, and the button in it.
    live.view.part("answer").focus()
    jump.focus()
    page_alone.keyboard.press("Enter")
    expect(jump).to_be_hidden()
    assert abs(bottom(live)) < 8
    assert live.ask("root.activeElement.getAttribute('part')") == "status"
    live.append(PARAGRAPH * 3)
    assert abs(bottom(live)) < 8


def test_the_offer_stands_in_the_status_line_and_goes_with_the_end(page_alone: Page) -> None:
    page_alone.set_viewport_size({"width": 500, "height": 600})
    live = LivePage(page_alone, style=WINDOW)
    live.append(PARAGRAPH * 20)
    page_alone.mouse.move(300, 300)
    page_alone.mouse.wheel(0, -5000)
    jump = live.view.host.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    box, bar = jump.bounding_box(), live.view.part("status").bounding_box()
    assert box
    assert bar
    assert bar["y"] <= box["y"]
    assert box["y"] + box["height"] <= bar["y"] + bar["height"] <= 601
    assert box["x"] + box["width"] < 500
    live.end()
    expect(jump).to_be_hidden()


def test_selection_place_and_folds_in_finished_text_survive(page_alone: Page) -> None:
    live = LivePage(page_alone, style=WINDOW)
    live.append(PARAGRAPH * 30, reasoning="Some thoughts.")
    live.view.part("reasoning").locator("summary").click()
    page_alone.mouse.wheel(0, -5000)
    live.ask("void (window.words = answer.querySelector('p').firstChild)")
    live.ask("getSelection().setBaseAndExtent(words, 5, words, 10)")
    chosen = "getSelection().toString(), getSelection().anchorOffset, words.isConnected"
    kept = f"[{chosen}, scrollY, root.querySelector('details').open]"
    before = live.ask(kept)
    for piece in ("# More", "\n\n- a\n- b\n", "\n```\nx\n```\n", "\n| a |\n|---|\n| 1 |\n"):
        live.append(piece)
    live.end()
    assert live.ask(kept) == before
    assert before[2:] == [True, 0, True]


def test_a_wide_table_and_long_code_scroll_in_boxes_of_their_own(page_alone: Page) -> None:
    page_alone.set_viewport_size({"width": 500, "height": 600})
    live = LivePage(page_alone)
    row = "| " + " | ".join(f"a_rather_long_cell_{i}" for i in range(12)) + " |\n"
    live.append(row + "|---" * 12 + "|\n" + row + "\n```\n" + "x" * 400 + "\n```\n")
    live.end()
    boxes = "[...answer.querySelectorAll('.ns-scroll, pre')]"
    assert live.ask(f"{boxes}.map((box) => box.clientWidth < box.scrollWidth)") == [True, True]
    assert live.ask(f"Math.max(...{boxes}.map((box) => box.clientWidth))") <= 500
    assert live.ask("document.scrollingElement.scrollWidth") <= 500


WRAPPED = """answer => {
  const output = document.getElementById("output");
  const wrapped = [];
  for (let width = 150; width < 420; width += 3) {
    output.style.width = `${width}px`;
    for (const formula of answer.querySelectorAll(".ns-math")) {
      const mark = document.createRange();
      mark.setStart(formula.nextSibling, 0);
      mark.setEnd(formula.nextSibling, 1);
      const { left } = mark.getBoundingClientRect();
      if (left < formula.querySelector("math").getBoundingClientRect().right - 5) wrapped.push(width);
    }
  }
  return wrapped;
}"""


def test_no_punctuation_after_a_formula_begins_a_line(page_alone: Page) -> None:
    live = LivePage(page_alone)
    live.append("Since we know that $45^2 = 2025$, and $46^2 = 2116$, only fourteen primes matter: $z_i$.")
    live.end()
    answer = page_alone.locator(".notebook-stream [part=answer]")
    expect(answer.locator("math")).to_have_count(3)
    assert answer.evaluate(WRAPPED) == []


@pytest.mark.parametrize("items", [99, 1000])
def test_a_list_that_has_grown_has_room_for_its_numbers(page_alone: Page, items: int) -> None:
    live = LivePage(page_alone)
    live.append("".join(f"{n}. x\n" for n in range(1, items + 1)))
    live.end()
    room = live.ask(
        """(() => {
          const list = answer.querySelector('ol');
          const number = document.createElement('span');
          number.textContent = list.children.length + '. ';
          number.style.cssText = 'position: absolute; white-space: pre';
          list.append(number);
          const width = number.getBoundingClientRect().width;
          number.remove();
          return parseFloat(getComputedStyle(list).paddingLeft) + 6 - width; // 6 px of overflow-clip-margin
        })()"""
    )
    assert room >= 0


CURSOR = """(() => {
  const isCursor = (at) => getComputedStyle(at, '::after').content === '""';
  const of = [...answer.querySelectorAll('*')].filter(isCursor);
  return of.map((at) => [at.localName, getComputedStyle(at, '::after').animationName]);
})()"""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a\n\nb", "p"),
        ("# a", "h1"),
        ("- a\n- b", "li"),
        ("- a\n  - b\n    - c", "li"),
        ("- a\n\n  b *c*", "p"),
        ("> a\n>\n> - b", "li"),
        ("- a\n\n  ```\n  code", "span"),
        ("```\ncode", "span"),
        ("```\n", "code"),
        ("a `b`", "p"),
        ("- a `b`", "li"),
    ],
)
def test_one_calm_cursor_at_the_growing_end(page_alone: Page, text: str, where: str) -> None:
    live = LivePage(page_alone)
    live.append(text)
    assert [place for place, _ in live.ask(CURSOR)] == [where]
    live.until(f"() => {CURSOR}[0][1] === 'breathe'")  # the text waits for more
    page_alone.emulate_media(reduced_motion="reduce")
    assert live.ask(CURSOR) == [[where, "none"]]
    live.end()
    assert live.ask(CURSOR) == []


def test_each_block_has_its_own_direction(page_alone: Page) -> None:
    live = LivePage(page_alone)
    live.append("Left.\n\nשלום עולם\n\n- مرحبا\n")
    live.end()
    directions = "[...answer.querySelectorAll('p, ul')].map((at) => getComputedStyle(at).direction)"
    assert live.ask(directions) == ["ltr", "rtl", "rtl"]


def test_on_paper_there_is_the_answer_and_where_links_lead(page_alone: Page) -> None:
    live = LivePage(page_alone)
    live.append(RICH * 3)
    page_alone.emulate_media(media="print")
    style = "(name, what, pseudo) => getComputedStyle(root.querySelector(name), pseudo)[what]"
    assert live.ask(f"({style})('.buttons', 'display')") == "none"
    assert live.ask(f"({style})('.ns-copy', 'display')") == "none"
    assert live.ask(f"({style})('.ns-markdown > p', 'contain')") == "none"
    assert "https://example.com/a" in live.ask(f"({style})('p > a', 'content', '::after')")
    assert (
        live.ask(f"({style})('.ns-markdown > :last-child', 'backgroundColor', '::after')")
        == "rgba(0, 0, 0, 0)"
    )


def test_forced_colours_keep_buttons_and_cursor(page_alone: Page) -> None:
    live = LivePage(page_alone)
    live.append("[a](https://example.com/a) text")
    page_alone.emulate_media(forced_colors="active")
    assert live.ask("getComputedStyle(root.querySelector('.stop')).borderTopWidth") == "1px"
    words = live.ask("getComputedStyle(answer.querySelector('p')).color")
    assert live.ask("getComputedStyle(answer.querySelector('p'), '::after').backgroundColor") == words
    # The host behind a link takes the reader's colours, too.
    assert live.ask("getComputedStyle(answer.querySelector('a'), '::after').forcedColorAdjust") == "auto"


def paste(page: Page) -> str:
    """What a person finds on the clipboard."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    page.locator("#paste").focus()
    page.keyboard.press("Control+v")
    pasted = page.locator("#paste").input_value()
    page.evaluate("document.querySelector('#paste').remove()")
    return pasted


def test_copy_works_where_there_is_no_clipboard_object(page_alone: Page) -> None:
    live = LivePage(page_alone)
    assert live.ask("navigator.clipboard === undefined")
    text = "Some *raw* Markdown.\n\n```python\nx = 1\n```"
    live.append(text)
    live.end()
    host = live.view.host
    host.get_by_role("button", name="Copy", exact=True).click()
    expect(host.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    assert live.ask("document.querySelectorAll('textarea').length") == 0
    assert paste(page_alone) == text
    host.get_by_role("button", name="Copy code").click()
    expect(host.get_by_role("button", name="Copied", exact=True)).to_have_count(2)
    assert paste(page_alone) == "x = 1"
    assert View(host).answer.startswith("Some raw Markdown.")
