"""Gemini's `partialArgs` in, the JSON text of a tool call's arguments out as it grows.

Each piece names its place by a JSONPath such as `$.cities[0].name`; the places come in the order of the text.
Source: cloud.google.com/vertex-ai, "Stream function call arguments". Knows no event and no HTTP.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .values import MAX_DEPTH, number, string

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d{1,6})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")

_Step = str | int


@dataclass(slots=True)
class _Container:
    """An object or a list that is still open."""

    step: _Step
    close: str
    filled: bool = False


class PartialArguments:
    """The arguments of one call."""

    def __init__(self) -> None:
        self._open: list[_Container] = []
        self._string: list[_Step] | None = None

    def write(self, partial: Mapping[str, Any]) -> str:
        """The text that this piece adds."""
        path = _steps(string(partial.get("jsonPath")))
        if not path:
            return ""
        text = partial.get("stringValue")
        if not isinstance(text, str):
            return self._go_to(path) + _scalar(partial)
        begin = "" if self._string == path else self._go_to(path) + '"'
        self._string = path
        # Not cleaned: half a surrogate pair may be in each of two pieces.
        inside = json.dumps(text, ensure_ascii=False)[1:-1]
        return begin + inside + ("" if partial.get("willContinue") is True else self._end_string())

    def end(self) -> str:
        """What closes all that is open."""
        text = self._end_string() + ("" if self._open else "{}")
        return text + "".join(container.close for container in reversed(self._open))

    def _go_to(self, path: list[_Step]) -> str:
        text = [self._end_string()]
        if not self._open:
            text.append("{")
            self._open.append(_Container("", "}"))
        shared = 0
        for container, step in zip(self._open[1:], path[:-1]):  # noqa: B905 the shorter one decides
            if container.step != step:
                break
            shared += 1
        while len(self._open) > shared + 1:
            text.append(self._open.pop().close)
        for place in range(shared, len(path) - 1):
            text.append(self._member(path[place]))
            is_list = isinstance(path[place + 1], int)
            text.append("[" if is_list else "{")
            self._open.append(_Container(path[place], "]" if is_list else "}"))
        text.append(self._member(path[-1]))
        return "".join(text)

    def _member(self, step: _Step) -> str:
        container = self._open[-1]
        comma = "," if container.filled else ""
        container.filled = True
        return comma if container.close == "]" else f"{comma}{json.dumps(str(step), ensure_ascii=False)}:"

    def _end_string(self) -> str:
        if self._string is None:
            return ""
        self._string = None
        return '"'


def _steps(path: str) -> list[_Step]:
    if not path.startswith("$"):
        return []
    found = [match.groups() for match in _STEP.finditer(path)]
    if len(found) > MAX_DEPTH:
        return []
    return [int(place) if place else name or single or double or "" for name, place, single, double in found]


def _scalar(partial: Mapping[str, Any]) -> str:
    if isinstance(partial.get("boolValue"), bool):
        return "true" if partial["boolValue"] else "false"
    return "null" if number(partial.get("numberValue")) is None else json.dumps(partial["numberValue"])
