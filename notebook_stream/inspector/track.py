"""One run as the inspector shows it: its rows in, its moments out, made when they are asked for."""

from __future__ import annotations

import threading

from .. import wire
from ..recording import END, Row, clean, cleaned, ending_of
from ..widget import Stream
from .moments import Moments

MAX_MOMENTS = 500
"""Of one message."""
AT_ONCE = 50
"""Moments that are made while others wait: some milliseconds."""
MAX_CHARS = 400_000
"""Characters of data of one message, if it has more than one moment."""


class Track:
    """One run. `parent` and `token`: where it branched off."""

    def __init__(self, run: Stream, label: str, parent: int | None = None, token: int | None = None) -> None:
        self.run = run
        self.label = clean(label)
        self._parent = parent
        self._token = token
        self._recording = run._recorded.shown(run._session)
        self._rows: list[Row] = self._recording.rows
        self._made: list[wire.Moment] = []
        self._lock = threading.RLock()  # the user may branch while the page is being told
        self._ending = self._recording.ending
        self._moments = Moments(self._recording.header, self._ending, run._note)

    @property
    def about(self) -> wire.Track:
        """What is known of it beside its moments."""
        header = self._recording.header
        return {
            "label": self.label,
            "model": header.model or self.run.model,
            "wire_format": header.wire_format,
            "host": header.host,
            "request": None if header.request is None else cleaned(dict(header.request)),
            "branches": self.run.can_branch,
            "parent": self._parent,
            "token": self._token,
            "lost": header.lost,
            "times": header.times,
        }

    @property
    def total(self) -> int:
        """Moments that there are now."""
        with self._lock:
            self._look()
            return len(self._rows)

    def moments(self, first: int) -> list[wire.Moment]:
        """Some of them, from number `first` on, as many as fit into a message."""
        self._make(min(first + MAX_MOMENTS, self.total))
        found: list[wire.Moment] = []
        chars = 0
        for moment in self._made[first : first + MAX_MOMENTS]:
            chars += len(moment["data"])
            if found and chars > MAX_CHARS:
                break
            found.append(moment)
        return found

    def moments_so_far(self) -> list[wire.Moment]:
        """All of them."""
        self._make(self.total)
        with self._lock:
            return list(self._made)

    def _make(self, count: int) -> None:
        while len(self._made) < count:
            with self._lock:  # for a moment only: the loop may want it, too
                for row in self._rows[len(self._made) : min(count, len(self._made) + AT_ONCE)]:
                    self._made.append(self._moments.of(row, self._ending))

    def _look(self) -> None:
        """Take the rows that have come since the last time."""
        if self._rows and self._rows[-1].name == END:
            return
        more = self.run._recorded.rows_after(self.run._session, len(self._rows))
        self._rows.extend(more)
        if self._rows and self._rows[-1].name == END:
            self._ending = ending_of(self.run._session)
            self._moments.ends(self._ending)
