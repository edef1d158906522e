"""The output items of a Responses answer, piece by piece and whole, in; our events out, nothing told twice.

Servers differ in what they stream and what they tell only with the finished item. Knows no event names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from ..events import Event, Media, Reasoning, Text, TokenLogprob, ToolResult, Unknown
from .media import media_at
from .openai_fields import annotation
from .pieces import Pieces
from .values import MAX_INDEX, dumps, index, mappings, string

KINDS = {"function_call": "function", "custom_tool_call": "custom"}
"""Types of calls that have a name of ours; the others keep their own."""

CALLS_OF_OURS = frozenset(
    {
        "function_call",
        "custom_tool_call",
        "computer_call",
        "local_shell_call",
        "apply_patch_call",
        "mcp_approval_request",
    }
)
"""Types of calls that wait for the caller, to run or allow them; the other calls run on the server."""

_CALLS = ("_call", "_request")
_SILENT = ("compaction",)
"""Items that only the server can read."""

_ARGUMENTS = ("arguments", "input", "code", "action", "queries", "operation", "revised_prompt", "prompt")
_REASONING = ("reasoning_summary", "reasoning_text")
_GAP = "\n\n"


@dataclass(slots=True)
class _Told:
    """A text told piece by piece: enough to know it again, without a second copy of the answer.

    `start` counts the characters of the answer before it.
    """

    start: int = 0
    chars: int = 0
    checksum: int = 0

    def add(self, text: str) -> None:
        self.chars += len(text)
        self.checksum = crc32(text.encode("utf-8", "surrogatepass"), self.checksum)

    def begins(self, text: str) -> bool:
        return crc32(text[: self.chars].encode("utf-8", "surrogatepass")) == self.checksum


@dataclass(slots=True)
class _Item:
    """One output item as far as it has been told, by field and number of the part."""

    kind: str = ""
    id: str = ""
    position: int | None = None
    named: bool = False
    is_done: bool = False
    fields: set[str] = field(default_factory=set)
    parts: dict[tuple[str, int], _Told] = field(default_factory=dict)
    cited: int = 0


class Output:
    """The output of one response."""

    def __init__(self) -> None:
        self.refused = False
        self._pieces = Pieces()
        self._items: dict[int | str, _Item] = {}
        self._last: _Item | None = None
        self._calls = 0
        self._positions: dict[str, int] = {}
        self._chars = 0
        self._parts = 0
        self._speaker: _Item | None = None
        self._has_thought = False

    @property
    def is_untold(self) -> bool:
        """Whether nothing has been told of any item, but perhaps that it began."""
        return not any(item.fields or item.is_done for item in self._items.values())

    @property
    def kinds(self) -> set[str]:
        """The types of the items."""
        return {item.kind for item in self._items.values()}

    def rest(self) -> list[Event]:
        """What waits for its other half, at the end."""
        return self._pieces.rest()

    def added(self, fields: Mapping[str, Any], told: Mapping[str, Any]) -> list[Event]:
        """An item that begins: a call shows its name at once."""
        item = self._item(fields, told)
        return self._call(item, told) if item.kind.endswith(_CALLS) else []

    def piece(
        self,
        fields: Mapping[str, Any],
        name: str,
        number: object,
        delta: object,
        tokens: tuple[TokenLogprob, ...] = (),
    ) -> list[Event]:
        """A piece of one part of an item."""
        item = self._item(fields, {})
        if isinstance(delta, str) and (delta or tokens):
            return self._tell(item, (name, index(number) or 0), delta, tokens)
        return []

    def whole(self, fields: Mapping[str, Any], name: str, number: object, text: object) -> list[Event]:
        """A part as a whole: what of it no piece has told."""
        return self._complete(self._item(fields, {}), (name, index(number) or 0), text)

    def annotation(self, fields: Mapping[str, Any], value: object) -> list[Event]:
        """A citation in a part of the text."""
        return self._cite(self._item(fields, {}), index(fields.get("content_index")) or 0, value)

    def picture(self, fields: Mapping[str, Any], data: object, told: Mapping[str, Any]) -> list[Event]:
        """A picture, perhaps not yet sharp."""
        return _picture(self._item(fields, {}), data, told)

    def done(self, fields: Mapping[str, Any], told: Mapping[str, Any]) -> list[Event]:
        """A finished item: what of it has not been told."""
        item = self._item(fields, told)
        item.is_done = True
        if item.kind == "message":
            return self._spoken(item, mappings(told.get("content")))
        if item.kind == "reasoning":
            return self._reasoned(item, told)
        if item.kind.endswith(_CALLS):
            return [*self._call(item, told), *self._called(item, told), *self._results(item, told)]
        if item.kind.endswith("_output") or item.kind == "mcp_list_tools":
            return self._given_back(item, told)
        return [] if item.kind in _SILENT else [Unknown(item.kind, dumps(told))]

    def _item(self, fields: Mapping[str, Any], told: Mapping[str, Any]) -> _Item:
        """The item of an event: by its index, since GitHub Copilot changes ids; llama.cpp has only ids."""
        id = string(fields.get("item_id")) or string(told.get("id"))
        place = index(fields.get("output_index"))
        key: int | str = id if place is None else place
        item = self._items.get(key)
        if item is None and (key == "" or len(self._items) > MAX_INDEX):
            item = self._last
        if item is None:
            item = self._items[key] = _Item(id=id)
        item.kind = string(told.get("type")) or item.kind
        self._last = item
        return item

    def _tell(
        self, item: _Item, part: tuple[str, int], text: str, tokens: tuple[TokenLogprob, ...] = ()
    ) -> list[Event]:
        name = part[0]
        if name in _REASONING and _other(name) in item.fields:
            return []  # the same thoughts as summary and in full: the one that came first
        item.fields.add(name)
        is_new = part not in item.parts and self._parts <= MAX_INDEX  # what a server can make grow is bounded
        if is_new:
            self._parts += 1
            item.parts[part] = _Told()
        if part in item.parts:
            item.parts[part].add(text)
        if name == "text":
            return self._said(item, item.parts[part] if is_new else None, text, tokens)
        if name == "refusal":
            self.refused = True
            return self._pieces.refusal(text, 0, tokens)
        if name in _REASONING:
            gap: list[Event] = [Reasoning(_GAP)] if is_new and self._has_thought else []
            self._has_thought = True
            return [*gap, *self._pieces.reasoning(text)]
        gap_text = "\n" if is_new and part[1] else ""  # shell_call: one command a line
        return [*self._call(item, {}), *self._argument(item, gap_text + text)]

    def _said(
        self, item: _Item, new: _Told | None, text: str, tokens: tuple[TokenLogprob, ...]
    ) -> list[Event]:
        # Two messages are two paragraphs; the parts of one message are one text.
        gap: list[Event] = [Text(_GAP)] if self._speaker not in (None, item) else []
        self._speaker = item
        self._chars += len(_GAP) if gap else 0
        if new is not None:
            new.start = self._chars
        self._chars += len(text)
        return [*gap, *self._pieces.text(text, 0, tokens)]

    def _complete(self, item: _Item, part: tuple[str, int], text: object) -> list[Event]:
        told = item.parts.get(part) or _Told()
        if not isinstance(text, str) or len(text) <= told.chars or not told.begins(text):
            return []
        return self._tell(item, part, text[told.chars :])

    # A finished item fills in only fields of which no piece came: vLLM counts the parts of pieces otherwise.

    def _spoken(self, item: _Item, parts: list[dict[str, Any]]) -> list[Event]:
        events: list[Event] = []
        untold = {"text", "refusal"} - item.fields
        for number, part in enumerate(parts):
            name = "refusal" if part.get("type") == "refusal" else "text"
            if name in untold:
                events += self._complete(item, (name, number), part.get(name))
        values = [(n, value) for n, part in enumerate(parts) for value in mappings(part.get("annotations"))]
        for number, value in values[item.cited :]:
            events += self._cite(item, number, value)
        return events

    def _cite(self, item: _Item, number: int, value: object) -> list[Event]:
        item.cited += 1
        part = item.parts.get(("text", number))
        return [*annotation(value, offset=part.start if part else 0)]

    def _reasoned(self, item: _Item, told: Mapping[str, Any]) -> list[Event]:
        events: list[Event] = []
        for name, parts in (("reasoning_summary", "summary"), ("reasoning_text", "content")):
            if name not in item.fields:
                for number, part in enumerate(mappings(told.get(parts))):
                    events += self._complete(item, (name, number), part.get("text"))
        return events

    def _call(self, item: _Item, told: Mapping[str, Any]) -> list[Event]:
        """The head of a call, once its name is known; a place for it, as soon as anything is."""
        if item.position is None:
            item.position = self._calls
            self._calls += 1
        if item.named or not told:
            return []
        item.named = True
        id = string(told.get("call_id")) or string(told.get("id"))
        self._positions[id] = item.position
        name = string(told.get("name")) or item.kind.removesuffix("_call")
        return self._pieces.tool_call(item.position, "", id=id, name=name, kind=self._kind(item))

    def _kind(self, item: _Item) -> str:
        return KINDS.get(item.kind, item.kind or "function")

    def _argument(self, item: _Item, text: str) -> list[Event]:
        return self._pieces.tool_call(item.position or 0, text, kind=self._kind(item))

    def _called(self, item: _Item, told: Mapping[str, Any]) -> list[Event]:
        value = next((told[name] for name in _ARGUMENTS if told.get(name)), None)
        text = value if isinstance(value, str) else dumps(value) if value is not None else ""
        return self._complete(item, ("arguments", 0), text)

    def _results(self, item: _Item, told: Mapping[str, Any]) -> list[Event]:
        """What a tool of the server's gave back."""
        events: list[Event] = []
        if item.kind == "image_generation_call":
            return _picture(item, told.get("result"), told)
        for output in mappings(told.get("outputs")):  # of code
            if output.get("type") == "image":
                events.append(media_at("image", string(output.get("url"))))
            else:
                events += self._result(item, output.get("logs"))
        return [*events, *self._result(item, told.get("output") or told.get("results") or told.get("error"))]

    def _result(self, item: _Item, content: object) -> list[Event]:
        text = string(content) or (dumps(content) if isinstance(content, (list, dict)) and content else "")
        return [ToolResult(text, item.position, item.id, kind=item.kind)] if text else []

    def _given_back(self, item: _Item, told: Mapping[str, Any]) -> list[Event]:
        item.position = self._positions.get(string(told.get("call_id")))
        return self._result(item, told.get("output") or told.get("tools") or told.get("error"))


def _other(name: str) -> str:
    return next(other for other in _REASONING if other != name)


def _picture(item: _Item, data: object, told: Mapping[str, Any]) -> list[Event]:
    kind, encoded = string(told.get("output_format")) or "png", string(data)
    return [Media("image", f"image/{kind}", encoded, id=item.id)] if encoded else []
