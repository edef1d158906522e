"""The runs of the process: which are running, which cell began them, and the one pacer of their messages."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING

from .. import hosts
from ..outbox import Pacer

if TYPE_CHECKING:
    from .stream import Stream

_pacer: Pacer | None = None
_running: set[Stream] = set()
_by_cell: dict[str, weakref.WeakSet[Stream]] = {}
_lock = threading.Lock()
_watching_cells = False


def pacer() -> Pacer:
    """The process's one pacer."""
    global _pacer
    if _pacer is None:
        _pacer = Pacer()
    return _pacer


def add(stream: Stream) -> None:
    """It runs: kept alive until it has ended, whether anybody holds it or not."""
    _running.add(stream)


def discard(stream: Stream) -> None:
    """It has ended."""
    _running.discard(stream)


def running() -> list[Stream]:
    """The streams that have not ended, in no order."""
    return [stream for stream in list(_running) if not stream._session.has_ended]


def begin_in_cell(stream: Stream) -> None:
    """Remember which cell began this run: running that cell again stops it."""
    global _watching_cells
    cell = hosts.current_cell()
    with _lock:
        if not _watching_cells:
            _watching_cells = hosts.on_cell_start(_stop_runs_of)
        if cell is not None:
            _by_cell.setdefault(cell, weakref.WeakSet()).add(stream)


def _stop_runs_of(cell: str | None) -> None:
    with _lock:
        streams = list(_by_cell.pop(cell, ())) if cell is not None else []
    for stream in streams:
        stream._session.stop("abandoned")


def _forget_after_fork() -> None:
    global _pacer
    _pacer = None
    _running.clear()
    _by_cell.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
