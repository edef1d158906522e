"""The text of an answer in, piece by piece; a place in its UTF-8 bytes in, the same place in characters out.

Google's APIs count bytes where they cite, everybody else characters. Knows no wire format.
"""

from __future__ import annotations

from array import array

BLOCK = 4096
"""Bytes between two counts that are kept: a look-up then costs the same however long the answer is."""

_CONTINUATION = bytes(range(0x80, 0xC0))


class Places:
    """One answer's text, as bytes."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._counts = array("I", [0])

    @property
    def size(self) -> int:
        """Bytes so far."""
        return len(self._data)

    def add(self, text: str) -> None:
        """The next piece of the text."""
        self._data += text.encode("utf-8", "replace")
        while len(self._data) >= BLOCK * len(self._counts):
            block = len(self._counts) - 1
            self._counts.append(self._counts[block] + self._begun(block, BLOCK * (block + 1)))

    def character(self, place: int | None) -> int | None:
        """The place in characters; None where there is none, or not yet."""
        if place is None or place > len(self._data):
            return None
        block = place // BLOCK
        return self._counts[block] + self._begun(block, place)

    def _begun(self, block: int, end: int) -> int:
        """How many characters begin from the block's first byte on, before `end`."""
        return len(self._data[BLOCK * block : end].translate(None, _CONTINUATION))
