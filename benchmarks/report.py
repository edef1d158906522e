"""In: figures. Out: a table on stdout and a JSON file in `results/`, with what the machine was like."""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import json
import math
import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
PACKAGES = ("jupyterlab", "notebook", "jupyter_server", "ipykernel", "ipywidgets", "anywidget", "httpx")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below `share` (0 to 1) of all values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def machine(browser: str | None = None, packages: Sequence[str] = PACKAGES) -> dict[str, Any]:
    """What the figures depend on besides the code. `browser` is its version, None where none has a part."""
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "processors": os.cpu_count(),
        "load": [round(value, 2) for value in os.getloadavg()],
        "python": platform.python_version(),
        **({} if browser is None else {"chromium": browser}),
        **{name: version(name) for name in packages},
    }


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table; the first row is its head, all columns but the first are right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Sequence[str]) -> str:
        first, *rest = row
        figures = (cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        return f"| {' | '.join([first.ljust(widths[0]), *figures])} |"

    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print("\n".join([line(rows[0]), line(marks), *map(line, rows[1:])]))


def save(name: str, figures: dict[str, Any]) -> Path:
    """Write `figures` to a new file of `results/`; returns its path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return path
