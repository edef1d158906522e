"""Messages of all cells' runs in; numbered messages of the whole comparison out, at the pace of one stream.

On the loop, but for `opening` and what gives a run its place. Knows no comm.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import wire
from ..widget import AnswersNeed, LiveWidget, pacer

Place = tuple[int, int]
"""The cell of a run, and which of the cell's runs it is."""


class Courier:
    """Takes the runs' messages (`widget.Carrier`) and sends them (`outbox.Sender`).

    `send` sends one message, False where no page is there; `describe` gives the state of the whole now;
    `need` takes the names of the page's parts that the texts sent so far need.
    """

    def __init__(
        self,
        send: Callable[[wire.ToPage], bool],
        describe: Callable[[], wire.GridState],
        need: Callable[[set[str]], None],
    ) -> None:
        self.lock = threading.RLock()
        self._places: dict[LiveWidget, Place] = {}
        self._send = send
        self._describe = describe
        self._need = need
        self._seq = 0
        self._waiting: dict[LiveWidget, None] = {}
        self._parcels: deque[wire.CellMessage] = deque()
        self._needs: dict[LiveWidget, AnswersNeed] = {}
        self._needed: set[str] = set()
        self._told: Mapping[str, Any] = {}
        self._has_sent_content = False
        self._is_paced = False

    def place(self, run: LiveWidget, cell: int, number: int) -> None:
        """Take the messages of the `number`th run of `cell` from now on."""
        with self.lock:
            self._places[run] = (cell, number)
        run.carrier = self

    def drop(self, run: LiveWidget) -> None:
        """Another run has its cell."""
        with self.lock:
            del self._places[run]
            self._needs.pop(run, None)

    # The runs' side

    def add(self, run: LiveWidget) -> None:
        """A run begins: its new state is to be told."""
        if not self._is_paced:
            self._is_paced = True
            pacer().add(self)
        self.wake(run)

    def wake(self, run: LiveWidget) -> None:
        """It has something to tell."""
        self._waiting[run] = None
        pacer().wake(self)

    def carry(self, run: LiveWidget, message: wire.Append | wire.End) -> None:
        """Take a message of it: no lock is taken, for the run holds its own."""
        place = self._places.get(run)
        if place is not None:  # else another run has taken its cell
            self._parcels.append({"cell": place[0], "run": place[1], "message": message})
            self._needed |= self._needs_of(run, message)

    def remove(self, run: LiveWidget) -> None:
        """It has ended, and its last messages are here."""
        self._waiting.pop(run, None)
        pacer().wake(self)

    def rest(self) -> None:
        """All have ended: send what is left."""
        self.send_pending()
        if self._is_paced:
            self._is_paced = False
            pacer().remove(self)

    # The pacer's side

    @property
    def is_urgent(self) -> bool:
        """Whether the first content of all waits to be sent."""
        return not self._has_sent_content and any(run.is_urgent for run in self._waiting)

    def send_pending(self) -> bool:
        """Send what waits in all cells as one message; False where there was nothing."""
        with self.lock:
            waiting, self._waiting = self._waiting, {}
            self._has_sent_content = self._has_sent_content or any(run.is_urgent for run in waiting)
            for run in waiting:
                run.send_pending()  # which is carried to here
            parcels = [self._parcels.popleft() for _ in range(len(self._parcels))]
            return self._send_cells(parcels)

    def send_beat(self) -> bool:
        """Send a heartbeat; False where no page is there."""
        return self._send({"type": "beat", "seq": self._seq})

    def _send_cells(self, parcels: list[wire.CellMessage]) -> bool:
        state = self._changed_state()
        if not parcels and not state:
            return False
        self._seq += 1
        message: wire.Cells = {"type": "cells", "seq": self._seq}
        if parcels:
            message["cells"] = parcels
        if state:
            message["state"] = state
        if self._send(message):
            self._need(self._needed)
        return True

    # The page's side

    def opening(self) -> dict[str, Any]:
        """All that a page must know that knows nothing yet. Within `lock`."""
        self._changed_state()
        return {
            "protocol": wire.PROTOCOL,
            "seq": self._seq,
            "cells": [self._snapshot(run) for run in self._places],
            "state": self._told,
        }

    def send_missing(self, known: object) -> None:
        """Tell a page that has seen a gap all that is newer than what it knows: `[run, seq]` of each cell."""
        listed = known if isinstance(known, list) else []
        with self.lock:
            self._told = {}
            self._send_cells([self._snapshot(run) for run in self._unknown_to(listed)])

    def _unknown_to(self, known: list[Any]) -> Iterable[LiveWidget]:
        for run, (cell, number) in self._places.items():
            if cell >= len(known) or known[cell] != [number, run.outbox.seq]:
                yield run

    def _snapshot(self, run: LiveWidget) -> wire.CellMessage:
        cell, number = self._places[run]
        return {"cell": cell, "run": number, "message": run.outbox.snapshot()}

    def needed(self) -> set[str]:
        """The parts of the page that all texts so far need."""
        for run in self._places:
            if run not in self._needs:  # its texts are not from here, but from a file
                self._needed |= self._needs_of(run, run.outbox.snapshot())
        return self._needed

    def _needs_of(self, run: LiveWidget, message: Mapping[str, Any]) -> set[str]:
        needs = self._needs.get(run)
        if needs is None:
            needs = self._needs[run] = AnswersNeed(is_json=run.is_json)
        return needs.end() if message["type"] == "end" else needs.take(message)

    def _changed_state(self) -> wire.GridState:
        now = self._describe()
        changed = {name: value for name, value in now.items() if self._told.get(name, now) != value}
        self._told = now
        if changed.keys() <= {"elapsed_s"}:
            return {}  # the page counts on by itself
        return changed  # type: ignore[return-value]  # a part of a GridState
