"""The text of a JSON answer in; out come the elements of an array as each is whole, or else the whole text.

Gemini streams an array that grows, when it is not asked for events. Knows JSON's brackets, no HTTP.
"""

from __future__ import annotations

import re
from collections import deque

from .body import Size, append

_IN_STRING = re.compile(r'["\\]')
_OUTSIDE = re.compile(r'["{}\[\]]')


class JsonAnswer:
    """One answer. Raises `LimitError` when it, or one element of its array, is too large."""

    def __init__(self, host: str) -> None:
        self._size = Size(host)
        self._pieces: deque[str] = deque()
        self._is_array: bool | None = None
        self._depth = 0
        self._in_string = False
        self._escaped = False

    def feed(self, text: str) -> deque[str]:
        """The objects of the array that are whole now; nothing of an answer that is no array."""
        beginning = text.lstrip() if self._is_array is None else text
        if self._is_array is None and beginning:
            self._is_array = beginning[0] == "["
        if self._is_array:
            return self._elements(text)
        self._keep(beginning)
        return deque()

    def end(self) -> str | None:
        """The whole text, or None after an array: an element that was cut off does not count."""
        return None if self._is_array else "".join(self._pieces)

    def _elements(self, text: str) -> deque[str]:
        ready: deque[str] = deque()
        begin = place = 0
        if self._escaped and text:
            place, self._escaped = 1, False
        while found := (_IN_STRING if self._in_string else _OUTSIDE).search(text, place):
            place = found.end()
            if found[0] == '"':
                self._in_string = not self._in_string
            elif found[0] == "\\":
                self._escaped = place == len(text)
                place += 1
            elif found[0] in "{[":
                self._depth += 1
                begin = found.start() if self._depth == 2 else begin
            else:
                self._depth -= 1
                if self._depth == 1:
                    self._keep(text[begin:place])
                    ready.append(self._take())
        if self._depth > 1:
            self._keep(text[begin:])
        return ready

    def _keep(self, piece: str) -> None:
        if piece:
            self._size.add(piece, 0)
            append(self._pieces, piece)

    def _take(self) -> str:
        element = "".join(self._pieces)
        self._pieces = deque()
        self._size.clear()
        return element
