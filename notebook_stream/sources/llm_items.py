"""What Simon Willison's `llm` gives: the events of a response, and what it knows at the end -> our events.

Source: llm, "Python API": `Response.stream_events()`, `Response.usage()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..events import Event, Reasoning, Start, Text, ToolCall, ToolResult, Usage
from .fields import get, int_of, list_of, plain, text_of


class LlmItems:
    """Reads the events of one response, or of a chain of them."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}  # id of a call -> its position

    def __call__(self, item: object) -> Sequence[Event]:
        """The event in an item; none for one without a text, such as reasoning that is withheld."""
        piece = text_of(get(item, "chunk"))
        return list(self._event(text_of(get(item, "type")), piece, item)) if piece else ()

    def _event(self, kind: str, piece: str, item: object) -> Iterator[Event]:
        id = text_of(get(item, "tool_call_id"))
        if kind == "text":
            yield Text(piece)
        elif kind == "reasoning":
            yield Reasoning(piece)
        elif kind in ("tool_call_name", "tool_call_args"):
            part = get(item, "part_index")
            position = self._positions.setdefault(id or f"part {part}", len(self._positions))
            name, arguments = (piece, "") if kind == "tool_call_name" else ("", piece)
            told_kind = "server" if get(item, "server_executed") else "function"
            yield ToolCall(position, id, name, arguments, told_kind)
        elif kind == "tool_result":
            yield ToolResult(piece, self._positions.get(id), id, text_of(get(item, "tool_name")))


def told_at_the_end(source: object) -> Iterator[Event]:
    """The model and what was counted; a chain counts what its responses do, together."""
    responses = list_of(get(source, "_responses")) or [source]
    model = text_of(get(responses[-1], "resolved_model")) or text_of(get(get(source, "model"), "model_id"))
    if model:
        yield Start(model)
    into = [int_of(get(response, "input_tokens")) for response in responses]
    out = [int_of(get(response, "output_tokens")) for response in responses]
    if any(count is not None for count in (*into, *out)):
        raw = {"input": _sum(into), "output": _sum(out), "details": _details(responses[-1])}
        yield Usage(_sum(into), _sum(out), raw=raw)


def _sum(counts: list[int | None]) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None


def _details(response: object) -> dict[str, object]:
    return plain(get(response, "token_details") or {})
