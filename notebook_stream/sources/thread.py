"""A blocking source (an iterable, a sync SDK stream, a function that makes one), read in its own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from .closing import close, hang_up, iterator_of
from .handoff import Handoff, Made, Outcome, Over
from .items import Items, source_error
from .kinds import is_async, is_function, is_manager, made_by_function


class ThreadReader:
    """Reads `source` into `handoff` until its end, or until the hand-off is closed; then closes the source.

    `drop` takes what a function made for another reader, when nobody wants it any more.
    """

    def __init__(self, source: object, handoff: Handoff, drop: Callable[[object], None]) -> None:
        self._source = source
        self._handoff = handoff
        self._drop = drop
        self._stream: object = None
        self._room = threading.Event()
        handoff.on_room = self._room.set
        # A daemon: a generator that never yields must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, daemon=True, name="notebook-stream source")
        self._thread.start()

    def stop(self) -> None:
        """After the hand-off has been closed: end a read that blocks, where that can be done."""
        if self._stream is not None:
            hang_up(self._stream, self._thread.ident)

    def _run(self) -> None:
        try:
            with ExitStack() as closing:
                outcome = self._read(closing)
        except BaseException as exc:  # SystemExit and KeyboardInterrupt would end the thread without a word
            outcome = source_error(exc)
        if not self._handoff.finish(outcome) and isinstance(outcome, Made):
            self._drop(outcome.source)

    def _read(self, closing: ExitStack) -> Outcome:
        source: Any = self._source
        if is_function(source):
            source = made_by_function(source())
            if is_async(source):
                return Made(source)
        if is_manager(source):
            source = closing.enter_context(source)
        iterator = iterator_of(source)
        closing.callback(close, iterator)
        self._stream = source
        # Set before this look at `closed`: so either stop() hangs up, or this sees that it is too late.
        if not self._handoff.closed:
            self._pass_on(iterator, source)
        return Over()

    def _pass_on(self, iterator: Iterator[object], source: object) -> None:
        items = Items()
        for item in iterator:
            for event in items(item):
                self._handoff.put(event)
            self._await_room()
            if self._handoff.closed:
                return
        for event in items.rest(source):
            self._handoff.put(event)

    def _await_room(self) -> None:
        while self._handoff.is_full:
            self._room.clear()
            if self._handoff.is_full:
                self._room.wait()
