"""The rows of a recording in, the events that the run made of them out: by the same wire format's decoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .. import formats
from ..events import Event, Failure, Heartbeat, Opened, Retrying, Text, Unknown
from ..session import Seam
from . import written
from .rows import BODY, COMMENT, END, EVENT, OPENED, RETRYING, Row, sent_name


class Decoding:
    """Of one recording. `begins_with`: what was there before; `sent` characters of its text were sent."""

    def __init__(self, wire_format: str, begins_with: Sequence[Event] = (), sent: int = 0) -> None:
        self._format = formats.get(wire_format) if wire_format else None
        self._decoder: Any = None
        text = "".join(event.text for event in begins_with if isinstance(event, Text))
        self._seam = Seam(text, sent) if begins_with else None

    def events_of(self, row: Row) -> list[Event]:
        """The events of one row; what cannot be read is an `Unknown`, for the run's end tells what it did."""
        try:
            found = self._decoded(row)
        except Exception:  # the decoder reads what a hostile server wrote, or a file from anywhere
            found = [Unknown(row.name, row.data)]
        found = [event for event in found if not isinstance(event, Failure)]
        if self._seam is None:
            return found
        joined = [one for event in found for one in self._seam.take(event)]
        return [*joined, *self._seam.rest()] if row.name == END else joined

    def _decoded(self, row: Row) -> list[Event]:
        name, data = row.name, row.data
        if name == EVENT:
            return [written.read(data)]
        if name == END:
            return []
        if name == COMMENT:
            return [Heartbeat()]
        if name == OPENED:
            self._decoder = None  # each attempt is an answer of its own
            return [written.checked(Opened, json.loads(data))]
        if name == RETRYING:
            return [written.checked(Retrying, json.loads(data))]
        if self._format is None:
            return [Unknown(sent_name(name), data)]
        if self._decoder is None:
            self._decoder = self._format.decoder()
        if name == BODY:
            return list(self._decoder.whole(data))
        event = sent_name(name)
        if not event and not data.strip():
            return [Heartbeat()]
        return list(self._decoder.decode(event, data)) or [Heartbeat()]
