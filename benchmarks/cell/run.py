"""In: a scene and what to ask. Out: the figures of one run, or of many with the ways in turn."""

# ruff: noqa: T201  # who waits for minutes sees what is being done

from __future__ import annotations

from dataclasses import dataclass, field

from ..stage import Stage
from .figures import Figures, Observed, figures
from .scenes import Scene, open_scene
from .ways import OURS_NAME, Asked, InNotebook, Way

AFTERWARDS_MS = 3000
"""How long the messages after the last delta are counted, in milliseconds: our change-over is among them."""
WARM_UP = Asked(tokens=200, pace=200)
WARM_UP_S = 60.0
PATIENCE_S = 120.0
"""How long a page that was cut may take to tell what it has seen, in seconds."""


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

    A peer that was cut, lost text, or failed is not run again. Raises what goes wrong in ours.
    """
    outcomes = {way.name: Outcome(lack=way.lack() if isinstance(way, InNotebook) else "") for way in ways}
    for _ in range(scenario.runs):
        for way in ways:
            outcome = outcomes[way.name]
            is_hopeless = any(_is_hopeless(run, scenario) for run in outcome.runs)
            if outcome.lack or (is_hopeless and way.name != OURS_NAME):
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


def _is_hopeless(run: Figures, scenario: Scenario) -> bool:
    return run.shown < scenario.asked.tokens or run.lost > 0


def _told(run: Figures) -> str:
    return f"{run.shown:,} tokens, age p99 {run.age_p99_ms:,.0f} ms, {run.bytes:,} bytes"


def _run(stage: Stage, way: Way, scenario: Scenario) -> Figures:
    with open_scene(stage, way, [WARM_UP, scenario.asked]) as scene:
        _observe(scene, WARM_UP, WARM_UP_S)
        seen = _observe(scene, scenario.asked, scenario.limit_s)
    # Now the client has gone, and a server that was still writing has ended.
    return figures(scenario.asked.tokens, stage.demo.last(), seen)


def _observe(scene: Scene, asked: Asked, limit_s: float) -> Observed:
    """Ask, and watch from the key press until the last token is on screen, `limit_s` seconds at most."""
    scene.recorder.begin(scene.prepare(asked))
    memory = scene.meter.memory()
    with scene.meter.sampled() as samples:
        begun = samples[0][0]
        scene.ask(asked)
        is_whole = scene.recorder.wait_for(asked.tokens, limit_s)
    if is_whole:
        grown = scene.meter.memory().since(memory)
        scene.finish(asked)
        scene.page.wait_for_timeout(AFTERWARDS_MS)
        return Observed(scene.recorder.read(), samples, grown)
    # A page that has no time to answer is waited for; what it shows after the limit does not count.
    if not scene.recorder.wait_for(0, PATIENCE_S):
        raise RuntimeError(f"not all on screen after {limit_s:g} s, nor any answer in {PATIENCE_S:g} s more")
    grown = scene.meter.memory().since(memory)
    return Observed(scene.recorder.read().until(begun + limit_s), samples, grown)
