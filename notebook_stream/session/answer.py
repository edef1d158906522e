"""What has come, put together: events in; texts, tool calls, citations, usage and figures out.

Knows no time limits, no threads but its one lock, no HTTP and no Jupyter.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import LimitError, StreamError
from ..events import (
    Citation,
    Event,
    Finish,
    Media,
    Reasoning,
    Refusal,
    Start,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    Usage,
)
from .media import GrowingMedia

CHARS_PER_TOKEN = 4
"""For an estimate until the server has reported usage. Chunks are not tokens: servers send several in one."""

MAX_BESIDE = 24 * 2**20
"""Characters of what comes beside the texts (media, tool results, citations, heads of tool calls, unknown
events), for which `max_chars` does not stand: some pictures, and within the memory that a fault may cost."""

USUAL_USAGE = 2_000
"""Characters of a count of usage, the server's own words with it, that cost nothing: many servers send one
with every piece."""

EVENT_COST = 200
"""Characters that an event beside the texts counts for, however small: it takes memory too."""

CALL_COST = 600
"""The same for the head of a tool call: its pieces are gathered for themselves."""


@dataclass(frozen=True)
class Metrics:
    """Figures of a run. Times in seconds since its start; None while unknown.

    `tokens` and `tokens_per_s` are `estimated` (from characters) until the server has reported usage.
    `tokens_per_s` counts from the first content to the end. `unknown` counts the events that the wire format
    does not know. `cost` is in US dollars: what the server said, else its tokens at the price of a list; None
    where neither is known. It is `cost_estimated` as long as tokens are estimated of which it is made: those
    of the answer, and of a prompt that the server has not counted.
    """

    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    tokens: int = 0
    tokens_per_s: float | None = None
    estimated: bool = True
    chunks: int = 0
    chars: int = 0
    unknown: int = 0
    cost: float | None = None
    cost_estimated: bool = False


@dataclass(frozen=True)
class Choice:
    """One of several answers to the same request (`n=2`)."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    citations: tuple[Citation, ...] = ()
    finish_reason: str | None = None
    finish_reason_raw: str | None = None
    tool_results: tuple[ToolResult, ...] = ()
    media: tuple[Media, ...] = ()
    finish_detail: str = ""


@dataclass(frozen=True, repr=False)
class Result:
    """What a run came to. Texts may be partial unless `status` is "done".

    `finish_reason` is in the vocabulary of `events.Finish`, `finish_reason_raw` the provider's own word.
    `choices` holds every answer where the request asked for several; the fields are those of the first.
    """

    text: str
    reasoning: str
    tool_calls: tuple[ToolCall, ...]
    citations: tuple[Citation, ...]
    refusal: str
    usage: Usage | None
    finish_reason: str | None
    status: str
    stop_reason: str | None
    model: str
    metrics: Metrics
    error: StreamError | None
    finish_reason_raw: str | None = None
    choices: tuple[Choice, ...] = field(default=())
    tool_results: tuple[ToolResult, ...] = ()
    media: tuple[Media, ...] = ()

    @property
    def is_cut_off(self) -> bool:
        """Whether it is one text that ended before its end, and so might go on."""
        is_early = self.status in ("stopped", "interrupted", "error") or self.finish_reason == "length"
        return is_early and bool(self.text.strip()) and not self.tool_calls and len(self.choices) <= 1

    def json(self) -> Any:
        """The answer read as JSON, a fence around it taken off.

        Raises:
            ValueError: it is none; the message says where it goes wrong, and whether the answer was cut off.
        """
        text = self.text.strip()
        if text.startswith("```") and text.endswith("```") and "\n" in text:
            text = text[text.index("\n") : -3].strip()
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as exc:
            begins = f"it begins {text[:60]!r}" if text else "it is empty"
            raise ValueError(f"the answer is not JSON{self._cut()}: {exc}; {begins}") from None

    def _cut(self) -> str:
        if self.refusal:
            return " (the model refused)"
        if self.status != "done":
            return f" (the answer is {self.status}, perhaps cut off)"
        reasons = {"length": "cut off at the token limit", "content_filter": "cut off by the content filter"}
        reason = reasons.get(self.finish_reason or "")
        return f" ({reason})" if reason else ""

    def __repr__(self) -> str:
        head = self.text if len(self.text) <= 60 else self.text[:59] + "…"
        return f"<Result {self.status} {self.model} {len(self.text)} characters {head!r}>"

    def __str__(self) -> str:
        return self.text


class Pieces:
    """A growing text: cheap to append to, joined only when read."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[str] = []

    def append(self, text: str) -> None:
        """Add a piece."""
        self._parts.append(text)

    def join(self) -> str:
        """The whole."""
        if len(self._parts) > 1:
            self._parts[:] = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""


class _GrowingCall:
    __slots__ = ("arguments", "id", "kind", "name")

    def __init__(self) -> None:
        self.id = self.name = ""
        self.kind = "function"
        self.arguments = Pieces()

    def take(self, piece: ToolCall) -> None:
        self.id = piece.id or self.id
        self.name = piece.name or self.name
        if piece.kind != "function":
            self.kind = piece.kind
        if piece.arguments:
            self.arguments.append(piece.arguments)

    def freeze(self, position: int, index: int) -> ToolCall:
        return ToolCall(position, self.id, self.name, self.arguments.join(), self.kind, index)


class _GrowingChoice:
    def __init__(self, index: int) -> None:
        self.index = index
        self.text, self.reasoning, self.refusal = Pieces(), Pieces(), Pieces()
        self.calls: dict[int, _GrowingCall] = {}
        self.citations: list[Citation] = []
        self.tool_results: list[ToolResult] = []
        self.media = GrowingMedia()
        self.finish: Finish | None = None

    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(self.calls[p].freeze(p, self.index) for p in sorted(self.calls))

    def freeze(self) -> Choice:
        return Choice(
            text=self.text.join(),
            reasoning=self.reasoning.join(),
            refusal=self.refusal.join(),
            tool_calls=self.tool_calls(),
            citations=tuple(self.citations),
            finish_reason=self.finish.reason if self.finish else None,
            finish_reason_raw=self.finish.raw if self.finish else None,
            tool_results=tuple(self.tool_results),
            media=self.media.freeze(),
            finish_detail=self.finish.detail if self.finish else "",
        )


class Answer:
    """The growing answer. `take` is called on one thread; everything may be read from any."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.usage: Usage | None = None
        self.chunks = 0
        self.chars = 0
        self.chars_at_usage = 0
        self.unknown = 0
        self._beside = 0
        self._tokens: tuple[int, bool] | None = None
        self._lock = threading.Lock()
        self._choices: dict[int, _GrowingChoice] = {}

    def take(self, event: Event) -> None:
        """Put one event in its place.

        Raises:
            LimitError: more than `MAX_BESIDE` characters have come beside the texts.
        """
        if event.is_content:
            self.chunks += 1
        with self._lock:
            self._put(event)

    def begin_with(self, events: Iterable[Event]) -> None:
        """Put what was there before the run: it is shown, and counts for nothing."""
        counted = (self.chunks, self.chars, self._beside)
        for event in events:
            self.take(event)
        self.chunks, self.chars, self._beside = counted

    def _put(self, event: Event) -> None:
        if isinstance(event, Text):
            self._add(self._choice(event.index).text, event.text)
        elif isinstance(event, Reasoning):
            self._add(self._choice(event.index).reasoning, event.text)
        elif isinstance(event, Refusal):
            self._add(self._choice(event.index).refusal, event.text)
        elif isinstance(event, ToolCall):
            if event.id or event.name:
                self._count(CALL_COST + len(event.id) + len(event.name))
            self._choice(event.index).calls.setdefault(event.position, _GrowingCall()).take(event)
            self.chars += len(event.arguments)
        elif isinstance(event, Citation):
            self._count(len(event.url) + len(event.title) + len(event.quote))
            self._choice(event.index).citations.append(event)
        elif isinstance(event, ToolResult):
            self._count(len(event.content))
            self._choice(event.index).tool_results.append(event)
        elif isinstance(event, Media):
            self._count(len(event.data) + len(event.url) + len(event.transcript))
            self._choice(event.index).media.take(event)
        elif isinstance(event, Unknown):
            self.unknown += 1
            self._count(len(event.data))
        elif isinstance(event, Finish):
            self._count(len(event.raw) + len(event.detail))
            self._choice(event.index).finish = event
        elif isinstance(event, Usage):
            size = len(str(event.raw))
            if size > USUAL_USAGE:
                self._count(size)
            self.usage = event
            self.chars_at_usage = self.chars
        elif isinstance(event, Start):
            self._count(len(event.model or "") + len(event.id or ""))
            self.model = event.model or self.model

    def _add(self, pieces: Pieces, text: str) -> None:
        pieces.append(text)
        self.chars += len(text)

    def _count(self, chars: int) -> None:
        self._beside += chars + EVENT_COST
        if self._beside > MAX_BESIDE:
            raise LimitError(
                f"the server sent more than {MAX_BESIDE / 2**20:.0f} MiB of pictures, sound, tool results or "
                "unknown events; the text so far is kept"
            )

    def _choice(self, index: int) -> _GrowingChoice:
        choice = self._choices.get(index)
        if choice is None:
            choice = self._choices[index] = _GrowingChoice(index)
        return choice

    def _first(self) -> _GrowingChoice:
        return self._choices.get(0) or next(iter(self._choices.values()), _GrowingChoice(0))

    @property
    def text(self) -> str:
        """The first answer so far."""
        with self._lock:
            return self._first().text.join()

    @property
    def reasoning(self) -> str:
        """Its reasoning so far."""
        with self._lock:
            return self._first().reasoning.join()

    @property
    def refusal(self) -> str:
        """Its refusal so far."""
        with self._lock:
            return self._first().refusal.join()

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Its tool calls so far, arguments perhaps still growing."""
        with self._lock:
            return self._first().tool_calls()

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Its sources so far."""
        with self._lock:
            return tuple(self._first().citations)

    @property
    def tool_results(self) -> tuple[ToolResult, ...]:
        """What the server's own tools gave back so far."""
        with self._lock:
            return tuple(self._first().tool_results)

    @property
    def media(self) -> tuple[Media, ...]:
        """Its pictures, sounds and files so far, each put together."""
        with self._lock:
            return self._first().media.freeze()

    @property
    def finish(self) -> Finish | None:
        """How the first answer ended, in the server's words; None before it has said so."""
        with self._lock:
            return self._first().finish

    @property
    def all_finished(self) -> bool:
        """Whether every answer that began has a finish reason."""
        with self._lock:
            return bool(self._choices) and all(c.finish is not None for c in self._choices.values())

    def choices(self) -> tuple[Choice, ...]:
        """Every answer, in the order of its index."""
        with self._lock:
            return tuple(self._choices[i].freeze() for i in sorted(self._choices))

    def count_as(self, chunks: int, chars: int, tokens: int, *, estimated: bool) -> None:
        """Count as it was counted when the run was kept: what is kept of it does not tell."""
        self.chunks, self.chars, self._tokens = chunks, chars, (tokens, estimated)

    def token_count(self) -> tuple[int, bool]:
        """Tokens of the answer, and whether that is an estimate: some count at the start, then write on."""
        if self._tokens is not None:
            return self._tokens
        usage = self.usage
        if usage is None or usage.output_tokens is None:
            return round(self.chars / CHARS_PER_TOKEN), True
        since = self.chars - self.chars_at_usage
        return usage.output_tokens + round(since / CHARS_PER_TOKEN), since > 0
