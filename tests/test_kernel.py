"""In a real kernel without a front end: display, interrupt, re-run, keys, the notebooks, shutdown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

PATIENCE = 60.0
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CANARY = "sk-canary-3f9a1c77e2b84d05"
ENDLESS = (
    "from notebook_stream import stream\ns = stream('x', model='demo/lorem', tokens=100_000, pace=100)\n"
)
QUICK = "import notebook_stream\nnotebook_stream.configure(pace=1_000, first_token_s=0)"
OTHERS = ("checklist.ipynb", "explore.ipynb", "quickstart.ipynb")
"""Notebooks that are no lessons; those are in `test_lessons`."""
WIDGET = "application/vnd.jupyter.widget-view+json"


class Kernel:
    """A kernel of the running Python, and what it published."""

    def __init__(self, stderr: IO[str]) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(stderr=stderr)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.published: list[dict[str, Any]] = []

    def start(self, code: str, cell: str = "") -> str:
        """Ask for `code` to be run, as the cell with that id."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": True,  # as a front end with a person at it
                "stop_on_error": True,
            },
            metadata={"cellId": cell} if cell else {},
        )
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def wait(self, request: str) -> list[dict[str, Any]]:
        """All messages up to the end of that request; those that belong to it are returned."""
        own: list[dict[str, Any]] = []
        deadline = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < deadline, "the cell did not end"
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            self.published.append(message)
            if message["parent_header"].get("msg_id") == request:
                own.append(message)
                if message["content"].get("execution_state") == "idle":
                    return own

    def run(self, code: str, cell: str = "") -> list[dict[str, Any]]:
        return self.wait(self.start(code, cell))

    def printed(self, code: str) -> str:
        own = self.run(code)
        errors = [m["content"]["evalue"] for m in own if m["msg_type"] == "error"]
        assert errors == []
        return "".join(m["content"]["text"] for m in own if m["msg_type"] == "stream").strip()

    def until(self, expression: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.printed(f"print(bool({expression}))") != "True":
            assert time.monotonic() < deadline, f"{expression} never came true"


@pytest.fixture
def stderr(tmp_path: Path) -> Iterator[IO[str]]:
    """What the kernel's process says beside its messages."""
    with (tmp_path / "stderr").open("w+", encoding="utf-8") as file:
        yield file


@pytest.fixture
def kernel(stderr: IO[str]) -> Iterator[Kernel]:
    running = Kernel(stderr)
    yield running
    running.client.stop_channels()
    running.manager.shutdown_kernel(now=True)
    running.manager.cleanup_resources()


def shown(messages: list[dict[str, Any]]) -> int:
    """How often a stream was displayed: its live view, or the copy of one that has ended."""
    displayed = [m for m in messages if m["msg_type"] in ("display_data", "execute_result")]
    return sum(not {WIDGET, "text/html"}.isdisjoint(m["content"]["data"]) for m in displayed)


def test_shown_at_the_call_not_twice_and_again_in_a_later_cell(kernel: Kernel) -> None:
    imported = "from notebook_stream import stream\n"
    assert shown(kernel.run(f"{imported}s = stream('x', model='demo/echo')")) == 1
    assert shown(kernel.run("s = stream('x', model='demo/echo')\ns")) == 1
    assert shown(kernel.run("stream('x', model='demo/echo')")) == 1
    assert shown(kernel.run("s")) == 1
    assert shown(kernel.run("s\n")) == 1
    assert shown(kernel.run("stream('x', model='demo/echo', display=False);")) == 0
    assert shown(kernel.run("from IPython.display import display\ndisplay(s, s)")) == 2
    both = kernel.run("for _ in range(2): stream('x', model='demo/echo')")
    assert shown(both) == 2


@pytest.mark.parametrize(
    "waiting", ["await s", "s.result()", "for t in s.text_stream: pass", "async for t in s.text_stream: pass"]
)
def test_interrupting_the_cell_that_waits_stops_the_run_and_keeps_the_text(
    kernel: Kernel, waiting: str
) -> None:
    kernel.run(ENDLESS)
    kernel.until("s.text")
    request = kernel.start(waiting)
    while kernel.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "execute_input":
        pass
    time.sleep(0.3)  # the request has begun to run; nothing tells when it has begun to wait
    kernel.manager.interrupt_kernel()
    own = kernel.wait(request)
    assert "error" in [m["msg_type"] for m in own]
    kernel.until("s.status == 'stopped'")
    assert kernel.printed("print(s.stop_reason, s.text[:7])") == "user t000001"


def test_cancelling_an_await_in_a_cell_leaves_the_run_alone(kernel: Kernel) -> None:
    kernel.run(ENDLESS)
    code = (
        "import asyncio\ntry:\n    await asyncio.wait_for(s, 0.1)\n"
        "except asyncio.TimeoutError:\n    print(s.status in ('connecting', 'streaming'))\ns.stop()"
    )
    assert kernel.printed(code) == "True"


def test_running_a_cell_again_stops_the_run_it_had_started(kernel: Kernel) -> None:
    kernel.run(ENDLESS + "a = s", cell="one")
    kernel.run(ENDLESS + "b = s", cell="two")
    kernel.run(ENDLESS, cell="one")
    kernel.until("a.status == 'stopped'")
    assert kernel.printed("print(a.stop_reason, b.status != 'stopped', s.status != 'stopped')") == (
        "abandoned True True"
    )


def test_a_run_goes_on_while_a_cell_blocks(kernel: Kernel) -> None:
    kernel.run("from notebook_stream import stream\ns = stream('x', model='demo/lorem', tokens=50, pace=100)")
    kernel.run("import time; time.sleep(2)")
    assert kernel.printed("print(s.status, s.text.split()[-1])") == "done t000050"


def test_stop_by_the_control_channel_reaches_a_cell_that_blocks(kernel: Kernel) -> None:
    kernel.run(ENDLESS)
    kernel.until("s.text")
    comm_id = kernel.printed("print(s.model_id)")
    wait = (
        "import time\nend = time.monotonic() + 10\nprint('blocks', flush=True)\n"
        "while s.status != 'stopped' and time.monotonic() < end: time.sleep(0.01)\n"
        "print(s.status, s.stop_reason)"
    )
    request = kernel.start(wait)
    while kernel.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
        pass
    content = {"comm_id": comm_id, "data": {"method": "custom", "content": {"type": "stop"}}}
    kernel.client.control_channel.send(kernel.client.session.msg("comm_msg", content))
    said = [m["content"]["text"] for m in kernel.wait(request) if m["msg_type"] == "stream"]
    assert "".join(said).split() == ["stopped", "user"]


def test_no_piece_of_a_key_is_in_any_message(kernel: Kernel) -> None:
    code = f"""
from notebook_stream import stream
from notebook_stream.demo import ensure_server
import os
os.environ["MY_KEY"] = {CANARY!r}
for fault in (None, "http_401"):
    options = dict(base_url=ensure_server().base_url, api_key=os.environ["MY_KEY"], fault=fault)
    s = stream("x", model="echo", **options)
    s._session.wait(20)
    s
    print(s, s.error, vars(s))
"""
    request = kernel.start(code)
    kernel.wait(request)
    kernel.run("s")
    answers = [m for m in kernel.published if m["msg_type"] != "execute_input"]
    everything = json.dumps(answers, default=str)
    assert WIDGET in everything
    assert [CANARY[i : i + 8] for i in range(len(CANARY) - 7) if CANARY[i : i + 8] in everything] == []


def test_verbose_tracebacks_show_no_key(kernel: Kernel) -> None:
    kernel.run("%xmode Verbose")
    kernel.run(f"import os; os.environ['MY_KEY'] = {CANARY!r}\nfrom notebook_stream import stream")
    for call in (
        "stream('x', model='nosuch/model', api_key=os.environ['MY_KEY'])",
        "s = stream('x', model='m', base_url='http://127.0.0.1:9', retries=0, api_key=os.environ['MY_KEY'])\n"
        "s.result()",
    ):
        own = kernel.run(call)
        traces = [m for m in own if m["msg_type"] == "error"]
        assert len(traces) == 1
        text = json.dumps(traces, default=str)
        assert [CANARY[i : i + 8] for i in range(len(CANARY) - 7) if CANARY[i : i + 8] in text] == []


@pytest.mark.parametrize("pace", ["quick", pytest.param("own", marks=pytest.mark.whole)])
@pytest.mark.parametrize("path", [*map(NOTEBOOKS.joinpath, OTHERS)], ids=lambda path: path.stem)
def test_notebooks_run_from_top_to_bottom(path: Path, pace: str) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert [c.outputs for c in notebook.cells if c.cell_type == "code" and c.outputs] == []
    if pace == "quick":
        # A reader's pace takes most of a minute; the settings of the demo server pass through every call.
        notebook.cells.insert(0, nbformat.v4.new_code_cell(QUICK))
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    if path.stem == "quickstart":
        last = notebook.cells[-1].outputs[0]["data"]["text/plain"]
        assert "How a language model streams its answer" in last
        assert "What travels over the wire" in last
    if path.stem == "explore":
        said = [o["data"] for c in notebook.cells if c.cell_type == "code" for o in c.outputs if "data" in o]
        tables = ["<th scope=col" in data.get("text/html", "") for data in said]
        assert sum(tables) == 6  # of the comparisons
        plain = [data["text/plain"] for data in said]
        assert any(text.startswith("[(1, '100%'), (") for text in plain)  # how far the repeats agree
        assert "[('demo/echo', 'done'), ('demo/fails', 'error'), ('demo/cut', 'done')]" in plain


def test_shutdown_in_midstream_is_quick_and_quiet(kernel: Kernel, stderr: IO[str]) -> None:
    kernel.run(ENDLESS)
    kernel.until("s.text")
    began = time.monotonic()
    kernel.manager.shutdown_kernel()
    assert time.monotonic() - began < 15
    assert not kernel.manager.is_alive()
    stderr.seek(0)
    said = stderr.read()
    assert [word for word in ("Traceback", "Error", "never retrieved", "destroyed") if word in said] == []
