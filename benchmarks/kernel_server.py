"""A server that writes one long answer as fast as its client reads, in a process of its own.

In: the number of events. Out: an address, whose path says how they are written, and in which wire format.
Knows nothing of its clients.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .kernel_answers import ANSWERS

REPO = Path(__file__).resolve().parents[1]
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"


@contextmanager
def serving(count: int) -> Iterator[str]:
    """The server as a child process: gives its address. A base URL is that with `/bulk/v1` or `/event/v1`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.kernel_server", "--events", str(count)],
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = child.stdout.readline().strip() if child.stdout is not None else ""
        if not address:
            raise RuntimeError("the server has ended; its own words are above")
        yield address
    finally:
        child.kill()
        child.wait()


def _answer(client: socket.socket, answers: dict[str, list[bytes]]) -> None:
    path = _request(client).split()[1].decode()
    events = next(events for end, events in answers.items() if path.endswith(end))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if path.startswith("/bulk/"):
        client.sendall(_HEAD + b"connection: close\r\n\r\n" + b"".join(events))
        return
    client.sendall(_HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n")
    for event in events:
        client.sendall(b"%x\r\n%b\r\n" % (len(event), event))
    client.sendall(b"0\r\n\r\n")


def _request(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    lines = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    left = int(lines[0].split(b":")[1]) - len(body)
    while left > 0:
        left -= len(client.recv(65536))
    return head


def main() -> None:
    """Print the address, then serve one request after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, required=True)
    count = parser.parse_args().events
    answers = {end: make(count) for end, make in ANSWERS.items()}
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"http://127.0.0.1:{server.getsockname()[1]}", flush=True)
        while True:
            client, _ = server.accept()
            with client:
                _answer(client, answers)


if __name__ == "__main__":
    main()
