"""A recording's size, and how a page replays it: how late its pieces are, how long a scrub takes, long wires.

In: options. Out: a table beside its goals and a JSON file. The page is that of `recording.to_html()`, opened
from a file: the same code as in a notebook, nothing else beside it. "late" counts up to the change
of the page's text, so the wait for a frame (17 ms at most) is in it.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from notebook_stream import Recording, stream
from notebook_stream.recording import Header, Row
from tests.browser.conftest import CHROMIUM_OPTIONS, find_chromium

from . import report

PAGE = Path(__file__).with_name("replay_page.js").read_text(encoding="utf-8")
GOALS_MS = {"late": 20.0, "scrub": 50.0, "frame": 50.0}
ARRANGEMENTS = (("Answer",), ("Answer", "Wire"), ("Answer", "Tokens", "Timing", "Wire"))
SCRUBS = 60


def recording_of(tokens: int) -> Recording:
    """A live run of the demo server: words, at 200 tokens a second."""
    asked: dict[str, Any] = {"model": "demo/lorem", "tokens": tokens, "pace": 200, "logprobs": True}
    run = stream("hi", display=False, top_logprobs=5, **asked)
    run.result()
    return run.recording


def long_wire(events: int) -> Recording:
    """An answer of that many events."""
    rows = [Row(0.0, ":opened", '{"status_code": 200, "headers": []}')]
    for n in range(events):
        data = {"id": "x", "choices": [{"index": 0, "delta": {"content": f"w{n} "}, "finish_reason": None}]}
        rows.append(Row(n / 500, "", json.dumps(data)))
    rows.append(Row(events / 500, ":end", '{"status": "done"}'))
    return Recording(Header(model="demo", wire_format="openai-chat"), rows)


def due_of(recording: Recording) -> list[tuple[int, float]]:
    """After how many characters of text, when: for each piece. Plain words: the page shows what was sent."""
    found: list[tuple[int, float]] = []
    chars = 0
    for at_s, event in recording.events:
        text = getattr(event, "text", "")
        if text:
            chars += len(text)
            found.append((chars, at_s))
    return found


def measure(page: Page, recording: Recording) -> dict[str, Any]:
    """All figures of one recording in one page."""
    due = due_of(recording)
    rng = random.Random(7)
    places = [(round(at_s + 0.0005, 4), chars) for chars, at_s in rng.sample(due, min(SCRUBS, len(due)))]
    found: dict[str, Any] = {}
    for names in ARRANGEMENTS:
        page.evaluate("names => bench.open(names)", list(names))
        name = " + ".join(names)
        found[name] = {
            "late": page.evaluate("due => bench.replayed(due)", due),
            "scrub": page.evaluate("places => bench.scrubbed(places)", places),
        }
    return found


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    recording = recording_of(options.tokens)
    sizes = {
        "file": sum(len(row.data) + len(row.name) + 20 for row in recording.rows),
        "packed": len(recording.pack()),
        "page": len(recording.to_html()),
    }
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        page = browser.new_page()
        page.add_init_script(PAGE)

        def opened(kept: Recording, name: str) -> Page:
            kept.to_html(Path(folder) / name)
            page.goto((Path(folder) / name).as_uri())
            page.locator(".notebook-stream .ns-markdown").first.wait_for(state="attached")
            page.wait_for_timeout(2000)
            return page

        found = measure(opened(recording, "a.html"), recording)
        opened(long_wire(options.events), "b.html")
        page.evaluate("bench.open(['Wire'])")
        page.wait_for_timeout(1000)
        wire = page.evaluate("bench.scrolled(10)")
        version = browser.version
        browser.close()
    rows = [["ms", "p50", "p99", "longest", "goal (p99)"]]
    for name, figures in found.items():
        for what, said in (("late", figures["late"]["late"]), ("scrub", figures["scrub"])):
            rows.append(
                [
                    f"{what}: {name}",
                    *(f"{said[k]:.0f}" for k in ("p50", "p99", "max")),
                    f"{GOALS_MS[what]:.0f}",
                ]
            )
    rows.append(
        [
            f"frame gap, {options.events:,} events scrolled",
            *(f"{wire[k]:.0f}" for k in ("p50", "p99", "max")),
            "50",
        ]
    )
    report.print_table(rows)
    wrong = sum(figures["scrub"]["wrong"] + figures["late"]["lost"] for figures in found.values())
    print(f"\ntexts that were not what is due: {wrong}")
    print(
        f"{options.tokens} tokens: {sizes['file']:,} bytes as a file, {sizes['packed']:,} packed,"
        f" {sizes['page']:,} as a page"
    )
    told = {"machine": report.machine(version), "sizes": sizes, "figures": found, "wire": wire}
    print(report.save("replay", told))


if __name__ == "__main__":
    main()
