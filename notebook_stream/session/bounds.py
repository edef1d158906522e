"""How much of one answer is kept: an event of content in, the same or less of it out, and why no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..events import Event, Reasoning, Refusal, Text, ToolCall
from .conditions import Needle

MAX_LOGPROBS = 200_000
"""Log probabilities that are kept, alternatives counted: each takes some 170 bytes (measured), and a server
may send them unasked."""


class Bounds:
    """The bounds of one run. `reached` is the `stop_reason` of the one that was: nothing more is to be taken.

    `needle` is looked for in the first answer, which is kept up to its end. `tell` takes a line for who
    watches.
    """

    def __init__(self, max_chars: int | None, needle: Needle | None, tell: Callable[[str], None]) -> None:
        self.reached: str | None = None
        self._max_chars = max_chars
        self._needle = needle
        self._tell = tell
        self._logprobs = 0

    def kept(self, event: Event, chars: int) -> Event:
        """What of the event is kept; `chars` is the size of the answer before it."""
        if isinstance(event, (Text, Refusal)) and event.logprobs:
            event = self._within_logprobs(event)
        if self._max_chars is not None:
            event = self._within_chars(event, self._max_chars - chars)
        if self._needle is not None and isinstance(event, Text) and event.index == 0:
            return self._up_to(self._needle, event)
        return event

    def _up_to(self, needle: Needle, event: Text) -> Text:
        end = needle.end_in(event.text)
        if end is None:
            return event
        self.reached = "stop_when"
        return replace(event, text=event.text[:end])

    def _within_logprobs(self, event: Text | Refusal) -> Event:
        had = self._logprobs
        self._logprobs += sum(1 + len(logprob.top) for logprob in event.logprobs)
        if self._logprobs <= MAX_LOGPROBS:
            return event
        if had <= MAX_LOGPROBS:
            self._tell(f"Only the first {MAX_LOGPROBS:,} log probabilities are kept; the text goes on.")
        return replace(event, logprobs=())

    def _within_chars(self, event: Event, room: int) -> Event:
        size = len(event.arguments) if isinstance(event, ToolCall) else len(getattr(event, "text", ""))
        if size < room:
            return event
        self.reached = "chars"
        if isinstance(event, Text | Reasoning | Refusal):
            return replace(event, text=event.text[:room])
        return replace(event, arguments=event.arguments[:room]) if isinstance(event, ToolCall) else event
