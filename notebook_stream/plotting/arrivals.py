"""Events with their times in; when pieces of the answer came, how far apart, how many a second out."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..events import Event, Opened, Reasoning, Text, Usage

STALL_S, STALL_TIMES = 1.0, 5.0
"""A stall is a gap of more than a second and of more than so many times the median, as in the page."""
MOST_BINS = 60
LEAST_BIN_S, LEAST_PER_BIN = 0.25, 5
"""A rate over less than these seconds, or of fewer arrivals than these (on the average), is noise."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Tokens (or, where those are not told, one piece) that came at once, `at_s` seconds after the start."""

    at_s: float
    tokens: int
    kind: str


@dataclass(frozen=True)
class Arrivals:
    """All of one answer. `opened_s`: when the server accepted the request. `unit`: "tokens" or "pieces"."""

    all: Sequence[Arrival]
    opened_s: float | None
    end_s: float
    unit: str

    @property
    def ttft_s(self) -> float | None:
        """The time to the first of them."""
        return self.all[0].at_s if self.all else None

    @property
    def tokens(self) -> int:
        """How many came."""
        return sum(one.tokens for one in self.all)

    @cached_property
    def gaps_s(self) -> list[float]:
        """From each to the next, in seconds."""
        return [later.at_s - one.at_s for one, later in zip(self.all, self.all[1:], strict=False)]

    @cached_property
    def stalls(self) -> list[tuple[float, float]]:
        """(beginning, seconds) of each gap that is far longer than usual."""
        if not self.gaps_s:
            return []
        least = max(STALL_S, STALL_TIMES * statistics.median(self.gaps_s))
        return [(one.at_s, gap) for one, gap in zip(self.all, self.gaps_s, strict=False) if gap > least]

    @cached_property
    def rates(self) -> tuple[list[float], list[float]]:
        """(edges, tokens a second between them), from the first arrival to the last."""
        if len(self.all) < 2 or self.all[-1].at_s <= self.all[0].at_s:
            return [], []
        first, last = self.all[0].at_s, self.all[-1].at_s
        room = min(math.floor((last - first) / LEAST_BIN_S), (len(self.all) - 1) // LEAST_PER_BIN)
        count = max(1, min(MOST_BINS, room))
        width = (last - first) / count
        counts = [0.0] * count
        for one in self.all[1:]:  # the first one took the time before it
            counts[min(count - 1, math.floor((one.at_s - first) / width))] += one.tokens
        return [first + n * width for n in range(count + 1)], [tokens / width for tokens in counts]

    def told(self) -> str:
        """The figures in words."""
        if self.ttft_s is None:
            return "nothing came"
        seconds = self.all[-1].at_s - self.ttft_s
        words = [f"{self.tokens:,} {self.unit}", f"first after {self.ttft_s:.2f} s"]
        if seconds > 0:
            words.append(f"then {(self.tokens - self.all[0].tokens) / seconds:.0f} {self.unit}/s")
            words.append(f"longest gap {max(self.gaps_s):.2f} s")
        return " · ".join(words)


def arrivals_of(events: Sequence[tuple[float, Event]]) -> Arrivals:
    """The arrivals of the first answer's text and reasoning."""
    found = [
        Arrival(at_s, max(1, len(event.logprobs)) if isinstance(event, Text) else 1, _kind(event))
        for at_s, event in events
        if isinstance(event, Text | Reasoning) and event.index == 0 and event.text
    ]
    opened = next((at_s for at_s, event in events if isinstance(event, Opened)), None)
    has_logprobs = any(isinstance(event, Text) and event.logprobs for _, event in events)
    counted = next((event.output_tokens for _, event in reversed(events) if isinstance(event, Usage)), None)
    is_told = has_logprobs or counted == sum(one.tokens for one in found)
    return Arrivals(found, opened, events[-1][0] if events else 0.0, "tokens" if is_told else "pieces")


def percentile(values: Sequence[float], share: float) -> float:
    """Below which `share` of `values` lie, between two of them by its distance: as the page and numpy say."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def _kind(event: Event) -> str:
    return "reasoning" if isinstance(event, Reasoning) else "text"
