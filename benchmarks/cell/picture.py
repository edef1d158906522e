"""In: a JSON file of results. Out: the picture of age and cost against the length of the answer.

`python -m benchmarks.cell.picture results/cell-....json cost.png` draws it anew. Measures nothing.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .ways import OURS_NAME, WAYS

# Okabe and Ito's colours, which the colour-blind tell apart; each way has a mark of its own as well.
STYLES = dict(
    zip(
        (way.name for way in WAYS),
        [
            ("#D55E00", "o"),
            ("#000000", "s"),
            ("#0072B2", "^"),
            ("#999999", "x"),
            ("#CC79A7", "D"),
            ("#009E73", "v"),
            ("#E69F00", "P"),
        ],
        strict=True,
    )
)
PANELS = (
    (1, "age of the text on screen, median (ms)"),
    (2, "CPU a token: kernel, server, page (ms)"),
)


def draw(results: Path, picture: Path) -> None:
    """Draw what the file `results` holds into `picture`; its suffix says how. Needs matplotlib."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    scenarios = json.loads(results.read_text(encoding="utf-8"))["scenarios"]
    figure, axes = pyplot.subplots(
        len(scenarios), 2, figsize=(9.6, 3.3 * len(scenarios) + 0.7), squeeze=False
    )
    for row, scenario in zip(axes, scenarios, strict=True):
        for axis, (column, label) in zip(row, PANELS, strict=True):
            _panel(axis, scenario, column, label)
    handles, labels = _legend(axes)
    figure.legend(handles, labels, loc="lower center", ncols=4, frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0.7 / (3.3 * len(scenarios) + 0.7), 1, 1))
    figure.savefig(picture, dpi=100)
    pyplot.close(figure)
    if picture.suffix == ".png":
        _shrink(picture)


def _shrink(picture: Path) -> None:
    """To 48 colours, which makes a third of the bytes."""
    from PIL import Image  # comes with matplotlib

    with Image.open(picture) as image:
        small = image.convert("RGB").quantize(48)
    small.save(picture, optimize=True)


def _panel(axis: Any, scenario: dict[str, Any], column: int, label: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    asked = scenario["asked"]
    for name, way in scenario["ways"].items():
        if way["runs"]:
            # The run that is drawn is one that was, not a mean of several: that in the middle by its age.
            runs = sorted(way["runs"], key=lambda run: float(run["age_p99_ms"]))
            curve = runs[len(runs) // 2]["curve"]
            colour, mark = STYLES[name]
            width = 2.4 if name == OURS_NAME else 1.3
            points = [point[0] for point in curve], [max(point[column], 0.01) for point in curve]
            axis.plot(*points, color=colour, marker=mark, markersize=4, linewidth=width, label=name)
    axis.set_yscale("log")
    axis.set_xlim(0, asked["tokens"] * 1.02)
    axis.set_title(f"{asked['tokens']:,} tokens at {asked['pace']:,.0f} a second", fontsize=10)
    axis.set_xlabel("tokens of the answer so far", fontsize=9)
    axis.set_ylabel(label, fontsize=9)
    axis.grid(visible=True, which="major", color="#dddddd", linewidth=0.6)
    axis.tick_params(labelsize=8)
    axis.xaxis.set_major_formatter("{x:,.0f}")
    # Plain figures at 1, 2 and 5, whatever the range.
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axis.yaxis.set_minor_formatter(NullFormatter())


def _legend(axes: Any) -> tuple[list[Any], list[str]]:
    found: dict[str, Any] = {}
    for axis in axes.flat:
        for handle, name in zip(*axis.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    return list(found.values()), list(found)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
