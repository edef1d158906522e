"""CPU of the client for each event of an answer, from the socket to the text: ours beside the others.

In: options. Out: a table, the ratios beside their goals, and a JSON file. No Jupyter and no page.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from . import report
from .kernel_answers import text_of
from .kernel_readers import HTTPX_SSE, READERS, SDKS, WHOLE, WIRES
from .kernel_server import REPO, serving

WAYS = ("bulk", "event")
"""All of the answer written at once; each event one HTTP chunk and one write."""

GOALS = {HTTPX_SSE: 2.0, **dict.fromkeys(SDKS["openai-chat"], 0.3)}
"""What the whole path may cost of what these cost, on the same wire format."""

WARM_UP = 2_000
"""Events of the run that does not count: imports, caches, the first connection."""

PACKAGES = ("httpx", "httpx-sse", "h11", "anyio", "openai", "anthropic", "msgspec")
Figures = dict[str, dict[str, list[float]]]


@dataclass(frozen=True, slots=True)
class Reader:
    """One way to read, in a process of its own, so that none pays for what another has imported."""

    name: str
    process: subprocess.Popen[str]

    def cpu_us(self, base_url: str, events: int) -> float:
        """CPU time of the client's process for one answer: microseconds for each event."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the reader was started without pipes")
        self.process.stdin.write(f"{base_url} {events}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the reader {self.name!r} has ended; its own words are above")
        return float(line) * 1e6 / events


def measure(names: Sequence[str], ways: Sequence[str], events: int, runs: int) -> Figures:
    """All figures: by reader and way, microseconds of CPU an event in each run."""
    figures: Figures = {name: {way: [] for way in ways} for name in names}
    with ExitStack() as stack:
        short, long = (stack.enter_context(serving(count)) for count in (WARM_UP, events))
        readers = [_start(name, stack) for name in names]
        for reader in readers:
            for way in ways:
                reader.cpu_us(f"{short}/{way}/v1", WARM_UP)
        # In turn, so that whatever else the machine does meets all of them.
        for run in range(runs):
            for way in ways:
                for reader in readers:
                    figures[reader.name][way].append(reader.cpu_us(f"{long}/{way}/v1", events))
            print(f"run {run + 1} of {runs}", file=sys.stderr)
    return figures


def _start(name: str, stack: ExitStack) -> Reader:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.kernel", "--reader", name],
        cwd=REPO,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return Reader(name, process)


def _read_on_demand(name: str) -> None:
    """The process of one reader: address and events on stdin, the CPU seconds of the answer on stdout."""
    read = READERS[name]
    for line in sys.stdin:
        base_url, events = line.split()
        gc.collect()
        before = time.process_time()
        found = read(base_url)
        cpu_s = time.process_time() - before
        if found not in (None, text_of(int(events))):
            raise RuntimeError("the text is not what the server wrote")
        print(cpu_s, flush=True)


def table(figures: Figures, ways: Sequence[str]) -> list[list[str]]:
    """The rows that are printed: a column for each wire format and way; the lowest of all runs."""
    columns = [(wire, way) for wire in _wires(figures) for way in ways]
    lowest = {
        (name, wire, way): min(runs)
        for key, of_way in figures.items()
        for way, runs in of_way.items()
        for wire, _, name in [key.partition("/")]
    }
    names = list(dict.fromkeys(name for name, _, _ in lowest))
    rows = [["µs CPU an event", *(f"{wire}, {way}" for wire, way in columns)]]
    rows += [[name, *(_shown(lowest.get((name, *column)), 1) for column in columns)] for name in names]
    for other, goal in GOALS.items():
        if other in names and WHOLE in names:
            ratios = (lowest[WHOLE, wire, way] / lowest[other, wire, way] for wire, way in columns)
            rows.append([f"whole / {other} (goal {goal})", *(_shown(ratio, 2) for ratio in ratios)])
    return rows


def _wires(figures: Figures) -> list[str]:
    return [wire for wire in WIRES if any(name.startswith(f"{wire}/") for name in figures)]


def _shown(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000, help="events of an answer")
    parser.add_argument("--runs", type=int, default=5, help="of each; the quickest counts")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--only", default="", help="only readers whose name holds this")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        _read_on_demand(options.reader)
        return
    names = [name for name in READERS if options.only in name]
    figures = measure(names, options.ways, options.events, options.runs)
    machine = report.machine(packages=PACKAGES)
    report.print_table(table(figures, options.ways))
    print(f"\n{options.events:,} events, best of {options.runs} runs; load {machine['load']}")
    saved = report.save("kernel", {"machine": machine, "options": vars(options), "cpu_us": figures})
    print(saved)


if __name__ == "__main__":
    main()
