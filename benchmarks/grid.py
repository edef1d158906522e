"""One comparison of many cells: CPU, traffic, frames, whether any text is lost, and how fast Stop all is.

In: options. Out: a table and a JSON file. What is measured is a window in the midst of it, when as many cells
run as may at once; then every cell is scrolled to and read.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.frames import Traffic, count_traffic, parse
from tests.browser.page import Notebook

from . import report
from .many import _text
from .many_server import forget, serving, written
from .stage import PARTS, Stage, open_stage

PAGE = Path(__file__).with_name("grid_page.js")
COLUMNS = 10
FIRST = 100
WAIT_S = 240.0
PIXELS = {"width": 1600, "height": 1000}

SETUP = "import hashlib, json, os\nfrom notebook_stream import compare\nprint(os.getpid())"
RUN = """
models = {{f"m{{n}}": {{"model": f"many-{{n}}", "base_url": {base_url!r}}} for n in range({columns})}}
prompts = [str({first} + {columns} * n) for n in range({rows})]
c = compare(prompts, models, tokens={tokens}, pace={pace}, concurrency={concurrency}, keep_running=True)
"""
CHECK = "print(json.dumps([hashlib.sha256(s.text.encode()).hexdigest() for s in c]))"


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. CPU in cores, times in milliseconds; how many texts are not what the server wrote."""

    cells: int
    concurrency: int
    tokens_per_s: float
    mounted: int
    kernel_cores: float
    server_cores: float
    renderer_cores: float
    messages_per_s: float
    bytes_per_s: float
    gap_p50_ms: float
    gap_p99_ms: float
    gap_longest_ms: float
    slow_frames: int
    lost_in_kernel: int
    lost_on_page: int
    stop_all_ms: float
    stopped_at_once: int


TITLES = {
    "tokens_per_s": "tokens a second, written by the server",
    "mounted": "cells whose answers were drawn, at the end of the window",
    "kernel_cores": "kernel CPU (cores)",
    "server_cores": "Jupyter server CPU (cores)",
    "renderer_cores": "renderer CPU (cores)",
    "messages_per_s": "messages a second, kernel to page",
    "bytes_per_s": "bytes a second, kernel to page",
    "gap_p50_ms": "gap between frames, p50 (ms)",
    "gap_p99_ms": "gap between frames, p99 (ms)",
    "gap_longest_ms": "longest gap (ms)",
    "slow_frames": "frames over 50 ms (long-animation-frame)",
    "lost_in_kernel": "cells whose text differs from the server's",
    "lost_on_page": "cells that read otherwise once scrolled to",
    "stop_all_ms": "Stop all: press to the last connection closed (ms)",
    "stopped_at_once": "connections open at that press",
}
GOALS = {"gap_p99_ms": 50, "lost_in_kernel": 0, "lost_on_page": 0, "stop_all_ms": 500}


class Bench:
    """One notebook with one comparison."""

    def __init__(self, stage: Stage, page: Page, address: str, options: argparse.Namespace) -> None:
        self._stage = stage
        self._page = page
        self._address = address
        self._options = options
        self._traffic: Traffic = count_traffic(page)
        settings = {
            "base_url": f"{address}/v1",
            "rows": options.cells // COLUMNS,
            "columns": COLUMNS,
            "first": FIRST,
            "tokens": options.tokens,
            "pace": options.pace,
            "concurrency": options.concurrency,
        }
        endless = {**settings, "tokens": 100_000}
        cells = [SETUP, RUN.format(**settings), CHECK, RUN.format(**endless)]
        self._notebook = Notebook.open(page, stage.jupyter, cells)
        self._notebook.run(0)
        self._kernel_pid = int(self._notebook.output_text(0))

    def run(self) -> Figures:
        """The window, the texts at the end, and then Stop all in another comparison."""
        forget(self._address)
        self._notebook.run(1, wait=False)
        self._wait_until(lambda: written(self._address).running == self._options.concurrency)
        measured = self._measure(self._options.window)
        self._wait_until(lambda: len(written(self._address).ended) == self._options.cells)
        lost = self._lost()
        return Figures(
            cells=self._options.cells,
            concurrency=self._options.concurrency,
            **measured,
            **lost,
            **self._stop(),
        )

    def _measure(self, window_s: float) -> dict[str, Any]:
        page, pid = self._page, self._kernel_pid
        page.evaluate("() => window.grid.begin()")
        tokens, began = written(self._address).tokens, time.monotonic()
        cpu = self._stage.cpu_seconds(pid)
        self._traffic.clear()
        page.wait_for_timeout(1000 * window_s)
        frames = [(len(frame), parse(frame)) for frame in self._traffic.received]
        after = self._stage.cpu_seconds(pid)
        seconds = time.monotonic() - began
        now = written(self._address)
        if now.running < self._options.concurrency // 2:
            raise RuntimeError(f"only {now.running} cells ran at the end of the window: more tokens")
        seen = page.evaluate("() => window.grid.end()")
        return {
            "tokens_per_s": (now.tokens - tokens) / seconds,
            "mounted": int(page.evaluate("() => window.grid.mounted()")),
            **{f"{part}_cores": (after[part] - cpu[part]) / seconds for part in PARTS},
            "messages_per_s": len(frames) / seconds,
            "bytes_per_s": sum(size for size, _ in frames) / seconds,
            "gap_p50_ms": report.percentile(seen["gaps"], 0.5),
            "gap_p99_ms": report.percentile(seen["gaps"], 0.99),
            "gap_longest_ms": max(seen["gaps"]),
            "slow_frames": sum(length > 50 for length in seen["slow"]),
        }

    def _lost(self) -> dict[str, int]:
        """How many texts are not what the server wrote: in the kernel, and in the DOM."""
        self._notebook.run(2)
        seeds = range(FIRST, FIRST + self._options.cells)
        expected = [_text(seed, self._options.tokens) for seed in seeds]
        hashes = json.loads(self._notebook.output_text(2))
        ours = [hashlib.sha256(text.encode()).hexdigest() for text in expected]
        ended = written(self._address).ended
        if ours != [ended[str(seed)] for seed in seeds]:
            raise RuntimeError("the server has not written what it was asked for")
        shown = self._page.evaluate("() => window.grid.texts()")
        if len(shown) != len(expected):
            raise RuntimeError(f"{len(shown)} cells on the page, {len(expected)} were asked for")
        pairs = zip(shown, ["".join(text.split()) for text in expected], strict=True)
        return {
            "lost_in_kernel": sum(a != b for a, b in zip(hashes, ours, strict=True)),
            "lost_on_page": sum(a != b for a, b in pairs),
        }

    def _stop(self) -> dict[str, Any]:
        self._notebook.run(3, wait=False)
        self._wait_until(lambda: written(self._address).running == self._options.concurrency)
        self._page.wait_for_timeout(1000)
        running = written(self._address).running
        button = self._page.locator(".notebook-stream").last.get_by_role("button", name="Stop all")
        button.scroll_into_view_if_needed()
        began = time.monotonic()
        button.click()
        self._wait_until(lambda: written(self._address).running == 0, pause_ms=5)
        return {"stop_all_ms": 1000 * (time.monotonic() - began), "stopped_at_once": running}

    def _wait_until(self, condition: Callable[[], bool], pause_ms: float = 100) -> None:
        until = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError("the comparison has not come so far in time")
            self._page.wait_for_timeout(pause_ms)


def table(figures: list[Figures]) -> list[list[str]]:
    """The rows that are printed: a column for each run."""
    rows = [["cells (at once)", *(f"{run.cells} ({run.concurrency})" for run in figures), "goal"]]
    for name, title in TITLES.items():
        digits = 2 if name.endswith("_cores") else 0
        cells = [f"{getattr(run, name):,.{digits}f}" for run in figures]
        rows.append([title, *cells, f"≤ {GOALS[name]:g}" if name in GOALS else ""])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid", description=__doc__)
    parser.add_argument("--cells", type=int, default=200, help=f"a multiple of {COLUMNS}")
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--tokens", type=int, default=300, help="of each cell")
    parser.add_argument("--pace", type=float, default=30.0, help="tokens a second of each stream")
    parser.add_argument("--window", type=float, default=20.0, help="seconds that are measured")
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    with open_stage() as stage, serving() as address:
        machine = report.machine(stage.browser.version)
        figures = []
        for _ in range(options.runs):
            with stage.new_page() as (page, _):
                page.set_viewport_size(PIXELS)  # type: ignore[arg-type]  # width and height
                page.add_init_script(path=PAGE)
                figures.append(Bench(stage, page, address, options).run())
            print(figures[-1], flush=True)
    print(f"\n{options.pace:g} tokens a second each, load {machine['load'][0]}\n")
    report.print_table(table(figures))
    runs = [asdict(run) for run in figures]
    path = report.save("grid", {"machine": machine, "options": vars(options), "runs": runs})
    print(f"\n{path}")


if __name__ == "__main__":
    main()
