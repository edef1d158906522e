"""What a person does to a run (K), in one process: many at once, stop in every phase, loops, fork, exit."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Stream, streams
from notebook_stream.errors import UsageError

from ..servers import SSE_HEADERS, Connection, Handler, in_turn, self_signed
from ..servers import sse as events
from ..waiting import until
from .asking import DONE, FINISH, KEY, Ask, Page, answer, delta, held, raw, whole
from .rows import row

SOON = 2.5
"""Seconds: ten times the goal of 250 ms, for a busy machine."""


def stopped(ask: Ask, s: Stream, began: float) -> None:
    """Stop it: at once, and with nothing more to come."""
    stopping = time.monotonic()
    s.stop()
    assert time.monotonic() - stopping < SOON
    end = ask.end(s, began, SOON)
    assert (end.status, s.stop_reason, s.error) == ("stopped", "user", None)


# K1


@row("K1")
def test_k1_two_hundred_at_once(ask: Ask) -> None:
    everyone = threading.Barrier(200, timeout=30)

    def handle(connection: Connection) -> None:
        everyone.wait()  # none is kept waiting for a connection of another
        events([*map(delta, "abcde"), FINISH, DONE], pause_s=0.02)(connection)

    server = ask.serve(handle)
    some = [ask.start(server, f"{i}") for i in range(200)]
    assert [s.result(60).text for s in some] == ["abcde"] * 200
    first = sorted(s.metrics.ttft_s for s in some)
    print(f"first tokens after {first[0]:.2f} to {first[-1]:.2f} s")  # noqa: T201  shown by pytest -rP
    assert first[-1] - first[0] < 10  # the goal is 1
    assert len(server.requests) == 200


@row("K1")
def test_k1_a_flood_starves_nobody(ask: Ask) -> None:
    def flood(connection: Connection) -> None:
        raw()(connection)
        while True:
            connection.send(delta("x") * 500)

    floods = [ask.start(ask.serve(flood), max_chars=None, max_seconds=8) for _ in range(2)]
    until(lambda: all(s.text for s in floods))
    server = ask.serve(events([*map(delta, "abc"), FINISH, DONE], pause_s=0.02))
    some = [ask.start(server, f"{i}") for i in range(50)]
    assert [s.result(30).text for s in some] == ["abc"] * 50
    for s in floods:
        s.stop()
        assert set(s.text) == {"x"}


# K2


def headers_never(connection: Connection) -> None:
    connection.wait_closed(20)


def half_headers(connection: Connection) -> None:
    connection.send(b"HTTP/1.1 200 OK\r\nconte")
    connection.wait_closed(20)


def no_event(connection: Connection) -> None:
    connection.head(200, SSE_HEADERS)
    connection.wait_closed(20)


def in_an_error(connection: Connection) -> None:
    connection.head(500, {"content-type": "application/json"})
    connection.wait_closed(20)


@row("K2")
@pytest.mark.parametrize("phase", [headers_never, half_headers, no_event, in_an_error])
def test_k2_before_the_answer(ask: Ask, phase: Handler) -> None:
    server = ask.serve(phase)
    began = time.monotonic()
    s = ask.start(server)
    until(lambda: server.requests)
    time.sleep(0.05)
    stopped(ask, s, began)
    closed = server.connections[0]
    until(lambda: closed.closed_at)
    assert len(server.connections) == 1


@row("K2")
def test_k2_before_anything(ask: Ask) -> None:
    server = ask.serve(whole("never"))
    some = []
    for _ in range(20):
        began = time.monotonic()
        s = ask.start(server)
        s.stop()
        some.append((s, began))
    for s, began in some:
        assert ask.end(s, began).status in ("stopped", "done")  # done: it was quicker than the stop
    time.sleep(0.3)  # for what was sent before the stop to be read
    count = len(server.requests)
    time.sleep(0.3)
    assert len(server.requests) == count


@row("K2")
def test_k2_while_the_name_is_looked_up(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = threading.Event(), threading.Event()
    look_up = socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        asked.set()
        go_on.wait(20)
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    server = ask.serve(whole("never"))
    began = time.monotonic()
    s = ask.start(f"http://localhost:{server.port}/v1")
    assert asked.wait(20)
    stopped(ask, s, began)
    go_on.set()
    time.sleep(0.3)
    assert server.connections == []


@row("K2")
def test_k2_while_it_connects(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for sock in fill:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        began = time.monotonic()
        s = ask.start(f"http://127.0.0.1:{port}/v1")
        time.sleep(0.1)
        stopped(ask, s, began)
        for sock in fill:
            sock.close()


@row("K2")
def test_k2_in_the_tls_handshake(ask: Ask) -> None:
    server = ask.serve(headers_never)
    server.speaks_first = True  # what comes is no request but a ClientHello
    began = time.monotonic()
    s = ask.start(server.url.replace("http:", "https:").replace("/chat", ""))
    until(lambda: server.connections)
    time.sleep(0.05)
    stopped(ask, s, began)
    until(lambda: server.connections[0].closed_at)
    assert server.requests == []


# K3 to K5


@row("K3")
@pytest.mark.parametrize("parts", [[delta("kept")], [delta("kept"), b"data: {"]])
def test_k3_between_events(ask: Ask, parts: list[bytes]) -> None:
    server = ask.serve(held(*parts))
    began = time.monotonic()
    s = ask.start(server)
    until(lambda: s.text)
    stopping = time.monotonic()
    stopped(ask, s, began)
    until(lambda: server.connections[0].closed_at)
    closed_at = server.connections[0].closed_at
    assert closed_at is not None
    print(f"closed {(closed_at - stopping) * 1000:.0f} ms after stop()")  # noqa: T201  shown by pytest -rP
    assert closed_at - stopping < SOON
    assert s.text == "kept"


@row("K4")
def test_k4_after_the_end_and_twice(ask: Ask) -> None:
    end = ask(whole("a"))
    end.stream.stop()
    end.stream.stop()
    assert (end.status, end.stream.stop_reason) == ("done", None)
    s = ask.start(ask.serve(held(delta("kept"))))
    until(lambda: s.text)
    for _ in range(3):
        s.stop()
    assert (s.status, s.stop_reason, s.text) == ("stopped", "user", "kept")


@row("K4")
def test_k4_in_a_callback(ask: Ask) -> None:
    def words(connection: Connection) -> None:
        raw()(connection)
        for _ in range(10_000):
            connection.send(delta("word "))
            time.sleep(0.002)

    in_observer = ask.start(ask.serve(words))
    in_observer.observe(lambda change: in_observer.stop(), "text")
    in_loop = ask.start(ask.serve(words))
    for _ in in_loop.text_stream:
        in_loop.stop()
    met = ask.start(ask.serve(words), stop_when=lambda text: "word word" in text)
    for s, reason in ((in_observer, "user"), (in_loop, "user"), (met, "stop_when")):
        result = s.result(20)
        assert (result.status, s.stop_reason) == ("stopped", reason)
        assert result.text.startswith("word ")


@row("K5")
def test_k5_from_many_threads_at_once(ask: Ask) -> None:
    server = ask.serve(held(delta("kept")))
    began = time.monotonic()
    s = ask.start(server)
    until(lambda: s.text)
    together = threading.Barrier(8)

    def stop() -> None:
        together.wait()
        s.stop()

    threads = [threading.Thread(target=stop) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (ask.end(s, began).status, s.stop_reason) == ("stopped", "user")


@row("K5")
def test_k5_from_the_page(ask: Ask) -> None:
    server = ask.serve(held(delta("kept")))
    began = time.monotonic()
    s = ask.start(server)
    until(lambda: s.text)
    page = s.comm
    assert isinstance(page, Page)
    for _ in range(2):
        message = {"method": "custom", "content": {"type": "stop"}}
        page.handle_msg({"content": {"data": message}, "buffers": []})
    assert (ask.end(s, began).status, s.stop_reason) == ("stopped", "user")
    assert page.messages("ack")[0] == {"type": "ack", "of": "stop"}


# K6


@row("K6")
def test_k6_an_interrupt_of_who_waits(ask: Ask) -> None:
    server = ask.serve(held(delta("kept")))

    def wait_in_result(s: Stream) -> None:
        s.result(20)

    def wait_in_loop(s: Stream) -> None:
        for _ in s.text_stream:
            pass

    for wait in (wait_in_result, wait_in_loop):
        began = time.monotonic()
        s = ask.start(server)
        until(lambda s=s: s.text)  # type: ignore[misc]  # bound at once
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            wait(s)
        assert (ask.end(s, began).status, s.stop_reason, s.text) == ("stopped", "user", "kept")


@row("K6")
def test_k6_closing_the_widget(ask: Ask) -> None:
    server = ask.serve(held(delta("kept")))
    s = ask.start(server)
    until(lambda: s.text)
    s.close()
    until(lambda: s._session.has_ended)
    until(lambda: server.connections[0].closed_at)
    assert (s.status, s.text) == ("stopped", "kept")
    assert s not in streams()


@row(
    "K6",
    wrong="`del s` takes away a name, not the answer in the cell, which goes on to its end: what ends an "
    "answer that nobody wants is its last view gone for 10 s, running its cell again, or the kernel's end.",
)
def test_k6_del_takes_a_name_and_not_the_answer(ask: Ask) -> None:
    go_on = threading.Event()

    def handle(connection: Connection) -> None:
        raw(delta("one "))(connection)
        go_on.wait(20)
        connection.send(b"".join(answer("two")))

    def begin() -> Page:
        s = ask.start(ask.serve(handle))
        ask.streams.remove(s)
        ask._server_of.clear()
        until(lambda: s.text)
        assert isinstance(s.comm, Page)
        return s.comm

    page = begin()
    gc.collect()
    assert len(streams()) == 1
    go_on.set()
    until(lambda: page.ends())
    assert page.text() == "one two"
    assert streams() == []


@row("K6")
@pytest.mark.parametrize("handler", [whole("a"), raw(delta("a")), raw(b"data: " + b"x" * 9_000_000)])
def test_k6_a_stream_that_is_over_and_let_go_leaves_nothing(ask: Ask, handler: Handler) -> None:
    def begin() -> list[weakref.ref[Any]]:
        end = ask(handler)
        gone: list[weakref.ref[Any]] = [weakref.ref(end.stream), weakref.ref(end.stream._session)]
        end.stream.close()
        ask.streams.clear()
        ask._server_of.clear()
        ask._ended_at.clear()
        return gone

    gone = begin()

    def collected() -> bool:
        gc.collect()
        return [ref() for ref in gone] == [None, None]

    until(collected)


ENDS_IN_MID_STREAM = """
import sys
from notebook_stream import stream
s = stream("hi", model="m", base_url=sys.argv[1], api_key=sys.argv[2], display=False)
print(next(iter(s.text_stream)), flush=True)
"""


def script(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "always", "-c", textwrap.dedent(code), *arguments],
        capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2],
    )  # fmt: skip


@row("K6", "K7")
@pytest.mark.parametrize("last", ["", "raise SystemExit(0)", "import gc; del s; gc.collect()"])
def test_k6_k7_the_end_of_the_process(ask: Ask, last: str) -> None:
    server = ask.serve(held(delta("kept")))
    done = script(ENDS_IN_MID_STREAM + last, server.url.replace("/chat", ""), KEY)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "kept\n",
        "",
    )  # nor a warning of anything left open
    until(lambda: server.connections[0].closed_at)


# K8


FORKS = """
import gc, os, sys, warnings
warnings.simplefilter("ignore")  # of forking beside threads: that is what is tried here
from notebook_stream import stream
url, verify = sys.argv[1:3]
s = stream("parent", model="m", base_url=url, verify=verify, display=False)
assert next(iter(s.text_stream)) == "one "
pid = os.fork()
if pid == 0:
    child = stream("child", model="m", base_url=url, verify=verify, display=False).result(20)
    print("child:", child.text, flush=True)
    del s
    gc.collect()
    sys.exit(0)
status = os.waitpid(pid, 0)[1]
print("parent:", status, s.result(20).text, flush=True)
"""


@row("K8")
def test_k8_a_fork_in_mid_stream(ask: Ask, tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path)
    child_done = threading.Event()
    heard: list[bytes] = []

    def parent(connection: Connection) -> None:
        raw(delta("one "))(connection)
        child_done.wait(20)
        connection.sock.settimeout(1.0)  # the child has exited by then
        try:
            heard.append(connection.sock.recv(1))
        except TimeoutError:
            heard.append(b"silence")
        connection.sock.settimeout(20)
        connection.send(b"".join(answer("two")))

    def child(connection: Connection) -> None:
        whole("its own")(connection)
        child_done.set()

    server = ask.serve(in_turn(parent, child), context)
    done = script(FORKS, server.url.replace("/chat", ""), str(cert))
    assert done.stdout.splitlines() == ["child: its own", "parent: 0 one two"], done.stderr
    assert heard == [b"silence"]  # nothing of the child's, and no closing of TLS
    assert len(server.requests) == 2


# K10


@row("K10")
def test_k10_in_every_kind_of_loop_and_in_none(ask: Ask) -> None:
    server = ask.serve(whole("a"))

    async def awaited(s: Stream) -> str:
        return str((await s).text)

    async def waited(s: Stream) -> str:
        return str(s.result(20).text)  # blocks its loop, and works: the run is on a loop of its own

    async def nested(s: Stream) -> str:
        return await asyncio.to_thread(asyncio.run, awaited(s))

    assert ask.start(server).result(20).text == "a"
    for way in (awaited, waited, nested):
        assert asyncio.run(way(ask.start(server))) == "a"
    shared = ask.start(server)
    assert [asyncio.run(awaited(shared)) for _ in range(3)] == ["a"] * 3


@row("K10")
def test_k10_a_loop_that_is_not_asyncios_is_told(ask: Ask) -> None:
    s = ask.start(ask.serve(held(delta("a"))))
    until(lambda: s.text)
    with pytest.raises(UsageError, match=r"s\.result\(\)"):
        s.__await__().send(None)  # as trio would
    results: list[Callable[[], Any]] = [partial(s.result, 20)]
    thread = threading.Thread(target=lambda: results[0]())  # which trio.to_thread.run_sync(s.result) does
    thread.start()
    s.stop()
    thread.join(20)
    assert not thread.is_alive()
