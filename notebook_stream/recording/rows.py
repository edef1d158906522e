"""What a recording is made of: one thing that came over the wire, and when.

The names of server-sent events are kept as they came. Ours begin with a colon, as a comment does on the wire;
a server's own name that begins so gets a second one in front, so that nobody can write one of ours.
"""

from __future__ import annotations

from typing import NamedTuple

COMMENT = ":"
"""A comment, or a line that only keeps the connection alive: its text."""
OPENED = ":opened"
"""The response begins: JSON of `status_code` and `headers` (pairs). What follows is one attempt's answer."""
RETRYING = ":retrying"
"""It waits before it asks again: JSON of `delay_s`, `attempt`, `of`, `reason`."""
BODY = ":body"
"""The whole answer came as one JSON text instead of a stream: that text."""
EVENT = ":event"
"""An event in our vocabulary, of a source that has no wire (`show()`): JSON, see `written`."""
END = ":end"
"""How the run ended: JSON, see `ending`. The last row of a run that has ended."""

OURS = frozenset({COMMENT, OPENED, RETRYING, BODY, EVENT, END})


class Row(NamedTuple):
    """Seconds since the run's start; the event's name, empty where it has none; its data as sent."""

    at_s: float
    name: str
    data: str


def kept_name(event: str) -> str:
    """The name of a server's event as it is kept."""
    return f":{event}" if event[:1] == ":" else event


def sent_name(name: str) -> str:
    """The name that the server gave an event that was kept as `name`."""
    return name[1:] if name[:2] == "::" else name
