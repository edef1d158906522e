"""What the notebook kept of a run in, the events that make it out: each text in one piece."""

from __future__ import annotations

from collections.abc import Iterator

from ..events import Event, Finish, Reasoning, Refusal, Text
from .record import Record


def events_of(record: Record) -> Iterator[Event]:
    """The events that make the record's answers, each text in one piece."""
    for index, answer in enumerate(record.answers):
        if answer.reasoning:
            yield Reasoning(answer.reasoning, index)
        if answer.text:
            yield Text(answer.text, index)
        if answer.refusal:
            yield Refusal(answer.refusal, index)
        for things in (answer.tool_calls, answer.tool_results, answer.media, answer.citations):
            yield from things
        if answer.finish_reason:
            yield Finish(answer.finish_reason, answer.finish_reason_raw or "", index, answer.finish_detail)
    if record.usage is not None:
        yield record.usage
