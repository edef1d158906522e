"""Events of all answers to one request in, the fields of the messages out; joined only when read.

What comes beside the texts (results, pictures, sounds) is bounded here: the page shows a part of it, the run
keeps the whole. Knows no numbers and no pace.
"""

from __future__ import annotations

from typing import Any

from .. import wire
from ..events import Citation, Event, Finish, Media, Reasoning, Refusal, Text, ToolCall, ToolResult

MAX_CHOICES = 32
"""Answers side by side on the page: no server offers more than 128, and no reader compares them."""
MAX_RESULT = 20_000
"""Characters of a tool's result that the page gets: a fetched web page may have millions."""
MAX_MEDIA = 8 * 2**20 * 4 // 3
"""Characters of base64 of one picture or sound that the page gets: 8 MiB of bytes."""
MAX_THINGS = 32
"""Pictures and sounds of one answer that the page gets."""


class Slots:
    """Which thing of an answer a piece of a picture or sound belongs to, and how much of it has come."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], int] = {}
        self._chars: dict[int, int] = {}

    def place(self, piece: Media) -> int | None:
        """The number of its thing; None where the page shows no more of them."""
        key = (piece.kind, piece.id)
        slot = self._by_id.get(key) if piece.id else None
        if slot is None:
            slot = len(self._chars)
            if slot == MAX_THINGS:
                return None
            self._by_id[key] = slot
            self._chars[slot] = 0
        return slot

    def is_too_large(self, slot: int, piece: Media) -> bool:
        """Whether the thing is with this piece: sounds grow, of others the last one counts."""
        before = self._chars[slot] if piece.kind == "audio" else 0
        self._chars[slot] = before + len(piece.data)
        return self._chars[slot] > MAX_MEDIA


class Parts:
    """What has come of every answer. `slots` are kept for all parts of a run."""

    def __init__(self, slots: dict[int, Slots]) -> None:
        self._slots = slots
        self._answers: dict[int, _Answer] = {}
        self.has_content = False

    def take(self, event: Event) -> None:
        """Keep what the page has to see of `event`."""
        index: int = getattr(event, "index", 0)
        # How the first one ended is part of the state.
        if not event.is_content and not (isinstance(event, Finish) and index != 0):
            return
        answer = self._answers.get(index)
        if answer is None:
            if index not in self._slots and len(self._slots) >= MAX_CHOICES:
                return
            answer = self._answer(index)
        self.has_content = self.has_content or event.is_content
        answer.take(event)

    def absorb(self, later: Parts) -> None:
        """Add everything of `later` at the end of this."""
        for index, answer in later._answers.items():
            self._answer(index).absorb(answer)
        self.has_content = self.has_content or later.has_content

    def fields(self) -> dict[str, Any]:
        """Only what is there: an empty field would cost bytes in every message."""
        found = self._answers[0].fields() if 0 in self._answers else {}
        others = [
            {"index": index, **self._answers[index].fields()} for index in sorted(self._answers) if index
        ]
        return {**found, "choices": others} if others else found

    def _answer(self, index: int) -> _Answer:
        if index not in self._answers:
            self._answers[index] = _Answer(self._slots.setdefault(index, Slots()))
        return self._answers[index]


class _Answer:
    """One of the answers. Media pieces are lists, so that nothing large is copied."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._results: list[wire.ToolOutput] = []
        self._citations: list[wire.CitationItem] = []
        self._media: dict[int, dict[str, Any]] = {}
        self._finish: Finish | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, Text):
            self._text.append(event.text)
        elif isinstance(event, Reasoning):
            self._reasoning.append(event.text)
        elif isinstance(event, Refusal):
            self._refusal.append(event.text)
        elif isinstance(event, ToolCall):
            self._call(event.position, event.id, event.name, event.kind, [event.arguments])
        elif isinstance(event, ToolResult):
            self._results.append(_output(event))
        elif isinstance(event, Citation):
            self._citations.append(_source(event))
        elif isinstance(event, Media):
            self._take_media(event)
        elif isinstance(event, Finish):
            self._finish = event

    def _call(self, position: int, id_: str, name: str, kind: str, arguments: list[str]) -> None:
        call = self._calls.setdefault(position, {"id": "", "name": "", "kind": "function", "arguments": []})
        call["id"] = id_ or call["id"]
        call["name"] = name or call["name"]
        call["kind"] = kind if kind != "function" else call["kind"]
        call["arguments"].extend(arguments)

    def _take_media(self, piece: Media) -> None:
        slot = self._slots.place(piece)
        if slot is None:
            return
        is_too_large = self._slots.is_too_large(slot, piece)
        told = {
            "slot": slot,
            "kind": piece.kind,
            "mime_type": piece.mime_type,
            "data": [piece.data] if piece.data and not is_too_large else [],
            "url": piece.url,
            "transcript": piece.transcript,
            "is_too_large": is_too_large,
        }
        self._add_media(told)

    def _add_media(self, piece: dict[str, Any]) -> None:
        known = self._media.get(piece["slot"])
        if known is None or piece["kind"] != "audio":
            self._media[piece["slot"]] = {**piece, "data": list(piece["data"])}
            return
        known["mime_type"] = known["mime_type"] or piece["mime_type"]
        known["data"] += piece["data"]
        known["url"] = piece["url"] or known["url"]
        known["transcript"] += piece["transcript"]
        known["is_too_large"] = piece["is_too_large"]

    def absorb(self, later: _Answer) -> None:
        self._text += later._text
        self._reasoning += later._reasoning
        self._refusal += later._refusal
        self._results += later._results
        self._citations += later._citations
        for position, call in later._calls.items():
            self._call(position, call["id"], call["name"], call["kind"], call["arguments"])
        for piece in later._media.values():
            self._add_media(piece)
        self._finish = later._finish or self._finish

    def fields(self) -> dict[str, Any]:
        everything = {
            "text": _join(self._text),
            "reasoning": _join(self._reasoning),
            "refusal": _join(self._refusal),
            "tools": self._tools(),
            "results": list(self._results),
            "citations": list(self._citations),
            "media": [_told(piece) for _, piece in sorted(self._media.items())],
            "finish_reason": self._finish.reason if self._finish else "",
            "finish_detail": self._finish.detail if self._finish else "",
        }
        return {key: value for key, value in everything.items() if value}

    def _tools(self) -> list[wire.ToolPiece]:
        return [
            {
                "position": position,
                "id": call["id"],
                "name": call["name"],
                "arguments": _join(call["arguments"]),
                "kind": call["kind"],
            }
            for position, call in sorted(self._calls.items())
        ]


def _output(event: ToolResult) -> wire.ToolOutput:
    content = event.content
    if len(content) > MAX_RESULT:
        content = content[:MAX_RESULT] + f"… ({len(event.content) - MAX_RESULT:,} more characters)"
    return {"position": event.position, "name": event.name, "kind": event.kind, "content": content}


def _source(event: Citation) -> wire.CitationItem:
    item: wire.CitationItem = {"url": event.url, "title": event.title, "quote": event.quote}
    if event.end is not None:
        item["start"], item["end"] = event.start or 0, event.end
    return item


def _told(piece: dict[str, Any]) -> dict[str, Any]:
    """Only what is there; a copy, for the thing may grow while the message is written."""
    told = {key: value for key, value in piece.items() if value or key in ("slot", "kind")}
    return {**told, "data": list(piece["data"])} if piece["data"] else told


def _join(parts: list[str]) -> str:
    if len(parts) > 1:
        parts[:] = ["".join(parts)]
    return parts[0] if parts else ""
