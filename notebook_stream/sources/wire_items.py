"""Items that are a wire format's own objects (google-genai, mistralai, cohere, ollama) -> our events.

These SDKs parse what the server sent and no more: an item, written as JSON again, is read by the decoder of
that format. Knows no SDK but the one that wraps each chunk.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import SourceError, StreamError
from ..events import End, Event, Heartbeat
from ..formats import get as wire_format
from .fields import get, wire_json


class WireItems:
    """Reads the items of one stream that came in `format_name`."""

    def __init__(self, format_name: str) -> None:
        self._decoder = wire_format(format_name).decoder()

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for one that is no event of the format."""
        try:
            events = self._decoder.decode("", wire_json(item))
        except (StreamError, ValueError, TypeError, RecursionError) as exc:
            raise SourceError(f"an item of the source cannot be read: {exc}") from exc
        # The end is the source's own: what follows the protocol's (an agent's next turn) still counts.
        return [event for event in events if not isinstance(event, End | Heartbeat)]


class MistralItems(WireItems):
    """Reads the items of mistralai's streams: each holds a chunk as its `data`."""

    def __init__(self) -> None:
        super().__init__("mistral")

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item's chunk."""
        return super().__call__(get(item, "data") or item)
