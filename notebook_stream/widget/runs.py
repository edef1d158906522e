"""The runs of the process: which are running, which cell began them, which displays wait for their copy, and
the one pacer of their messages."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from .. import hosts, marimo
from ..outbox import Pacer

if TYPE_CHECKING:
    from .stream import Stream

WAIT_VARIABLE = "NOTEBOOK_STREAM_WAIT"
"""Set to anything but 0, a cell that has started a run ends when that does, its copy in the notebook."""
CUT_OFF = f"cut off: still running when its cell ended; {WAIT_VARIABLE}=1 waits for it"


class Kept(Protocol):
    """What has displays that wait for their copy."""

    def settle_here(self, remark: str) -> None:
        """Put a copy of what there is now into them, from the thread of the cell that is ending."""


_pacer: Pacer | None = None
_running: set[Stream] = set()
_by_cell: dict[str, weakref.WeakSet[Stream]] = {}
_by_session: dict[threading.Thread, weakref.WeakSet[Stream]] = {}
_begun: list[Stream] = []
_unsettled: set[Kept] = set()
_lock = threading.Lock()
_watching_cells = False


def pacer() -> Pacer:
    """The process's one pacer."""
    global _pacer
    if _pacer is None:
        _pacer = Pacer()
    return _pacer


def add(stream: Stream) -> None:
    """It runs, or waits for its turn: kept alive until it has ended, whether anybody holds it or not."""
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
    marimo.on_cell_gone(lambda: stream._session.stop("abandoned"))
    _begin_in_session(stream)
    cell = hosts.current_cell()
    with _lock:
        if not _watching_cells:
            _watching_cells = hosts.on_cell_start(_at_cell_start) and hosts.on_cell_end(_at_cell_end)
        if cell is not None:
            _by_cell.setdefault(cell, weakref.WeakSet()).add(stream)
        if _watching_cells:
            _begun.append(stream)


def belongs_to_cell(stream: Stream, cell: str) -> None:
    """That cell began what asked for this run: running it again stops the run."""
    with _lock:
        _by_cell.setdefault(cell, weakref.WeakSet()).add(stream)


def _begin_in_session(stream: Stream) -> None:
    # With `marimo run` a closed page ends its session, a thread of a process that goes on.
    session = marimo.session()
    if session is None or session is threading.main_thread():
        return
    with _lock:
        is_watched = session in _by_session
        _by_session.setdefault(session, weakref.WeakSet()).add(stream)
    if not is_watched:
        threading.Thread(target=_stop_after, args=[session], daemon=True).start()


def _stop_after(session: threading.Thread) -> None:
    session.join()
    with _lock:
        streams = list(_by_session.pop(session, ()))
    for stream in streams:
        stream._session.stop("abandoned")


def displayed(shown: Kept) -> None:
    """A display of it waits for its static copy."""
    _unsettled.add(shown)


def settled(shown: Kept) -> None:
    """All its displays have theirs."""
    _unsettled.discard(shown)


def _at_cell_start(cell: str | None) -> None:
    with _lock:
        streams = list(_by_cell.pop(cell, ())) if cell is not None else []
        _begun.clear()
    for stream in streams:
        stream._session.stop("abandoned")


def _at_cell_end() -> None:
    with _lock:
        begun = list(_begun)
        _begun.clear()
    waits = os.environ.get(WAIT_VARIABLE, "0") not in ("", "0")
    if waits:
        _wait_for(begun)
    if waits or hosts.is_headless():
        for shown in list(_unsettled):
            shown.settle_here(CUT_OFF)


def _wait_for(begun: list[Stream]) -> None:
    try:
        for stream in begun:
            if not stream.needs_cells_loop:  # it would wait for what is waiting for it
                stream._session.wait()
    except KeyboardInterrupt:
        for stream in begun:
            stream.stop()


def _forget_after_fork() -> None:
    global _pacer
    _pacer = None
    _running.clear()
    _by_cell.clear()
    _begun.clear()
    _unsettled.clear()
    _by_session.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
