"""The Markdown module beside plain text and other renderers of growing Markdown, in one Chromium.

In: options. Out: tables and a JSON file. The page is `render_page.js`; README.md tells what its figures mean.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import argparse
import math
import os
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, Route, sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS, find_chromium

from . import report
from .answers import Answer, worst_cases

HERE = Path(__file__).parent
MODULE = HERE.parent / "notebook_stream" / "static" / "markdown.js"
NODE_MODULES = HERE.parent / "js" / "node_modules"
PEER_MODULES = HERE / "peers" / "node_modules"
ORIGIN = "https://benchmark.test"
SEED = 20261122
FLUSH = 64
"""Characters a flush."""
SIZES = {"10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000}
TITLES = {
    "plain": "plain text",
    "smd": "streaming-markdown",
    "ours": "notebook-stream",
    "incremark": "incremark",
    "streamdown": "streamdown",
    "rerender": "markdown-it anew",
    "marked": "marked anew",
}
WAYS = tuple(TITLES)
LINEAR = ("plain", "smd", "ours")
"""Whose flushes cost the same at any length, so that a sample of them is enough where layout is forced."""
BUDGET_MS = {way: 60_000 if way in LINEAR else 4_000 for way in WAYS}
"""Work after which a run is cut."""
PEERS = ("incremark", "streamdown", "marked")
"""Which need what is in peers/."""
WORST_BUDGET_MS = 8_000
WINDOWS, WINDOW = 12, 40
"""Where layout takes too long to be forced in every flush it is in so many windows of so many flushes."""
FRAME_OPTIONS = ("--disable-frame-rate-limit", "--disable-gpu-vsync")

Figures = dict[str, Any]


class Bench:
    """A blank page with the ways in it; `scripts`: by their names, what `bundle` has made."""

    def __init__(self, page: Page, module: Path, scripts: dict[str, Path]) -> None:
        self._page = page
        self._files = {
            "/": ("<!doctype html><meta charset=utf-8><body></body>", "text/html"),
            "/markdown.js": (module.read_text(encoding="utf-8"), "text/javascript"),
        }
        for name, script in scripts.items():
            self._files[f"/{name}.js"] = (script.read_text(encoding="utf-8"), "text/javascript")
        page.route("**/*", self._answer)
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        # Durations as CPU time of the page's main thread, which other processes cannot lengthen.
        self._cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def run(self, way: str, text: str, *, layout: bool, budget: float, windows: bool = False) -> Figures:
        """One run in a fresh page; milliseconds."""
        self._page.goto(f"{ORIGIN}/")
        self._page.add_script_tag(url="/page.js", type="module")
        flushes = math.ceil(len(text) / FLUSH)
        request = {"way": way, "text": text, "size": FLUSH, "layout": layout, "budget": budget}
        if windows:
            last = flushes - WINDOW
            starts = [last * index // (WINDOWS - 1) for index in range(WINDOWS)]
            request["measured"] = [[start, start + WINDOW] for start in starts]
        # What is compiled while the first pieces come would be counted to the short texts only.
        warm_up = Answer(SEED + 1).text(20_000)
        self._page.evaluate("request => benchmark(request)", {**request, "text": warm_up, "measured": None})
        self._cdp.send("HeapProfiler.collectGarbage")
        before = self._thread_ms()
        figures: Figures = self._page.evaluate("request => benchmark(request)", request)
        figures["thread"] = self._thread_ms() - before
        if not figures["isIsolated"]:
            raise SystemExit("the page's clock is coarse: it is not cross-origin isolated")
        if windows:
            figures["total"] = figures["mean"] * flushes
        elif figures["isCut"]:
            figures["total"] = extrapolated(figures)
        figures["isEstimate"] = windows or figures["isCut"]
        return figures

    def best(self, runs: int, way: str, text: str, **options: Any) -> Figures:
        """The run with the smallest total: other processes only ever add."""
        found = [self.run(way, text, **options) for _ in range(runs)]
        return min(found, key=lambda figures: float(figures["total"]))

    def _thread_ms(self) -> float:
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(metric["value"]) for metric in metrics if metric["name"] == "ThreadTime")

    def _answer(self, route: Route) -> None:
        body, kind = self._files.get(route.request.url.removeprefix(ORIGIN), ("", "text/plain"))
        # Cross-origin isolated, so that the page's clock is fine: 5 µs instead of 100.
        headers = {
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Embedder-Policy": "require-corp",
        }
        route.fulfill(body=body, content_type=kind, headers=headers)


def extrapolated(figures: Figures) -> float:
    """The total of a run that was cut, in ms, if the work of a flush grows in proportion to the text."""
    flushes, half = figures["flushes"], figures["done"] / 2
    growth = max(0.0, (figures["secondHalf"] - figures["firstHalf"]) / half**2)
    first = figures["firstHalf"] / half - growth * half / 2
    return float(first * flushes + growth * flushes**2 / 2)


def bundle(ways: list[str], folder: Path) -> dict[str, Path]:
    """The page's scripts with the libraries that they compare, by name."""
    scripts = {"page": _bundled("render_page.js", folder, NODE_MODULES)}
    if not set(PEERS).isdisjoint(ways):
        if not PEER_MODULES.exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], check=True, cwd=PEER_MODULES.parent)
        scripts["peers"] = _bundled("render_peers.js", folder, PEER_MODULES)
    return scripts


def _bundled(name: str, folder: Path, modules: Path) -> Path:
    script = folder / name
    # What is external is loaded only for diagrams, formulas and colours, which are not asked for.
    external = ("/markdown.js", "/peers.js", "mermaid", "katex", "shiki")
    subprocess.run(
        [
            str(NODE_MODULES / ".bin" / "esbuild"),
            str(HERE / name),
            "--bundle",
            "--format=esm",
            "--minify",
            '--define:process.env.NODE_ENV="production"',
            *(f"--external:{module}" for module in external),
            "--log-level=warning",
            f"--outfile={script}",
        ],
        check=True,
        env={**os.environ, "NODE_PATH": str(modules)},
    )
    return script


def measure_answers(bench: Bench, ways: list[str], sizes: list[str], layout: bool, runs: int) -> Figures:
    """Size -> way -> figures."""
    found: Figures = {}
    for size in sizes:
        text = Answer(SEED).text(SIZES[size])
        found[size] = {}
        for way in ways:
            windows = layout and SIZES[size] > 100_000 and way in LINEAR
            figures = bench.best(runs, way, text, layout=layout, budget=BUDGET_MS[way], windows=windows)
            found[size][way] = figures
            print(f"  {size}, {TITLES[way]}: {_ms(figures)} ms", flush=True)
    return found


def measure_worst(bench: Bench, ways: list[str], only: str) -> Figures:
    """Case -> way -> figures."""
    found: Figures = {}
    for name, text in worst_cases().items():
        if only not in name:
            continue
        found[name] = {way: bench.run(way, text, layout=False, budget=WORST_BUDGET_MS) for way in ways}
        told = ", ".join(f"{TITLES[way]} {_worst(figures)}" for way, figures in found[name].items())
        print(f"  {name}: {told}", flush=True)
    return found


def _ms(figures: Figures) -> str:
    total = float(figures["total"])
    return f"{'≈ ' if figures['isEstimate'] else ''}{total:,.{0 if total >= 100 else 1}f}"


def _worst(figures: Figures) -> str:
    cut = f" (cut at {figures['done'] / figures['flushes']:.0%})" if figures["isCut"] else ""
    return f"{figures['longest']:,.0f} / {_ms(figures)}{cut}"


def exponent(answers: Figures, way: str, least: str, most: str) -> float:
    """Of the growth of the total time with the length: 1 is linear."""
    ratio = answers[most][way]["total"] / answers[least][way]["total"]
    return math.log(ratio) / math.log(SIZES[most] / SIZES[least])


def answers_table(answers: Figures, ways: list[str]) -> list[list[str]]:
    """The rows that are printed for generated answers."""
    rows = [["", *(TITLES[way] for way in ways)]]
    cells: list[tuple[str, Callable[[Figures], str]]] = [
        ("total ms", _ms),
        ("mean of a flush", lambda figures: f"{figures['mean']:.3f}"),
        ("p50", lambda figures: f"{figures['p50']:.3f}"),
        ("p99", lambda figures: f"{figures['p99']:.3f}"),
        ("longest block", lambda figures: f"{figures['longest']:.1f}"),
        ("main thread CPU ms, all in all", lambda figures: f"{figures['thread']:,.0f}"),
        ("shown of what was read", lambda figures: f"{figures['shown'] / figures['read']:.0%}"),
    ]
    for size, found in answers.items():
        rows += [[f"{size}: {title}", *(cell(found[way]) for way in ways)] for title, cell in cells]
        for other in ("plain", "smd", "ours"):
            if other in ways:
                total = found[other]["total"]
                rows.append(
                    [f"{size}: x {TITLES[other]}", *(f"{found[way]['total'] / total:,.1f}" for way in ways)]
                )
                rows.append([f"{size}: x {TITLES[other]}, by CPU", *_by_cpu(found, other, ways)])
    sizes = list(answers)
    for least, most in sorted(
        {(sizes[0], sizes[-1]), *pairwise(sizes)}, key=lambda pair: [SIZES[size] for size in pair]
    ):
        if least != most:
            told = [f"{exponent(answers, way, least, most):.2f}" for way in ways]
            rows.append([f"exponent {least} to {most}", *told])
    return rows


def _by_cpu(found: Figures, other: str, ways: list[str]) -> list[str]:
    """Ratios that a loaded machine leaves alone; none of a run that was cut."""
    return [
        "" if found[way]["isCut"] else f"{found[way]['thread'] / found[other]['thread']:,.1f}" for way in ways
    ]


def worst_table(worst: Figures) -> list[list[str]]:
    """The rows that are printed for the worst cases."""
    ways = list(next(iter(worst.values()), {}))
    rows = [["longest block / total, ms", *(TITLES[way] for way in ways)]]
    for name, found in worst.items():
        rows.append([name, *(_worst(found[way]) for way in ways)])
    return rows


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.render", description=__doc__)
    parser.add_argument("--module", type=Path, default=MODULE, help="another build of markdown.js")
    parser.add_argument(
        "--ways", nargs="+", choices=WAYS, default=list(WAYS), help="peers have no part in the worst cases"
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument(
        "--parts", nargs="+", choices=("bare", "layout", "worst"), default=["bare", "layout", "worst"]
    )
    parser.add_argument("--only", default="", help="of the worst cases those with this in their name")
    parser.add_argument(
        "--runs", type=int, default=3, help="of which the quickest counts; worst cases run once"
    )
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium: install one, or name it in $CHROMIUM")
    with (
        tempfile.TemporaryDirectory(prefix="notebook-stream-bench-") as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*CHROMIUM_OPTIONS, *FRAME_OPTIONS]
        )
        machine = report.machine(browser.version)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(600_000)
        bench = Bench(page, options.module, bundle(options.ways, Path(folder)))
        found: Figures = {}
        with suppress(KeyboardInterrupt):
            for part in options.parts:
                print(f"{part}, load {os.getloadavg()[0]:.1f}", flush=True)
                if part == "worst":
                    worst_ways = [way for way in options.ways if way not in PEERS]
                    found[part] = measure_worst(bench, worst_ways, options.only)
                else:
                    found[part] = measure_answers(
                        bench, options.ways, options.sizes, part == "layout", options.runs
                    )
        browser.close()
    for part, figures in found.items():
        print(f"\n{part}\n")
        report.print_table(worst_table(figures) if part == "worst" else answers_table(figures, options.ways))
    told = {**vars(options), "module": str(options.module)}
    print(f"\n{report.save('render', {'machine': machine, 'options': told, 'figures': found})}")


if __name__ == "__main__":
    main()
