"""What a run costs: its answer and a price in, US dollars out, estimated until the server has counted.

Knows no price list: whoever makes the session gives the price. Knows no provider and no time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..events import Usage
from .answer import Answer

PriceOf = Callable[[Usage], float | None]
"""US dollars for these tokens, None where no price is known. It estimates `input_tokens` that are None."""

STEP = 200
"""Characters after which an estimate is made anew: a price takes longer than a small event..."""
STEP_SHARE = 50
"""...and beyond 10,000 of them after this part of the answer, which bounds the time whatever the pace."""


@dataclass(frozen=True, slots=True)
class _Known:
    usage: Usage | None
    chars: int
    dollars: float | None
    is_estimated: bool

    @property
    def due(self) -> int:
        """Characters at which an estimate has grown old."""
        return self.chars + max(STEP, self.chars // STEP_SHARE)


class Cost:
    """The cost of one run so far. `limit` is in US dollars."""

    def __init__(self, answer: Answer, price_of: PriceOf | None, limit: float | None) -> None:
        self._answer = answer
        self._price_of = price_of
        self._limit = limit
        self._known = _Known(None, 0, None, False)
        self._restored: tuple[float | None, bool] | None = None

    @property
    def is_knowable(self) -> bool:
        """Whether there is a price: without one a cost is known only where the server tells it."""
        return self._price_of is not None

    def restore(self, dollars: float | None, is_estimated: bool) -> None:
        """What it was when it was kept."""
        self._restored = (dollars, is_estimated)

    def is_over(self) -> bool:
        """Whether the limit is passed. For every event: mostly comparisons, and no price is asked for."""
        if self._limit is None:
            return False
        dollars, _ = self.now()
        return dollars is not None and dollars > self._limit

    def now(self, *, at_end: bool = False) -> tuple[float | None, bool]:
        """US dollars, None where that cannot be known, and whether they are an estimate."""
        if self._restored is not None:
            return self._restored
        answer, known = self._answer, self._known
        is_old = answer.chars >= known.due or (at_end and answer.chars != known.chars)
        if is_old or answer.usage is not known.usage or known.dollars is None:
            self._known = known = self._count(answer.usage, answer.chars)
        return known.dollars, known.is_estimated

    def _count(self, usage: Usage | None, chars: int) -> _Known:
        tokens, is_estimated = self._answer.token_count()
        if usage is not None and usage.cost is not None:
            return _Known(usage, chars, usage.cost, chars > self._answer.chars_at_usage)
        if self._price_of is None or (usage is None and not self._answer.chunks):
            return _Known(usage, chars, None, False)
        told = usage or Usage()
        dollars = self._price_of(replace(told, output_tokens=tokens))
        is_estimated = is_estimated or told.input_tokens is None
        return _Known(usage, chars, dollars, is_estimated and dollars is not None)
