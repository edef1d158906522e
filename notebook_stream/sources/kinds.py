"""What kind of source an object is, where it may be read, and how it is closed. Consumes nothing."""

from __future__ import annotations

import asyncio
import dis
import inspect
import io
import socket
from collections.abc import AsyncGenerator, Iterator, Mapping, Set
from contextlib import suppress
from types import FrameType
from typing import Any

from ..errors import SourceError, UsageError, quote
from .fields import get
from .items import sdk_of

TAKES = (
    "show() takes an iterable or async iterable of str, a stream object of openai or anthropic,\n"
    "or a function without arguments that makes one of these: show(lambda: ...)."
)


def check(source: object) -> None:
    """Raise UsageError for what cannot be shown."""
    problem = _problem(source)
    if problem:
        raise UsageError(f"{problem}\n{TAKES}")


def _problem(source: object) -> str:
    name = quote(type(source).__qualname__)
    if isinstance(source, str):
        return "This str is whole already: show([text]) shows it."
    if isinstance(source, bytes | bytearray | memoryview | io.RawIOBase | io.BufferedIOBase):
        return f"{name} gives bytes: decode them (for a file: open it in text mode)."
    if isinstance(source, Mapping | Set):
        return f"A {name} is not a sequence of pieces of text."
    if isinstance(source, asyncio.Future):
        return f"A {name} is under way already: give the function or the coroutine that it runs."
    if inspect.iscoroutine(source):
        fresh = inspect.getcoroutinestate(source) == inspect.CORO_CREATED
        return "" if fresh else "This coroutine has been awaited already."
    if sdk_of(source) and not (_steps(source) or is_manager(source) or callable(source)):
        return f"This {name} is not a stream: ask for one (stream=True, or .stream(...))."
    if is_async(source):
        return ""
    if hasattr(type(source), "model_fields"):  # pydantic: iterating gives the fields
        return f"A {name} is one object, not a stream."
    if isinstance(source, list | tuple):
        return _problem_in(source)
    if hasattr(type(source), "__iter__") or is_manager(source):
        return ""
    return _problem_of_function(source, name)


def _problem_in(items: list[object] | tuple[object, ...]) -> str:
    for place, item in enumerate(items):
        if not isinstance(item, str) and sdk_of(item) is None:
            return f"Item {place} is of type {quote(type(item).__qualname__)}, not str."
    return ""


def _problem_of_function(source: object, name: str) -> str:
    if not callable(source):
        return f"{name} cannot be shown."
    with suppress(TypeError, ValueError):  # no signature to look at: calling it will tell
        try:
            inspect.signature(source).bind()
        except TypeError:
            return f"This {name} needs arguments: show(lambda: f(...)) gives them."
    return ""


def is_function(source: object) -> bool:
    """Whether it is to be called, and what it makes is shown."""
    return callable(source) and not (_steps(source) or is_async(source) or hasattr(type(source), "__iter__"))


def makes_async(source: object) -> bool:
    """Whether calling it does no work yet: an async function or async generator function."""
    return inspect.iscoroutinefunction(source) or inspect.isasyncgenfunction(source)


def is_async(source: object) -> bool:
    """Whether it must be read on an event loop."""
    names = ("__aiter__", "__anext__")
    return (
        inspect.iscoroutine(source)
        or any(hasattr(type(source), name) for name in names)
        or (is_manager(source) and hasattr(type(source), "__aenter__"))
    )


def is_manager(source: object) -> bool:
    """Whether it is an SDK's context manager, which gives the stream when entered."""
    kind = type(source)
    enters = hasattr(kind, "__enter__") or hasattr(kind, "__aenter__")
    iterates = hasattr(kind, "__iter__") or hasattr(kind, "__aiter__")
    return enters and not iterates and sdk_of(source) is not None and _manager_name(kind)


def _manager_name(kind: type) -> bool:
    # Clients are context managers as well, and so are raw responses.
    return kind.__name__.endswith("StreamManager")


def _steps(source: object) -> bool:
    return hasattr(type(source), "__next__") or hasattr(type(source), "__anext__")


def is_unbegun(source: object) -> bool:
    """Whether nothing has been asked of anybody yet: closing it needs no loop."""
    return inspect.iscoroutine(source) or is_manager(source) or is_function(source)


def made_by_function(made: object) -> object:
    """`made`, what a function gave; raises SourceError where it cannot be shown."""
    if is_function(made):
        raise SourceError("the function made another function, where a stream is shown")
    try:
        check(made)
    except UsageError as exc:
        raise SourceError(f"what the function made cannot be shown: {str(exc).splitlines()[0]}") from exc
    return made


# Where an async source is read


def home_of(source: object, caller: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop | None:
    """The loop to read an async source on; None means our own. `caller` is the loop that ran show(), if any.

    An async iterator does not tell which loop it belongs to, and reading it on another hangs or fails in
    obscure ways. So the rule errs on the side of the caller's loop, where `async for` in the cell would read:
    - what has not begun and holds nothing that has: our own loop. These are coroutines, async context
      managers of SDKs, and async generators whose arguments, closure and globals have no async iterator,
      future or asyncio object in them;
    - all else: the caller's loop. Without one, our own, unless the source is visibly connected elsewhere;
      that raises UsageError.
    """
    if _is_fresh(source):
        return None
    if caller is None and (_response_of(source) is not None or isinstance(source, AsyncGenerator)):
        raise UsageError(
            f"This {quote(type(source).__qualname__)} belongs to an event loop that is not running here.\n"
            "Give the function that makes it: show(lambda: ...)."
        )
    return caller


def _is_fresh(source: object) -> bool:
    if inspect.iscoroutine(source):
        return not _holds_begun(source.cr_frame)
    if inspect.isasyncgen(source):
        return not _has_begun(source) and not _holds_begun(source.ag_frame)
    return is_manager(source)


def _has_begun(generator: AsyncGenerator[Any, Any]) -> bool:
    frame: FrameType | None = generator.ag_frame  # type: ignore[attr-defined]  # typeshed lacks it
    if frame is None:
        return False  # it has ended: any loop can find that out
    code = frame.f_code.co_code
    # inspect.getasyncgenstate came with 3.12. Before its first step a generator stands before its code (3.10)
    # or at the instruction that made it.
    return frame.f_lasti >= 0 and dis.opname[code[frame.f_lasti]] != "RETURN_GENERATOR"


def _holds_begun(frame: FrameType | None) -> bool:
    if frame is None:
        return False
    globals_used = (frame.f_globals[name] for name in frame.f_code.co_names if name in frame.f_globals)
    return any(_is_begun(value) for value in (*frame.f_locals.values(), *globals_used))


def _is_begun(value: object) -> bool:
    if inspect.isasyncgen(value):
        return _has_begun(value)
    kind = type(value)
    # asyncio's queues, events and locks bind to the first loop that waits on them.
    return hasattr(kind, "__anext__") or kind.__module__.partition(".")[0] in ("asyncio", "_asyncio")


# Closing


def iterator_of(source: Any) -> Iterator[Any]:
    """The iterator to read: the source itself where it is one, for iter() may wrap it (openai's Stream)."""
    return source if hasattr(type(source), "__next__") else iter(source)


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
    elif is_function(source) or _is_fresh(source):
        return
    elif not is_async(source):
        if _steps(source):
            with suppress(Exception):  # nobody is left to tell
                close(source)
    elif caller is not None and not caller.is_closed():
        asyncio.run_coroutine_threadsafe(aclose(source), caller)


def hang_up(source: object) -> None:
    """Unblock a thread that reads an SDK's stream: shut its socket down, from another thread.

    Also where a generator reads the stream, like anthropic's `text_stream`, and has it among its variables.

    `response.close()` is not enough: a blocked `recv` keeps the connection open until the server speaks again
    (measured: 3.7 s, against 1 ms for this). HTTP/2 is left alone: its socket carries other requests as well.
    """
    frame = source.gi_frame if inspect.isgenerator(source) else None
    for stream in (source, *(frame.f_locals.values() if frame else ())):
        _shut_down(_response_of(stream))


def _shut_down(response: object) -> None:
    network = get(get(response, "extensions"), "network_stream")
    # A response at its end is closed: its connection is in the pool, where it may serve another request.
    if network is None or get(response, "is_closed") or get(response, "http_version") == "HTTP/2":
        return
    sock = network.get_extra_info("socket")
    if isinstance(sock, socket.socket):
        with suppress(OSError):
            # Not SSLSocket's own method, which takes its TLS state away under the reader.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _response_of(source: object) -> object | None:
    if sdk_of(source) is None:
        return None
    response: object = get(source, "response") or get(source, "_response")
    return response
