"""The demo server in time: its pace, the clients that leave, its log, its process."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import warnings
from typing import Any

import httpx
import pytest

from notebook_stream.demo import Server, ensure_server

from ..waiting import until
from .client import CHAT, MESSAGES, PATIENCE, ask, body, chat_text


def test_pace_first_token_and_one_write_a_token(server: Server, client: httpx.Client) -> None:
    request = body("lorem", stream=True, tokens=41, pace=100, jitter=0, first_token_s=0.2)
    began = time.monotonic()
    with client.stream("POST", server.base_url + CHAT, json=request) as response:
        times = [time.monotonic() - began for chunk in response.iter_raw()]
    assert 0.2 <= times[0] < 2
    assert 0.6 <= times[-1] < 6
    # 41 tokens, the finish and the end, less what a loaded machine makes late.
    assert len(times) > 10


def test_jitter_spreads_the_gaps_and_keeps_the_mean(server: Server, client: httpx.Client) -> None:
    began = time.monotonic()
    ask(client, server, CHAT, "lorem", tokens=200, pace=400, jitter=1)
    assert 0.3 < time.monotonic() - began < 5


def test_slow_waits_and_a_request_may_say_otherwise(server: Server, client: httpx.Client) -> None:
    with client.stream("POST", server.base_url + CHAT, json=body("slow", stream=True)) as response:
        assert response.status_code == 200
        time.sleep(0.2)
        assert server.requests[-1].first_byte is None
    assert server.requests[-1].wait_closed(PATIENCE)
    began = time.monotonic()
    ask(client, server, CHAT, "slow", first_token_s=0)
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize(
    "fields", [{"pace": 0.2}, {"first_token_s": 60}, {"fault": "silence:1"}, {"pace": 0}]
)
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_a_client_that_leaves_is_noticed_at_once(
    server: Server, client: httpx.Client, path: str, fields: dict[str, Any]
) -> None:
    request = body("lorem", stream=True, tokens=1_000_000, **fields)
    with client.stream("POST", server.base_url + path, json=request) as response:
        chunks = response.iter_raw()  # held: httpx closes the response of one that is not
        if "first_token_s" not in fields:
            next(chunks)
        left = time.monotonic()
    record = server.requests[-1]
    assert record.wait_closed(PATIENCE)
    assert record.closed_by == "client"
    assert record.closed_at is not None
    assert record.closed_at - left < 0.25  # goal: 0.02
    assert record.tokens_sent < 1_000_000
    assert record.ended_at is None


def test_the_log_tells_when_and_what(server: Server) -> None:
    with httpx.Client(verify=False) as client:
        ask(client, server, CHAT, "echo", "one two", secret="x")
        [record] = server.requests
        assert (record.path, record.model, record.status) == ("/v1" + CHAT, "echo", 200)
        assert record.first_byte is not None
        until(lambda: record.ended_at)  # noted after the write, so the client may be quicker
        assert record.ended_at is not None
        assert record.started <= record.first_byte <= record.ended_at
        assert (record.tokens_sent, record.closed_at) == (2, None)
        assert record.body["secret"] == "x"
        assert record.headers["content-type"] == "application/json"
        assert "secret" not in repr(record)
    assert record.wait_closed(PATIENCE)
    assert record.closed_by == "client"


def test_a_client_that_resets_between_two_requests_is_the_one_who_left(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", port(server))) as sock:
        sock.sendall(raw(model="echo"))
        assert sock.recv(65_536)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    [record] = server.requests
    assert record.wait_closed(PATIENCE)
    assert record.closed_by == "client"


def test_one_connection_serves_many_requests(server: Server, client: httpx.Client) -> None:
    for _ in range(3):
        ask(client, server, CHAT, "echo")
    ports = {record.headers["host"] for record in server.requests}
    assert len(ports) == 1
    assert len(server._tcp._connections) == 1


def test_a_next_request_sent_too_early_neither_spins_nor_disturbs(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", port(server))) as sock:
        sock.settimeout(PATIENCE)
        sock.sendall(raw(model="lorem", tokens=21, pace=20, jitter=0, stream=True))
        received = sock.recv(65_536)
        sock.sendall(raw(model="echo", prompt="second", stream=True))
        cpu = time.process_time()
        while received.count(b"[DONE]") < 2:
            received += sock.recv(65_536)
        assert time.process_time() - cpu < 0.1  # of the second that it takes
    assert b"t000021" in received
    assert b"second" in received


def test_close_ends_answers_under_way_and_says_so(client: httpx.Client) -> None:
    before = set(threading.enumerate())  # ensure_server() may be running for other tests
    server = Server(first_token_s=0)
    request = body("lorem", stream=True, tokens=1_000_000)
    with client.stream("POST", server.base_url + CHAT, json=request) as response:
        chunks = response.iter_raw()
        next(chunks)
        assert "notebook-stream-demo" in {thread.name for thread in set(threading.enumerate()) - before}
        server.close()
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)
    server.close()
    [record] = server.requests
    assert record.closed_by == "server"
    assert server.closed
    assert "closed" in repr(server)
    until(lambda: set(threading.enumerate()) <= before)  # a thread may tell that it is over and then end
    with pytest.raises(httpx.ConnectError):
        client.get(server.base_url + "/models")


def test_a_busy_main_thread_does_not_slow_the_stream(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", port(server))) as sock:
        sock.sendall(raw(model="lorem", tokens=100_000, pace=500, stream=True))
        while not server.requests:
            time.sleep(0.001)
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            pass
        assert server.requests[-1].tokens_sent > 50  # goal: 500


@pytest.mark.parametrize(
    "wrong", [{"fault": "nosuch"}, {"pace": -1.0}, {"jitter": 11.0}, {"first_token_s": -1}]
)
def test_wrong_settings_raise(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=re.escape(next(iter(wrong)))):
        Server(**wrong)


def test_ensure_server_gives_one_to_all_threads_and_another_after_close() -> None:
    found: list[Server] = []
    threads = [threading.Thread(target=lambda: found.append(ensure_server())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(server) for server in found}) == 1
    found[0].close()
    again = ensure_server()
    assert again is not found[0]
    assert not again.closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_has_a_server_of_its_own_and_leaves_the_parents_alone(client: httpx.Client) -> None:
    parents = ensure_server()
    request = body("lorem", stream=True, tokens=1_000, pace=2_000, first_token_s=0.5)
    with client.stream("POST", parents.base_url + CHAT, json=request) as response:
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # fork() in a process with threads is the point
            pid = os.fork()
        if pid == 0:
            try:
                parents.close()
                mine = ensure_server()
                with httpx.Client(timeout=PATIENCE, verify=False) as own:
                    text = chat_text(ask(own, mine, CHAT, "echo", "from the child", first_token_s=0))
                os.write(write, f"{mine is parents} {mine.base_url == parents.base_url} {text}".encode())
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            assert pipe.read() == "False False from the child"
        os.waitpid(pid, 0)
        assert b"[DONE]" in response.read()
    assert ensure_server() is parents


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_does_not_hold_the_parents_port() -> None:
    script = """
import os, socket, sys, time
from notebook_stream.demo import ensure_server
server = ensure_server()
address = server._tcp.server_address
if os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
time.sleep(0.2)
server.close()
try:
    socket.create_connection(address, timeout=5)
    print("still open")
except ConnectionRefusedError:
    print("refused")
os._exit(0)
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "refused\n"


def test_the_process_ends_with_an_answer_under_way_and_says_nothing() -> None:
    script = """
import json, urllib.request
from notebook_stream.demo import ensure_server
body = {"model": "long", "stream": True, "messages": [{"role": "user", "content": "x"}]}
url = ensure_server().base_url + "/chat/completions"
print(urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode())).read1(10) != b"")
"""
    command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def port(server: Server) -> int:
    return int(httpx.URL(server.base_url).port or 0)


def raw(**fields: Any) -> bytes:
    content = json.dumps(body(**fields)).encode()
    head = f"POST /v1{CHAT} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content
