"""Whatever came, wherever it was stopped: what was recorded of a run is that run again, on the page, too.

The streams are those of tests/formats, read through NOTEBOOK_STREAM_CORPUS. Each is run once
as it is, and once with each way to be stopped, at a place that is drawn by lot.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from notebook_stream import Recording, Stream, formats, retry, sse
from notebook_stream.events import Event, Failure, Heartbeat
from notebook_stream.inspector import Track
from notebook_stream.recording import Header, Recorder, ending_of
from notebook_stream.session import Limits, Session

from ..formats.recorded import STREAMS, recorded, wire_format

WAYS = ("to its end", "chars", "needle", "user")


async def items_of(text: str) -> AsyncGenerator[sse.Item, None]:
    yield sse.Opened(200, ())
    with contextlib.suppress(ValueError):
        json.loads(text)
        yield sse.Body(text)
        return
    async for item in sse.read_text(text, "host"):
        yield item


def run_of(text: str, name: str, limits: Limits, stop_after: int | None) -> tuple[Session, Recording]:
    """The run and its recording; stopped by the user after so many events, if at all."""
    recorder = Recorder()
    taken: list[Event] = []

    def take(event: Event) -> None:
        taken.append(event)
        if len(taken) == stop_after:
            session.stop()

    session = Session("", origin="host", limits=limits, on_event=take)
    recorder.began_at = lambda: session.began_at
    source = retry.ask(
        lambda: items_of(text), formats.get(name).decoder, retries=0, host="host", keep=recorder.take
    )

    async def run() -> None:
        async def slowly() -> AsyncGenerator[Event, None]:
            async for event in source:
                yield event
                if stop_after is not None:
                    await asyncio.sleep(0)

        await session.run(slowly())

    asyncio.run(run())
    recorder.end(ending_of(session))
    return session, Recording(Header(wire_format=name, host="host"), recorder.rows())


def said(session: Session) -> dict[str, Any]:
    result = session.result()
    return {
        "status": result.status,
        "stop_reason": result.stop_reason,
        "choices": result.choices,
        "text": result.text,
        "reasoning": result.reasoning,
        "tool_calls": result.tool_calls,
        "tool_results": result.tool_results,
        "citations": result.citations,
        "refusal": result.refusal,
        "usage": result.usage,
        "media": result.media,
        "model": result.model,
        "finish_reason": result.finish_reason,
        "error": None if result.error is None else (result.error.code, result.error.message),
        "events": [event for event in session.log.events() if not isinstance(event, Heartbeat | Failure)],
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("entry", recorded(), ids=lambda entry: entry["file"].rpartition(".")[0])
def test_a_recording_is_the_run_again(entry: dict[str, Any], way: str) -> None:
    name = wire_format(entry)
    text = (STREAMS / entry["file"]).read_text(encoding="utf-8")
    lot = random.Random(f"{entry['file']} {way}")
    unlimited = Limits(None, None, None, None)
    whole, _ = run_of(text, name, unlimited, None)
    limits, stop_after = unlimited, None
    if way == "chars":
        limits = Limits(None, None, None, None, lot.randint(1, max(1, whole.answer.chars)))
    elif way == "needle" and len(whole.answer.text) > 3:
        place = lot.randrange(len(whole.answer.text) - 2)
        limits = Limits(None, None, None, None, None, stop_when=whole.answer.text[place : place + 2])
    elif way == "user":
        stop_after = lot.randint(1, max(1, len(whole.log.events())))
    run, recording = run_of(text, name, limits, stop_after)
    assert said(recording.session()) == said(run)
    track = Track(Stream.from_recording(recording), "")
    moments = track.moments_so_far()
    pieces = [moment.get("piece", {}) for moment in moments]
    assert "".join(piece.get("text", "") for piece in pieces) == run.answer.text
    assert "".join(piece.get("reasoning", "") for piece in pieces) == run.answer.reasoning
    assert moments[-1]["state"]["status"] == run.status.value
