"""Measure the ways in each scenario, in turn; print a table of medians for each, save all figures, draw them.

In: options. Out: tables, a JSON file in `results/`, and with `--picture` the picture of cost against length.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import report
from ..stage import open_stage
from . import picture, table
from .run import Outcome, Scenario, measure
from .ways import OURS_NAME, WAYS, Asked

SCENARIOS = {
    "1000": Scenario(Asked(1000, 100), runs=3, limit_s=60),
    "4000": Scenario(Asked(4000, 100), runs=1, limit_s=180),
    "20000": Scenario(Asked(20_000, 2000), runs=3, limit_s=60),
}


def _saved(scenario: Scenario, outcomes: dict[str, Outcome]) -> dict[str, Any]:
    return {**asdict(scenario), "ways": {name: asdict(outcome) for name, outcome in outcomes.items()}}


def main() -> None:
    """Measure, print, save, draw."""
    names = [way.name for way in WAYS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cell", description=__doc__)
    parser.add_argument("--scenarios", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--ways", nargs="+", choices=names, default=names, help=f"beside {OURS_NAME}")
    parser.add_argument("--runs", type=int, help="of each way, in place of the scenario's own number")
    parser.add_argument("--picture", type=Path, help="where the picture goes (SVG or PNG, by the name)")
    options = parser.parse_args()
    ways = tuple(way for way in WAYS if way.name == OURS_NAME or way.name in options.ways)
    saved: dict[str, Any] = {"scenarios": []}
    with open_stage() as stage:
        saved["machine"] = report.machine(stage.browser.version)
        for name in options.scenarios:
            scenario = SCENARIOS[name]
            scenario = Scenario(scenario.asked, options.runs or scenario.runs, scenario.limit_s)
            tokens, pace = scenario.asked.tokens, scenario.asked.pace
            print(f"\n{tokens:,} tokens at {pace:g} a second, {scenario.runs} runs\n", flush=True)
            outcomes = measure(stage, scenario, ways)
            print()
            report.print_table(table.rows(scenario, outcomes))
            print("", *table.told(outcomes), sep="\n")
            saved["scenarios"].append(_saved(scenario, outcomes))
    path = report.save("cell", saved)
    print(f"\nload {saved['machine']['load'][0]} before the first; {path}")
    if options.picture:
        picture.draw(path, options.picture)


if __name__ == "__main__":
    main()
