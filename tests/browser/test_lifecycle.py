"""Whatever ends a run in a notebook, its connection to an outside server closes, and the page says so."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from ..servers import SSE_HEADERS, Connection, Server
from ..waiting import until
from .conftest import OpenNotebook
from .jupyter import JupyterServer
from .numbered import tell
from .page import Notebook

PATIENCE = 30.0
"""Seconds, an outer bound: only leaving views are waited for (`ABANDONED_SECONDS`, here 0.3 s)."""


def endless(connection: Connection) -> None:
    """Words for ever, in the form of chat completions; notes when the client hangs up."""
    connection.head(200, SSE_HEADERS)
    chunk = {"choices": [{"index": 0, "delta": {"content": "word "}}]}
    while True:
        connection.send(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        time.sleep(0.02)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(endless) as running:
        yield running


def rerun(notebook: Notebook, _: JupyterServer) -> None:
    notebook.run(0)


def delete(notebook: Notebook, _: JupyterServer) -> None:
    notebook.delete_cell(0)


def clear(notebook: Notebook, _: JupyterServer) -> None:
    notebook.clear_output(0)


def close(notebook: Notebook, _: JupyterServer) -> None:
    notebook.run(1)


def interrupt(notebook: Notebook, _: JupyterServer) -> None:
    notebook.run(2, wait=False)
    notebook.wait_until_cell_runs(2)
    notebook.interrupt()
    notebook.wait_until_cell_ended(2, raises="KeyboardInterrupt")


def restart(notebook: Notebook, _: JupyterServer) -> None:
    notebook.restart()


def shut_down(_: Notebook, jupyter: JupyterServer) -> None:
    jupyter.shut_down_kernels()


EVENTS: dict[str, Callable[[Notebook, JupyterServer], None]] = {
    "re-run": rerun,
    "deleted cell": delete,
    "cleared output": clear,
    "closed widget": close,
    "interrupt": interrupt,
    "restart": restart,
    "shutdown": shut_down,
}
STAYS = {
    "interrupt": "stopped: connection closed",
    "closed widget": "stopped: connection closed",
    "shutdown": "the process ended before the answer",
}
"""What the output says where it is still there and the kernel, too: it is static by then."""


@pytest.mark.parametrize("event", EVENTS)
def test_the_connection_closes(
    open_notebook: OpenNotebook, jupyter_server: JupyterServer, server: Server, event: str
) -> None:
    url = server.url.removesuffix("/chat")
    start = (
        "import notebook_stream.widget.shown as m; m.ABANDONED_SECONDS = 0.3\n"
        f'from notebook_stream import stream\ns = stream("hi", model="m", base_url={url!r})'
    )
    notebook = open_notebook([start, "s.close()", "s.result()"])
    notebook.run(0)
    notebook.view(0).wait_for_more(50)
    first = server.connections[0]
    began = time.monotonic()
    EVENTS[event](notebook, jupyter_server)
    until(lambda: first.closed_at, PATIENCE)
    tell(f"{event}: closed after {(first.closed_at or 0) - began:.2f} s")
    if event == "restart":
        notebook.view(0).wait_until("kernel gone")
    elif event in STAYS:
        until(lambda: STAYS[event] in notebook.output_text(0), PATIENCE)
    # Running it again began another one; nothing else is open.
    still_open = [each for each in server.connections if each.closed_at is None]
    assert len(still_open) == (1 if event == "re-run" else 0)
