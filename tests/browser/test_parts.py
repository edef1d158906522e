"""The parts that come when an answer needs them: code gets colours and formulas become MathML, in every view.

Live, in a second view, after a reload; and a stream that needs none never costs their bytes.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from notebook_stream.widget import library

from .conftest import OpenNotebook
from .frames import Traffic
from .numbered import EACH_FRONT_END, Complaints, tell
from .page import WAIT_MS, FrontEnd, Notebook

SOURCE = r"""
import threading
from notebook_stream import show
first, rest = threading.Event(), threading.Event()
def answer():
    yield "Plain words.\n\n"
    first.wait()
    yield "```pyth"
    yield "on\ndef f(x):  # note\n    return 1\n"
    rest.wait()
    yield "```\n\nSo $x^2$ and\n\n$$\n\\frac{a}{b} = \\sqrt{c}\n$$\n\nand $5 and $6, and $x^$ too.\n"
s = show(answer(), settle=False)
"""
SIZES = {name: len((library.STATIC / f"{name}.js").read_bytes()) for name in library.LIBRARIES}


def keywords(view: Locator) -> Locator:
    return view.locator("pre code .ns-keyword")


def expect_whole(view: Locator) -> None:
    """Colours and formulas are there, and the text is what it was."""
    expect(keywords(view)).to_have_count(2, timeout=WAIT_MS)
    expect(view.locator("math")).to_have_count(2, timeout=WAIT_MS)
    assert view.locator("pre code").inner_text() == "def f(x):  # note\n    return 1"
    colors = view.locator("pre code").evaluate(
        """code => ['keyword', 'comment', 'number'].map(
             kind => getComputedStyle(code.querySelector(`.ns-${kind}`)).color)"""
    )
    plain = view.locator("pre code").evaluate("code => getComputedStyle(code).color")
    assert len({*colors, plain}) == 4
    # It is set, not only there: the fraction is higher than a line, and the root has a width.
    boxes = view.locator("math").evaluate_all("all => all.map(math => math.getBoundingClientRect().height)")
    assert boxes[1] > boxes[0] > 5
    assert view.locator("math mfrac").count() == view.locator("math msqrt").count() == 1
    # What cannot be set is shown as it was written, with the reason.
    source = view.locator("code.ns-tex")
    if source.count():  # where the grammar takes it for a formula
        assert source.first.get_attribute("title") == "Not typeset: incomplete TeX"
    assert "$5 and $6" in view.inner_text()


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_code_and_formulas_live_in_a_second_view_and_after_a_reload(
    open_notebook: OpenNotebook, page: Page, traffic: Traffic, front_end: FrontEnd
) -> None:
    notebook = open_notebook([SOURCE, "s", "first.set()", "rest.set()"], front_end=front_end)
    complaints = Complaints(page)
    notebook.run(0)
    view = notebook.view(0)
    view.wait_for_more(5)
    plain = traffic.received_bytes
    assert plain < SIZES["core"] * 1.5 + 100_000
    notebook.run(2)
    # The first line is finished and has its colours while the block is still growing.
    expect(keywords(view.part("answer"))).not_to_have_count(0, timeout=WAIT_MS)
    notebook.run(1)
    expect(keywords(notebook.view(1).part("answer"))).not_to_have_count(0, timeout=WAIT_MS)
    assert sent(traffic) == {"core": 1, "highlight": 1, "maths": 0, "inspector": 0}
    notebook.run(3)
    for index in (0, 1):
        notebook.view(index).wait_until("done")
        expect_whole(notebook.view(index).part("answer"))
    assert sent(traffic) == {"core": 1, "highlight": 1, "maths": 1, "inspector": 0}
    tell(f"parts: {traffic.received_bytes - plain} bytes for code and formulas, {SIZES}")
    notebook.save()
    notebook.reload()
    for index in (0, 1):
        expect_whole(notebook.view(index).part("answer"))
    assert complaints.lines == []


def sent(traffic: Traffic) -> dict[str, int]:
    """How often the kernel opened each library."""
    opened = [
        json.dumps(message["content"])
        for message in traffic.messages()
        if message["header"]["msg_type"] == "comm_open"
    ]
    marks = {name: json.dumps((library.STATIC / f"{name}.js").read_text())[1:-1] for name in SIZES}
    return {name: sum(mark in content for content in opened) for name, mark in marks.items()}


def test_a_reload_in_mid_stream_finds_the_parts(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SOURCE, "first.set()", "rest.set()"])
    notebook.run(0)
    notebook.run(1)
    expect(keywords(notebook.view(0).part("answer"))).not_to_have_count(0, timeout=WAIT_MS)
    notebook.save()
    notebook.reload()
    expect(keywords(notebook.view(0).part("answer"))).not_to_have_count(0, timeout=WAIT_MS)
    notebook.wait_until_ready()
    notebook.run(2)
    notebook.view(0).wait_until("done")
    expect_whole(notebook.view(0).part("answer"))


def test_plain_answers_never_cost_the_parts(open_notebook: OpenNotebook, traffic: Traffic) -> None:
    cell = """
from notebook_stream import stream
text = "It costs $5 and $6 in `US`.\\n\\n```\\nno language $x$\\n```\\n\\n    indented\\n\\n**end**"
runs = [stream(text, model="demo/echo", pace=0, settle=False) for _ in range(5)]
"""
    notebook: Notebook = open_notebook([cell, "for s in runs: s.result()"])
    notebook.run(0)
    notebook.run(1)
    expect(notebook.views(0)).to_have_count(5, timeout=WAIT_MS)
    expect(notebook.views(0).locator("[part=answer] strong")).to_have_count(5, timeout=WAIT_MS)
    assert sent(traffic) == {"core": 1, "highlight": 0, "maths": 0, "inspector": 0}
    tell(f"five plain answers: {traffic.received_bytes} bytes")
    assert traffic.received_bytes < SIZES["core"] * 1.2 + 5 * 30_000 + SIZES["highlight"]
