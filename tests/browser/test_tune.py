"""A person tunes a prompt, by mouse and by keyboard: runs, stops, brings back, compares, copies the code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from notebook_stream import Stream

from .conftest import OpenNotebook
from .jupyter import JupyterServer
from .numbered import EACH_FRONT_END, Complaints
from .page import WAIT_MS, FrontEnd, Notebook, View
from .test_keys import SHORTCUTS

CELL = """
from notebook_stream import tune
t = tune(
    "About {topic}.", topic="SSE", model=["demo/echo", "demo/lorem"],
    temperature=(0.0, 2.0, 0.5), system="", tokens=100_000, pace=100,
)
t
"""
ASK = "import json; print(json.dumps([t.settings, [[r.stream.status, r.stream.text] for r in t.runs]]))"
COPY = ".notebook-stream-copy"


class Panel:
    """The parts of a tuning on the page, found by the names that a reader hears."""

    def __init__(self, notebook: Notebook, index: int = 0) -> None:
        self.output = notebook.output(index)
        self.notebook = notebook
        self.index = index
        expect(self.run).to_be_visible(timeout=WAIT_MS)

    def button(self, name: str) -> Locator:
        return self.output.locator(".notebook-stream-tuning").get_by_role("button", name=name, exact=True)

    @property
    def run(self) -> Locator:
        return self.button("Run")

    @property
    def runs(self) -> Locator:
        return self.output.get_by_label("Runs")

    @property
    def answer(self) -> View:
        return self.notebook.view(self.index)

    @property
    def text(self) -> Locator:
        """The answer's text, in whichever view: each run has its own."""
        return self.notebook.views(self.index).locator("[part=answer]")

    def choose(self, name: str, value: str) -> None:
        self.output.get_by_label(name).select_option(value)

    def wait_for_answer(self, text: str) -> None:
        """Until the answer is exactly `text`."""
        expect(self.text).to_have_text(text, timeout=WAIT_MS)

    def run_to_end(self, text: str, *, by: str = "") -> None:
        """Run, and wait until the answer is exactly `text`, and the list has the figures of this run."""
        count = self.runs.locator("option").count()
        if by:
            self.run.focus()
            self.notebook.page.keyboard.press(by)
        else:
            self.run.click()
        self.wait_for_answer(text)
        expect(self.runs.locator("option")).to_have_count(count + 1, timeout=WAIT_MS)
        expect(self.runs.locator("option").first).to_contain_text(" token", timeout=WAIT_MS)
        expect(self.run).to_be_enabled(timeout=WAIT_MS)


def told(notebook: Notebook, index: int) -> Any:
    """What the kernel says of its settings and runs."""
    notebook.run(index)
    return json.loads(notebook.output_text(index))


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_tuning_by_mouse(open_notebook: OpenNotebook, page: Page, front_end: FrontEnd) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([CELL, ASK], front_end=front_end)
    notebook.run(0)
    panel = Panel(notebook)
    expect(panel.runs).to_be_hidden()
    panel.run_to_end("About SSE.")
    # Another run, stopped in its middle.
    panel.choose("model", "demo/lorem")
    panel.run.click()
    expect(panel.text).to_contain_text("t000005", timeout=WAIT_MS)
    expect(panel.run).to_be_disabled()
    # The panel's own; the other one is the answer's.
    panel.output.locator(".jupyter-button").get_by_text("Stop", exact=True).click()
    panel.answer.wait_until("stopped")
    expect(panel.answer.host.get_by_text("Not saved")).to_have_count(0)
    settings, runs = told(notebook, 1)
    assert settings == {
        **{"topic": "SSE", "model": "demo/lorem", "temperature": 1.0},
        **{"system": "", "tokens": 100_000, "pace": 100},
    }
    assert [status for status, _ in runs] == ["done", "stopped"]
    panel.wait_for_answer(runs[1][1])
    # The first one is brought back: its answer and its settings.
    expect(panel.runs.locator("option")).to_have_count(2)
    panel.runs.select_option(index=1)
    panel.wait_for_answer("About SSE.")
    expect(panel.output.get_by_label("model")).to_have_value("demo/echo", timeout=WAIT_MS)
    # Two of them side by side, what differs marked.
    panel.output.get_by_label("topic").fill("<b>cookies</b>")
    panel.run_to_end("About <b>cookies</b>.")
    panel.runs.select_option(index=[0, 2])
    panel.button("Compare").click()
    sections = panel.output.locator("section")
    expect(sections).to_have_count(2, timeout=WAIT_MS)
    assert [each.locator("ins, del").all_inner_texts() for each in sections.all()] == [
        ["SSE"],
        ["<b>cookies</b>"],
    ]
    assert sections.locator("b").count() == 0
    panel.runs.select_option(index=2)
    expect(sections).to_have_count(0, timeout=WAIT_MS)
    assert complaints.lines == []


def test_tuning_by_keyboard_leaves_the_notebook_alone(open_notebook: OpenNotebook, page: Page) -> None:
    notebook = open_notebook(["x = 1", CELL, ASK])
    notebook.run(1)
    panel = Panel(notebook, 1)
    before = notebook.state_of_cells()
    topic = panel.output.get_by_label("topic")
    topic.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("keys, a b d d")
    page.keyboard.press("Tab")  # the model
    page.keyboard.press("Tab")  # the slider
    page.keyboard.press("ArrowRight")
    panel.run_to_end("About keys, a b d d.", by="Enter")
    panel.run_to_end("About keys, a b d d.", by="Space")
    for part in (panel.runs, panel.button("Code"), panel.output.get_by_label("model"), panel.run):
        part.focus()
        for key in SHORTCUTS:
            if "Enter" not in key:  # on a button it presses it
                page.keyboard.press(key)
    assert notebook.state_of_cells() == before
    assert notebook.cell_count() == 3
    settings, runs = told(notebook, 2)
    assert (settings["temperature"], len(runs)) == (1.5, 2)
    # In the list the arrows bring runs back.
    panel.runs.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    chosen = "element => element.selectedOptions[0].textContent[0]"
    assert panel.runs.evaluate(chosen) == "1"


def test_the_code_is_shown_and_copied(open_notebook: OpenNotebook, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook = open_notebook([CELL, "print(t.code, end='')"])
    notebook.run(0)
    panel = Panel(notebook)
    panel.run_to_end("About SSE.")
    code = panel.output.get_by_role("region", name="Code")
    expect(code).to_be_hidden()
    panel.button("Code").click()
    expect(code).to_contain_text("'About SSE.'", timeout=WAIT_MS)
    panel.button("Copy code").click()
    expect(panel.output.get_by_role("button", name="Copy code")).to_have_text("Copied")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    notebook.run(1)
    assert copied == code.inner_text()
    assert copied.strip() == notebook.output_text(1).replace("\xa0", " ").strip()


def test_wrong_use_is_said_in_the_panel(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(["from notebook_stream import tune\nt = tune('x', model='nobody/nothing')"])
    notebook.run(0)
    panel = Panel(notebook)
    panel.run.click()
    expect(panel.output.get_by_role("alert")).to_contain_text("Unknown provider 'nobody'", timeout=WAIT_MS)
    expect(panel.run).to_be_enabled()


def test_the_template_and_the_prompt_asked_are_there_to_be_read(open_notebook: OpenNotebook) -> None:
    cell = CELL.replace('topic="SSE"', 'topic="<b>long</b> " * 80')
    notebook = open_notebook([cell])
    notebook.run(0)
    panel = Panel(notebook)
    expect(panel.output.get_by_role("note", name="Template")).to_have_text("About {topic}.")
    prompt = panel.output.get_by_role("note", name="Prompt")
    expect(prompt).to_have_count(0)
    text = "About " + "<b>long</b> " * 80 + "."
    panel.run.click()
    expect(prompt).to_have_text(text, timeout=WAIT_MS)
    expect(prompt).to_have_attribute("title", text)
    assert prompt.locator("b").count() == 0
    lines = "element => Math.round(element.clientHeight / parseFloat(getComputedStyle(element).lineHeight))"
    assert prompt.evaluate(lines) == 2
    prompt.focus()
    assert prompt.evaluate(lines) > 4
    assert prompt.evaluate("element => element.scrollHeight - element.clientHeight") <= 1
    expect(panel.run).to_be_enabled(timeout=WAIT_MS)
    panel.output.get_by_label("topic").fill("SSE")
    panel.run_to_end("About SSE.")
    expect(prompt).to_have_text("About SSE.")


def copy_in_file(notebook: Notebook, index: int = 0) -> dict[str, Any]:
    """The second output of cell `index` in the file, which is the copy."""
    outputs = notebook.save()["cells"][index]["outputs"]
    assert len(outputs) == 2
    assert "application/vnd.jupyter.widget-view+json" not in outputs[1]["data"]
    found: dict[str, Any] = outputs[1]
    return found


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_the_answer_stays_and_is_read_without_a_kernel(
    open_notebook: OpenNotebook, page: Page, jupyter_server: JupyterServer, front_end: FrontEnd
) -> None:
    notebook = open_notebook([CELL], front_end=front_end)
    notebook.run(0)
    panel = Panel(notebook)
    expect(panel.output.locator(COPY)).to_be_hidden()  # from the beginning, before any answer
    panel.run_to_end("About SSE.")
    panel.output.get_by_label("topic").fill("<i>it</i>")
    panel.run_to_end("About <i>it</i>.")
    expect(panel.output.locator(COPY)).to_contain_text("2 runs", timeout=WAIT_MS)
    expect(panel.output.locator(COPY)).to_be_hidden()
    kept = copy_in_file(notebook)
    assert Stream.from_output(kept["metadata"]).text == "About <i>it</i>."
    jupyter_server.shut_down_kernels()
    notebook.visit()
    copy = notebook.output(0).locator(COPY)
    expect(copy).to_be_visible(timeout=WAIT_MS)
    for text in ("About {topic}.", "About <i>it</i>.", "2 runs", "topic: <i>it</i>"):
        expect(copy).to_contain_text(text)
    assert copy.locator("i").count() == 0
    expect(notebook.views(0)).to_have_count(0)


def test_after_a_reload_what_is_run_stays_too(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([CELL])
    notebook.run(0)
    Panel(notebook).run_to_end("About SSE.")
    notebook.save()
    notebook.reload()
    panel = Panel(notebook)
    panel.wait_for_answer("About SSE.")
    panel.output.get_by_label("topic").fill("later")
    panel.run_to_end("About later.")
    expect(panel.output.locator(COPY)).to_contain_text("About later.", timeout=WAIT_MS)
    expect(panel.output.locator(COPY)).to_be_hidden()
    assert Stream.from_output(copy_in_file(notebook)["metadata"]).text == "About later."


def test_frozen_only_the_copy_is_left(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([CELL, "t.freeze()", "t"])
    notebook.run(0)
    panel = Panel(notebook)
    panel.run_to_end("About SSE.")
    notebook.run(1)
    expect(panel.output.locator(".notebook-stream-tuning")).to_have_count(0, timeout=WAIT_MS)
    expect(panel.output).to_contain_text("About SSE.")
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("About SSE.", timeout=WAIT_MS)
