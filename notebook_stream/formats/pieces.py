"""Pieces of text in, the events that carry them out; a surrogate pair shared by two events is joined.

A server that cuts its JSON strings between UTF-16 units sends `\\ud83d` in one event, `\\ude00` in the
next; a lone half would later break every encoder. Knows no wire format.
"""

from __future__ import annotations

from ..events import Event, Reasoning, Refusal, Text, TokenLogprob, ToolCall
from .values import clean

_Key = tuple[type[Event], int, int]


class Pieces:
    """The halves that wait for their other half, by kind, choice and position."""

    def __init__(self) -> None:
        self._held: dict[_Key, str] = {}

    def text(self, piece: object, index: int = 0, logprobs: tuple[TokenLogprob, ...] = ()) -> list[Event]:
        """A piece of the answer; nothing for an empty one, unless it has log probabilities."""
        if not self._held and isinstance(piece, str) and piece.isascii():  # as nearly all are
            return [Text(piece, index, logprobs)] if piece or logprobs else []
        joined = self._join((Text, index, 0), piece)
        return [Text(joined, index, logprobs)] if joined or logprobs else []

    def reasoning(self, piece: object, index: int = 0) -> list[Event]:
        """A piece of the reasoning."""
        joined = self._join((Reasoning, index, 0), piece)
        return [Reasoning(joined, index)] if joined else []

    def refusal(self, piece: object, index: int = 0, logprobs: tuple[TokenLogprob, ...] = ()) -> list[Event]:
        """A piece of the refusal."""
        joined = self._join((Refusal, index, 0), piece)
        return [Refusal(joined, index, logprobs)] if joined or logprobs else []

    def tool_call(
        self,
        position: int,
        arguments: object,
        index: int = 0,
        *,
        id: str = "",
        name: str = "",
        kind: str = "function",
    ) -> list[Event]:
        """A piece of a tool call; nothing where it adds nothing."""
        joined = self._join((ToolCall, index, position), arguments)
        return [ToolCall(position, id, name, joined, kind, index)] if joined or id or name else []

    def rest(self, index: int | None = None) -> list[Event]:
        """What still waits, as U+FFFD: of one choice, or of all at the end."""
        keys = [key for key in self._held if index is None or key[1] == index]
        return [_replacement(key) for key in keys if self._held.pop(key)]

    def _join(self, key: _Key, piece: object) -> str:
        if not isinstance(piece, str) or not piece:
            return ""
        if not self._held and piece.isascii():
            return piece
        text = self._held.pop(key, "") + piece
        if "\ud800" <= text[-1] <= "\udbff":
            self._held[key] = text[-1]
            text = text[:-1]
        return clean(text)


def _replacement(key: _Key) -> Event:
    kind, index, position = key
    if kind is ToolCall:
        return ToolCall(position, arguments="\ufffd", index=index)
    if kind is Reasoning:
        return Reasoning("\ufffd", index)
    return Refusal("\ufffd", index) if kind is Refusal else Text("\ufffd", index)
