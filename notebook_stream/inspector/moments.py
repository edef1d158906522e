"""The rows of a recording in, what the page shows of each out: what the answer gained, how the run stood.

The run is made again as it was (`session.Rerun`), so a replay says what the live view said.
"""

from __future__ import annotations

from typing import Any

from .. import wire
from ..events import Event, Heartbeat, Text
from ..outbox import Parts, Slots
from ..recording import END, Ending, Header, Row, clean, decoding_of, end_rerun, rerun_of
from ..widget import describe


class Moments:
    """Makes moments of rows, from the first one on. `ending`: how the run ended, where it has."""

    def __init__(self, header: Header, ending: Ending | None, note: str = "") -> None:
        self._taken: list[Event] = []
        self._decoding = decoding_of(header)
        self._rerun = rerun_of(header, ending, self._taken.append)
        self._asked: Any = dict(header.asked)
        self._note = note
        self._header = header
        self._slots: dict[int, Slots] = {}
        self._told: dict[str, Any] = {}
        self._begins_with: tuple[Event, ...] = tuple(self._rerun.session.log.events())

    def ends(self, ending: Ending) -> None:
        """The run has ended so, perhaps within what has come last."""
        end_rerun(self._rerun, self._header, ending)

    def of(self, row: Row, ending: Ending | None) -> wire.Moment:
        """What the page shows of the next row; `ending` is told with the last one."""
        self._taken.clear()
        for event in self._decoding.events_of(row):
            self._rerun.take(event, row.at_s)
        taken: list[Event] = [*self._begins_with, *self._taken]
        self._begins_with = ()
        moment: wire.Moment = {"at": round(row.at_s, 4), "name": clean(row.name), "data": clean(row.data)}
        parts = Parts(self._slots)
        for event in taken:
            parts.take(event)
        if piece := parts.fields():
            moment["piece"] = piece
        if logprobs := _logprobs(taken):
            moment["logprobs"] = logprobs
        if row.name == END and ending is not None:
            cost = (ending.cost, ending.cost_estimated)
            self._rerun.end(ending.verdict(), row.at_s, notice=ending.notice, cost=cost)
        if state := self._changed(taken, is_end=row.name == END):
            moment["state"] = state
        return moment

    def _changed(self, taken: list[Event], *, is_end: bool) -> wire.RunState | None:
        """What changed of the run. A piece of text changes nothing but the figures that the page counts."""
        is_begun = self._told.get("status") == "streaming"
        if is_begun and not is_end and all(isinstance(event, Text | Heartbeat) for event in taken):
            return None
        now: Any = describe(self._rerun.session, self._note, self._asked, "")
        changed = {name: value for name, value in now.items() if is_end or self._told.get(name) != value}
        self._told = now
        return changed  # type: ignore[return-value]  # a part of a RunState


def _logprobs(taken: list[Event]) -> list[list[Any]]:
    return [
        [one.token, one.logprob, [list(pair) for pair in one.top]]
        for event in taken
        if isinstance(event, Text) and event.index == 0
        for one in event.logprobs
    ]
