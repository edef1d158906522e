"""An answer on its way to the client: paced like a model at work, failing where the fault says.

Joins a dialect (what to write) and an exchange (where to). Knows neither wire format nor HTTP's head.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random

from .answers import Answer
from .exchange import Exchange
from .faults import Fault
from .request import Settings
from .wire import Dialect

HEARTBEAT_S = 0.25


class Dropped(Exception):
    """The fault wants the connection closed as it is, in the middle of the answer."""


class Failed(Exception):
    """The fault wants an error instead of an answer that does not stream."""


class Generation:
    """One run of the pretended model."""

    def __init__(
        self, exchange: Exchange, dialect: Dialect, answer: Answer, settings: Settings, rng: Random
    ) -> None:
        self._exchange = exchange
        self._dialect = dialect
        self._answer = answer
        self._settings = settings
        self._rng = rng
        longest = max(len(answer.choice(index).pieces) for index in range(dialect.choices))
        fault = settings.fault
        if fault is None and answer.finish == "error":
            fault = Fault("error", longest)
        self._fault = fault
        after = None if fault is None else fault.after
        self._length = longest if after is None else min(after, longest)
        self._breaks = after is not None

    def stream(self) -> None:
        """Write the body of a streamed answer. Raises Gone when the client leaves, Dropped when told to."""
        kind = self._fault.kind if self._fault else ""
        if kind != "empty":
            self._exchange.wait_until(time.monotonic() + self._settings.first_token_s)
            self._exchange.send_chunk(self._dialect.start())
            self._send_tokens()
            self._send_end(kind)
        self._exchange.end_chunks()

    def wait(self) -> None:
        """Take as long as the whole answer takes. Raises as `stream` does, or Failed for an error."""
        due = time.monotonic() + self._settings.first_token_s
        for gap in self._gaps():
            due += gap
        self._exchange.wait_until(due)
        self._exchange.request.tokens_sent = self._length
        if not self._breaks or self._fault is None:
            return
        if self._fault.kind == "error":
            raise Failed
        if self._fault.kind in ("silence", "heartbeats"):
            self._exchange.wait_gone()
        self._drop()

    def _send_tokens(self) -> None:
        """Each token at its time, in a write of its own.

        Times are counted from the start, so that what a busy cell delays is caught up and does not add up.
        """
        due = time.monotonic()
        for position, gap in enumerate(self._gaps()):
            due += gap
            self._exchange.wait_until(due)
            for index in range(self._dialect.choices):
                pieces = self._answer.choice(index).pieces
                if position < len(pieces):
                    self._exchange.send_chunk(self._dialect.token(index, pieces[position]))
            self._exchange.request.tokens_sent += 1

    def _gaps(self) -> Iterator[float]:
        """Seconds before each token: none before the first; gamma distributed, so never negative and now and
        then long, as a real server's."""
        pace, jitter = self._settings.pace, self._settings.jitter
        for position in range(self._length):
            if position == 0 or pace == 0:
                yield 0.0
            elif jitter == 0:
                yield 1 / pace
            else:
                shape = 1 / jitter**2
                yield self._rng.gammavariate(shape, 1 / shape) / pace

    def _send_end(self, fault: str) -> None:
        if self._breaks:
            self._break(fault)
            return
        finish = b"".join(self._dialect.finish(index) for index in range(self._dialect.choices))
        self._exchange.send_chunk(finish)
        if fault != "no_done":
            self._exchange.send_chunk(self._dialect.done())
        if fault == "no_close":
            self._exchange.wait_gone()

    def _break(self, fault: str) -> None:
        """What happens instead of an end; returns where the body is to end as if all were well."""
        if fault == "error":
            self._exchange.send_chunk(self._dialect.error())
        elif fault == "silence":
            self._exchange.wait_gone()
        elif fault == "heartbeats":
            self._send_heartbeats()
        elif fault in ("cut", "reset"):
            self._drop()

    def _send_heartbeats(self) -> None:
        while True:
            self._exchange.send_chunk(self._dialect.heartbeat())
            self._exchange.wait_until(time.monotonic() + HEARTBEAT_S)

    def _drop(self) -> None:
        if self._fault is not None and self._fault.kind == "reset":
            self._exchange.reset()
        raise Dropped
