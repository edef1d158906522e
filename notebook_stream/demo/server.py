"""The demo server: its port, its threads, its life and its log.

Settings go in, a base URL comes out. What a connection says is `handler`'s.
"""

from __future__ import annotations

import atexit
import os
import threading
from types import TracebackType

from .exchange import Request
from .handler import Handler
from .listener import CLOSE_S, Listener
from .request import BadRequest, Settings


class Server:
    """A language model server on 127.0.0.1, at a free port, on threads that do not keep the process alive.

    `pace` is in tokens per second, 0 for as fast as possible; `jitter` the spread of the gaps between tokens
    as a share of the mean gap, 0 to 10; `first_token_s` the seconds before the first token. With a `seed`
    two runs are alike, but for the date of creation. `fault` names what shall go wrong; `faults.py` lists
    the names. A request may override each. Raises ValueError for an unknown fault or a number out of bounds.

    A context manager; `close()` ends all answers under way.
    """

    def __init__(
        self,
        *,
        pace: float = 60.0,
        jitter: float = 0.35,
        first_token_s: float = 0.35,
        seed: int | None = None,
        fault: str | None = None,
    ) -> None:
        given = {"pace": pace, "jitter": jitter, "first_token_s": first_token_s, "seed": seed, "fault": fault}
        try:
            settings = Settings(pace, jitter, first_token_s, seed, None).overridden(given)
        except BadRequest as error:
            raise ValueError(error.message) from error
        self._tcp = Listener(settings, Handler)
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._tcp.serve, name="notebook-stream-demo", daemon=True)
        self._thread.start()

    @property
    def base_url(self) -> str:
        """For openai-chat: "http://127.0.0.1:<port>/v1". Anthropic's own SDK wants it without "/v1"."""
        return f"http://127.0.0.1:{self._tcp.server_address[1]}/v1"

    @property
    def requests(self) -> tuple[Request, ...]:
        """The last requests, the newest last."""
        return tuple(self._tcp.requests)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._tcp.closing.is_set()

    def close(self) -> None:
        """Stop listening, end all answers and wait for their threads. Twice is fine."""
        if self._pid != os.getpid():
            self._tcp.abandon()
        elif not self.closed:
            self._tcp.stop()
            self._thread.join(CLOSE_S)
            self._tcp.server_close()
            self._tcp.hang_up()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<demo Server {self.base_url}{' closed' if self.closed else ''}>"


_lock = threading.Lock()
_server: Server | None = None


def ensure_server() -> Server:
    """The one server of this process, started at the first call; another one after `close()` or a fork."""
    global _server
    with _lock:
        if _server is None or _server.closed:
            _server = Server()
            atexit.register(_server.close)
        return _server


def _forget() -> None:
    """In a forked child: the server's threads are not here, and another one may have held the lock."""
    global _lock, _server
    _lock = threading.Lock()
    if _server is not None:
        atexit.unregister(_server.close)
        _server.close()
        _server = None


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_forget)
