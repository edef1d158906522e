"""An inspector in JupyterLab: a run live, after its end and again; its views, its keys, and what stays."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import OpenNotebook
from .numbered import EACH_FRONT_END, Complaints, numbered
from .page import WAIT_MS, FrontEnd, Notebook, View

START = "from notebook_stream import stream\n"
REPLAY = f"""{START}
from notebook_stream import replay
s = stream("hi", model="demo/lorem", tokens=60, pace=100, first_token_s=0.2, display=False)
r = s.result()
i = replay(s.recording, **OPTIONS)
"""
LIVE = f"""{START}
s = stream("hi", model="demo/lorem", tokens=TOKENS, pace=60, first_token_s=0, display=False)
i = s.inspect("wire")
"""
NGRAM = f"""{START}
asked = dict(model="demo/ngram", seed=3, logprobs=True, top_logprobs=5, pace=200)
s = stream("Why is the sea salt?", display=False, **asked)
s.result()
i = s.inspect()
"""
KEYS = (
    "ArrowUp",
    "ArrowDown",
    "d",
    "d",
    "a",
    "b",
    "j",
    "k",
    "x",
    "Shift+Enter",
    "Control+Enter",
    " ",
    "ArrowLeft",
)
"""Each of these does something to the notebook's cells, or to the page, when it reaches them."""


class Inspected(View):
    """The view of an inspector: an answer, the views beside it, and a player."""

    def button(self, name: str) -> Locator:
        """One of its buttons."""
        return self.host.get_by_role("button", name=name, exact=True)

    @property
    def slider(self) -> Locator:
        """The place in the stream."""
        return self.host.get_by_role("slider", name="Place in the stream")

    def wait_for_mode(self, words: str) -> None:
        """Until the player says this of itself."""
        expect(self.host.locator(".mode")).to_contain_text(words, timeout=WAIT_MS)

    def seek(self, seconds: float) -> None:
        """Drag the slider there."""
        self.slider.evaluate(
            "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', {bubbles: true})); }",
            str(seconds),
        )


def inspected(notebook: Notebook, index: int = 0) -> Inspected:
    """The only inspector in the output of a cell."""
    hosts = notebook.output(index).locator(".notebook-stream:not(.notebook-stream .notebook-stream)")
    expect(hosts.first).to_be_visible(timeout=WAIT_MS)
    return Inspected(hosts.first)


def replayed(**options: object) -> str:
    return REPLAY.replace("OPTIONS", repr(options))


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_a_replay_shows_the_run_again(open_notebook: OpenNotebook, page: Page, front_end: FrontEnd) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([replayed()], front_end=front_end)
    notebook.run(0)
    view = inspected(notebook)
    view.wait_for_answer(numbered(60))
    view.wait_until("done")
    expect(view.button("Play (space)")).to_be_visible()
    assert "60 tokens" in view.status
    assert complaints.lines == []


def test_a_replay_pauses_steps_and_is_scrubbed_both_ways(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([replayed(playing=False)])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_for_answer(numbered(60))  # all of it is there to be read
    view.seek(0.5)
    view.wait_for_mode("paused")
    page = notebook.page
    page.wait_for_function("() => true")
    shown = view.wait_for_more(5)
    assert 5 < shown < len(numbered(60))
    assert numbered(60).startswith(view.answer)
    view.button("Step on").click()
    view.wait_for_more(shown)
    view.seek(0)
    view.wait_for_answer("")
    view.button("Play (space)").click()
    view.wait_for_answer(numbered(60))


def test_its_speed_is_true(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([replayed(playing=False)])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_for_answer(numbered(60))
    length = float(view.slider.get_attribute("max") or 0)
    view.host.get_by_role("combobox", name="Speed").select_option("0.25")
    began = time.monotonic()
    view.button("Play (space)").click()
    expect(view.button("Pause (space)")).to_be_visible()
    expect(view.button("Play (space)")).to_be_visible(timeout=WAIT_MS)
    assert 4 * length - 0.5 < time.monotonic() - began < 4 * length + 30


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_keys_play_it_and_never_reach_the_notebook(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook(["x = 1", replayed(playing=False), "x = 2"], front_end=front_end)
    notebook.run(1)
    view = inspected(notebook, 1)
    view.wait_for_answer(numbered(60))
    before = notebook.state_of_cells()
    view.part("answer").first.evaluate("element => element.focus()")
    notebook.page.keyboard.press("End")
    view.wait_for_answer(numbered(60))
    notebook.page.keyboard.press("Home")
    view.wait_for_answer("")
    notebook.page.keyboard.press("ArrowRight")
    view.wait_for_more(0)
    for key in KEYS:
        notebook.page.keyboard.press(key)
    assert notebook.state_of_cells() == before


def test_a_live_run_is_inspected_scrubbed_and_stopped(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([LIVE.replace("TOKENS", "100_000"), "print(s.status, s.stop_reason)"])
    notebook.run(0)
    view = inspected(notebook)
    shown = view.wait_for_more(40)
    expect(view.button("Follow what comes")).to_have_attribute("aria-pressed", "true")
    view.seek(0.1)
    view.wait_for_mode("replay 1×")
    view.button("Follow what comes").click()
    view.wait_for_more(shown + 40)
    view.stop()
    view.wait_until("stopped: connection closed")
    notebook.run(1)
    assert notebook.output_text(1).split() == ["stopped", "user"]


def test_a_live_run_can_be_played_again_after_its_end(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([LIVE.replace("TOKENS", "60")])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_for_answer(numbered(60))
    view.wait_until("done")
    view.seek(0)
    view.wait_for_answer("")
    view.button("Play (space)").click()
    view.wait_for_answer(numbered(60))


def test_a_page_that_is_reloaded_puts_it_back_and_a_file_holds_its_copy(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([replayed()])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_for_answer(numbered(60))
    copy = notebook.output(0).locator(".notebook-stream-copy")
    expect(copy).to_contain_text(numbered(60), timeout=WAIT_MS)
    expect(copy).to_be_hidden()
    notebook.save()
    notebook.reload()
    inspected(notebook).wait_for_answer(numbered(60))
    expect(copy).to_be_hidden()


def test_two_recordings_race_in_step(open_notebook: OpenNotebook) -> None:
    code = replayed().replace("replay(s.recording", "replay(s.recording, s.recording")
    notebook = open_notebook([code])
    notebook.run(0)
    view = inspected(notebook)
    answers = view.host.locator("[part=answer]")
    expect(answers).to_have_count(2, timeout=WAIT_MS)
    for number in range(2):
        expect(answers.nth(number)).to_have_text(numbered(60), timeout=WAIT_MS)


def test_views_open_and_close_and_show_what_came(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([NGRAM, "print(len(s.recording.rows))"])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_until("done")
    expect(view.host.locator("section.view-tokens")).to_be_visible()
    for name in ("Timing", "Wire"):
        view.button(name).click()
        expect(view.host.locator(f"section.view-{name.lower()}")).to_be_visible()
    notebook.run(1)
    count = notebook.output_text(1).strip()
    expect(view.host.locator("section.view-wire")).to_contain_text(re.compile(rf"\b{count}\b"))
    view.button("Tokens").click()
    expect(view.host.locator("section.view-tokens")).to_have_count(0)


def test_what_would_tell_is_covered_while_one_guesses(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([NGRAM])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_until("done")
    answer = view.part("answer").first
    expect(answer).to_be_visible()
    view.button("Guess").click()
    expect(answer).to_be_hidden()
    notebook.page.keyboard.type("nothing of the kind")
    notebook.page.keyboard.press("Enter")
    expect(view.host.locator(".verdict")).not_to_be_empty()
    view.button("Guess").click()
    expect(answer).to_be_visible()


BRANCH = """
import time
until = time.monotonic() + 20
while not (i.branches and i.branches[0].status == "done") and time.monotonic() < until:
    time.sleep(0.05)
print(i.branches[0].text.startswith(s.text[:10]), i.branches[0].text != s.text)
"""


def test_another_token_is_gone_on_from_by_keyboard(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([NGRAM, BRANCH])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_until("done")
    held = view.host.locator(".view-tokens [tabindex='0']").first
    held.evaluate("element => element.focus()")
    for _ in range(8):
        notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("Enter")
    others = view.host.locator(".view-tokens").get_by_role("button", name=re.compile("^Go on from here with"))
    expect(others.first).to_be_visible()
    others.first.focus()
    notebook.page.keyboard.press("Enter")
    expect(view.host.locator(".branches li")).to_have_count(2, timeout=WAIT_MS)
    notebook.run(1)
    assert notebook.output_text(1).split() == ["True", "True"]


def test_a_page_of_its_own_replays_with_no_kernel(
    open_notebook: OpenNotebook, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("page") / "replay.html"
    notebook = open_notebook([replayed(display=False), f"n = len(s.recording.to_html({str(path)!r}))"])
    notebook.run(0)
    notebook.run(1)
    page.context.set_offline(True)
    try:
        page.goto(path.as_uri())
        view = Inspected(page.locator(".notebook-stream").first)
        expect(view.host).to_be_visible(timeout=WAIT_MS)
        view.button("Play (space)").click()
        view.wait_for_answer(numbered(60))
    finally:
        page.context.set_offline(False)


WORD_BELOW = """([x, y]) => {
  const root = document.querySelector('.notebook-stream.inspected').shadowRoot;
  const roots = [root, root.querySelector('.answer-host').shadowRoot];
  const { offsetNode, offset } = document.caretPositionFromPoint(x, y, { shadowRoots: roots });
  const words = [...offsetNode.data.matchAll(/\\S+/g)];
  return words.find(({ 0: word, index }) => offset <= index + word.length)[0];
}"""


def test_what_is_pointed_at_lights_up_in_the_answer_and_the_answer_points(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([NGRAM])
    notebook.run(0)
    view = inspected(notebook)
    view.wait_until("done")
    token = view.host.locator(".view-tokens .token").nth(6)
    token.hover()
    mark = view.host.locator(".marks > div")
    expect(mark).to_have_count(1)
    box = mark.bounding_box()
    assert box is not None
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert notebook.page.evaluate(WORD_BELOW, middle) == token.inner_text().strip()
    notebook.page.mouse.move(5, 5)
    expect(mark).to_have_count(0)
    notebook.page.mouse.move(*middle)
    expect(view.host.locator(".detail .head")).to_contain_text("token 7")
