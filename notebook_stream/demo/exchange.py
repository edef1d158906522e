"""The socket of one request: writes the answer, waits, and notices at once when the client goes away.

Knows HTTP's chunked framing; no wire format, no answer, no fault.
"""

from __future__ import annotations

import math
import selectors
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Closer = Literal["client", "server"]


@dataclass(slots=True)
class Request:
    """What the server knows of one request. Times are `time.monotonic()` seconds; None until it has happened.

    `headers` have lower-case names. `body` is the JSON object of the request, empty where there was none.
    `first_byte` is of the answer's body, `tokens_sent` of the answer.
    `ended_at`: the body's end was written. `closed_at`: the connection is closed, by `closed_by`.
    """

    path: str
    started: float
    headers: Mapping[str, str] = field(repr=False)  # a key may be among them
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    model: str = ""
    status: int = 0
    first_byte: float | None = None
    ended_at: float | None = None
    closed_at: float | None = None
    closed_by: Closer | None = None
    tokens_sent: int = 0
    _closed: threading.Event = field(default_factory=threading.Event, repr=False)

    def close(self, by: Closer) -> None:
        """Note the close, at its time."""
        self.closed_at, self.closed_by = time.monotonic(), by
        self._closed.set()

    def wait_closed(self, timeout: float | None = None) -> bool:
        """Wait for the close, at most `timeout` seconds; whether it has come."""
        return self._closed.wait(timeout)


class Gone(Exception):
    """The connection is closed: there is nobody to answer any more."""


class Exchange:
    """One answer on its way. To write or to wait raises Gone as soon as the connection is closed."""

    def __init__(self, sock: socket.socket, request: Request) -> None:
        self.request = request
        self._sock = sock
        # poll() where there is one: select() fails for descriptors above 1,023, and a kernel may have those.
        self._selector = getattr(selectors, "PollSelector", selectors.SelectSelector)()
        self._selector.register(sock, selectors.EVENT_READ)
        self._watching = True

    def send(self, data: bytes) -> None:
        """Write `data` of the body as it is; blocks while the client does not read."""
        if not data:
            return
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Gone from error
        if self.request.first_byte is None:
            self.request.first_byte = time.monotonic()

    def send_chunk(self, data: bytes) -> None:
        """Write `data` as one chunk of a chunked body, in one system call."""
        if data:
            self.send(b"%x\r\n%b\r\n" % (len(data), data))

    def end_chunks(self) -> None:
        """End a chunked body."""
        self.send(b"0\r\n\r\n")
        self.request.ended_at = time.monotonic()

    def wait_until(self, deadline: float) -> None:
        """Wait for a time of `time.monotonic()`. One that is past still looks at the connection."""
        while True:
            left = deadline - time.monotonic()
            self._look(min(max(0.0, left), 3_600.0))
            if left <= 0:
                return

    def wait_gone(self) -> None:
        """Wait for the close, however long."""
        self.wait_until(math.inf)

    def reset(self) -> None:
        """Make the close that follows a reset (RST), which discards what the client has not received yet."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        """Stop watching; the socket is its handler's."""
        self._selector.close()

    def _look(self, timeout: float) -> None:
        if not self._watching:
            time.sleep(min(timeout, 0.02))
        elif self._selector.select(timeout) and self._peek() == b"":
            raise Gone

    def _peek(self) -> bytes:
        try:
            ahead = self._sock.recv(1, socket.MSG_PEEK)
        except OSError:
            return b""
        # A next request is waiting already: the socket stays readable, which from now on says nothing.
        self._watching = ahead == b""
        return ahead
