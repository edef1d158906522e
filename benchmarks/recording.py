"""What recording costs a live run: CPU and memory for each event, with and without it; and its own size.

In: options. Out: a table beside its goals and a JSON file. No Jupyter and no page: those cost more, so a
share of the whole would be smaller. Both ways take turns in one process, so what else runs here hits both.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import gc
import statistics
import time
import tracemalloc

from notebook_stream import Stream, stream

from . import report
from .kernel_server import serving

GOAL = 1.10
"""What a run with its recording may cost of one without."""
WAYS = ("bulk", "event")


def answer(base_url: str, *, record: bool) -> Stream:
    """One answer, to its end."""
    made = stream(
        "Hello", model="gpt-4o-mini", base_url=base_url, record=record, display=False, max_chars=None
    )
    made.result()
    return made


def cpu_us(base_url: str, events: int, *, record: bool) -> float:
    """CPU time of this process for one answer: microseconds for each event."""
    gc.collect()
    before = time.process_time()
    answer(base_url, record=record)
    return (time.process_time() - before) * 1e6 / events


def memory_bytes(base_url: str, events: int, *, record: bool) -> float:
    """What a run that has ended, and is still held, takes for each event."""
    gc.collect()
    tracemalloc.start()
    made = answer(base_url, record=record)
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return taken / events


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    rows = [["", "without", "with", "ratio", "goal"]]
    found: dict[str, dict[str, float]] = {}
    with serving(options.events) as address:
        for way in WAYS:
            base_url = f"{address}/{way}/v1"
            figures: dict[bool, list[float]] = {False: [], True: []}
            for record in (False, True):
                answer(base_url, record=record)
            for _ in range(options.runs):
                for record, values in figures.items():
                    values.append(cpu_us(base_url, options.events, record=record))
            pairs = zip(figures[False], figures[True], strict=True)
            ratio = statistics.median(after / before for before, after in pairs)
            without, with_ = (statistics.median(values) for values in figures.values())
            rows.append(
                [f"CPU, {way} (µs an event)", f"{without:.1f}", f"{with_:.1f}", f"{ratio:.2f}", f"{GOAL:.2f}"]
            )
            found[way] = {"without": without, "with": with_, "ratio": ratio}
        base_url = f"{address}/event/v1"
        without, with_ = (memory_bytes(base_url, options.events, record=record) for record in (False, True))
        rows.append(
            [
                "memory (bytes an event)",
                f"{without:.0f}",
                f"{with_:.0f}",
                f"{with_ / without:.2f}",
                f"{GOAL:.2f}",
            ]
        )
        found["memory"] = {"without": without, "with": with_, "ratio": with_ / without}
        recording = answer(base_url, record=True).recording
    report.print_table(rows)
    lines = sum(len(row.data) for row in recording.rows)
    packed = len(recording.pack())
    print(f"\n{options.events} tokens: {lines:,} characters on the wire, {packed:,} packed (for a notebook)")
    print(report.save("recording", {"machine": report.machine(), "figures": found, "packed": packed}))


if __name__ == "__main__":
    main()
