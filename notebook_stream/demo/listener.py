"""The demo server's listening socket and the connections it has accepted; knows nothing of what they say."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections import deque
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import Any

from .exchange import Request
from .faults import Tally
from .request import Settings

_log = logging.getLogger(__name__)

REQUESTS_KEPT = 256
"""With their bodies, so no more than what a test may want to look at."""

CLOSE_S = 2.0
"""Seconds that a close waits at most, for the accepting thread and for the answers it has cut off."""


class Listener(ThreadingMixIn, TCPServer):
    """The listening socket, with what its connections share."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, settings: Settings, handler: type[BaseRequestHandler]) -> None:
        self.settings = settings
        self.tally = Tally()
        self.closing = threading.Event()
        self.requests: deque[Request] = deque(maxlen=REQUESTS_KEPT)
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", 0), handler)

    def serve(self) -> None:
        """Accept connections until `stop`. That of the base class wakes up again and again to look."""
        while not self.closing.is_set():
            self.handle_request()

    def stop(self) -> None:
        """End `serve`, by a connection that wakes it."""
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(self.socket.getsockname(), timeout=CLOSE_S).close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Whether to answer a connection that was accepted."""
        return not self.closing.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection on a thread of its own, and know of it before that thread does."""
        with self._changed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._connections.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log it. The base class prints it, and that would appear in somebody's cell."""
        _log.exception("the demo server failed on a request")

    def hang_up(self) -> None:
        """Shut all connections down, which wakes their threads, and wait for them."""
        with self._changed:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._connections, CLOSE_S)

    def abandon(self) -> None:
        """In a forked child: let go of the parent's sockets, which stay open there."""
        # Closed, not shut down, for that would end the connections. Detached, since a handler's file holds
        # on to the socket, in a frame that will never run again.
        self.closing.set()
        self.socket.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                os.close(connection.detach())
