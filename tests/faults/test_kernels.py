"""What a person does to a notebook (K): in real kernels; a server of ours sees the connections close.

The page's part is held by browser tests, which are named here.
"""

from __future__ import annotations

import ast
import threading
import time
from pathlib import Path
from typing import IO, Any

import pytest

from ..servers import Connection, Server
from ..test_kernel import Kernel, kernel, stderr
from ..waiting import until
from .asking import KEY, Ask, answer, delta, held, raw
from .rows import row

__all__ = ["kernel", "stderr"]  # fixtures

TESTS = Path(__file__).parents[1]
NOISE = ("Traceback", "Error", "never retrieved", "never awaited", "destroyed", "ResourceWarning")


def browser_test(file: str, name: str) -> None:
    """Raises where there is no such test: then the page's part of a row is held by nothing."""
    tree = ast.parse((TESTS / "browser" / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def quiet(stderr: IO[str]) -> None:
    stderr.seek(0)
    said = stderr.read()
    assert [word for word in NOISE if word in said] == [], said


@pytest.fixture
def server(ask: Ask) -> Server:
    """Sends a word and then nothing, and notes when the connection is closed."""
    return ask.serve(held(delta("kept ")))


def begin(kernel: Kernel, server: Server, cell: str = "", **options: Any) -> None:
    """A run in the kernel that has shown its first word."""
    url = server.url.replace("/chat", "")
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    code = f"s = stream('hi', model='m', base_url={url!r}, api_key={KEY!r}{more})"
    kernel.run(f"from notebook_stream import stream\n{code}", cell)
    kernel.until("s.text")


def closed(server: Server, number: int = 0) -> None:
    until(lambda: server.connections[number].closed_at)


@row("K6")
def test_k6_interrupt_and_re_run(kernel: Kernel, stderr: IO[str], server: Server) -> None:
    for number, waiting in enumerate(("await s", "s.result()")):
        begin(kernel, server)
        request = kernel.start(waiting)
        while kernel.client.get_iopub_msg(timeout=60)["msg_type"] != "execute_input":
            pass
        time.sleep(0.3)  # the request has begun to run; nothing tells when it has begun to wait
        kernel.manager.interrupt_kernel()
        assert "error" in [m["msg_type"] for m in kernel.wait(request)]
        closed(server, number)
        assert kernel.printed("print(s.status, s.stop_reason, s.text)") == "stopped user kept"
    begin(kernel, server, cell="one")
    kernel.run("before = s")
    begin(kernel, server, cell="one")
    closed(server, 2)
    assert (
        kernel.printed("print(before.status, before.stop_reason, s.status)") == "stopped abandoned streaming"
    )
    kernel.run("s.close()")
    closed(server, 3)
    quiet(stderr)


@row("K5")
def test_k5_from_the_page_while_the_kernel_is_busy(kernel: Kernel, server: Server) -> None:
    begin(kernel, server)
    comm_id = kernel.printed("print(s.model_id)")
    busy = "import time\nprint('busy', flush=True)\nend = time.monotonic() + 8\n"
    busy += "while time.monotonic() < end and s.status == 'streaming': pass\nprint(s.status, s.stop_reason)"
    request = kernel.start(busy)
    while kernel.client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    asked = time.monotonic()
    content = {"comm_id": comm_id, "data": {"method": "custom", "content": {"type": "stop"}}}
    kernel.client.control_channel.send(kernel.client.session.msg("comm_msg", content))
    closed(server)
    assert time.monotonic() - asked < 5  # the goal is 1 s; the cell itself would have taken 8
    said = [m["content"]["text"] for m in kernel.wait(request) if m["msg_type"] == "stream"]
    assert "".join(said).split() == ["stopped", "user"]
    browser_test("test_routes.py", "test_one_way_is_enough")
    browser_test("test_routes.py", "test_without_a_way_the_page_says_so_and_stops_when_the_cell_ends")


@row("K7")
def test_k7_restart_and_shutdown(kernel: Kernel, stderr: IO[str], server: Server) -> None:
    begin(kernel, server)
    kernel.manager.restart_kernel()
    closed(server, 0)
    kernel.client.wait_for_ready(timeout=60)
    begin(kernel, server)  # the new kernel knows nothing of the old one's run, and works
    began = time.monotonic()
    kernel.manager.shutdown_kernel()
    assert time.monotonic() - began < 15
    closed(server, 1)
    assert not kernel.manager.is_alive()
    assert len(server.requests) == 2
    quiet(stderr)
    browser_test("test_views.py", "test_kernel_restart_in_mid_stream")
    browser_test("test_views.py", "test_kernel_death_in_mid_stream")


def states(kernel: Kernel) -> dict[str, Any]:
    """All widget states, as a page asks for them when it is loaded."""
    session, channel = kernel.client.session, kernel.client.shell_channel
    opening = {"comm_id": "page", "target_name": "jupyter.widget.control", "data": {}}
    channel.send(session.msg("comm_open", opening, metadata={"version": "1.0.0"}))
    channel.send(session.msg("comm_msg", {"comm_id": "page", "data": {"method": "request_states"}}))
    kernel.run("pass")
    told = [m["content"]["data"] for m in kernel.published if m["content"].get("comm_id") == "page"]
    found = [data["states"] for data in told if data.get("method") == "update_states"]
    assert isinstance(found[-1], dict)
    return found[-1]


@row("K9")
def test_k9_a_page_that_is_reloaded_gets_the_whole_text_once(kernel: Kernel, ask: Ask) -> None:
    told = threading.Event()

    def handle(connection: Connection) -> None:
        raw(delta("one "), delta("two "))(connection)
        told.wait(60)
        connection.send(b"".join(answer("three")))

    server = ask.serve(handle)
    begin(kernel, server)
    kernel.until("s.get_state()['text'] == 'one two '")  # which goes with the messages, up to 33 ms later
    comm_id = kernel.printed("print(s.model_id)")
    state = states(kernel)[comm_id]["state"]
    assert (state["text"], state["status"]) == ("one two ", "streaming")
    told.set()
    kernel.until("s.status == 'done'")
    number = len(kernel.published)
    content = {"comm_id": comm_id, "data": {"method": "custom", "content": {"type": "snapshot"}}}
    kernel.client.shell_channel.send(kernel.client.session.msg("comm_msg", content))
    kernel.run("import time; time.sleep(0.2)")
    sent = [
        m["content"]["data"].get("content", {})
        for m in kernel.published[number:]
        if m["msg_type"] == "comm_msg"
    ]
    snapshots = [content for content in sent if content.get("type") == "snapshot"]
    assert [snapshot["text"] for snapshot in snapshots] == ["one two three"]
    state = states(kernel)[comm_id]["state"]
    assert (state["text"], state["status"]) == ("one two three", "done")
    browser_test("test_reload.py", "test_reload_in_mid_stream_and_after_the_end")
    browser_test("test_reload.py", "test_reload_while_another_cell_blocks")


@row("K9")
def test_k9_a_page_that_is_closed_stops_the_run_after_a_while(kernel: Kernel, server: Server) -> None:
    kernel.run("from notebook_stream.widget import shown as module; module.ABANDONED_SECONDS = 0.5")
    begin(kernel, server)
    kernel.run("s.set_state({'_view_count': 1}); s.set_state({'_view_count': 0})")
    closed(server)
    assert kernel.printed("print(s.status, s.stop_reason, s.text)") == "stopped abandoned kept"
    begin(kernel, server, keep_running=True)
    kernel.run(
        "s.set_state({'_view_count': 1}); s.set_state({'_view_count': 0})\nimport time; time.sleep(1.5)"
    )
    assert kernel.printed("print(s.status)") == "streaming"


@row("K10")
def test_k10_asyncio_run_in_a_cell(kernel: Kernel, stderr: IO[str], ask: Ask) -> None:
    server = ask.serve(raw(*answer("a")))
    begin(kernel, server)
    kernel.run("async def main(): return (await s).text")
    refused = kernel.run("import asyncio\nawaiting = main()\nasyncio.run(awaiting)")
    errors = [m["content"]["evalue"] for m in refused if m["msg_type"] == "error"]
    assert len(errors) == 1
    assert "running event loop" in errors[0]  # Python's own words, and the run is none the worse for it
    assert kernel.printed("print(await awaiting)") == "a"
    assert kernel.printed("print(await main(), (await s).text, s.result().text)") == "a a a"
    assert kernel.printed("print(await asyncio.to_thread(asyncio.run, main()))") == "a"
    quiet(stderr)
