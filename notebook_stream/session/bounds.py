"""How much of one answer is kept: an event of content in, the same or less of it out. Knows no end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..events import Event, Reasoning, Refusal, Text, ToolCall

MAX_LOGPROBS = 200_000
"""Log probabilities that are kept, alternatives counted: each takes some 170 bytes (measured), and a server
may send them unasked."""


class Bounds:
    """The bounds of one run. `full`: `max_chars` is reached. `tell` takes a line for who watches."""

    def __init__(self, max_chars: int | None, tell: Callable[[str], None]) -> None:
        self.full = False
        self._max_chars = max_chars
        self._tell = tell
        self._logprobs = 0

    def kept(self, event: Event, chars: int) -> Event:
        """What of the event is kept; `chars` is the size of the answer before it."""
        if isinstance(event, (Text, Refusal)) and event.logprobs:
            event = self._within_logprobs(event)
        return event if self._max_chars is None else self._within_chars(event, self._max_chars - chars)

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
        self.full = True
        if isinstance(event, Text | Reasoning | Refusal):
            return replace(event, text=event.text[:room])
        return replace(event, arguments=event.arguments[:room]) if isinstance(event, ToolCall) else event
