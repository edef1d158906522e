"""In: nothing. Out: cells that start a stream of the demo server and ask what became of its connection."""

from __future__ import annotations

from .page import Notebook

ENDLESS = """
from notebook_stream import stream
s = stream("hi", model="demo/lorem", tokens=1_000_000, settle=False)
"""
"""A stream that ends only by Stop, at the demo's own pace (60 tokens a second)."""

CLOSED = """
import time
from notebook_stream import demo
asked = demo.ensure_server().requests[-1]
until = time.monotonic() + 20
while asked.closed_at is None and time.monotonic() < until:
    time.sleep(0.01)
print(asked.closed_by, asked.closed_at)
"""


def closed_at(notebook: Notebook, index: int) -> float:
    """When the demo server saw the client close the last request, in seconds of `time.monotonic()`.

    `index` is the cell that holds `CLOSED`. That clock is one for all processes of a machine (Linux, macOS),
    so the test's own readings may be held against it.
    """
    notebook.run(index)
    who, when = notebook.output_text(index).split()
    assert who == "client", f"the connection was closed by {who}"
    return float(when)
