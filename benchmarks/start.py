"""What it takes to begin: the import, the time until a cell shows its first text, the bytes of its widgets.

In: options. Out: a table and a JSON file.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page

from notebook_stream.widget.library import STATIC
from tests.browser.frames import Traffic, count_traffic
from tests.browser.page import Notebook

from . import report
from .stage import Stage, open_stage

PAGE = Path(__file__).with_name("start_page.js")
WAIT_MS = 60_000

IMPORT = """
import sys, time
began = time.perf_counter()
import ipywidgets
theirs = time.perf_counter()
import {module}
print(theirs - began, time.perf_counter() - theirs)
"""
IN_A_KERNEL = "import ipykernel.ipkernel\n"
"""What a kernel has loaded before the first cell: asyncio, tornado and the like are then nobody's own."""

SETTINGS = 'model="demo/lorem", tokens=40, pace=100'
FIRST = f"from notebook_stream import stream\ns = stream('hi', {SETTINGS}, first_token_s=0)"
NEXT = f"s = stream('hi', {SETTINGS}, first_token_s=0)"
MANY = f"for n in range({{count}}):\n    stream('hi', {SETTINGS}, first_token_s=0, settle=False)"
A_CELL = 10
"""Streams of one cell at most: of more than 40 outputs JupyterLab shows only the first ones."""

GOALS = {
    "import, beyond ipywidgets (ms)": 350,
    "first text, warm kernel and page (ms)": 300,
    "page modules sent for 50 widgets": 1,
}

Figures = dict[str, list[float]]


def imports(runs: int) -> Figures:
    """Milliseconds of wall time in fresh processes, after one that does not count."""
    bare = [_import("notebook_stream", "") for _ in range(runs + 1)][1:]
    kernel = [_import("notebook_stream", IN_A_KERNEL) for _ in range(runs + 1)][1:]
    anywidget = [_import("anywidget", "") for _ in range(runs + 1)][1:]
    return {
        "import of ipywidgets (ms)": [theirs for theirs, _ in bare],
        "import of anywidget beyond it (ms)": [beyond for _, beyond in anywidget],
        "import, beyond ipywidgets (ms)": [beyond for _, beyond in bare],
        "import, beyond ipywidgets, with ipykernel loaded (ms)": [beyond for _, beyond in kernel],
    }


def _import(module: str, before: str) -> tuple[float, float]:
    code = before + IMPORT.format(module=module)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    theirs, beyond = map(float, done.stdout.split())
    return 1000 * theirs, 1000 * beyond


class Bench:
    """One notebook on a page that tells when an answer first had text."""

    def __init__(self, stage: Stage, page: Page, cells: list[str]) -> None:
        page.add_init_script(path=PAGE)
        self._page = page
        self.traffic: Traffic = count_traffic(page)
        self.notebook = Notebook.open(page, stage.jupyter, cells)

    def first_text(self, index: int) -> float:
        """Milliseconds from the key press that runs cell `index` until its answer has text in the DOM."""
        self._page.evaluate("() => window.start.begin()")
        self.notebook.run(index, wait=False)
        told = self._page.wait_for_function("() => window.start.firstText()", timeout=WAIT_MS)
        self.notebook.wait_until_cell_ended(index)
        self._page.wait_for_timeout(
            1500
        )  # the answer's end and its change-over are not the next one's matter
        return float(told.json_value())

    def widgets(self, count: int) -> dict[str, float]:
        """What the page gets for `count` widgets in all cells but the first, until all of them show text."""
        self.traffic.clear()
        for index in range(1, self.notebook.cell_count()):
            self.notebook.run(index)
            shown = min(count, A_CELL * index)
            self._page.wait_for_function(f"() => window.start.withText() >= {shown}", timeout=WAIT_MS)
        states = [
            message["content"]["data"]["state"]
            for message in self.traffic.messages()
            if message["header"]["msg_type"] == "comm_open"
        ]
        modules = [state["_esm"] for state in states if "_esm" in state]
        core = (STATIC / "core.js").read_text(encoding="utf-8")
        return {
            f"bytes for {count} widgets": self.traffic.received_bytes,
            f"page modules sent for {count} widgets": modules.count(core),
            f"entries sent for {count} widgets": len(modules) - modules.count(core),
            f"bytes of entries for {count} widgets": sum(len(m) for m in modules if m != core),
        }


def first_texts(stage: Stage, runs: int) -> Figures:
    """The first widget of a kernel and page, the first of a page, and any later one."""
    fresh: list[float] = []
    reloaded: list[float] = []
    warm: list[float] = []
    default: list[float] = []
    for _ in range(runs):
        with stage.new_page() as (page, _recorder):
            bench = Bench(stage, page, [FIRST, NEXT, f"s = stream('hi', {SETTINGS})"])
            fresh.append(bench.first_text(0))
            warm += [bench.first_text(1) for _ in range(3)]
            default.append(bench.first_text(2))
            bench.notebook.reload()
            bench.notebook.wait_until_ready()
            reloaded.append(bench.first_text(1))
    return {
        "first text, fresh kernel and page, import included (ms)": fresh,
        "first text, warm kernel, fresh page (ms)": reloaded,
        "first text, warm kernel and page (ms)": warm,
        "the same, with the demo server's own 350 ms before its first token (ms)": default,
    }


def bytes_of_widgets(stage: Stage) -> Figures:
    """Of one widget and of fifty, each the first of a fresh kernel and page."""
    found: dict[str, Any] = {}
    for count in (1, 50):
        with stage.new_page() as (page, _):
            in_a_cell = min(count, A_CELL)
            cells = [MANY.format(count=in_a_cell)] * (count // in_a_cell)
            bench = Bench(stage, page, ["from notebook_stream import stream", *cells])
            bench.notebook.run(0)
            found.update(bench.widgets(count))
    return {name: [value] for name, value in found.items()}


def table(figures: Figures) -> list[list[str]]:
    """The rows that are printed: the median, the lowest and the highest of each figure."""
    rows = [["", "median", "lowest", "highest", "goal"]]
    for name, values in figures.items():
        cells = [f"{value:,.0f}" for value in (median(values), min(values), max(values))]
        rows.append([name, *cells, f"≤ {GOALS[name]}" if name in GOALS else ""])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="fresh pages")
    parser.add_argument("--imports", type=int, default=9, help="fresh processes of each kind")
    options = parser.parse_args()
    figures = imports(options.imports)
    with open_stage() as stage:
        machine = report.machine(stage.browser.version)
        figures |= first_texts(stage, options.runs)
        figures |= bytes_of_widgets(stage)
    report.print_table(table(figures))
    path = report.save("start", {"machine": machine, "options": vars(options), "figures": figures})
    print(f"\nload {machine['load'][0]}; {path}")


if __name__ == "__main__":
    main()
