"""`s.resume()`: an answer that was cut off in, the request for the rest out, both joined to one answer."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from .. import wire
from ..errors import UsageError
from ..events import Event, Reasoning, Text
from ..providers import Target, continuation
from ..session import Seam
from ..widget import Stream

INSTEAD = 'Instead: stream("Go on exactly where you stopped.", after=s).'


class Begun(list[dict[str, Any]]):
    """The messages of a request, whose answer has begun: `text` is what there is of it, after `reasoning`."""

    def __init__(self, messages: list[dict[str, Any]], text: str, reasoning: str) -> None:
        super().__init__(messages)
        self.text = text
        self.reasoning = reasoning


@dataclass(frozen=True)
class Plan:
    """What to ask whom. `begins_with` is shown; the server gets the first `sent` characters of its `text`."""

    target: Target
    messages: list[dict[str, Any]]
    params: Mapping[str, Any] = field(default_factory=dict)
    begins_with: tuple[Event, ...] = ()
    text: str = ""
    sent: int = 0

    @property
    def asked(self) -> wire.Asked:
        """What the page has to know of it."""
        texts = "".join(event.text for event in self.begins_with if isinstance(event, Text | Reasoning))
        return {"continues": len(texts.encode("utf-16-le", "surrogatepass")) // 2} if texts else {}

    def joined(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The answer's events, as they follow what is there."""
        return _joined(events, Seam(self.text, self.sent)) if self.begins_with else events


def planned(prompt: object, target: Target, messages: list[dict[str, Any]]) -> Plan:
    """The request for `messages`; where `prompt` is an answer that has begun, for the rest of it.

    Raises UsageError where the server cannot go on.
    """
    if not isinstance(prompt, Begun):
        return Plan(target, messages)
    found = continuation(target, messages, prompt.text)
    if found is None:
        raise UsageError(
            f"{target.provider} ({target.wire_format}) is not known to go on with an answer of "
            f"{target.model}.\n{INSTEAD}"
        )
    shown: tuple[Event, ...] = (Text(prompt.text),)
    if prompt.reasoning:
        shown = (Reasoning(prompt.reasoning), *shown)
    return Plan(found.target, found.messages, found.params, shown, prompt.text, found.sent)


def resumed(stream: Stream, **changes: Any) -> Stream:
    """The answer of `stream`, going on where it was cut off; see `Stream.resume`."""
    _check(stream, changes)
    begun = Begun(stream.messages, stream.text, stream.reasoning)
    if stream.stop_reason == "stop_when":  # what there is meets it: it would stop at once
        changes.setdefault("stop_when", None)
    remake = cast(Callable[..., Stream], stream._remake)
    made = remake(prompt=begun, **{**changes, "after": None})
    made._remake = functools.partial(remake, **changes)
    return made


def branched(stream: Stream, text: str) -> Stream:
    """The answer to the request of `stream`, going on after `text`; see `Stream.branch`."""
    if stream._remake is None:
        raise UsageError("branch(): this stream came from show(), and is no request.")
    if not stream.messages:
        raise UsageError("branch(): the prompt was not saved (save_prompt=False), so nothing can go on.")
    begun = Begun(stream.messages, text, stream.reasoning)
    return stream._remake(prompt=begun, after=None, display=False, cache=None)


def _check(stream: Stream, changes: Mapping[str, Any]) -> None:
    wrong = changes.keys() & {"prompt", "after", "system"}
    if wrong:
        raise UsageError(f"resume() goes on with the same answer: {wrong.pop()}= belongs to s.again().")
    if stream._remake is None or not stream._session.has_ended:
        state = "is still running" if stream._remake else "came from show(), and is no request"
        raise UsageError(f"resume(): this stream {state}.")
    if not stream.messages:
        raise UsageError("resume(): the prompt was not saved (save_prompt=False), so nothing can go on.")
    result = stream._session.result()
    if result.is_cut_off:
        return
    if result.status == "done" and result.finish_reason != "length":
        raise UsageError(f"resume() is for an answer that was cut off; this one is {result.status}.")
    if not result.text.strip():
        raise UsageError("resume(): there is no text yet that could go on; s.again() asks anew.")
    what = "a tool call" if result.tool_calls else "several choices"
    raise UsageError(f"resume() goes on with one text; this answer has {what}.\n{INSTEAD}")


async def _joined(events: AsyncIterator[Event], seam: Seam) -> AsyncIterator[Event]:
    async with aclosing(cast(Any, events)) as incoming:
        async for event in incoming:
            for one in seam.take(event):
                yield one
    for one in seam.rest():
        yield one
