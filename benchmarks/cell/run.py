"""In: a scene and what to ask. Out: the figures of one run, or of many with the ways in turn."""

# ruff: noqa: T201  # who waits for minutes sees what is being done

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ..meter import Cpu
from ..server import DemoServer
from ..stage import Stage
from .figures import BINS, Figures, Mark, figures
from .scenes import Scene, open_scene
from .ways import OURS_NAME, Asked, InNotebook, Way

POLL_MS = 100
AFTERWARDS_MS = 3000
"""How long the messages after the last delta are counted, in milliseconds: our change-over is among them."""
WARM_UP = Asked(tokens=200, pace=200)
WARM_UP_S = 60.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked for, how often, and how long one run may take, in seconds; then it is cut."""

    asked: Asked
    runs: int
    limit_s: float


@dataclass(slots=True)
class Outcome:
    """The runs of one way, or why there are none."""

    runs: list[Figures] = field(default_factory=list)
    lack: str = ""


def measure(stage: Stage, scenario: Scenario, ways: tuple[Way, ...]) -> dict[str, Outcome]:
    """`scenario.runs` runs of each way, in turn, each in a fresh page and kernel after a warm-up there.

    A way that was cut once, or fails, is not run again. Raises what goes wrong in ours.
    """
    outcomes = {way.name: Outcome(lack=way.lack() if isinstance(way, InNotebook) else "") for way in ways}
    for _ in range(scenario.runs):
        for way in ways:
            outcome = outcomes[way.name]
            if outcome.lack or any(run.shown < scenario.asked.tokens for run in outcome.runs):
                continue
            try:
                outcome.runs.append(_run(stage, way, scenario))
                print(f"  {way.name}: {_told(outcome.runs[-1])}", flush=True)
            except Exception as failure:  # a peer that cannot run is a row of the table with the reason
                if way.name == OURS_NAME:
                    raise
                outcome.lack = f"{type(failure).__name__}: {failure}".splitlines()[0]
                print(f"  {way.name}: {outcome.lack}", flush=True)
    return outcomes


def _told(run: Figures) -> str:
    return f"{run.shown:,} tokens, age p99 {run.age_p99_ms:,.0f} ms, {run.bytes:,} bytes"


def _run(stage: Stage, way: Way, scenario: Scenario) -> Figures:
    with open_scene(stage, way, [WARM_UP, scenario.asked]) as scene:
        once(scene, stage.demo, WARM_UP, WARM_UP_S)
        return once(scene, stage.demo, scenario.asked, scenario.limit_s)


def once(scene: Scene, demo: DemoServer, asked: Asked, limit_s: float) -> Figures:
    """Ask, and measure from the key press until the last token is on screen, `limit_s` seconds at most."""
    scene.recorder.begin(scene.prepare(asked))
    memory = scene.meter.memory()
    marks: list[Mark] = [(0, scene.meter.cpu())]
    scene.ask(asked)
    marks += _watch(scene, asked.tokens, limit_s)
    grown = scene.meter.memory().since(memory)
    if marks[-1][0] >= asked.tokens:
        scene.finish(asked)
        scene.page.wait_for_timeout(AFTERWARDS_MS)
    recording = scene.recorder.read()
    return figures(asked.tokens, demo.last(), recording, marks, grown)


def _watch(scene: Scene, tokens: int, limit_s: float) -> list[Mark]:
    """CPU time at each of `BINS` pieces of the answer, and at the end."""
    until = time.monotonic() + limit_s
    marks: list[Mark] = []
    while True:
        newest = scene.recorder.newest()
        spent: Cpu = scene.meter.cpu()
        is_last = newest >= tokens or time.monotonic() > until
        if is_last or newest >= tokens * (len(marks) + 1) // BINS:
            marks.append((newest, spent))
        if is_last:
            return marks
        scene.page.wait_for_timeout(POLL_MS)
