"""What chat chunks carry beside text in, our events out: pictures, sound, a server's own tools, search steps.

Sources: the pages of OpenAI ("Audio"), OpenRouter ("Image generation"), Groq ("Compound"), Perplexity ("Pro
Search"). Knows no chunk as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..events import Event, Media, Reasoning, ToolCall, ToolResult
from .media import media_at
from .values import dumps, index, mapping, mappings, string

EXECUTED = 10_000
"""Positions of the calls that a server ran itself begin here: it numbers them apart from the caller's."""


def media(delta: Mapping[str, Any], choice: int) -> list[Event]:
    """Pictures (`images`, OpenRouter) and pieces of sound (`audio`, OpenAI)."""
    found: list[Event] = [event for part in mappings(delta.get("images")) for event in picture(part, choice)]
    sound = mapping(delta.get("audio"))
    data, transcript = string(sound.get("data")), string(sound.get("transcript"))
    if data or transcript:
        # The id stands in the first piece only, with some servers; one answer speaks with one voice.
        found.append(Media("audio", data=data, transcript=transcript, id="audio", index=choice))
    return found


def picture(part: Mapping[str, Any], choice: int) -> list[Event]:
    """The picture in a part `image_url`."""
    told = part.get("image_url")
    url = string(told) or string(mapping(told).get("url"))
    return [media_at("image", url, choice)] if url else []


class Executed:
    """The calls that the server ran itself, and what came back, each told once (`executed_tools`, Groq)."""

    def __init__(self) -> None:
        self._told: set[tuple[int, str]] = set()

    def events(self, values: object, choice: int) -> list[Event]:
        """The new ones among `executed_tools`."""
        found: list[Event] = []
        for place, call in enumerate(mappings(values)):
            told = index(call.get("index"))
            position = EXECUTED + (place if told is None else told)
            name, arguments, output = (string(call.get(field)) for field in ("type", "arguments", "output"))
            if self._is_new(position, "call"):
                found.append(
                    ToolCall(position, name=name, arguments=arguments, kind="executed", index=choice)
                )
            if output and self._is_new(position, "output"):
                found.append(ToolResult(output, position, name=name, kind="executed", index=choice))
        return found

    def _is_new(self, position: int, what: str) -> bool:
        is_new = (position, what) not in self._told
        self._told.add((position, what))
        return is_new


class Steps:
    """The steps of a search (`reasoning_steps`, Perplexity), once each, though the last chunk repeats all."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def events(self, values: object, choice: int) -> list[Event]:
        """The thoughts of the new ones, a paragraph each."""
        found: list[Event] = []
        for step in mappings(values):
            thought, key = string(step.get("thought")), dumps(step)
            if thought and key not in self._told:
                gap = "\n\n" if self._told else ""
                self._told.add(key)
                found.append(Reasoning(gap + thought, choice))
        return found
