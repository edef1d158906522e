"""A comparison's axes and records in, JSON for a file or an output's metadata out; and back, checked.

A file may come from anywhere: what is read is checked, and anything else is said to be wrong.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import saved
from ..errors import UsageError
from .axes import MAX_CELLS, Axis

FORMAT = 1
COMPARISON = "comparison"
"""What marks the metadata of a comparison."""
MAX_AXES = 64


@dataclass(frozen=True)
class Saved:
    """What is kept of a comparison: nothing that runs."""

    axes: tuple[Axis, ...]
    points: tuple[tuple[int, ...], ...]
    records: tuple[saved.Record, ...]
    version: str = ""


def to_metadata(kept: Saved) -> dict[str, Any]:
    """What output metadata holds of it, under the same key as that of a stream."""
    inner = {
        "format": FORMAT,
        "kind": COMPARISON,
        "version": kept.version,
        "axes": [
            {
                "name": axis.name,
                "values": saved.kept_json(list(axis.values)),
                "labels": list(axis.labels),
                "details": list(axis.details),
            }
            for axis in kept.axes
        ],
        "cells": [saved.to_metadata(record)[saved.KEY] for record in kept.records],
    }
    return {saved.KEY: inner}


def from_metadata(value: Any) -> Saved:
    """What `to_metadata` wrote down. Raises UsageError: it is none; the message says what is wrong."""
    inner = value.get(saved.KEY, value) if isinstance(value, Mapping) else None
    if not isinstance(inner, Mapping) or inner.get("kind") != COMPARISON:
        raise _wrong("it holds no comparison")
    if inner.get("format") != FORMAT:
        raise _wrong(f"this version of notebook-stream reads the format {FORMAT}")
    axes = tuple(_axis(item) for item in _list(inner.get("axes"), "axes", MAX_AXES))
    cells = _list(inner.get("cells"), "cells", MAX_CELLS)
    records = tuple(saved.from_metadata(_mapping(cell)) for cell in cells)
    sizes = [len(axis.values) for axis in axes]
    if math.prod(sizes) != len(records) or {"prompt", "model"} - {axis.name for axis in axes}:
        raise _wrong("its axes and its cells do not belong together")
    points = tuple(itertools.product(*map(range, sizes)))
    version = inner.get("version")
    return Saved(axes, points, records, version if isinstance(version, str) else "")


def write(path: Path, kept: Saved) -> None:
    """Write it as JSON. Raises OSError."""
    text = json.dumps(to_metadata(kept), ensure_ascii=False, indent=1)
    path.write_bytes(text.encode("utf-8"))  # only once it is whole: there may be an earlier one


def read(path: Path) -> Saved:
    """Read what `write` has written. Raises OSError; UsageError: it is no such file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise _wrong(f"{path.name} is no JSON") from None
    return from_metadata(value)


def _wrong(what: str) -> UsageError:
    return UsageError(f"This is no saved comparison: {what}. c.save(path) writes one.")


def _axis(value: Any) -> Axis:
    given = _mapping(value)
    values = _list(given.get("values"), "values", MAX_CELLS)
    labels, details = (_texts(given.get(name), name, len(values)) for name in ("labels", "details"))
    name = given.get("name")
    if not isinstance(name, str) or not values:
        raise _wrong("an axis has no name or no value")
    return Axis(saved.encodable(name), tuple(values), labels, details)


def _texts(value: Any, name: str, count: int) -> tuple[str, ...]:
    found = _list(value, name, MAX_CELLS)
    if len(found) != count or not all(isinstance(text, str) for text in found):
        raise _wrong(f"the {name} of an axis are not one text for each value")
    return tuple(map(saved.encodable, found))


def _list(value: Any, name: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(f"{name} is no list of at most {most:,}")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong("a cell or an axis in it is none")
    return value
