"""Where an answer goes on: the events of its second part in, without what is shown already out.

Some servers repeat the beginning that they were given (llama.cpp where it does not stream, a version of LM
Studio), and the white space at its end, which was not sent, mostly comes again. Knows no server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..events import (
    Event,
    Heartbeat,
    Notice,
    Opened,
    Reasoning,
    Retrying,
    Start,
    Text,
    Unknown,
    Usage,
)

SHORTEST_REPEAT = 20
"""Characters of a beginning that is taken for repeated: a shorter one may be what the model says next."""

_BESIDE = (Heartbeat, Notice, Opened, Reasoning, Retrying, Start, Unknown, Usage)
"""What may come before or between the pieces of a text, whose order to them says nothing."""


class Seam:
    """`text` is shown; the server got its first `sent` characters."""

    def __init__(self, text: str, sent: int) -> None:
        self._repeat = text[:sent] if sent >= SHORTEST_REPEAT else ""
        self._space = text[sent:]
        self._matched = 0
        self._held: list[Text] = []
        self.is_passed = False

    def take(self, event: Event) -> Iterator[Event]:
        """The event, or nothing while it may still be a repetition."""
        if self.is_passed or not (isinstance(event, Text) and event.index == 0):
            if not isinstance(event, _BESIDE):
                yield from self.rest()
            yield event
            return
        if self._repeat:
            yield from self._compare(event)
        else:
            yield from self._after_space(event)

    def rest(self) -> Iterator[Event]:
        """What was held back: nothing more is coming that it could be a repetition of."""
        self.is_passed = True
        held, self._held = self._held, []
        yield from held

    def _compare(self, event: Text) -> Iterator[Event]:
        expected = self._repeat[self._matched : self._matched + len(event.text)]
        if event.text[: len(expected)] != expected:
            held, self._held, self._repeat = [*self._held, event], [], ""
            for one in held:
                yield from self.take(one)
            return
        self._matched += len(expected)
        self._held.append(event)
        if self._matched == len(self._repeat):
            self._held, self._repeat = [], ""
            if len(event.text) > len(expected):
                yield from self.take(replace(event, text=event.text[len(expected) :]))

    def _after_space(self, event: Text) -> Iterator[Event]:
        self._held.append(event)
        said = "".join(one.text for one in self._held)
        space = said[: len(said) - len(said.lstrip())]
        if space == said and len(said) < len(self._space):
            return
        again = next(
            n for n in range(min(len(space), len(self._space)), -1, -1) if self._space.endswith(space[:n])
        )
        held, self._held, self.is_passed = self._held, [], True
        for one in held:
            cut = min(again, len(one.text))
            again -= cut
            if cut < len(one.text):
                yield replace(one, text=one.text[cut:]) if cut else one
