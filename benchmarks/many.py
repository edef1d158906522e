"""Many streams in one kernel, some of them on screen: CPU, traffic, frames, and whether any text is lost.

In: options. Out: a table and a JSON file. All streams run at the same pace; what is measured is a window in
the midst of it, when every one of them is running.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import hashlib
import json
import re
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.frames import Message, Traffic, count_traffic, own_message, parse
from tests.browser.page import Notebook

from . import report
from .many_server import PARAGRAPH, forget, serving, written
from .stage import PARTS, Stage, open_stage

PAGE = Path(__file__).with_name("many_page.js")
COLUMNS = 6
TOKEN = re.compile(r"s(\d+)t(\d{6})")
RAMP_S = 1.0
"""Seconds between the last stream's first token and the window, for what the opening has left to be done."""
WAIT_S = 120.0
PIXELS = {"width": 1600, "height": 1000}

SETUP = """
import hashlib, json, os
from ipywidgets import GridBox, Layout, VBox
from notebook_stream import stream
print(os.getpid())
"""

RUN = """
runs = [stream("hi", base_url={base_url!r}, model="many", display=False, keep_running=True,
               seed={first} + n, tokens={tokens}, pace={pace}) for n in range({streams})]
for s in runs:
    s.model_id  # which opens its comm: the page has a model of each, and gets its text
boxes = [VBox([s], layout=Layout(height="{height}px", overflow="auto", border="1px solid gray"))
         for s in runs[:{visible}]]
GridBox(boxes, layout=Layout(grid_template_columns="repeat({columns}, minmax(0, 1fr))"))
"""

CHECK = """
print(json.dumps([hashlib.sha256(s.result().text.encode()).hexdigest() for s in runs]))
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. CPU in cores, gaps in milliseconds; how many texts are not what the server wrote."""

    streams: int
    visible: int
    on_screen: int
    tokens_per_s: float
    late_ms: float
    kernel_cores: float
    server_cores: float
    renderer_cores: float
    messages_per_s: float
    bytes_per_s: float
    age_p50_ms: float
    age_p99_ms: float
    gap_p50_ms: float
    gap_p99_ms: float
    gap_longest_ms: float
    slow_frames: int
    lost_in_kernel: int
    lost_on_page: int


TITLES = {
    "on_screen": "of the visible ones inside the window",
    "tokens_per_s": "tokens a second, written by the server",
    "late_ms": "delay of the server's own writes, longest (ms)",
    "kernel_cores": "kernel CPU (cores)",
    "server_cores": "Jupyter server CPU (cores)",
    "renderer_cores": "renderer CPU (cores)",
    "messages_per_s": "messages a second, kernel to page",
    "bytes_per_s": "bytes a second, kernel to page",
    "age_p50_ms": "age of the oldest text in a message when it is sent, p50 (ms)",
    "age_p99_ms": "age of the oldest text in a message when it is sent, p99 (ms)",
    "gap_p50_ms": "gap between frames, p50 (ms)",
    "gap_p99_ms": "gap between frames, p99 (ms)",
    "gap_longest_ms": "longest gap (ms)",
    "slow_frames": "frames over 50 ms (long-animation-frame)",
    "lost_in_kernel": "streams whose text differs from the server's",
    "lost_on_page": "views whose text differs from the server's",
}
GOALS = {"kernel_cores": 1.0, "messages_per_s": 300, "gap_p99_ms": 50, "lost_in_kernel": 0, "lost_on_page": 0}


class Bench:
    """One notebook: a cell that starts the streams, and one that tells what has come of them."""

    def __init__(self, stage: Stage, page: Page, address: str, settings: dict[str, Any]) -> None:
        self._stage = stage
        self._page = page
        self._address = address
        self._settings = settings
        self._traffic: Traffic = count_traffic(page)
        cells = [SETUP, RUN.format(base_url=f"{address}/v1", **settings), CHECK]
        self._notebook = Notebook.open(page, stage.jupyter, cells)
        self._notebook.run(0)
        self._kernel_pid = int(self._notebook.output_text(0))

    def run(self, window_s: float) -> Figures:
        """Start all, measure `window_s` seconds of it, and compare the texts at the end."""
        forget(self._address)
        self._notebook.run(1, wait=False)
        self._wait_until(lambda: written(self._address).running == self._settings["streams"])
        self._page.wait_for_timeout(1000 * RAMP_S)
        measured = self._measure(window_s)
        self._wait_until(lambda: len(written(self._address).ended) == self._settings["streams"])
        return Figures(**self._size(), **measured, **self._lost())

    def _size(self) -> dict[str, Any]:
        return {name: self._settings[name] for name in ("streams", "visible")}

    def _measure(self, window_s: float) -> dict[str, Any]:
        page, pid = self._page, self._kernel_pid
        on_screen = int(page.evaluate("() => window.many.onScreen()"))
        page.evaluate("() => window.many.begin()")
        tokens, began = written(self._address).tokens, time.monotonic()
        cpu = self._stage.cpu_seconds(pid)
        self._traffic.clear()
        page.wait_for_timeout(1000 * window_s)
        frames = [(len(frame), parse(frame)) for frame in self._traffic.received]
        after = self._stage.cpu_seconds(pid)
        seconds = time.monotonic() - began
        now = written(self._address)
        if now.running != self._settings["streams"]:
            raise RuntimeError(
                f"only {now.running} streams ran to the end of the window: more tokens, or a slower pace"
            )
        seen = page.evaluate("() => window.many.end()")
        ages = _ages([message for _, message in frames if message], now.first_at, self._settings["pace"])
        return {
            "on_screen": on_screen,
            "tokens_per_s": (now.tokens - tokens) / seconds,
            "late_ms": 1000 * now.latest_s,
            **{f"{part}_cores": (after[part] - cpu[part]) / seconds for part in PARTS},
            "messages_per_s": len(frames) / seconds,
            "bytes_per_s": sum(size for size, _ in frames) / seconds,
            "age_p50_ms": 1000 * report.percentile(ages, 0.5),
            "age_p99_ms": 1000 * report.percentile(ages, 0.99),
            "gap_p50_ms": report.percentile(seen["gaps"], 0.5),
            "gap_p99_ms": report.percentile(seen["gaps"], 0.99),
            "gap_longest_ms": max(seen["gaps"]),
            "slow_frames": sum(length > 50 for length in seen["slow"]),
        }

    def _lost(self) -> dict[str, int]:
        """How many texts are not what the server wrote: of the streams, and of the views in the DOM."""
        self._notebook.run(2, wait=False)
        self._wait_until(lambda: not self._notebook.is_cell_running(2))
        first = self._settings["first"]
        ended = written(self._address).ended
        hashes = json.loads(self._notebook.output_text(2))
        kept = [ended[str(first + n)] == found for n, found in enumerate(hashes)]
        texts = [_text(first + n, self._settings["tokens"]) for n in range(self._settings["streams"])]
        if [hashlib.sha256(text.encode()).hexdigest() for text in texts] != list(
            map(ended.get, _names(first, texts))
        ):
            raise RuntimeError("the server has not written what it was asked for")
        expected = ["".join(text.split()) for text in texts[: self._settings["visible"]]]
        self._wait_until(
            lambda: self._page.evaluate("() => window.many.answers()") == expected, 10, quietly=True
        )
        shown = self._page.evaluate("() => window.many.answers()")
        if len(shown) != len(expected):
            raise RuntimeError(f"{len(shown)} views on the page, {len(expected)} were asked for")
        return {
            "lost_in_kernel": kept.count(False),
            "lost_on_page": sum(a != b for a, b in zip(shown, expected, strict=True)),
        }

    def _wait_until(self, condition: Any, seconds: float = WAIT_S, *, quietly: bool = False) -> None:
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                if quietly:
                    return
                raise TimeoutError("the streams have not come so far in time")
            self._page.wait_for_timeout(100)


def _ages(messages: list[Message], first_at: dict[str, float], pace: float) -> list[float]:
    """Seconds from the server's write of the first token in a message until the kernel sent that message."""
    ages: list[float] = []
    for message in messages:
        own = own_message(message)
        token = TOKEN.search(own.get("text", "")) if own is not None and own["type"] == "append" else None
        if token is not None:
            sent = datetime.fromisoformat(message["header"]["date"].replace("Z", "+00:00")).timestamp()
            ages.append(sent - first_at[token[1]] - (int(token[2]) - 1) / pace)
    return ages


def _names(first: int, texts: list[str]) -> list[str]:
    return [str(first + n) for n in range(len(texts))]


def _text(seed: int, tokens: int) -> str:
    """What the server writes for this stream."""
    numbers = range(1, tokens + 1)
    return "".join(f"s{seed}t{n:06d}" + (" " if n % PARAGRAPH else "\n\n") for n in numbers)


def measure(stage: Stage, address: str, streams: int, visible: int, options: argparse.Namespace) -> Figures:
    """One page, one kernel; a warm-up of one short stream comes with the opening of the notebook."""
    # Long enough for the slowest start, and then the window.
    seconds = options.window + RAMP_S + 4 + streams / 12
    settings = {
        "streams": streams,
        "visible": min(visible, streams),
        "tokens": round(seconds * options.pace),
        "pace": options.pace,
        "first": 100,
        "columns": COLUMNS,
        "height": 150,
    }
    with stage.new_page() as (page, _):
        page.set_viewport_size(PIXELS)  # type: ignore[arg-type]  # width and height
        page.add_init_script(path=PAGE)
        return Bench(stage, page, address, settings).run(options.window)


def table(figures: list[Figures]) -> list[list[str]]:
    """The rows that are printed: a column for each number of streams."""
    rows = [["streams (visible)", *(f"{run.streams} ({run.visible})" for run in figures), "goal"]]
    for name, title in TITLES.items():
        digits = 2 if name.endswith("_cores") else 0
        cells = [f"{getattr(run, name):,.{digits}f}" for run in figures]
        rows.append([title, *cells, f"≤ {GOALS[name]:g}" if name in GOALS else ""])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--visible", type=int, nargs="+", default=[1, 30])
    parser.add_argument("--pace", type=float, default=50.0, help="tokens a second of each stream")
    parser.add_argument("--window", type=float, default=8.0, help="seconds that are measured")
    options = parser.parse_args()
    sizes = list(dict.fromkeys((n, min(n, v)) for n in options.streams for v in options.visible))
    with open_stage() as stage, serving() as address:
        machine = report.machine(stage.browser.version)
        figures = []
        for streams, visible in sizes:
            figures.append(measure(stage, address, streams, visible, options))
            print(f"{streams} streams, {visible} visible: {figures[-1]}", flush=True)
    print(f"\n{options.pace:g} tokens a second each, load {machine['load'][0]}\n")
    report.print_table(table(figures))
    runs = [asdict(run) for run in figures]
    path = report.save("many", {"machine": machine, "options": vars(options), "runs": runs})
    print(f"\n{path}")


if __name__ == "__main__":
    main()
