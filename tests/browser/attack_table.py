"""All hostile texts in a blank page and in a cell, one table: `python -m tests.browser.attack_table`.

In: $NOTEBOOK_STREAM_CORPUS. Out: the table; the exit code is 0 when every column of the real build is 0, and
the build with a planted HTML parser ran scripts and asked for things. Takes about ten minutes.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from .attacks import COLUMNS, FEEDS, TITLES, Attack, Tally, read_attacks
from .blank import Blank
from .builds import PACKAGE, build
from .cell_attacks import Cell
from .conftest import CHROMIUM_OPTIONS, find_chromium
from .jupyter import JupyterServer

PLACES = ("blank page", "JupyterLab cell")
PLANTED = ", planted innerHTML"
SHOWN = 20


def run(
    browser: Browser,
    server: JupyterServer,
    place: str,
    package: Path,
    attacks: list[Attack],
    feeds: list[str],
) -> Iterator[tuple[str, Tally]]:
    """(feed, tally) in one place."""
    page = Blank(browser, package / "static") if place == "blank page" else Cell(browser, server, package)
    try:
        for feed in feeds:
            started = time.monotonic()
            tally = page.render(attacks, FEEDS[feed])
            print(f"{place}, {feed}: {tally.texts} texts in {time.monotonic() - started:.0f} s", flush=True)
            yield feed, tally
    finally:
        page.close()


def table(tallies: dict[tuple[str, str], Tally]) -> str:
    """A Markdown table: a row for each place and way of feeding."""
    rows = [["", "texts", "clicks on links", *(TITLES[column] for column in COLUMNS)]]
    for (place, feed), tally in tallies.items():
        counts = tally.counts()
        figures = [tally.texts, tally.clicks, *(counts[column] for column in COLUMNS)]
        rows.append([f"{place}, {feed}", *map(str, figures)])
    rows.insert(1, ["---", *["--:"] * (len(rows[0]) - 1)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.attack_table", description=__doc__)
    parser.add_argument(
        "--build", action="store_true", help="build js/src anew instead of the committed page"
    )
    parser.add_argument("--sample", type=int, default=0, help="so many texts instead of all")
    parser.add_argument("--places", nargs="+", choices=PLACES, default=list(PLACES))
    parser.add_argument("--feeds", nargs="+", choices=FEEDS, default=list(FEEDS))
    options = parser.parse_args()
    if not options.sample:
        os.environ["NOTEBOOK_STREAM_WHOLE"] = "1"
    attacks = read_attacks(Path(os.environ["NOTEBOOK_STREAM_CORPUS"]), options.sample)
    tallies: dict[tuple[str, str], Tally] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="notebook-stream-attacks-")))
        package = build(folder / "real") if options.build else PACKAGE
        planted = build(folder / "planted", planted=True)
        server = stack.enter_context(JupyterServer(folder / "jupyter"))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        for place in options.places:
            for feed, tally in run(browser, server, place, package, attacks, options.feeds):
                tallies[place, feed] = tally
            for feed, tally in run(browser, server, place, planted, attacks[::12], ["chunks"]):
                tallies[place + PLANTED, feed] = tally
        browser.close()
    print("\n" + table(tallies) + "\n")
    is_clean = True
    for (place, feed), tally in tallies.items():
        if place.endswith(PLANTED):
            is_clean = is_clean and tally.counts()["scripts"] > 0 and tally.counts()["requests"] > 0
            continue
        is_clean = is_clean and tally.wrong == [] and tally.texts == len(attacks)
        for attack, column, words in tally.wrong[:SHOWN]:
            print(f"{place}, {feed}: {attack[:60]}: {TITLES[column]}: {words[:200]}")
    raise SystemExit(0 if is_clean else 1)


if __name__ == "__main__":
    main()
