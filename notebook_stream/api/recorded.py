"""What a call says of recording: `record=`, `cache=`; what a recording's first line tells of the request."""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from .. import __version__, saved, wire
from ..errors import Secret, UsageError, mask
from ..events import Event, Heartbeat, Reasoning, Text
from ..providers import Target
from ..recording import Cache, Header, Recorder, Recording, now_utc
from ..recording.cache import fingerprint
from ..widget import Recorded
from .kept import without_secrets
from .resuming import Plan

Record = bool | Literal["embed"]


def check_record(record: object) -> None:
    """Raise UsageError where it is none of the ways to record."""
    if record is not True and record is not False and record != "embed":
        raise UsageError(
            f'record={record!r}: give True, False, or "embed" (True, and kept in the saved notebook).'
        )


def check_speed(speed: object) -> None:
    """Raise UsageError where it is no pace of an answer from the cache."""
    is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
    if speed is not None and not (is_number and speed > 0):  # type: ignore[operator]
        raise UsageError(
            f"cache_speed={speed!r}: give a number above 0 (1: as it came), or None for at once."
        )


def header_of(
    target: Target,
    chosen: str,
    plan: Plan,
    body: Mapping[str, Any],
    host: str,
    asked: wire.Asked,
    *,
    secrets: Iterable[Secret],
    save_prompt: bool,
) -> Header:
    """The first line of a recording of this request; without the prompt where that may not be kept."""
    return Header(
        model=chosen,
        wire_format=target.wire_format,
        host=host,
        recorded_at=now_utc(),
        made_by=f"notebook-stream {__version__}",
        request=_private(body, secrets) if save_prompt else None,
        fingerprint=fingerprint(target.wire_format, target.model, body),
        asked=dict(asked),
        begun=_begun(plan),
    )


def _private(body: Mapping[str, Any], secrets: Iterable[Secret]) -> Mapping[str, Any] | None:
    """The body without keys and binaries."""
    plain = without_secrets(saved.kept_json(dict(body)))
    try:
        return dict(json.loads(mask(json.dumps(plain, ensure_ascii=False), secrets)))
    except ValueError:  # the key had a piece of JSON's own form in it
        return None


def _begun(plan: Plan) -> tuple[str, str, int] | None:
    if not plan.begins_with:
        return None
    reasoning = "".join(event.text for event in plan.begins_with if isinstance(event, Reasoning))
    text = "".join(event.text for event in plan.begins_with if isinstance(event, Text))
    return text, reasoning, plan.sent


class Clock:
    """The clock of a run that is a recording: it stands where that is (seconds since its start)."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


@dataclass(frozen=True)
class Answered:
    """An answer from the cache: `note` says so in the view."""

    recording: Recording
    speed: float | None
    note: str

    async def events(self, clock: Clock, recorder: Recorder | None) -> AsyncIterator[Event]:
        """Its events: at once, or at `speed` times their own pace; what has come is kept as of any run."""
        for row, events in self.recording.steps():
            if self.speed is not None and row.at_s > clock.now_s:
                await asyncio.sleep((row.at_s - clock.now_s) / self.speed)
            clock.now_s = row.at_s
            if recorder is not None:
                recorder.take_row(row)
            for event in events or [Heartbeat()]:
                yield event


def from_cache(cache: str | Path | None, header: Header, speed: float | None) -> Answered | None:
    """The answer to this request that is in the cache. Raises UsageError: what is there is no recording."""
    if cache is None:
        return None
    found = Cache(cache).find(header.fingerprint)
    if found is None:
        return None
    when = found.header.recorded_at[:10]
    return Answered(found, speed, f"From cache, recorded {when}." if when else "From cache.")


def recorded_as(
    record: Record,
    header: Header,
    cache: str | Path | None,
    answered: Answered | None,
    clock: Clock,
    secrets: Iterable[Secret],
    private: Iterable[str] | None,
) -> Recorded:
    """The recording of a run that is to begin; `clock` is that of one from the cache.

    `private`: the texts of a prompt that may not be kept; None where it may.
    """
    if not record and (cache is None or answered is not None):
        return Recorded()
    keep = None
    if answered is not None:
        header = answered.recording.header
    elif cache is not None:
        keep = functools.partial(Cache(cache).keep, header.fingerprint)
    if private is not None:
        header = replace(header, request=None, fingerprint="")  # who guesses the prompt could try it by that
    recorder = Recorder(secrets, private or (), clock if answered else time.monotonic)
    return Recorded(header, recorder, embeds=record == "embed", keep=keep)


def private_texts(messages: Iterable[Mapping[str, Any]], *others: object) -> list[str]:
    """What a server may say again of a prompt: the texts of `messages` but the model's own, and `others`."""
    own = [message.get("content") for message in messages if message.get("role") != "assistant"]
    return list(_texts([*own, *others]))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(value.get("text"))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def of_source(record: Record, name: str) -> Recorded:
    """The recording of what `show()` shows: events, for there is no wire."""
    if not record:
        return Recorded()
    header = Header(host=name, recorded_at=now_utc(), made_by=f"notebook-stream {__version__}")
    return Recorded(header, Recorder(), of_events=True, embeds=record == "embed")
