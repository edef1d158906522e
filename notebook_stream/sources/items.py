"""One item of a source (a str, an SDK's chunk) -> our events, by the package that the item's type comes from.

The SDKs are never imported: a type is recognised by the name of its module, a field by its name.
"""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ..errors import MAX_QUOTE, Secret, SourceError, mask, quote
from ..events import Event, Failure, Text
from .anthropic_items import AnthropicItems
from .chatlas_items import ChatlasItems
from .fields import text_of
from .langchain_items import INSTEAD, LangChainItems
from .llama_index_items import LlamaIndexItems
from .llm_items import LlmItems, told_at_the_end
from .openai_items import OpenAIItems
from .surrogates import Surrogates, whole
from .wire_items import MistralItems, WireItems

Read = Callable[[object], Sequence[Event]]

READERS: dict[str, Callable[[], Read]] = {
    "anthropic": AnthropicItems,
    "chatlas": ChatlasItems,
    "cohere": partial(WireItems, "cohere"),
    "google.genai": partial(WireItems, "gemini"),
    "langchain_core": LangChainItems,
    "litellm": OpenAIItems,
    "llama_index": lambda: LlamaIndexItems(Readers().read),
    "llm": LlmItems,
    "mistralai": MistralItems,
    "ollama": partial(WireItems, "ollama"),
    "openai": OpenAIItems,
}
"""Package of an item's type -> what reads such items. One reader a stream, for it may keep state."""

OTHER_LOOP = (
    "An async client keeps its connections to the event loop it was used on before: make the client inside\n"
    "the function, or give a sync client."
)
"""What to do about asyncio's "bound to a different event loop"."""
CLOSED_CLIENT = (
    "The client was closed before the stream began: keep it in a variable of its own (google-genai's closes\n"
    "when nothing refers to it any more, also where a function makes the stream)."
)
HINTS = {"different (event )?loop": OTHER_LOOP, "the client has been closed": CLOSED_CLIENT}
"""What a RuntimeError may say -> what to do about it."""
NO_TOKEN = "No text came within the streamer's timeout: has the thread that runs generate() failed?"  # noqa: S105
MAX_CAUSES = 8
KEY_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")


class Readers:
    """The readers of one stream, each made when the first of its items comes."""

    def __init__(self) -> None:
        self._by_type: dict[type, Read] = {}
        self._by_package: dict[str, Read] = {}

    def of(self, item: object) -> Read | None:
        """What reads `item`; None where nothing does."""
        reader = self._by_type.get(type(item))
        if reader is not None:
            return reader
        package = package_of(item)
        if package is None:
            return None
        if package not in self._by_package:
            self._by_package[package] = READERS[package]()
        reader = self._by_package[package]
        if not isinstance(item, Mapping | tuple):  # of these, the next one may be another's
            self._by_type[type(item)] = reader
        return reader

    def read(self, item: object) -> Sequence[Event]:
        """The events in `item`; none where nothing reads it."""
        reader = self.of(item)
        return reader(item) if reader else ()


class Items:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._readers = Readers()
        self._surrogates = Surrogates()

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for an item that cannot be shown."""
        if isinstance(item, str):
            if item.isascii() and not self._surrogates.waits:
                return (Text(str(item)),) if item else ()
            return self._whole((Text(str(item)),))
        reader = self._readers.of(item)
        if reader is None:
            hint = INSTEAD if isinstance(item, Mapping) and "event" in item else ""
            raise SourceError(f"the source gave {_described(item)}, where text (str) is shown", hint=hint)
        return self._whole(reader(item))

    def rest(self, source: object) -> Sequence[Event]:
        """What is left to say when the last item of `source` has been read."""
        told = told_at_the_end(source) if sdk_of(source) == "llm" else ()
        return [*self._surrogates.rest(), *self._whole(tuple(told))]

    def _whole(self, events: Sequence[Event]) -> Sequence[Event]:
        return [
            joined for event in map(_masked, events) if (joined := self._surrogates.join(event)) is not None
        ]


def package_of(item: object) -> str | None:
    """The key of `READERS` for an item: of its type's package, or of the wire format that a dict has."""
    if isinstance(item, tuple):  # LangGraph's: a message, and where it was made
        return sdk_of(item[0]) if len(item) == 2 and isinstance(item[1], Mapping) else None
    return sdk_of(item) or (_format_of(item) if isinstance(item, Mapping) else None)


def _format_of(item: Mapping[str, object]) -> str | None:
    kind = text_of(item.get("type"))
    if isinstance(item.get("choices"), list) or kind.startswith("response.") or kind == "error":
        return "openai"
    if "done" in item and ("message" in item or "response" in item):
        return "ollama"
    if "candidates" in item or "usageMetadata" in item:
        return "google.genai"
    return "anthropic" if kind == "ping" or kind.startswith(("message_", "content_block_")) else None


def sdk_of(thing: object) -> str | None:
    """The package in `READERS` that the type of `thing`, or one it derives from, belongs to."""
    for base in type(thing).__mro__:
        root, _, rest = base.__module__.partition(".")
        for package in (root, f"{root}.{rest.partition('.')[0]}"):
            if package in READERS:
                return package
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
    error = SourceError(message, hint=_hint(exc))
    error.__cause__ = exc
    return error


def _masked(event: Event) -> Event:
    """A server's report of an error, which a decoder has read, without a key that it may quote."""
    if not isinstance(event, Failure):
        return event
    error = event.error
    said = mask(whole(error.message), _environment_keys())
    return Failure(type(error)(said, hint=error.hint, code=error.code, status_code=error.status_code))


def _hint(exc: BaseException | None) -> str:
    if type(exc) is queue.Empty:
        return NO_TOKEN
    for _ in range(MAX_CAUSES):  # SDKs wrap it
        for said, hint in HINTS.items():
            if isinstance(exc, RuntimeError) and re.search(said, str(_text(exc))):
                return hint
        exc = exc and (exc.__cause__ or exc.__context__)
    return ""


def _text(exc: BaseException) -> object:
    try:
        return str(exc)
    except Exception:
        return "(its text cannot be shown)"


def _environment_keys() -> list[Secret]:
    # Servers quote the key they refuse, and SDKs quote the server.
    names = [name for name in os.environ if name.endswith(("_API_KEY", "_TOKEN"))]
    return [Secret(os.environ[name]) for name in names if len(os.environ[name]) >= 16]


def _request_keys(exc: BaseException) -> list[Secret]:
    try:
        headers = exc.request.headers  # type: ignore[attr-defined]  # where there is none, it raises
        values = [text_of(headers.get(name)) for name in KEY_HEADERS]
    except Exception:  # not an SDK's exception, or one without a request
        return []
    return [Secret(value.split()[-1]) for value in values if len(value) >= 8]
