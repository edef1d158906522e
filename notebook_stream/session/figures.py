"""A run's moments, its answer and its cost in, its `Metrics` out."""

from __future__ import annotations

from .answer import Answer, Metrics
from .cost import Cost
from .times import Times

MIN_RATE_SECONDS = 0.05
"""Within less than this a rate says nothing."""


def metrics_of(times: Times, answer: Answer, cost: Cost, *, at_end: bool) -> Metrics:
    """The figures so far."""
    tokens, estimated = answer.token_count()
    dollars, cost_estimated = cost.now(at_end=at_end)
    rate = None
    if times.ttft_s is not None:
        seconds = times.elapsed_s() - times.ttft_s
        rate = tokens / seconds if seconds > MIN_RATE_SECONDS and tokens else None
    return Metrics(
        first_byte_s=times.first_byte_s,
        ttft_s=times.ttft_s,
        total_s=times.total_s,
        tokens=tokens,
        tokens_per_s=rate,
        estimated=estimated,
        chunks=answer.chunks,
        chars=answer.chars,
        unknown=answer.unknown,
        cost=dollars,
        cost_estimated=cost_estimated,
    )
