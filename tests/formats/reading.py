"""Frames of a recorded body in, and what the events say put together: the least that a session does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from notebook_stream.events import Citation, Event, Finish, Reasoning, Refusal, Text, ToolCall, Usage
from notebook_stream.formats import Decoder


def frames(body: bytes) -> Iterator[tuple[str, str]]:
    """Event name and data of each block that has data."""
    text = body.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for block in text.split("\n\n"):
        name, data = "message", []
        for line in block.split("\n"):
            field_name, _, value = line.partition(":")
            if field_name == "event":
                name = value.removeprefix(" ")
            elif field_name == "data":
                data.append(value.removeprefix(" "))
        if data:
            yield name, "\n".join(data)


def decoded(decoder: Decoder, body: bytes) -> list[Event]:
    return [event for name, data in frames(body) for event in decoder.decode(name, data)]


@dataclass
class Choice:
    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tools: dict[int, dict[str, str]] = field(default_factory=dict)
    finish: Finish | None = None
    logprob_tokens: int = 0
    citations: list[Citation] = field(default_factory=list)

    @property
    def tool_calls(self) -> list[dict[str, str]]:
        return [self.tools[position] for position in sorted(self.tools)]


def by_choice(events: Iterable[Event]) -> dict[int, Choice]:
    choices: dict[int, Choice] = {}
    for event in events:
        choice = choices.setdefault(getattr(event, "index", 0), Choice())
        if isinstance(event, Text):
            choice.text += event.text
            choice.logprob_tokens += len(event.logprobs)
        elif isinstance(event, Reasoning):
            choice.reasoning += event.text
        elif isinstance(event, Refusal):
            choice.refusal += event.text
        elif isinstance(event, ToolCall):
            call = choice.tools.setdefault(
                event.position, {"id": "", "name": "", "arguments": "", "kind": ""}
            )
            call["kind"] = event.kind
            for name in ("id", "name", "arguments"):
                call[name] += getattr(event, name)
        elif isinstance(event, Citation):
            choice.citations.append(event)
        elif isinstance(event, Finish):
            choice.finish = event
    return choices


def last_usage(events: Iterable[Event]) -> dict[str, Any] | None:
    told = [event for event in events if isinstance(event, Usage)]
    return dict(told[-1].raw) if told else None
