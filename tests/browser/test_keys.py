"""A view is used by keyboard, by screen reader and by a reader who selects, scrolls and copies."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import OpenNotebook
from .demo import ENDLESS
from .numbered import EACH_FRONT_END, cell
from .page import WAIT_MS, FrontEnd, View

SHORTCUTS = (
    "ArrowUp",
    "ArrowDown",
    "d",
    "d",
    "a",
    "b",
    "Enter",
    "j",
    "k",
    "x",
    "Shift+Enter",
    "Control+Enter",
)
"""Each of these moves among cells, deletes, adds or runs one when the notebook gets it."""
FOCUS = "element => { element.focus(); return element.matches(':focus'); }"
FOCUSED = """host => {
  const inner = host.shadowRoot.activeElement;
  return inner && (inner.getAttribute('part') || inner.textContent.trim() || inner.tagName);
}"""


def place(view: View, name: str) -> Locator:
    """The answer, the status line or Stop: where a reader may be with the keyboard."""
    return view.stop_button if name == "stop" else view.part(name)


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_keys_in_a_view_never_reach_the_notebook(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook(["x = 1", ENDLESS, "x = 2"], front_end=front_end)
    notebook.run(1)
    view = notebook.view(1)
    view.wait_for_more(20)
    before = notebook.state_of_cells()
    for name in ("answer", "status", "stop"):
        assert place(view, name).evaluate(FOCUS)
        for key in SHORTCUTS:
            if name == "stop" and "Enter" in key:
                continue  # there it presses the button
            notebook.page.keyboard.press(key)
        assert notebook.state_of_cells() == before
        assert "stopped" not in view.status
    # The same keys do something where the notebook has the focus: the test would see it.
    notebook.activate(1)
    notebook.page.keyboard.press("b")
    assert notebook.cell_count() == 4


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_escape_stops(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([ENDLESS] * 3, front_end=front_end)
    for index, name in enumerate(("answer", "status", "stop")):
        notebook.run(index)
        view = notebook.view(index)
        view.wait_for_more(20)
        assert place(view, name).evaluate(FOCUS)
        notebook.page.keyboard.press("Escape")
        view.wait_until("stopped")


def test_tab_goes_through_the_view_and_on(open_notebook: OpenNotebook, page: Page) -> None:
    notebook = open_notebook([ENDLESS])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(20)
    view.part("answer").evaluate(FOCUS)
    order = [view.host.evaluate(FOCUSED)]
    for _ in range(3):
        page.keyboard.press("Tab")
        order.append(view.host.evaluate(FOCUSED))
    assert order == ["answer", "Speak", "Copy", "■ Stop"]
    page.keyboard.press("Tab")
    assert view.host.evaluate(FOCUSED) is None
    page.keyboard.press("Shift+Tab")
    assert view.host.evaluate(FOCUSED) == "■ Stop"
    page.keyboard.press("Enter")
    view.wait_until("stopped")


LIVE = "[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], output"


def test_a_screen_reader_is_told_sentences_and_the_end(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([cell(60), 'stream("hi", model="demo/markdown", pace=0, settle=False)'])
    notebook.run(0)
    view = notebook.view(0)
    regions = view.host.locator(LIVE)
    expect(regions).to_have_count(1)
    expect(regions).to_have_attribute("aria-live", "polite")
    expect(regions).to_contain_text("done", timeout=WAIT_MS)
    # The answer is a group with a name, and nothing around it in the view is read aloud as it grows.
    answer = view.part("answer")
    expect(answer).to_have_role("group")
    expect(answer).to_have_accessible_name("Answer")
    assert not answer.evaluate(f"element => !!element.closest('{LIVE}')")
    expect(view.part("status")).to_have_role("toolbar")
    notebook.run(1)
    second = notebook.view(1)
    expect(second.host.locator(f"[part=status] + {LIVE}, [aria-live=polite]")).to_contain_text(
        "done", timeout=WAIT_MS
    )


def test_copy_gives_the_raw_markdown(open_notebook: OpenNotebook, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    source = (
        'from notebook_stream import stream\ns = stream("hi", model="demo/markdown", pace=0, settle=False)'
    )
    notebook = open_notebook([source, "import json; print(json.dumps(s.text))"])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_until("done")
    copy = view.host.get_by_role("button", name="Copy", exact=True)
    copy.click()
    expect(view.host.get_by_role("button", name="Copied", exact=True)).to_be_visible()
    notebook.run(1)
    text = json.loads(notebook.output_text(1))
    assert "**" in text
    assert page.evaluate("() => navigator.clipboard.readText()") == text


REASONING = """
from notebook_stream import stream
s = stream("hi", model="demo/reasoning", pace=60, settle=False)
"""
LONG = """
from notebook_stream import stream
s = stream("hi", model="demo/long", pace=150, settle=False)
"""
SELECTED = "host => host.shadowRoot.getSelection().toString()"


def test_what_the_reader_opened_and_selected_stays(open_notebook: OpenNotebook, page: Page) -> None:
    notebook = open_notebook([REASONING, LONG])
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(0)
    details = view.part("reasoning")
    expect(details).not_to_have_attribute("open", "")
    details.locator("summary").click()
    expect(details).to_have_attribute("open", "")
    view.wait_until("done")
    expect(details).to_have_attribute("open", "")

    notebook.run(1)
    view = notebook.view(1)
    finished = view.part("answer").locator("p").first
    expect(view.part("answer").locator("p")).not_to_have_count(0, timeout=WAIT_MS)
    view.wait_for_more(1500)
    finished.scroll_into_view_if_needed()
    finished.click(click_count=3)
    selected = view.host.evaluate(SELECTED)
    assert len(selected) > 20
    view.wait_for_more(len(view.answer) + 1500)
    assert view.host.evaluate(SELECTED) == selected


PLACE = """host => {
  const rect = host.getBoundingClientRect();
  return { top: Math.round(rect.top), bottom: Math.round(rect.bottom) };
}"""


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_scrolling_follows_at_the_end_and_never_fights_the_reader(
    open_notebook: OpenNotebook, page: Page, front_end: FrontEnd
) -> None:
    notebook = open_notebook([LONG.replace("150", "100")], front_end=front_end)
    notebook.run(0)
    view = notebook.view(0)
    height = page.viewport_size["height"] if page.viewport_size else 0
    # It follows: taller than the window, and its end is in it.
    wait_for_place(page, view, f"rect.height > {height} && rect.bottom <= {height}")
    view.host.hover(position={"x": 300, "y": 20}, force=True)
    page.mouse.move(500, 450)
    page.mouse.wheel(0, -300)
    wait_for_place(page, view, f"rect.bottom > {height} + 100")
    before = view.host.evaluate(PLACE)
    view.wait_for_more(len(view.answer) + 800)
    after = view.host.evaluate(PLACE)
    assert after["top"] == before["top"]
    assert after["bottom"] > before["bottom"]
    # Stop stays within reach though the end of the answer is below the window.
    stop = view.stop_button.bounding_box()
    assert stop is not None
    assert 0 < stop["y"] < height
    # Back at the end it follows again.
    page.mouse.wheel(0, 100_000)
    wait_for_place(page, view, f"rect.bottom <= {height}")
    view.wait_for_more(len(view.answer) + 800)
    wait_for_place(page, view, f"rect.bottom <= {height}")
    view.stop()
    view.wait_until("stopped")


def wait_for_place(page: Page, view: View, condition: str) -> None:
    page.wait_for_function(
        f"host => {{ const rect = host.getBoundingClientRect(); return {condition}; }}",
        arg=view.host.element_handle(),
        timeout=WAIT_MS,
    )


# The contrast (WCAG 2.2, 1.4.3) of each visible element that has text of its own, named by its place.
CONTRASTS = """host => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
  const parent = node => node.parentElement ?? (node.getRootNode().host || null);
  const behind = node => {
    if (!node) return [255, 255, 255];
    const [r, g, b, a = 1] = channels(getComputedStyle(node).backgroundColor);
    return a === 1 ? [r, g, b] : over([r, g, b, a], behind(parent(node)));
  };
  const light = rgb => rgb.map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const found = {};
  for (const element of host.shadowRoot.querySelectorAll('*')) {
    const ownText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!ownText || element.tagName === 'STYLE' || element.closest('.unseen')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const paper = behind(element);
    const [a, b] = [light(over(channels(getComputedStyle(element).color), paper)), light(paper)];
    const part = element.closest('[part]')?.getAttribute('part');
    const name = `${part} ${element.tagName.toLowerCase()} ${element.className}`.trim();
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found[name] = Math.min(found[name] ?? 99, Math.round(contrast * 100) / 100);
  }
  return found;
}"""
ENDS = """
from notebook_stream import stream
for model in ("markdown", "reasoning", "fails", "refusal", "cut"):
    stream("hi", model=f"demo/{model}", pace=0, settle=False)
running = stream("hi", model="demo/long", settle=False)
"""


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_all_text_stands_out_in_light_and_dark(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([ENDS], front_end=front_end)
    notebook.run(0)
    views = notebook.views(0)
    expect(views).to_have_count(6, timeout=WAIT_MS)
    for index, words in enumerate(("done", "done", "error", "refused", "cut off", "streaming")):
        View(views.nth(index)).wait_until(words)
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        notebook.set_theme(theme)
        expect(views.first).to_have_attribute("data-theme", theme)
        found: dict[str, float] = {}
        for index in range(6):
            found |= views.nth(index).evaluate(CONTRASTS)
        weak = {name: found[name] for name in found if found[name] < 4.5}
        assert weak == {}, theme
        assert any(name.startswith("answer a") for name in found)
        assert {"error span", "status button stop"} <= found.keys()
