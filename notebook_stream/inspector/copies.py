"""The runs of an inspector in, what the notebook keeps of them out: the answer, or a table of several."""

from __future__ import annotations

from collections.abc import Sequence

from .. import saved
from ..comparison import Axis, Saved, static
from ..widget import Bundle, Stream


def bundle(runs: Sequence[tuple[str, Stream]], remark: str, version: str) -> Bundle:
    """Data and metadata of the output; `runs` with what tells them apart."""
    if len(runs) == 1:
        return saved.bundle(runs[0][1]._record(), remark=remark)
    labels = tuple(label for label, _ in runs)
    axis = Axis("model", labels, labels, ("",) * len(labels))
    points = tuple((number,) for number in range(len(runs)))
    kept = Saved((axis,), points, tuple(run._record() for _, run in runs), version)
    return static.bundle(kept, {}, remark)
