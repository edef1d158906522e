"""A comparison's records in, a pandas DataFrame out: one row a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import saved
from ..errors import UsageError
from . import files

if TYPE_CHECKING:
    import pandas as pd


def to_frame(kept: files.Saved) -> pd.DataFrame:
    """The DataFrame. Raises UsageError: pandas is not installed."""
    try:
        import pandas as pd
    except ImportError:
        raise UsageError("to_frame() needs pandas: pip install pandas, or notebook-stream[frames].") from None
    return pd.DataFrame([row_of(kept, cell) for cell in range(len(kept.records))])


def row_of(kept: files.Saved, cell: int) -> dict[str, Any]:
    """The place of a run on the axes, its answer and its figures: times in seconds, cost in US dollars."""
    row: dict[str, Any] = {}
    for axis, at in zip(kept.axes, kept.points[cell], strict=True):
        value = axis.values[at]
        row |= value if axis.name == "row" and isinstance(value, Mapping) else {axis.name: value}
    outcome = _outcome(kept.records[cell])
    # What was asked and what came of it may bear one name: a {text} to be summarised, a parameter `tokens`.
    return {**{f"{name}_asked" if name in outcome else name: value for name, value in row.items()}, **outcome}


def _outcome(record: saved.Record) -> dict[str, Any]:
    answer, usage = record.answers[0], record.usage
    return {
        "text": answer.text,
        "reasoning": answer.reasoning,
        "status": record.status,
        "stop_reason": record.stop_reason,
        "finish_reason": answer.finish_reason,
        "error": record.error.message if record.error else None,
        "ttft_s": record.ttft_s,
        "total_s": record.total_s,
        "tokens": record.tokens,
        "tokens_estimated": record.estimated,
        "tokens_per_s": record.tokens_per_s,
        "chars": record.chars,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "reasoning_tokens": usage.reasoning_tokens if usage else None,
        "cached_tokens": usage.cached_tokens if usage else None,
        "cost": record.cost,
        "cost_estimated": record.cost_estimated,
    }
