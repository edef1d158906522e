"""Loopback servers that misbehave byte by byte: a script of what to do with a connection in, a URL out.

Real sockets and threads, nothing of the project in them, so any test may use them.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import TracebackType

SSE_HEADERS = {"content-type": "text/event-stream"}


class Connection:
    """One accepted connection: what was asked, and the means to answer well or badly."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.request = b""
        self.closed_at: float | None = None

    def read_request(self) -> bytes:
        """The request with its body (content-length only); empty when the peer went away before."""
        while b"\r\n\r\n" not in self.request:
            data = self.sock.recv(65536)
            if not data:
                return b""
            self.request += data
        head, _, body = self.request.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [line.split(b":")[1] for line in lines if line.startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            data = self.sock.recv(65536)
            if not data:
                return b""
            self.request += data
            body += data
        return self.request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def head(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Status line and headers; the body then ends with the connection unless a length is given."""
        fields = [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send("\r\n".join([f"HTTP/1.1 {status} X", *fields, "connection: close", "", ""]).encode())

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        """A whole answer with its length."""
        self.head(status, {**headers, "content-length": str(len(body))})
        self.send(body)

    def chunk(self, data: bytes) -> None:
        """One chunk of transfer-encoding: chunked."""
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def reset(self) -> None:
        """RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_closed(self, timeout_s: float = 10.0) -> bool:
        """Whether the client has closed its side; notes when."""
        self.sock.settimeout(timeout_s)
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        self.closed_at = time.monotonic()
        return True


Handler = Callable[[Connection], object]
"""What it returns is not looked at."""


class Server:
    """Serves each connection with `handler` on a thread of its own. Use as a context manager.

    `speaks_first`: the handler runs at once, without waiting for a request.
    """

    def __init__(self, handler: Handler, context: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/v1/chat"
        self.connections: list[Connection] = []
        self.speaks_first = False
        self._threads: list[threading.Thread] = []
        self._socks: list[socket.socket] = []

    @property
    def requests(self) -> list[bytes]:
        """What was asked so far, one entry a connection that asked anything."""
        return [c.request for c in self.connections if c.request]

    def __enter__(self) -> Server:
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a server thread hangs"

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._socks.append(sock)
            self._spawn(partial(self._serve, sock))

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError, ConnectionError):  # the client did not want our certificate
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
                self._socks.append(sock)
            self._answer(Connection(sock))
        sock.close()

    def _answer(self, connection: Connection) -> None:
        self.connections.append(connection)
        try:
            if self.speaks_first or connection.read_request():
                self._handler(connection)
        except OSError:  # the client went away, as it may; a close with unread data shows as a failed send
            connection.closed_at = connection.closed_at or time.monotonic()


def sse(parts: Iterable[bytes], headers: dict[str, str] | None = None, pause_s: float = 0.0) -> Handler:
    """Answers with an event stream, each part in a chunk of its own, and ends it properly."""

    def handle(connection: Connection) -> None:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.head(200, {**SSE_HEADERS, **(headers or {}), "transfer-encoding": "chunked"})
        for part in parts:
            connection.chunk(part)
            if pause_s:
                time.sleep(pause_s)
        connection.send(b"0\r\n\r\n")

    return handle


def one(status: int, headers: dict[str, str], body: bytes = b"") -> Handler:
    """Answers every request the same."""
    return lambda connection: connection.answer(status, headers, body)


def in_turn(*handlers: Handler) -> Handler:
    """The first connection gets the first handler, and so on; the last one stays."""
    waiting = list(handlers)
    lock = threading.Lock()

    def handle(connection: Connection) -> None:
        with lock:
            handler = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        handler(connection)

    return handle


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port of loopback where nobody listens (bound, so that nobody else takes it)."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def self_signed(folder: Path, host: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A server context with a certificate that no one has signed, and the certificate's file."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", f"/CN={host}",
         "-addext", f"subjectAltName=IP:{host}"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
