"""The text of an event stream, as `curl` saves it, in; rows of a recording out. Its times are made up."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from .. import formats, sse
from ..errors import StreamError, UsageError
from ..events import Unknown
from .decoding import Decoding
from .header import Header
from .recorder import Recorder
from .rows import OPENED, Row

INTERVAL_S = 0.02
"""Seconds between two events: fifty a second."""


def rows_of(text: str, interval_s: float) -> list[Row]:
    """The events of an event stream, `interval_s` apart. Raises UsageError where there is none."""
    recorder = Recorder(clock=lambda: 0.0)
    recorder.take(sse.Opened(200, ()))
    try:
        _driven(_read(text, recorder))
    except StreamError as exc:
        raise UsageError(f"this is no event stream: {exc.message}") from None
    rows = recorder.rows()
    if len(rows) == 1:
        raise UsageError('this is no event stream: it has no line "data: ..." with an empty line below.')
    return [row._replace(at_s=round(number * interval_s, 6)) for number, row in enumerate(rows)]


async def _read(text: str, recorder: Recorder) -> None:
    async for item in sse.read_text(text, "the file"):
        recorder.take(item)


def _driven(work: Coroutine[Any, Any, None]) -> None:
    """Run what never waits, on any thread, within a running loop as well: a notebook has one."""
    try:
        while True:
            work.send(None)
    except StopIteration:
        return


def guess(rows: list[Row]) -> str:
    """The wire format that understands most of `rows`. Raises UsageError where none does."""
    # Some dialects are another with more in it: where both understand all, it is the common one.
    names = sorted(formats.names(), key=lambda name: name != "openai-chat")
    found = {name: _understood(name, rows) for name in names}
    best = max(found, key=lambda name: found[name])
    if found[best] <= 0:
        raise UsageError(
            f"no wire format knows these events; name it: wire_format= one of {', '.join(formats.names())}."
        )
    return best


def _understood(name: str, rows: list[Row]) -> int:
    decoding = Decoding(name)
    events = [event for row in rows if row.name != OPENED for event in decoding.events_of(row)]
    return sum(event.is_content for event in events) - sum(isinstance(event, Unknown) for event in events)


def header_of(wire_format: str, name: str) -> Header:
    """Of a file that tells nothing else."""
    return Header(wire_format=wire_format, host=name, times="made up: the file has none")
