"""What comes of a live run in, the rows of its recording out; packed, and bounded.

`take` and `take_event` are on the path of every token, so they do next to nothing: rows wait in a list and
are packed some hundred at a time, to a tenth of their size and less. Keys, and texts that may
not be kept, are masked when rows are read.
"""

from __future__ import annotations

import json
import marshal
import threading
import time
import zlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .. import sse
from ..errors import Secret, mask
from ..events import Event, Heartbeat, Retrying
from . import written
from .ending import Ending
from .hidden import hider
from .rows import BODY, COMMENT, END, EVENT, OPENED, RETRYING, Row, kept_name

BLOCK = 48 * 1024
"""Characters that are packed together."""
ROW_COST = 40
"""Characters that a row counts for beside its data."""
LEVEL = 1
"""Of zlib: the rows of one answer are so alike that more would cost time and save little."""

MAX_PACKED = 12 * 2**20
"""Bytes of one recording in memory."""
MAX_CHARS = 64 * 2**20
MAX_ROWS = 500_000
MAX_ROW = 2 * 2**20
"""Characters of one row: room for a picture."""

Now = Callable[[], float]
Block = tuple["array[float]", bytes]
"""The times of some rows (seconds since the recorder was made; to a thousandth within three hours), and their
names and data, packed."""


class Recorder:
    """Takes rows on the loop's thread; may be read from any."""

    def __init__(
        self, secrets: Iterable[Secret] = (), private: Iterable[str] = (), clock: Now = time.monotonic
    ) -> None:
        self._hide = hider(private)
        self.began_at: Now = lambda: self._first_at
        self.lost = 0
        self._first_at = clock()
        self._secrets = tuple(secrets)
        self._clock = clock
        self._lock = threading.Lock()
        self._blocks: list[Block] = []
        self._pending: list[tuple[float, str, str]] = []
        self._chars = 0
        self._count = 0
        self._all_chars = 0
        self._packed = 0
        self._is_full = False
        self._end: tuple[float, str, str] | None = None

    # The run's side

    def take(self, item: sse.Item | Retrying) -> None:
        """Keep what has come over the wire."""
        if type(item) is sse.Message:  # nearly always; what follows is `_keep` without its call
            name, data = item.event, item.data
            size = len(data)
            if size > MAX_ROW or self._is_full or name[:1] == ":":
                self._keep(kept_name(name), data)
                return
            self._pending.append((self._clock() - self._first_at, name, data))
            self._chars += size + ROW_COST
            if self._chars > BLOCK:
                self._pack()
        elif isinstance(item, sse.Pulse):
            if item.comment is not None:
                self._keep(COMMENT, item.comment)
        elif isinstance(item, sse.Opened):
            told = {"status_code": item.status_code, "headers": item.headers}
            self._keep(OPENED, json.dumps(told, ensure_ascii=False))
        elif isinstance(item, sse.Body):
            self._keep(BODY, item.text)
        else:
            self.take_retry(item)

    def take_retry(self, event: Any) -> None:
        """Keep that it waits before it asks again."""
        told = {name: getattr(event, name) for name in ("delay_s", "attempt", "of", "reason")}
        self._keep(RETRYING, json.dumps(told, ensure_ascii=False))

    def take_event(self, event: Event) -> None:
        """Keep an event of a source that has no wire."""
        if isinstance(event, Heartbeat):
            return
        text = written.write(event)
        if text is not None:
            self._keep(EVENT, text)

    def take_row(self, row: Row) -> None:
        """Keep what comes once more of another recording; how it ended is not of that."""
        if row.name != END:
            self._keep(row.name, row.data)

    def end(self, ending: Ending) -> None:
        """The run has ended."""
        self._end = (self._clock() - self._first_at, END, ending.write())
        self._pack()

    def _keep(self, name: str, data: str) -> None:
        if self._is_full or len(data) > MAX_ROW:
            self.lost += 1
            return
        self._pending.append((self._clock() - self._first_at, name, data))
        self._chars += len(data) + ROW_COST
        if self._chars > BLOCK:
            self._pack()

    def _pack(self) -> None:
        with self._lock:
            rows, self._pending = self._pending, []
            if rows:
                self._blocks.append(_packed(rows))
                self._packed += len(self._blocks[-1][1])
            self._count += len(rows)
            self._all_chars += self._chars
            self._chars = 0
        self._is_full = self._packed > MAX_PACKED or self._all_chars > MAX_CHARS or self._count > MAX_ROWS

    # The reader's side

    @property
    def count(self) -> int:
        """Rows so far."""
        return self._count + len(self._pending) + (self._end is not None)

    @property
    def has_ended(self) -> bool:
        """Whether the last row is there."""
        return self._end is not None

    def rows(self, first: int = 0) -> list[Row]:
        """The rows from number `first` on; times in seconds since the run's start."""
        with self._lock:
            blocks, pending, end = list(self._blocks), list(self._pending), self._end
        began_at = self.began_at() - self._first_at
        found: list[Row] = []
        last_s = 0.0
        for at, name, data in _from(first, blocks, pending, end):
            # A time that is packed is rounded, perhaps to one after the next.
            last_s = max(last_s, round(at - began_at, 6))
            found.append(Row(last_s, name, self._hide(mask(data, self._secrets))))
        return found


def _packed(rows: list[tuple[float, str, str]]) -> Block:
    # The times apart: between the texts they would keep zlib from seeing how alike those are, at a third of
    # the speed (measured).
    times, names, texts = zip(*rows, strict=True)
    return array("f", times), zlib.compress(marshal.dumps((names, texts)), LEVEL)


def _unpacked(block: Block) -> list[tuple[float, str, str]]:
    times, packed = block
    names, texts = marshal.loads(zlib.decompress(packed))  # packed here, in this process
    return list(zip(times, names, texts, strict=True))


def _from(first: int, blocks: list[Block], pending: list[Any], end: Any) -> Iterator[tuple[float, str, str]]:
    for block in blocks:
        if first < len(block[0]):
            yield from _unpacked(block)[first:]
        first = max(0, first - len(block[0]))
    yield from [*pending, *([end] if end is not None else [])][first:]
