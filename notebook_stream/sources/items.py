"""One item of a source (a str, an SDK's chunk) -> our events, by the package that the item's type comes from.

The SDKs are never imported: a type is recognised by the name of its module, a field by its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from ..errors import MAX_QUOTE, Secret, SourceError, mask, quote
from ..events import Event, Text
from .anthropic_items import AnthropicItems
from .fields import text_of
from .openai_items import OpenAIItems
from .surrogates import Surrogates, whole

Read = Callable[[object], Sequence[Event]]

READERS: dict[str, Callable[[], Read]] = {
    "anthropic": AnthropicItems,
    "openai": OpenAIItems,
}
"""Package of an item's type -> what reads such items. One reader a stream, for it may keep state."""

OTHER_LOOP = (
    "An async client keeps its connections to the event loop it was used on before: make the client inside\n"
    "the function, or give a sync client."
)
"""What to do about asyncio's "bound to a different event loop"."""
MAX_CAUSES = 8
KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


class Items:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._readers: dict[type, Read] = {}
        self._by_root: dict[str, Read] = {}
        self._surrogates = Surrogates()

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for an item that cannot be shown."""
        if isinstance(item, str):
            if item.isascii() and not self._surrogates.waits:
                return (Text(str(item)),) if item else ()
            return self._whole((Text(str(item)),))
        reader = self._readers.get(type(item))
        if reader is None:
            reader = self._readers[type(item)] = self._reader(item)
        return self._whole(reader(item))

    def rest(self) -> Sequence[Event]:
        """What is left to say when the last item has been read."""
        return self._surrogates.rest()

    def _whole(self, events: Sequence[Event]) -> Sequence[Event]:
        return [joined for event in events if (joined := self._surrogates.join(event)) is not None]

    def _reader(self, item: object) -> Read:
        root = sdk_of(item)
        if root is None:
            raise SourceError(f"the source gave {_described(item)}, where text (str) is shown")
        if root not in self._by_root:
            self._by_root[root] = READERS[root]()
        return self._by_root[root]


def sdk_of(thing: object) -> str | None:
    """The package in `READERS` that the type of `thing`, or one it derives from, belongs to."""
    for base in type(thing).__mro__:
        root = base.__module__.partition(".")[0]
        if root in READERS:
            return root
    return None


def _described(item: object) -> str:
    name = type(item).__qualname__
    if isinstance(item, bytes | bytearray | memoryview):
        return f"{name}: decode it first, e.g. with codecs.getincrementaldecoder('utf-8')"
    return f"an item of type {quote(name)}"


def source_error(exc: BaseException) -> SourceError:
    """What the source raised, in our words, with its type and text; keys in it are masked."""
    if isinstance(exc, SourceError):
        return exc
    said = text_of(_text(exc))[: 20 * MAX_QUOTE]
    said = quote(mask(whole(said), [*_environment_keys(), *_request_keys(exc)]))
    name = type(exc).__name__
    message = f"the source raised {name}: {said}" if said else f"the source raised {name}"
    error = SourceError(message, hint=OTHER_LOOP if _is_other_loop(exc) else "")
    error.__cause__ = exc
    return error


def _is_other_loop(exc: BaseException | None) -> bool:
    for _ in range(MAX_CAUSES):  # SDKs wrap it
        if isinstance(exc, RuntimeError) and re.search("different (event )?loop", str(_text(exc))):
            return True
        exc = exc and (exc.__cause__ or exc.__context__)
    return False


def _text(exc: BaseException) -> object:
    try:
        return str(exc)
    except Exception:
        return "(its text cannot be shown)"


def _environment_keys() -> list[Secret]:
    # Servers quote the key they refuse (faults.md L2), and SDKs quote the server.
    names = [name for name in os.environ if name.endswith(("_API_KEY", "_TOKEN"))]
    return [Secret(os.environ[name]) for name in names if len(os.environ[name]) >= 16]


def _request_keys(exc: BaseException) -> list[Secret]:
    try:
        headers = exc.request.headers  # type: ignore[attr-defined]  # where there is none, it raises
        values = [text_of(headers.get(name)) for name in KEY_HEADERS]
    except Exception:  # not an SDK's exception, or one without a request
        return []
    return [Secret(value.split()[-1]) for value in values if len(value) >= 8]
