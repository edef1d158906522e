"""Texts with halves of surrogate pairs -> whole characters; the halves of a pair may come in two events.

JSON may carry "\\ud83d" in one event and "\\ude00" in the next. A lone half cannot be encoded,
which would end the comm or keep the notebook from being saved.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..events import (
    Citation,
    Event,
    Finish,
    Reasoning,
    Refusal,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)

_HALF = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


def whole(text: str) -> str:
    """`text` with pairs joined, and each lone half as U+FFFD."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Surrogates:
    """Joins the halves of one stream; each choice's text, reasoning, ... is a text of its own."""

    def __init__(self) -> None:
        self._halves: dict[Event, str] = {}  # an event of the text, itself empty -> the half that waits

    @property
    def waits(self) -> bool:
        """Whether a first half waits for its second."""
        return bool(self._halves)

    def join(self, event: Event) -> Event | None:
        """`event` with whole characters; None where nothing is left of it but a half that waits."""
        if isinstance(event, Text | Refusal):
            tokens = tuple(_token(token) for token in event.logprobs)
            text = self._piece(type(event)("", event.index), event.text)
            return replace(event, text=text, logprobs=tokens) if text or tokens else None
        if isinstance(event, Reasoning):
            text = self._piece(Reasoning("", event.index), event.text)
            return replace(event, text=text) if text else None
        if isinstance(event, ToolCall):
            arguments = self._piece(ToolCall(event.position, index=event.index), event.arguments)
            return replace(event, id=whole(event.id), name=whole(event.name), arguments=arguments)
        return _named(event)

    def rest(self) -> list[Event]:
        """The halves whose second never came, at the end of the stream."""
        lone, self._halves = list(self._halves), {}
        return [
            replace(event, arguments=_REPLACEMENT)
            if isinstance(event, ToolCall)
            else replace(event, text=_REPLACEMENT)  # type: ignore[call-arg]  # all others here have a text
            for event in lone
        ]

    def _piece(self, key: Event, text: str) -> str:
        text = self._halves.pop(key, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._halves[key] = text[-1]
            text = text[:-1]
        return whole(text)


def _token(token: TokenLogprob) -> TokenLogprob:
    return TokenLogprob(whole(token.token), token.logprob, tuple((whole(t), p) for t, p in token.top))


def _named(event: Event) -> Event:
    if isinstance(event, Citation):
        return replace(event, url=whole(event.url), title=whole(event.title), quote=whole(event.quote))
    if isinstance(event, ToolResult):
        content = whole(event.content)
        return replace(event, content=content, id=whole(event.id), name=whole(event.name))
    if isinstance(event, Start):
        return replace(event, model=event.model and whole(event.model), id=event.id and whole(event.id))
    if isinstance(event, Finish):
        return replace(event, reason=whole(event.reason), raw=whole(event.raw), detail=whole(event.detail))
    return event
