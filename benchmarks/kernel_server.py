"""A server that writes one long OpenAI chat answer as fast as its client reads, in a process of its own.

In: the number of events. Out: an address, whose path says how they are written. Knows nothing of its clients.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import json
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
EVENT_BYTES = 303
"""Of one event, as recorded from OpenAI: most of it is what every chunk repeats."""

_WORDS = ("The", " stream", " is", " read", " as", " it", " comes", ",", " token", " by", " token", ".\n")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"


def events(count: int) -> list[bytes]:
    """`count` pieces of text and what goes before and after them, each one event with its blank line."""
    rng = random.Random(1)
    opening = _chunk({"role": "assistant", "content": "", "refusal": None}, rng)
    pieces = [_chunk({"content": word}, rng) for word in _words(count)]
    usage = {"prompt_tokens": 9, "completion_tokens": count, "total_tokens": count + 9}
    return [
        opening,
        *pieces,
        _chunk({}, rng, finish_reason="stop"),
        _event({**_ENVELOPE, "choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    ]


def text_of(count: int) -> str:
    """The text of `count` events."""
    return "".join(_words(count))


def _words(count: int) -> Iterator[str]:
    return islice(cycle(_WORDS), count)


_ENVELOPE: dict[str, object] = {
    "id": "chatcmpl-Bq7fJ0oV1sXw3uYt5RkZ2mNcA8dEg",
    "object": "chat.completion.chunk",
    "created": 1763800000,
    "model": "gpt-4o-mini-2024-07-18",
    "service_tier": "default",
    "system_fingerprint": "fp_560af6e559",
}


def _chunk(delta: dict[str, str | None], rng: random.Random, finish_reason: str | None = None) -> bytes:
    # `obfuscation` is the provider's own padding: it hides the length of a token from who watches the line.
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    chunk = {**_ENVELOPE, "choices": [choice], "usage": None, "obfuscation": ""}
    room = max(0, EVENT_BYTES - len(_event(chunk)))
    return _event({**chunk, "obfuscation": "".join(rng.choices(_LETTERS, k=room))})


def _event(chunk: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


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


def _answer(client: socket.socket, body: bytes, chunked: list[bytes]) -> None:
    request = _request(client)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if request.startswith(b"POST /bulk/"):
        client.sendall(_HEAD + b"connection: close\r\n\r\n" + body)
        return
    client.sendall(_HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n")
    for chunk in chunked:
        client.sendall(chunk)


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
    answer = events(parser.parse_args().events)
    body = b"".join(answer)
    chunked = [*(b"%x\r\n%b\r\n" % (len(event), event) for event in answer), b"0\r\n\r\n"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(f"http://127.0.0.1:{server.getsockname()[1]}", flush=True)
        while True:
            client, _ = server.accept()
            with client:
                _answer(client, body, chunked)


if __name__ == "__main__":
    main()
