"""Many streams, fast streams, slow observers: nothing is lost, nobody waits, and little crosses the wire."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenNotebook
from .frames import Traffic, own_message, parse
from .numbered import EACH_FRONT_END, cell, numbered, tell
from .page import WAIT_MS, FrontEnd, Notebook, View

ENOUGH_MS = 4 * WAIT_MS
"""Thirty views on a loaded machine."""


def many(count: int, tokens: int, pace: float, more: str = "") -> str:
    return f"""
from notebook_stream import stream
runs = [
    stream("hi", model="demo/lorem", tokens={tokens}, pace={pace}, settle=False)
    for _ in range({count})
]
{more}
"""


def expect_all_whole(notebook: Notebook, count: int, tokens: int, index_of_cell: int = 0) -> None:
    views = notebook.views(index_of_cell)
    expect(views).to_have_count(count, timeout=ENOUGH_MS)
    for index in range(count):
        view = View(views.nth(index))
        expect(view.part("status")).to_contain_text("done", timeout=ENOUGH_MS)
        view.wait_for_answer(numbered(tokens), f"stream {index}: ")


@pytest.mark.parametrize("front_end", EACH_FRONT_END)
def test_three_fast_streams_are_whole(open_notebook: OpenNotebook, front_end: FrontEnd) -> None:
    notebook = open_notebook([many(3, 9000, 3000)], front_end=front_end)
    notebook.run(0)
    expect_all_whole(notebook, 3, 9000)


PRINTS = "import time\nfor i in range(400): print(f'line {i}', flush=True); time.sleep(0.01)"


def test_thirty_streams_at_once_leave_room_for_the_prints(
    open_notebook: OpenNotebook, traffic: Traffic
) -> None:
    notebook = open_notebook([many(30, 400, 60), PRINTS, "for s in runs: s.result()"])
    notebook.run(0)
    notebook.run(1)
    assert notebook.output_text(1).strip().split("\n") == [f"line {i}" for i in range(400)]
    notebook.run(2)
    expect_all_whole(notebook, 30, 400)
    sent = sorted(
        datetime.fromisoformat(message["header"]["date"]).timestamp()
        for message in traffic.messages()
        if own_message(message) is not None
    )
    # As the kernel dated them, in the second with the most.
    most = max(bisect_left(sent, start + 1) - index for index, start in enumerate(sent))
    tell(f"30 streams: {len(sent)} messages, at most {most} within a second (bound: 300)")
    assert most <= 300


SLOW_OBSERVERS = """
import time
for s in runs:
    s.observe(lambda change: time.sleep(5), "text")
"""

# For each view the longest time in which its answer did not change, from its first text to its end.
RECORD = """hosts => {
  window.gaps = hosts.map(host => {
    const part = name => host.shadowRoot.querySelector(`[part=${name}]`);
    const [answer, status] = [part('answer'), part('status')];
    const gap = { longest: 0, changes: 0 };
    let last = performance.now();
    const look = () => {
      const now = performance.now();
      if (status.textContent.includes('done')) return observer.disconnect();
      gap.longest = Math.max(gap.longest, now - last);
      gap.changes += 1;
      last = now;
    };
    const observer = new MutationObserver(look);
    observer.observe(answer, { childList: true, characterData: true, subtree: true });
    return gap;
  });
}"""


def test_slow_observers_do_not_keep_the_page_waiting(open_notebook: OpenNotebook, page: Page) -> None:
    tokens = 420
    notebook = open_notebook([many(10, tokens, 60, SLOW_OBSERVERS)])
    notebook.run(0)
    views = notebook.views(0)
    expect(views).to_have_count(10, timeout=WAIT_MS)
    for index in range(10):
        View(views.nth(index)).wait_for_more(0)
    views.evaluate_all(RECORD)
    expect_all_whole(notebook, 10, tokens)
    gaps = page.evaluate("() => window.gaps")
    longest = max(gap["longest"] for gap in gaps)
    tell(f"10 streams, observers that sleep 5 s: longest gap {longest:.0f} ms (goal: 200 ms)")
    assert min(gap["changes"] for gap in gaps) > 10
    assert longest < 2000


def test_fifty_streams_cost_less_than_a_megabyte(open_notebook: OpenNotebook, traffic: Traffic) -> None:
    # In two cells: JupyterLab shows fifty outputs of one, and some of these have a place for their copy, too.
    wait = "for s in runs: s.result()"
    notebook = open_notebook([f"{many(25, 5, 0)}\n{wait}"] * 2)
    for index in (0, 1):
        notebook.run(index)
        expect_all_whole(notebook, 25, 5, index)
    kinds = ("comm_open", "comm_msg", "display_data")
    frames = [(frame, parse(frame)) for frame in traffic.received]
    cost = sum(len(frame) for frame, message in frames if message and message["header"]["msg_type"] in kinds)
    tell(f"50 streams: {cost / 1e6:.3f} MB to the page (bound: 1 MB)")
    assert cost < 1_000_000


def test_a_long_answer_costs_bytes_in_proportion(open_notebook: OpenNotebook, traffic: Traffic) -> None:
    """The whole text in each message would be quadratic: 80 KB at thirty a second over a gigabyte."""
    tokens = 10_000
    notebook = open_notebook([cell(tokens, pace=2000), "s.result()"])
    before = traffic.received_bytes
    notebook.run(0)
    notebook.run(1)
    notebook.view(0).wait_for_answer(numbered(tokens))
    cost = traffic.received_bytes - before
    chars = len(numbered(tokens))
    tell(f"{chars} characters: {cost / chars:.1f} bytes each, with the page's code")
    assert cost < 10 * chars
