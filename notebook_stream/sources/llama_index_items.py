"""LlamaIndex's responses in the making -> our events: what is new in the text, and what the provider told.

`stream_chat` and `stream_complete` repeat the whole answer in each item and add what is new as `delta`; usage
and tool calls are in `raw`, the provider's own chunk. Source: LlamaIndex, "ChatResponse".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..errors import SourceError, quote
from ..events import Event, Reasoning, Refusal, Text, ToolResult, Usage
from .fields import get, int_of, plain, text_of


class LlamaIndexItems:
    """Reads the items of one stream; `provider` gives the events of a provider's chunk, if it knows them."""

    def __init__(self, provider: Callable[[object], Sequence[Event]]) -> None:
        self._provider = provider

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for one that is no response in the making."""
        if hasattr(item, "delta"):
            return list(self._events(item))
        if hasattr(item, "tool_output"):  # of an agent
            told = text_of(get(get(item, "tool_output"), "content"))
            return [ToolResult(told, id=text_of(get(item, "tool_id")), name=text_of(get(item, "tool_name")))]
        if any(base.__name__ == "Event" for base in type(item).__mro__):  # the rest of an agent's steps
            return ()
        raise SourceError(
            f"the source gave an item of type {quote(type(item).__qualname__)}, which has no text"
        )

    def _events(self, item: object) -> Iterator[Event]:
        told = self._provider(get(item, "raw"))
        extras = get(item, "additional_kwargs")
        thought = text_of(get(extras, "thinking_delta"))
        if thought and not any(isinstance(event, Reasoning) for event in told):
            yield Reasoning(thought)
        piece = text_of(get(item, "delta"))
        if piece and not any(isinstance(event, Text | Refusal) for event in told):
            yield Text(piece)
        yield from told
        if not any(isinstance(event, Usage) for event in told):
            yield from _counted(extras)


def _counted(extras: object) -> Iterator[Event]:
    into, out = int_of(get(extras, "prompt_tokens")), int_of(get(extras, "completion_tokens"))
    if into is not None or out is not None:
        counts = {name: value for name, value in plain(extras).items() if name.endswith("_tokens")}
        yield Usage(into, out, raw=counts)
