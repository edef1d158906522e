"""From the press on Stop to the server's seeing the close, in each situation of the kernel.

In: options. Out: a table and a JSON file. The press's time is that of the input event in the page, the
close's that of the demo server, both on the machine's one clock.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
from statistics import median

from tests.browser.kernels import OTHER_VERSIONS
from tests.browser.page import FRONT_ENDS, FrontEnd, Notebook, View

from . import report
from .recorder import Recorder
from .stage import Stage, open_stage

STREAM = """
from notebook_stream import stream
s = stream("hi", base_url={base_url!r}, model="demo/lorem", tokens=1_000_000)
"""

SITUATIONS = {
    "idle": "",
    "time.sleep": "import time; time.sleep(600)",
    "busy loop": "while True: pass",
    "await s": "r = await s",
}
"""What the kernel does at the press: the source of the cell that runs then."""

GOALS_MS = {"idle": 250, "time.sleep": 1000, "busy loop": 1000, "await s": 1000}
FRONT_END_NAMES: dict[FrontEnd, str] = {"lab": "JupyterLab", "notebook": "Notebook 7"}
MORE_CHARACTERS = 40
"""How much further the answer goes on before the press, so that it comes in the midst of it."""

Key = tuple[str, FrontEnd, str]


class Bench:
    """One notebook of one kernel in one front end: cell 0 streams, the others are the situations."""

    def __init__(self, stage: Stage, notebook: Notebook, recorder: Recorder) -> None:
        self._stage = stage
        self._notebook = notebook
        self._recorder = recorder

    def click(self, situation: str) -> float:
        """One stream, one click on Stop: milliseconds from the press to the close."""
        notebook = self._notebook
        notebook.run(0)
        view = notebook.view(0)
        view.wait_for_more(0)
        index = list(SITUATIONS).index(situation)
        if situation != "idle":
            notebook.run(index, wait=False)
            notebook.wait_until_cell_runs(index)
        view.wait_for_more(len(view.answer) + MORE_CHARACTERS)
        return self._stop(view, situation, index)

    def _stop(self, view: View, situation: str, index: int) -> float:
        self._recorder.begin(self._notebook.cell(0))
        view.stop()
        view.wait_until("stopped")
        record, recording = self._stage.demo.last(), self._recorder.read()
        self._end_cell(situation, index)
        if record.closed_at is None or record.closed_by != "client" or len(recording.presses) != 1:
            raise RuntimeError(f"{len(recording.presses)} presses; the connection: {record.closed_by}")
        return 1000 * (record.closed_at - recording.presses[0])

    def _end_cell(self, situation: str, index: int) -> None:
        if situation in ("time.sleep", "busy loop"):
            self._notebook.interrupt()
            self._notebook.wait_until_cell_ended(index, raises="KeyboardInterrupt")
        elif situation == "await s":
            self._notebook.wait_until_cell_ended(index)


def measure(stage: Stage, kernels: list[str], clicks: int) -> dict[Key, list[float]]:
    """`clicks` clicks of each kernel, front end and situation, in ms, after one that does not count."""
    cells = [STREAM.format(base_url=stage.demo.base_url), *(code for code in SITUATIONS.values() if code)]
    figures: dict[Key, list[float]] = {}
    for kernel in kernels:
        for front_end in FRONT_ENDS:
            with stage.new_page() as (page, recorder):
                notebook = Notebook.open(page, stage.jupyter, cells, kernel=kernel, front_end=front_end)
                bench = Bench(stage, notebook, recorder)
                bench.click("idle")
                for situation in SITUATIONS:
                    times = [bench.click(situation) for _ in range(clicks)]
                    figures[kernel, front_end, situation] = times
                    print(f"{kernel}, {front_end}, {situation}: {_shown(times)}", flush=True)
    return figures


def _shown(times: list[float]) -> str:
    return f"{median(times):,.0f} ({max(times):,.0f})"


def table(figures: dict[Key, list[float]]) -> list[list[str]]:
    """The rows that are printed: the median and, in brackets, the slowest press."""
    columns = list(dict.fromkeys((kernel, front_end) for kernel, front_end, _ in figures))
    rows = [["ms, median (slowest)", *(f"{k}, {FRONT_END_NAMES[f]}" for k, f in columns), "goal"]]
    for situation, goal in GOALS_MS.items():
        cells = [_shown(figures[kernel, front_end, situation]) for kernel, front_end in columns]
        rows.append([situation, *cells, f"≤ {goal:,}"])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stop", description=__doc__)
    parser.add_argument("--clicks", type=int, default=3, help="of each kernel, front end and situation")
    parser.add_argument("--kernels", nargs="+", choices=OTHER_VERSIONS, default=list(OTHER_VERSIONS))
    options = parser.parse_args()
    with open_stage() as stage:
        machine = report.machine(stage.browser.version)
        figures = measure(stage, options.kernels, options.clicks)
    print(f"\n{options.clicks} clicks each, load {machine['load'][0]}\n")
    report.print_table(table(figures))
    clicks = [
        {"kernel": kernel, "front_end": front_end, "situation": situation, "ms": times}
        for (kernel, front_end, situation), times in figures.items()
    ]
    path = report.save("stop", {"machine": machine, "options": vars(options), "clicks": clicks})
    print(f"\n{path}")


if __name__ == "__main__":
    main()
