"""How a source is read and closed: its iterator, the end of it, and a thread that waits for its server."""

from __future__ import annotations

import asyncio
import inspect
import io
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

from .fields import get
from .items import sdk_of
from .kinds import is_async, is_fresh, is_function, is_manager, response_of, steps


def iterator_of(source: Any) -> Iterator[Any]:
    """The iterator to read: the source itself where it is one, for iter() may wrap it (openai's Stream)."""
    if hasattr(type(source), "__next__"):
        return source  # type: ignore[no-any-return]  # which it is
    # llm's responses: their events are the text and more.
    return iter(source.stream_events() if _tells(source, "stream_events") else source)


def async_iterator_of(source: Any) -> AsyncIterator[Any]:
    """The same of an async source."""
    if _tells(source, "astream_events"):
        return source.astream_events()  # type: ignore[no-any-return]  # an async generator
    return source if hasattr(type(source), "__anext__") else aiter(source)


def _tells(source: object, name: str) -> bool:
    return sdk_of(source) == "llm" and hasattr(type(source), name)


def close(source: object) -> None:
    """Close what can be read only once. A file stays open: it is its owner's, who may read on."""
    if isinstance(source, io.IOBase):
        return
    function = getattr(source, "close", None)
    if callable(function):
        function()


async def aclose(source: object) -> None:
    """Close an async iterator, by `aclose` or `close`."""
    function = getattr(source, "aclose", None) or getattr(source, "close", None)
    result = function() if callable(function) else None
    if inspect.isawaitable(result):
        await result


def discard(source: object, caller: asyncio.AbstractEventLoop | None) -> None:
    """Close a source that nobody of ours has begun to read; from any thread. `caller` as in `home_of`."""
    if inspect.iscoroutine(source):
        source.close()
    elif is_manager(source):
        for value in vars(source).values():
            if inspect.iscoroutine(value):  # the request it would have sent
                value.close()
    elif is_function(source) or is_fresh(source):
        return
    elif not is_async(source):
        if steps(source):
            with suppress(Exception):  # nobody is left to tell
                close(source)
    elif caller is not None and not caller.is_closed():
        asyncio.run_coroutine_threadsafe(aclose(source), caller)


def hang_up(source: object, thread: int | None) -> None:
    """Unblock the thread (by its ident) that reads `source`, from another one: shut its socket down.

    `response.close()` is not enough: a blocked `recv` keeps the connection open until the server speaks again
    (measured: 3.7 s, against 1 ms for this). HTTP/2 is left alone: its socket carries other requests as well.
    """
    if hasattr(source, "text_queue") and hasattr(source, "stop_signal"):  # transformers' TextIteratorStreamer
        source.text_queue.put(source.stop_signal)
    response = response_of(source)
    if response is not None:
        _shut_down(response)
        return
    frames = _frames(sys._current_frames().get(thread or 0))
    if _reads_a_body(frames):
        _cut(next((found for frame in frames if (found := _socket_in(frame)) is not None), None))


def _shut_down(response: object) -> None:
    network = get(get(response, "extensions"), "network_stream")
    # A response at its end is closed: its connection is in the pool, where it may serve another request.
    if network is None or get(response, "is_closed") or get(response, "http_version") == "HTTP/2":
        return
    _cut(network.get_extra_info("socket"))


def _cut(sock: object) -> None:
    if isinstance(sock, socket.socket):
        with suppress(OSError):
            # Not SSLSocket's own method, which takes its TLS state away under the reader.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _frames(frame: FrameType | None) -> list[FrameType]:
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    return found


def _reads_a_body(frames: list[FrameType]) -> bool:
    """Whether a thread waits for more of a streamed answer, be the stream hidden in generators of an SDK.

    Not while it connects, waits for the head or reads an answer that is no stream: SDKs would ask again.
    """
    # `send` reads what is no stream; in HTTP/2's modules a socket is shared.
    where = [(frame.f_globals.get("__name__", ""), frame.f_code.co_name) for frame in frames]
    https = [(module, name) for module, name in where if module.startswith(("httpx", "httpcore"))]
    reads = any(name == "iter_raw" for _, name in https)
    return reads and not any(name == "send" or "http2" in module for module, name in https)


def _socket_in(frame: FrameType) -> socket.socket | None:
    owner = frame.f_locals.get("self")
    if isinstance(owner, socket.socket):
        return owner
    # httpcore's stream over a socket; the one over TLS in TLS tells the socket below as well.
    tell = getattr(owner, "get_extra_info", None)
    found = (
        tell("socket")
        if callable(tell) and frame.f_globals.get("__name__", "").startswith("httpcore")
        else None
    )
    return found if isinstance(found, socket.socket) else None
