"""A stream in a cell beside the loop that one writes by hand: age of the text, traffic, CPU, slow frames.

In: options. Out: a table and a JSON file. Both ways read the same server, in the same kernel and page, in
turn.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import re
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Any

from tests.browser.frames import Message, Traffic, count_traffic, own_message, parse
from tests.browser.page import Notebook

from . import report
from .recorder import Recorder, Recording
from .server import Record
from .stage import PARTS, Stage, open_stage

SEED = 20261122
JITTER = 0.1
SLOW_FRAME_S = 0.05
POLL_MS = 100
WARM_UP_TOKENS = 200
EARLIEST_S = -0.002
"""A token on screen earlier than this before it was written means that the clocks disagree."""

SETUP = """
import json, os, httpx
from IPython.display import Markdown, display, update_display
from notebook_stream import stream
print(os.getpid())
"""

STREAM = """
s = stream("hi", base_url={base_url!r}, model="demo/lorem",
           tokens={tokens}, pace={pace}, jitter={jitter}, seed={seed})
"""

LOOP = """
body = dict(model="demo/lorem", stream=True, messages=[dict(role="user", content="hi")],
            tokens={tokens}, pace={pace}, jitter={jitter}, seed={seed})
text, shown = "", os.urandom(8).hex()
display(Markdown(text), display_id=shown)
with httpx.stream("POST", {base_url!r} + "/chat/completions", json=body, timeout=None) as answer:
    for line in answer.iter_lines():
        if line.startswith("data: {{"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content") or ""
                update_display(Markdown(text), display_id=shown)
"""

TOKEN = re.compile(r"t(\d{6})")
Frame = tuple[int, Message]
"""A frame's size in bytes, and the message in it."""

WAYS = {"stream()": STREAM, "loop": LOOP}


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. Ages and the lag in milliseconds, CPU in seconds, bytes as the websocket's payload."""

    age_p50_ms: float
    age_p99_ms: float
    sent_p50_ms: float
    sent_p99_ms: float
    lag_ms: float
    messages: int
    bytes: int
    opening_bytes: int
    kernel_cpu_s: float
    server_cpu_s: float
    renderer_cpu_s: float
    slow_frames: int
    longest_frame_ms: float


TITLES = {
    "age_p50_ms": "age of the text on screen, p50 (ms)",
    "age_p99_ms": "age of the text on screen, p99 (ms)",
    "sent_p50_ms": "of this until the kernel sent it, p50 (ms)",
    "sent_p99_ms": "of this until the kernel sent it, p99 (ms)",
    "lag_ms": "lag after the last byte (ms)",
    "messages": "messages, kernel to page",
    "bytes": "bytes, kernel to page",
    "opening_bytes": "of these to open the widget",
    "kernel_cpu_s": "kernel CPU (s)",
    "server_cpu_s": "Jupyter server CPU (s)",
    "renderer_cpu_s": "renderer CPU (s)",
    "slow_frames": "frames over 50 ms",
    "longest_frame_ms": "longest of them (ms)",
}
GOALS = {"age_p99_ms": "≤ 100", "lag_ms": "≤ 100", "bytes": "≤ 12 %"}


class Bench:
    """One notebook with both ways in it."""

    def __init__(self, stage: Stage, notebook: Notebook, recorder: Recorder, traffic: Traffic) -> None:
        self._stage = stage
        self._notebook = notebook
        self._recorder = recorder
        self._traffic = traffic
        notebook.run(0)
        self._kernel_pid = int(notebook.output_text(0))

    def run(self, index: int, tokens: int, seconds: float) -> Figures:
        """Run cell `index` and measure it, from the key press until its last token is on screen.

        Raises TimeoutError if that takes longer than `seconds`.
        """
        page = self._notebook.page
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self._notebook.activate(index)
        self._recorder.begin(self._notebook.cell(index))
        self._traffic.clear()
        before = self._stage.cpu_seconds(self._kernel_pid)
        self._notebook.run(index, wait=False)
        self._wait_for(tokens, seconds)
        after = self._stage.cpu_seconds(self._kernel_pid)
        self._notebook.wait_until_cell_ended(index)
        record, recording = self._stage.demo.last(), self._recorder.read()
        cpu: dict[str, Any] = {f"{part}_cpu_s": after[part] - before[part] for part in PARTS}
        frames = _until_the_last_text(self._traffic)
        times = {**_times(record, recording, tokens), **_sent(record, frames)}
        return Figures(**times, **_traffic(frames), **cpu)

    def _wait_for(self, tokens: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (newest := self._recorder.newest()) < tokens:
            if time.monotonic() > until:
                raise TimeoutError(f"only {newest} of {tokens} tokens are on screen after {seconds:g} s")
            self._notebook.page.wait_for_timeout(POLL_MS)


def _times(record: Record, recording: Recording, tokens: int) -> dict[str, Any]:
    if len(record.written) != tokens or record.ended_at is None:
        raise RuntimeError(f"the server wrote {len(record.written)} of {tokens} tokens")
    ages = [shown - written for shown, written in zip(recording.shown, record.written, strict=True)]
    if min(ages) < EARLIEST_S:
        raise RuntimeError(f"the clocks disagree: a token was on screen {-min(ages):.3f} s before its write")
    begin, end = record.written[0], recording.shown[-1]
    slow = [length for at, length in recording.slow_frames if begin <= at <= end and length > SLOW_FRAME_S]
    return {
        "age_p50_ms": 1000 * report.percentile(ages, 0.5),
        "age_p99_ms": 1000 * report.percentile(ages, 0.99),
        "lag_ms": 1000 * (end - record.ended_at),
        "slow_frames": len(slow),
        "longest_frame_ms": 1000 * max(slow, default=0.0),
    }


def _until_the_last_text(traffic: Traffic) -> list[Frame]:
    """All from the key press to the last message that brought text; what follows belongs to the end."""
    frames = [(len(frame), message) for frame in traffic.received if (message := parse(frame))]
    last = max(place for place, (_, message) in enumerate(frames) if _text(message))
    return frames[: last + 1]


def _text(message: Message) -> str:
    """The text of the answer in this message, empty where there is none."""
    if message["header"]["msg_type"] == "update_display_data":
        return str(message["content"]["data"]["text/markdown"])
    own = own_message(message)
    return str(own.get("text", "")) if own is not None and own["type"] == "append" else ""


def _sent(record: Record, frames: list[Frame]) -> dict[str, Any]:
    """How old each token was when the kernel sent the message that brought it."""
    sent: list[float] = []
    for _, message in frames:
        if tokens := TOKEN.findall(_text(message)):
            at = datetime.fromisoformat(message["header"]["date"].replace("Z", "+00:00")).timestamp()
            sent += [at] * (int(tokens[-1]) - len(sent))
    ages = [at - written for at, written in zip(sent, record.written, strict=True)]
    return {
        "sent_p50_ms": 1000 * report.percentile(ages, 0.5),
        "sent_p99_ms": 1000 * report.percentile(ages, 0.99),
    }


def _traffic(frames: list[Frame]) -> dict[str, Any]:
    opening = (size for size, message in frames if message["header"]["msg_type"] == "comm_open")
    return {
        "messages": len(frames),
        "bytes": sum(size for size, _ in frames),
        "opening_bytes": sum(opening),
    }


def measure(stage: Stage, tokens: int, pace: float, runs: int) -> dict[str, list[Figures]]:
    """`runs` runs of each way, in turn, after a warm-up of each."""
    values: dict[str, Any] = {"tokens": tokens, "pace": pace, "jitter": JITTER, "seed": SEED}
    values["base_url"] = stage.demo.base_url
    warm_up = {**values, "tokens": min(tokens, WARM_UP_TOKENS)}
    sources = [source.format(**settings) for settings in (warm_up, values) for source in WAYS.values()]
    seconds = 60 + 10 * tokens / pace
    figures: dict[str, list[Figures]] = {way: [] for way in WAYS}
    with stage.new_page() as (page, recorder):
        traffic = count_traffic(page)
        notebook = Notebook.open(page, stage.jupyter, [SETUP, *sources])
        bench = Bench(stage, notebook, recorder, traffic)
        for place in range(len(WAYS)):
            bench.run(1 + place, warm_up["tokens"], seconds)
        for _ in range(runs):
            for place, way in enumerate(WAYS):
                figures[way].append(bench.run(1 + len(WAYS) + place, tokens, seconds))
    return figures


def medians(runs: list[Figures]) -> dict[str, float]:
    """The median of each figure."""
    return {name: median(getattr(run, name) for run in runs) for name in TITLES}


def table(ours: dict[str, float], theirs: dict[str, float]) -> list[list[str]]:
    """The rows that are printed."""
    rows = [["median", *WAYS, "ratio", "goal"]]
    for name, title in TITLES.items():
        digits = 2 if name.endswith("_s") else 0
        ratio = f"{ours[name] / theirs[name]:.0%}" if theirs[name] > 0 else ""
        cells = [f"{value:,.{digits}f}" for value in (ours[name], theirs[name])]
        rows.append([title, *cells, ratio, GOALS.get(name, "")])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cell", description=__doc__)
    parser.add_argument("--tokens", type=int, default=1000)
    parser.add_argument("--pace", type=float, default=100.0, help="tokens per second")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with open_stage() as stage:
        machine = report.machine(stage.browser.version)
        runs = measure(stage, options.tokens, options.pace, options.runs)
    ours, theirs = (medians(runs[way]) for way in WAYS)
    done = f"{options.tokens} tokens at {options.pace:g} a second, {options.runs} runs"
    print(f"{done}, load {machine['load'][0]}\n")
    report.print_table(table(ours, theirs))
    figures = {way: [asdict(run) for run in runs[way]] for way in WAYS}
    path = report.save("cell", {"machine": machine, "options": vars(options), "runs": figures})
    print(f"\n{path}")


if __name__ == "__main__":
    main()
