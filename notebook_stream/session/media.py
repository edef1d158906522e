"""Pieces of pictures, sounds and files in, each thing whole out. Knows base64 and no wire format."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace

from ..events import Media


class GrowingMedia:
    """The media of one answer, in the order in which they began."""

    def __init__(self) -> None:
        self._things: list[list[Media]] = []
        self._by_id: dict[tuple[str, str], list[Media]] = {}

    def take(self, piece: Media) -> None:
        """Add a piece to its thing: sounds grow, of pictures and files the last one counts."""
        thing = self._by_id.get((piece.kind, piece.id)) if piece.id else None
        if thing is None:
            thing = []
            self._things.append(thing)
            self._by_id[piece.kind, piece.id] = thing
        if piece.kind != "audio":
            thing.clear()
        thing.append(piece)

    def freeze(self) -> tuple[Media, ...]:
        """Each thing whole."""
        return tuple(_whole(thing) for thing in self._things)


def _whole(pieces: list[Media]) -> Media:
    if len(pieces) == 1:
        return pieces[0]
    last = replace(
        pieces[0],
        mime_type=next((piece.mime_type for piece in pieces if piece.mime_type), ""),
        data=_joined([piece.data for piece in pieces if piece.data]),
        url=next((piece.url for piece in reversed(pieces) if piece.url), ""),
        transcript="".join(piece.transcript for piece in pieces),
    )
    pieces[:] = [last]  # so that it is joined once, however often it is read
    return last


def _joined(pieces: list[str]) -> str:
    """Base64 of all bytes: servers encode each piece by itself, with padding at its end, or cut one text."""
    if not any("=" in piece for piece in pieces[:-1]):
        return "".join(pieces)
    try:
        return b64encode(b"".join(b64decode(piece, validate=True) for piece in pieces)).decode()
    except ValueError:  # no base64: a server's mistake, kept as it came
        return "".join(pieces)
