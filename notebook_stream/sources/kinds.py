"""What kind of source an object is, and where it may be read. Consumes nothing."""

from __future__ import annotations

import asyncio
import dis
import inspect
import io
from collections.abc import AsyncGenerator, Mapping, Set
from contextlib import suppress
from types import FrameType
from typing import Any

from ..errors import SourceError, UsageError, quote
from .fields import get
from .items import package_of, sdk_of

TAKES = (
    "show() takes an iterable or async iterable of str, what an SDK streams (openai, anthropic, LangChain,\n"
    "ollama, ...), or a function without arguments that makes one of these: show(lambda: ...)."
)
NO_MESSAGES = ("astream_events", "astream_log")
"""LangChain's generators of other things than the messages."""
MAX_DEPTH = 8
"""Generators within generators that are looked into."""


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
    if sdk_of(source) and not (_iterates(source) or is_manager(source) or callable(source)):
        if hasattr(source, "response_gen"):  # LlamaIndex's chat and query engines
            return f"A {name} streams by its response_gen (async: async_response_gen()): show that."
        return f"This {name} is not a stream: ask for one (stream=True, or .stream(...))."
    if inspect.isasyncgen(source) and any(word in source.__name__ for word in NO_MESSAGES):
        return "LangChain's astream_events and astream_log give no messages: show chain.astream(...)."
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
        if not isinstance(item, str) and package_of(item) is None:
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
    return callable(source) and not (steps(source) or is_async(source) or hasattr(type(source), "__iter__"))


def makes_async(source: object) -> bool:
    """Whether calling it does no work yet: an async function or async generator function."""
    return inspect.iscoroutinefunction(source) or inspect.isasyncgenfunction(source)


def is_async(source: object) -> bool:
    """Whether it must be read on an event loop."""
    kind = type(source)
    if hasattr(kind, "__next__") and hasattr(kind, "__anext__"):
        return _wraps_async(source)
    return (
        inspect.iscoroutine(source)
        or hasattr(kind, "__aiter__")
        or hasattr(kind, "__anext__")
        or (is_manager(source) and hasattr(kind, "__aenter__"))
    )


def _wraps_async(source: object, depth: int = 0) -> bool:
    """Whether a wrapper that offers both ways (litellm's) has an async stream inside."""
    for inner in getattr(source, "__dict__", {}).values():
        kind = type(inner)
        if hasattr(kind, "__anext__") or hasattr(kind, "__aiter__"):
            if not hasattr(kind, "__next__") and not hasattr(kind, "__iter__"):
                return True
            if depth < MAX_DEPTH and _wraps_async(inner, depth + 1):
                return True
    return False


def is_manager(source: object) -> bool:
    """Whether it is an SDK's context manager, which gives the stream when entered."""
    kind = type(source)
    enters = hasattr(kind, "__enter__") or hasattr(kind, "__aenter__")
    iterates = hasattr(kind, "__iter__") or hasattr(kind, "__aiter__")
    return enters and not iterates and sdk_of(source) is not None and _manager_name(kind)


def _manager_name(kind: type) -> bool:
    # Clients are context managers as well, and so are raw responses.
    return kind.__name__.endswith("StreamManager")


def steps(source: object) -> bool:
    """Whether it is an iterator itself: what has been read of it is gone."""
    return hasattr(type(source), "__next__") or hasattr(type(source), "__anext__")


def _iterates(source: object) -> bool:
    kind = type(source)
    if hasattr(kind, "model_fields"):  # pydantic: iterating gives the fields
        return steps(source)
    return steps(source) or hasattr(kind, "__iter__") or hasattr(kind, "__aiter__")


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
    if is_fresh(source):
        return None
    if caller is None and (response_of(source) is not None or isinstance(source, AsyncGenerator)):
        raise UsageError(
            f"This {quote(type(source).__qualname__)} belongs to an event loop that is not running here.\n"
            "Give the function that makes it: show(lambda: ...)."
        )
    return caller


def is_fresh(source: object) -> bool:
    """Whether an async source has not begun and holds nothing that has, so that any loop may read it."""
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


def _holds_begun(frame: FrameType | None, depth: int = 0) -> bool:
    if frame is None:
        return False
    globals_used = (frame.f_globals[name] for name in frame.f_code.co_names if name in frame.f_globals)
    return any(_is_begun(value, depth + 1) for value in (*frame.f_locals.values(), *globals_used))


def _is_begun(value: object, depth: int) -> bool:
    if depth > MAX_DEPTH:
        return True
    if inspect.isasyncgen(value):
        return _has_begun(value) or _holds_begun(value.ag_frame, depth)
    kind = type(value)
    # asyncio's queues, events and locks bind to the first loop that waits on them.
    if hasattr(kind, "__anext__") or kind.__module__.partition(".")[0] in ("asyncio", "_asyncio", "aiohttp"):
        return True
    return any(map(is_response, (value, *getattr(value, "__dict__", {}).values())))


def is_response(value: object) -> bool:
    """Whether it is an open HTTP response of httpx or httpx2, with the connection that it comes on."""
    if type(value).__module__.partition(".")[0] not in ("httpx", "httpx2"):
        return False
    extensions = getattr(value, "extensions", None)
    return isinstance(extensions, dict) and "network_stream" in extensions


def response_of(source: object) -> object | None:
    """The HTTP response that an SDK's stream reads from, where it tells."""
    if sdk_of(source) is None:
        return None
    response: object = get(source, "response") or get(source, "_response")
    return response
