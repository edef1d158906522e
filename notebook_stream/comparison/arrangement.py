"""The axes of a comparison in; which of them is across, and the rows and columns of its table, out. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

from .. import wire
from .axes import REPEAT, Axis

FIRST_DOWN = ("prompt", "row")
"""Axes that are down as long as another one varies."""


@dataclass(frozen=True)
class Arrangement:
    """A table: its `rows` and `columns` by the labels of the axes down and across.

    `cells[row][column]` are the numbers of the cells there: one for each repeat. `down`: the names of the
    axes down, `across`: of the other one.
    """

    down: tuple[str, ...]
    across: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[tuple[int, ...], ...], ...]


NAMED = ("prompt", "model")
"""Axes that are shown also where they do not vary: what was asked, and whom."""


def shown(axes: tuple[Axis, ...]) -> list[int]:
    """The numbers of the axes that are shown."""
    return [n for n, axis in enumerate(axes) if len(axis.values) > 1 or axis.name in NAMED]


def across(axes: tuple[Axis, ...]) -> int:
    """The number of the axis that is across: the models where they vary, or nothing else does."""
    names = [axis.name for axis in axes]
    varying = [n for n in shown(axes) if len(axes[n].values) > 1 and names[n] not in (*FIRST_DOWN, REPEAT)]
    models = names.index("model")
    return varying[-1] if varying and models not in varying else models


def layout_of(axes: tuple[Axis, ...], points: tuple[tuple[int, ...], ...]) -> wire.Layout:
    """The same for the page: the axes that vary, and the cells' places on them."""
    kept = shown(axes)
    repeats = [n for n in kept if axes[n].name == REPEAT]
    over = across(axes)
    return {
        "axes": [
            {
                "name": axes[n].name,
                "labels": list(axes[n].labels),
                "details": [
                    "" if detail == label else detail
                    for label, detail in zip(axes[n].labels, axes[n].details, strict=True)
                ],
            }
            for n in kept
        ],
        "points": [[point[n] for n in kept] for point in points],
        "across": kept.index(over),
        "repeats": kept.index(repeats[0]) if repeats else -1,
    }


def arrange(axes: tuple[Axis, ...]) -> Arrangement:
    """The table of all cells, in the order of the product of the axes."""
    over = across(axes)
    repeats = next((n for n, axis in enumerate(axes) if axis.name == REPEAT), -1)
    down = [n for n in shown(axes) if n not in (over, repeats)]
    places = [range(len(axes[n].values)) for n in down]
    columns = range(len(axes[over].values))
    repeated = range(len(axes[repeats].values)) if repeats >= 0 else range(1)

    def cell(row: tuple[int, ...], column: int, repeat: int) -> int:
        at: Mapping[int, int] = {**dict(zip(down, row, strict=True)), over: column, repeats: repeat}
        return _index(axes, at)

    rows = list(itertools.product(*places))
    return Arrangement(
        down=tuple(axes[n].name for n in down),
        across=axes[over].name,
        rows=tuple(tuple(axes[n].labels[at] for n, at in zip(down, row, strict=True)) for row in rows),
        columns=axes[over].labels,
        cells=tuple(
            tuple(tuple(cell(row, column, k) for k in repeated) for column in columns) for row in rows
        ),
    )


def _index(axes: tuple[Axis, ...], at: Mapping[int, int]) -> int:
    """The number of the cell whose place on some axes is given; on the others there is but one."""
    sizes = [len(axis.values) for axis in axes]
    return sum(at.get(n, 0) * math.prod(sizes[n + 1 :]) for n in range(len(axes)))
