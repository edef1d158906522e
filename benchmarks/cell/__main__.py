"""Measure the ways in each scenario, in turn; print a table of medians for each, save all figures, draw them.

In: options. Out: tables, a JSON file in `results/`, and with `--picture` the picture of cost against length.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .. import report
from ..stage import Stage, open_stage
from . import picture, table
from .run import Scenario, measure
from .ways import OURS_NAME, WAYS, Asked, Way

SCENARIOS = {
    "1000": Scenario(Asked(1000, 100), runs=3, limit_s=60),
    "4000": Scenario(Asked(4000, 100), runs=1, limit_s=160),
    "20000": Scenario(Asked(20_000, 2000), runs=3, limit_s=40),
}


def _measured(stage: Stage, scenario: Scenario, ways: tuple[Way, ...]) -> dict[str, Any]:
    """Measure one scenario and print its table; returns what is saved of it."""
    asked, load = scenario.asked, os.getloadavg()[0]
    print(f"\n{asked.tokens:,} tokens at {asked.pace:g} a second, {scenario.runs} runs\n", flush=True)
    outcomes = measure(stage, scenario, ways)
    print(f"\nload {load:.1f} before, {os.getloadavg()[0]:.1f} after\n")
    report.print_table(table.rows(scenario, outcomes))
    print("", *table.told(outcomes), sep="\n", flush=True)
    return {**asdict(scenario), "ways": {name: asdict(outcome) for name, outcome in outcomes.items()}}


def main() -> None:
    """Measure, print, save, draw."""
    names = [way.name for way in WAYS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cell", description=__doc__)
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--ways", nargs="+", choices=names, default=names, help=f"beside {OURS_NAME}")
    parser.add_argument("--runs", type=int, help="of each way, in place of the scenario's own number")
    parser.add_argument("--paragraph", type=int, default=0, help="its length in tokens; 0: the answer is one")
    parser.add_argument("--picture", type=Path, help="where the picture goes (SVG or PNG, by the name)")
    options = parser.parse_args()
    ways = tuple(way for way in WAYS if way.name == OURS_NAME or way.name in options.ways)
    saved: dict[str, Any] = {"paragraph": options.paragraph, "scenarios": []}
    try:
        with open_stage(options.paragraph) as stage:
            saved["machine"] = report.machine(stage.browser.version)
            for name in options.scenarios:
                scenario = replace(SCENARIOS[name], runs=options.runs or SCENARIOS[name].runs)
                saved["scenarios"].append(_measured(stage, scenario, ways))
    finally:
        path = report.save("cell", saved)
        print(f"\n{path}")
    if options.picture:
        picture.draw(path, options.picture)


if __name__ == "__main__":
    main()
