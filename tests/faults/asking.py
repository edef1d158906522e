"""One run against a server that misbehaves: a handler in; its end out, with the rules for all (G0) checked.

Asks through the public `stream()` alone; what a page would get is kept by a comm that goes nowhere.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import socket
import ssl
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import comm

from notebook_stream import Stream, stream
from notebook_stream.errors import StreamError

from ..servers import SSE_HEADERS, Connection, Handler, Server
from ..servers import sse as events
from ..waiting import PATIENCE, until

KEY = "sk-canary-9d2f7c41a8e65b03"
PIECES = tuple(KEY[i : i + 8] for i in range(len(KEY) - 7))
ENDS = ("done", "stopped", "interrupted", "error")
JSON_HEADERS = {"content-type": "application/json"}
DONE = b"data: [DONE]\n\n"


def data(payload: object) -> bytes:
    """One unnamed event."""
    return f"data: {json.dumps(payload)}\n\n".encode()


def delta(text: str, **more: Any) -> bytes:
    """One event of openai-chat with a piece of text."""
    return data({"choices": [{"index": 0, "delta": {"content": text}, **more}]})


FINISH = data({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})


def answer(*texts: str) -> list[bytes]:
    """A whole answer of openai-chat, piece by piece."""
    return [*map(delta, texts), FINISH, DONE]


def whole(*texts: str, headers: dict[str, str] | None = None) -> Handler:
    """Answers as a server should."""
    return events(answer(*texts), headers)


def raw(*parts: bytes, headers: dict[str, str] | None = None, pause_s: float = 0.0) -> Handler:
    """A body that ends where the connection ends; each part in a packet of its own where there is a pause."""

    def handle(connection: Connection) -> None:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.head(200, {**SSE_HEADERS, **(headers or {})})
        for part in parts:
            connection.send(part)
            time.sleep(pause_s)

    return handle


def held(*parts: bytes, headers: dict[str, str] | None = None) -> Handler:
    """The same, but the server never closes: it notes when the client does."""

    def handle(connection: Connection) -> None:
        raw(*parts, headers=headers)(connection)
        connection.wait_closed(PATIENCE)

    return handle


class Page(comm.base_comm.BaseComm):
    """Keeps what would go to the page."""

    def __init__(self, **kwargs: Any) -> None:
        self.published: list[Any] = []  # before the base class, which publishes its opening
        super().__init__(**kwargs)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        self.published.append(json.loads(json.dumps([msg_type, data])))

    def messages(self, kind: str) -> list[dict[str, Any]]:
        """The custom messages of one type."""
        found = (d["content"] for t, d in self.published if t == "comm_msg" and d.get("method") == "custom")
        return [content for content in found if content["type"] == kind]

    def ends(self) -> int:
        """How often the page was told of the end; the opening state tells it where that had come before."""
        opening = self.published[0][1]["state"]
        return len(self.messages("end")) or int(opening["status"] in ENDS)

    def text(self) -> str:
        """What a page would show: the opening state's text and every piece after it."""
        opening = self.published[0][1]["state"]["text"]
        return str(opening) + "".join(message.get("text", "") for message in self.messages("append"))


@dataclass(frozen=True)
class End:
    """How a run ended. `seconds` from the call to the end."""

    stream: Stream
    server: Server | None
    seconds: float

    @property
    def status(self) -> str:
        return str(self.stream.status)

    @property
    def text(self) -> str:
        return str(self.stream.text)

    @property
    def error(self) -> StreamError:
        error = self.stream.error
        assert isinstance(error, StreamError)
        return error

    @property
    def requests(self) -> list[bytes]:
        assert self.server is not None
        return self.server.requests

    @property
    def retried(self) -> list[Any]:
        """The events that announce another attempt."""
        return [event for event in self.stream.events if type(event).__name__ == "Retrying"]


class Ask:
    """Starts servers and runs for one test, and looks after what it started."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.streams: list[Stream] = []
        self.servers: list[Server] = []
        self._ended_at: dict[Stream, float] = {}
        self._server_of: dict[Stream, Server] = {}

    def serve(self, handler: Handler, context: ssl.SSLContext | None = None) -> Server:
        server = self._stack.enter_context(Server(handler, context))
        self.servers.append(server)
        return server

    def start(self, at: Server | str, prompt: str = "hi", **options: Any) -> Stream:
        """A run under way, displayed on a page that is none."""
        url = at if isinstance(at, str) else at.url.replace("/v1/chat", "/v1")
        given = {"model": "m", "base_url": url, "api_key": KEY, "display": False, **options}
        s = stream(prompt, **given)
        self.streams.append(s)
        if isinstance(at, Server):
            self._server_of[s] = at
        assert s.model_id  # a layout that is about to show it asks for this: now the comm is open
        s._session.when_ended(lambda: self._ended_at.setdefault(s, time.monotonic()))
        return s

    def end(self, s: Stream, began: float, within: float = PATIENCE) -> End:
        assert s._session.wait(within), f"still {s.status} after {within} s"
        until(lambda: s in self._ended_at)
        end = End(s, self._server_of.get(s), self._ended_at[s] - began)
        _check_rules(end)
        return end

    def __call__(
        self,
        at: Handler | Server | str,
        *,
        within: float = PATIENCE,
        context: ssl.SSLContext | None = None,
        **options: Any,
    ) -> End:
        """A run to its end, `within` seconds."""
        target = at if isinstance(at, str | Server) else self.serve(at, context)
        began = time.monotonic()
        end = self.end(self.start(target, **options), began, within)
        assert end.seconds < within
        return end

    @property
    def requests(self) -> int:
        return sum(len(server.requests) for server in self.servers)

    def close(self) -> None:
        """Everything over: no server thread hangs, no connection outlives its run, nothing is asked later."""
        for s in self.streams:
            s.stop()
        before = self.requests
        self._stack.close()
        assert self.requests == before
        ends = list(self._ended_at.values())
        for server in self.servers:
            for connection in server.connections:
                if connection.closed_at is not None and ends:
                    # Seen by the server within 250 ms of the end (G0 f), with room for a busy machine.
                    assert connection.closed_at - max(ends) < 2.5


def _check_rules(end: End) -> None:
    """The rules for all (G0): one end; the page shows the result's text; what, where, what to do."""
    s = end.stream
    result = s._session.result()
    assert end.status in ENDS
    assert result.status == end.status
    assert result.text == end.text
    page = s.comm
    assert isinstance(page, Page)
    until(lambda: page.ends())
    assert page.ends() == 1
    assert page.text() == end.text
    if end.status in ("interrupted", "error"):
        error = end.error
        assert error.result is result
        assert error.host, f"names no host: {error}"
        assert error.host.partition(":")[0] in error.message, error.message
        assert error.hint, f"does not say what to do: {error}"
        assert len(str(error)) < 1000
    else:
        assert s.error is None


def shown(s: Stream) -> Iterator[str]:
    """Everything of a run that a person or a file may get to see."""
    yield from (repr(s), str(s), repr(vars(s)), repr(vars(s._session)), repr(s.get_state()))
    yield from (repr(s.events), repr(s.messages), repr(s._describe()), repr(s.trait_values()))
    result = s._session.result()
    yield from (repr(result), str(result), repr(vars(result)), repr(result.choices))
    if s._session.has_ended:
        yield pickle.dumps(result).decode("latin-1")
    if isinstance(s.comm, Page):
        yield json.dumps(s.comm.published)
    if s.error is not None:
        yield from told(s)


def told(s: Stream) -> Iterator[str]:
    """The error of a run as a verbose traceback shows it, with the local variables of every frame."""
    try:
        s.result(PATIENCE)
    except StreamError as error:
        yield from every_word_of(error)


def every_word_of(error: BaseException) -> Iterator[str]:
    """Message, attributes, causes, and each frame's local variables."""
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        exc = waiting.pop()
        if exc is not None and id(exc) not in seen:
            seen.add(id(exc))
            waiting += [exc.__cause__, exc.__context__]
            yield from (repr(exc), str(exc), repr(vars(exc)))


def leaked(texts: Iterable[str]) -> list[str]:
    """The pieces of the key, of 8 characters, that occur anywhere."""
    return [piece for text in texts for piece in PIECES if piece in text]
