"""A comparison's view in a blank page: two hundred cells, what is drawn when, scrolling, contrast."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from .grid_page import ORIGIN, GridPage, axis, layout_of
from .numbered import numbered, tell

LIGHT = """:root { --jp-content-font-color1: rgba(0,0,0,.87); --jp-ui-font-color2: rgba(0,0,0,.54);
  --jp-layout-color0: #fff; --jp-layout-color2: #eee; --jp-border-color2: #e0e0e0;
  --jp-brand-color1: #1976d2 }
body { margin: 20px; background: #fff; color: rgba(0,0,0,.87) }"""
DARK = """:root { --jp-content-font-color1: #fff; --jp-ui-font-color2: rgba(255,255,255,.7);
  --jp-layout-color0: #111; --jp-layout-color2: #424242; --jp-border-color2: #424242;
  --jp-brand-color1: #2196f3 }
body { margin: 20px; background: #111; color: #fff }"""
THEMES = [
    pytest.param(LIGHT, 'data-jp-theme-light="true"', id="light"),
    pytest.param(DARK, 'data-jp-theme-light="false"', id="dark"),
]
PROMPTS, MODELS, BATCHES, WORDS = 50, 4, 50, 8
TEXT = """# Heading

Some **bold** text, a [link](https://example.org/), and `code`.

```python
answer = 42
```
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own: no Jupyter is needed here."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    yield page
    context.close()


def large(page: Page) -> GridPage:
    """Two hundred cells."""
    prompts = axis("prompt", [f"prompt {number}" for number in range(PROMPTS)])
    models = axis("model", [f"model {number}" for number in range(MODELS)])
    return GridPage(page, layout_of([prompts, models], across=1), style=LIGHT)


def small(page: Page, **options: Any) -> GridPage:
    """Three prompts and two models."""
    axes = [axis("prompt", ["capital", "haiku", "events"]), axis("model", ["a/one", "b/two"])]
    return GridPage(page, layout_of(axes, across=1), **{"style": LIGHT, **options})


def piece(cell: int, batch: int) -> str:
    """The words of `cell` that come with this batch: numbered, so that loss and disorder show."""
    return "".join(f"c{cell}w{batch * WORDS + word} " for word in range(WORDS))


def batches(grid: GridPage) -> list[dict[str, Any]]:
    """Each cell's answer in as many pieces, then all ends."""
    made = []
    for number in range(BATCHES):
        state = {"status": "streaming", "elapsed_s": number / 10, "ttft_s": 0.1}
        made.append(
            grid.batch([grid.append(cell, piece(cell, number), **state) for cell in range(grid.count)])
        )
    return [*made, grid.batch([grid.end(cell, total_s=5.0, tokens=400) for cell in range(grid.count)])]


# Scrolls the grid through a step at a time; gives what each cell's answer then reads, and how many are drawn.
READ_ALL = """async () => {
  const scroller = root.querySelector(".scroll");
  const texts = {};
  const drawn = [];
  const settled = () => new Promise((done) => setTimeout(done, 60));
  for (let top = 0; ; top += scroller.clientHeight / 2) {
    scroller.scrollTop = top;
    await settled();
    const box = scroller.getBoundingClientRect();
    for (const cell of root.querySelectorAll(".cell")) {
      const { top, bottom } = cell.getBoundingClientRect();
      const answer = cell.querySelector("[part=answer]");
      const isSeen = bottom > box.top && top < box.bottom;
      if (isSeen) texts[cell.getAttribute("aria-label")] = answer?.textContent ?? null;
    }
    drawn.push(mounted());
    if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) return { texts, drawn };
  }
}"""


def test_two_hundred_cells_stay_smooth_and_whole(page: Page) -> None:
    grid = large(page)
    gaps = sorted(grid.play(batches(grid)))
    unseen = grid.ask("mounted()")
    assert 0 < unseen < 80, "cells out of sight are drawn"
    grid.until("root.querySelector('.progress').textContent.startsWith('200 of 200 ended')")
    read = grid.ask(f"({READ_ALL})()")
    expected = {
        f"prompt {cell // MODELS}, model {cell % MODELS}: done": "".join(
            piece(cell, batch) for batch in range(BATCHES)
        ).strip()
        for cell in range(grid.count)
    }
    assert {name: (text or "").strip() for name, text in read["texts"].items()} == expected
    assert read["drawn"][-1] == grid.count
    tell(
        f"200 cells, {BATCHES} batches of 200 pieces, one a frame: {unseen} of 200 drawn; "
        f"frame gap median {gaps[len(gaps) // 2]:.0f} ms, p99 {gaps[int(0.99 * len(gaps))]:.0f} ms"
    )
    assert gaps[len(gaps) // 2] < 500


def test_a_cell_that_is_filtered_out_is_not_drawn(page: Page) -> None:
    grid = large(page)
    page.locator(".notebook-stream input[type=search]").fill("prompt 49")
    grid.until("root.querySelectorAll('[role=rowheader]').length === 1")
    grid.tell(*(grid.append(cell, "text", status="streaming") for cell in range(grid.count)))
    grid.until("root.querySelectorAll('.cell [part=answer]').length >= 4")
    grid.until("[...root.querySelectorAll('.cell')].at(-1).textContent.includes('text')")
    # Those in sight before the filter have a view, which has nothing in it.
    assert grid.ask("[...root.querySelectorAll('.ns-markdown')].filter(e => e.textContent).length") <= 4


def test_what_is_across_keeps_the_place_in_a_cell(page: Page) -> None:
    grid = small(page)
    grid.tell(grid.append(0, numbered(600), status="streaming"), grid.end(0, total_s=1))
    cell = page.locator(".notebook-stream .cell").first
    cell.click()
    inside = "root.querySelector('.cell .body')"
    grid.until(f"{inside}.scrollHeight > {inside}.clientHeight + 200")
    grid.ask(f"{inside}.scrollTop = 111")
    page.locator(".notebook-stream select[aria-label=Across]").select_option("0")
    grid.until("root.querySelector('[role=rowheader]').textContent === 'a/one'")
    assert grid.ask("root.querySelector('.cell .body').scrollTop") == 111


def test_the_end_is_followed_while_it_streams_and_the_wheel_moves_the_page(page: Page) -> None:
    grid = small(page)
    page.mouse.move(5, 5)
    for number in range(40):
        grid.tell(grid.append(0, f"line {number}\n\n", status="streaming"))
    inside = "root.querySelector('.cell .body')"
    left = f"{inside}.scrollHeight - {inside}.clientHeight - {inside}.scrollTop"
    grid.until(f"{left} <= 6 && {inside}.scrollTop > 100")
    assert grid.ask(f"{inside}.clientHeight") <= 260
    assert grid.ask(f"getComputedStyle({inside}).overflowY") == "hidden"  # not in the focus: no wheel for it
    page.locator(".notebook-stream .cell").first.focus()
    assert grid.ask(f"getComputedStyle({inside}).overflowY") == "auto"
    grid.ask(f"{inside}.scrollTop = 20")
    grid.tell(grid.append(0, "more\n\n" * 10))
    assert grid.ask(f"{inside}.scrollTop") == 20  # the reader has gone back


# Between the frame that has scrolled a box to its end and the event that tells of it the text becomes longer.
GROW = """async (batch) => {
  const told = tell([batch]);
  await new Promise(requestAnimationFrame);
  const { port1, port2 } = new MessageChannel();
  await new Promise((done) => { port1.onmessage = done; port2.postMessage(0); });
  const output = document.querySelector("#output");
  output.style.width = `${output.clientWidth - 12}px`;
  await told;
}"""


def test_a_text_that_grows_while_the_box_scrolls_is_followed(page: Page) -> None:
    grid = small(page)
    page.mouse.move(5, 5)
    for number in range(40):
        pieces = [
            grid.append(cell, numbered(20) + f" {number}.\n\n", status="streaming") for cell in range(6)
        ]
        page.evaluate(GROW, grid.batch(pieces))
    inside = "[...root.querySelectorAll('.cell .body')]"
    grid.until(
        f"{inside}.every(b => b.scrollTop > 1000 && b.scrollHeight - b.clientHeight - b.scrollTop < 7)"
    )


def test_an_ended_answer_is_shown_from_its_beginning(page: Page) -> None:
    grid = small(page)
    page.mouse.move(5, 5)
    grid.tell(grid.append(0, numbered(900), status="streaming"))
    inside = "root.querySelector('.cell .body')"
    grid.until(f"{inside}.scrollTop > 100")
    grid.tell(grid.end(0, total_s=1))
    grid.until(f"{inside}.scrollTop === 0 && {inside}.hasAttribute('data-below')")


def test_the_heads_stay_while_the_grid_is_scrolled(page: Page) -> None:
    grid = large(page)
    place = """(selector) => { const a = root.querySelector(selector).getBoundingClientRect();
      const b = root.querySelector(".scroll").getBoundingClientRect();
      return [Math.round(a.left - b.left), Math.round(a.top - b.top)] }"""
    page.set_viewport_size({"width": 700, "height": 900})
    before = grid.ask(f"({place})('[role=columnheader]:not(.corner)')")
    side = grid.ask(f"({place})('[role=rowheader]')")
    grid.ask("root.querySelector('.scroll').scrollTo(150, 400)")
    after = grid.ask(f"({place})('[role=columnheader]:not(.corner)')")
    assert after == [before[0] - 150, before[1]]
    assert grid.ask(f"({place})('[role=rowheader]')")[0] == side[0]
    assert grid.ask("document.scrollingElement.scrollWidth") <= 700


@pytest.mark.parametrize(("style", "body"), THEMES)
def test_all_text_can_be_read(page: Page, style: str, body: str) -> None:
    grid = small(page, style=style, body=body)
    failed = {"code": "auth", "message": "The server refused the key.", "hint": "Set it."}
    grid.tell(
        *(grid.append(cell, f"{TEXT} {cell}", status="streaming", ttft_s=0.2) for cell in range(4)),
        grid.end(0, total_s=2.0, ttft_s=0.2, tokens=90, tokens_per_s=40),
        grid.end(1, total_s=3.0, ttft_s=0.3, tokens=70, tokens_per_s=30),
        grid.end(5, status="error", total_s=0.4, error=failed),
    )
    grid.until("root.querySelectorAll('[data-best]').length > 2")
    cells = page.locator(".notebook-stream .cell")
    for act in ("", "p", "Enter"):
        if act:
            cells.first.focus()
            page.keyboard.press(act)
            grid.until("root.querySelector('.cell ins')" if act == "p" else "root.querySelector('.title')")
        cells.nth(1).hover()
        found = grid.ask("contrasts(root.querySelector('.bar').parentNode)")
        assert found["low"] == []
        assert found["count"] > 60


def narrow(page: Page) -> GridPage:
    """Four temperatures in the width of a usual notebook; in the first row all ended, one of them badly."""
    temperatures = axis("temperature", ["0", "0.6", "1.2", "2"])
    grid = GridPage(
        page, layout_of([axis("prompt", ["capital", "haiku"]), temperatures], across=1), style=LIGHT
    )
    page.set_viewport_size({"width": 1090, "height": 900})
    failed = {"code": "auth", "message": "The server refused the key.", "hint": "Set it. " * 12}
    grid.tell(
        *(grid.append(cell, "word " * 20 * cell, status="streaming", ttft_s=0.42) for cell in range(1, 4)),
        grid.end(0, status="error", total_s=0.4, error=failed),
        grid.end(1, total_s=12.3, ttft_s=0.42, tokens=1090, tokens_per_s=1333, estimated=True),
        grid.end(2, total_s=14.3, ttft_s=0.43, tokens=1234, tokens_per_s=130, estimated=True),
        grid.end(3, status="stopped", stop_reason="user", total_s=4.1, tokens=7, resumable=True),
    )
    return grid


# Texts of the figures that run into their neighbours or are cut.
CROWDED = """() => [...root.querySelectorAll(".cell")].flatMap((cell) => {
  const boxes = [...cell.querySelectorAll(".figure:not([hidden]) :is(dt, dd)")].map((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const isCut = element.scrollWidth > element.clientWidth;
    return { name: element.textContent, text: range.getBoundingClientRect(), isCut };
  });
  const meet = (a, b) => a.left < b.right + 2 && b.left < a.right + 2 && a.top < b.bottom && b.top < a.bottom;
  const isCrowded = ({ text, isCut }, at) => isCut || boxes.some((one, i) => i > at && meet(text, one.text));
  return boxes.filter(isCrowded).map(({ name }) => name);
})"""
LEVELS = """() => [...root.querySelectorAll(".row:not(.head-row)")].map((row) =>
  new Set([...row.querySelectorAll(".figures")].map((one) => one.getBoundingClientRect().top)).size)"""


def test_four_columns_fit_and_their_figures_are_apart_and_level(page: Page) -> None:
    grid = narrow(page)
    grid.until("root.querySelectorAll('[data-best]').length >= 3")
    assert grid.ask("root.querySelector('.cell').clientWidth") < 225
    for cost in (None, 0.00042):
        if cost:
            grid.tell(grid.append(4, "x", status="streaming", cost=cost, cost_estimated=True))
            grid.until("root.querySelector('.figures[data-cost]')")
        for width in (1090, 1400, 1470):
            page.set_viewport_size({"width": width, "height": 900})
            scroller = "root.querySelector('.scroll')"
            assert grid.ask(f"{scroller}.scrollWidth - {scroller}.clientWidth") == 0
            assert grid.ask(f"({CROWDED})()") == []
            assert grid.ask(f"({LEVELS})()") == [1, 1]


# By how many pixels the word is wider than its place.
MISSING = """(word) => {
  const how = root.querySelectorAll(".cell")[3].querySelector(".how");
  const range = document.createRange();
  const text = how.querySelector(".words").firstChild;
  range.setStart(text, 0);
  range.setEnd(text, word.length);
  return range.getBoundingClientRect().right - how.getBoundingClientRect().right;
}"""


def test_the_state_can_be_read_under_the_pointer(page: Page) -> None:
    grid = narrow(page)
    cell = page.locator(".notebook-stream .cell").nth(3)
    state = "stopped: connection closed"
    grid.until(f"root.querySelectorAll('.words')[3].textContent === '{state}'")
    assert grid.ask(f"({MISSING})('{state}')") <= 0
    cell.hover()
    assert grid.ask(f"({MISSING})('stopped')") <= 0
    for name in ("Again", "Copy", "Pin", "Enlarge", "Continue"):
        assert cell.get_by_role("button", name=name, exact=True).is_visible()


def test_the_border_below_is_there_between_two_pixels(page: Page) -> None:
    grid = small(page)
    grid.ask("document.querySelector('#output').style.marginTop = '0.5625px'")
    bottom = "getBoundingClientRect().bottom"
    assert grid.ask(f"root.host.{bottom} - root.querySelector('.scroll').{bottom}") >= 1


def test_keys_work_after_a_click_on_the_text(page: Page) -> None:
    grid = small(page)
    grid.tell(grid.append(0, numbered(600), status="streaming"), grid.end(0, total_s=1))
    grid.tell(grid.append(1, "other", status="streaming"), grid.end(1, total_s=1))
    page.locator(".notebook-stream .cell [part=answer]").first.click()
    page.keyboard.press("ArrowDown")
    grid.until("root.querySelector('.cell .body').scrollTop > 0")
    page.keyboard.press("p")
    grid.until("root.querySelector('.cell ins')")
    own = "root.querySelector('.cell ins').getBoundingClientRect().bottom"
    assert grid.ask(f"{own} < root.querySelector('.cell .figures').getBoundingClientRect().top")
    page.keyboard.press("Enter")
    grid.until("root.querySelector('.enlarged .title')")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    grid.until("root.querySelector('.legend').hidden")


def test_nothing_is_asked_for_and_nothing_runs(page: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    hostile = (
        '<img src="https://evil.test/i" onerror="window.ran=1"> ![x](https://evil.test/p) '
        "<script>window.ran=1</script>"
    )
    axes = [axis("prompt", [hostile[:40], "b"], [hostile, ""]), axis("model", [hostile, "two"])]
    grid = GridPage(page, layout_of(axes, across=1), style=LIGHT)
    page.on("request", note)
    failed = {"code": hostile, "message": hostile, "hint": hostile}
    grid.tell(
        grid.append(0, hostile, status="streaming", model=hostile),
        grid.append(1, hostile.upper(), status="streaming"),
        grid.end(2, status="error", error=failed, stop_reason=hostile),
        note=hostile,
        stop_reason=hostile,
    )
    page.locator(".notebook-stream .cell").first.focus()
    page.keyboard.press("p")
    grid.until("root.querySelector('.cell ins')")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert grid.ask("root.querySelectorAll('img, script, iframe, [onerror]').length") == 0
    assert [url for url in asked if not re.match(re.escape(ORIGIN), url)] == []
    assert grid.ask("window.ran ?? null") is None


def test_without_the_core_there_is_plain_text(page: Page) -> None:
    grid = small(page, parts=False)
    grid.tell(grid.append(0, "**plain** text", status="streaming"))
    grid.until("root.querySelector('.cell .plain').textContent === '**plain** text'")
