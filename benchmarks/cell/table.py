"""In: the runs of each way in one scenario. Out: the rows that are printed, with the goals for ours."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from .figures import Figures
from .run import Outcome, Scenario
from .ways import LOOP_NAME, OURS_NAME

CHARACTERS = 8
"""Of a token, with the space before it."""
HEAD = (
    "median",
    "on screen",
    "age p50 / p99, ms",
    "lag, ms",
    "frames > 50 ms",
    "messages",
    "kB",
    "bytes a character",
    "kernel CPU, s",
    "server CPU, s",
    "renderer CPU, s",
    "kernel, MiB",
    "page's heap, MiB",
    "renderer, MiB",
    "CPU a token by quarters, ms",
    "4th / 2nd",
)
Value = Callable[[Figures], float | None]


def rows(scenario: Scenario, outcomes: dict[str, Outcome]) -> list[list[str]]:
    """A row for each way, one with ours as shares of the Markdown loop's, and one with the goals."""
    ours, loop = outcomes[OURS_NAME], outcomes.get(LOOP_NAME, Outcome())
    found = [list(HEAD), *(_row(scenario, name, outcome) for name, outcome in outcomes.items())]
    if loop.runs:
        found.append(_shares(ours.runs, loop.runs))
    found.append(_goals(scenario))
    return found


def told(outcomes: dict[str, Outcome]) -> list[str]:
    """What of ours has no column."""
    runs = outcomes[OURS_NAME].runs
    if not runs:
        return []
    until_sent = " / ".join(_shown(runs, value) for value in (_sent_p50, _sent_p99))
    opening, end = _shown(runs, _opening), _shown(runs, _end_bytes)
    messages = _shown(runs, lambda run: run.end_messages)
    return [
        f"Ours: {until_sent} ms of the age had passed when the kernel sent the text (p50 / p99).",
        f"{opening} bytes opened the widget; {messages} messages, {end} bytes came after the last delta.",
    ]


def _sent_p50(run: Figures) -> float | None:
    return run.sent_p50_ms


def _sent_p99(run: Figures) -> float | None:
    return run.sent_p99_ms


def _opening(run: Figures) -> float:
    return run.opening_bytes


def _end_bytes(run: Figures) -> float | None:
    return run.end_bytes


def middle(runs: list[Figures], value: Value) -> float | None:
    """The median of what the runs have of it."""
    found = [each for run in runs if (each := value(run)) is not None]
    return median(found) if found else None


def _shown(runs: list[Figures], value: Value, digits: int = 0) -> str:
    found = middle(runs, value)
    return "–" if found is None else f"{found:,.{digits}f}"


def _row(scenario: Scenario, name: str, outcome: Outcome) -> list[str]:
    runs = outcome.runs
    if not runs:
        return [name, f"not run: {outcome.lack}", *[""] * (len(HEAD) - 2)]
    quarters = [_shown(runs, _quarter(place), 2) for place in range(4)]
    return [
        name,
        _on_screen(scenario, runs),
        f"{_shown(runs, lambda run: run.age_p50_ms)} / {_shown(runs, lambda run: run.age_p99_ms)}",
        _shown(runs, lambda run: run.lag_ms),
        _shown(runs, lambda run: run.slow_frames),
        _shown(runs, lambda run: run.messages),
        _shown(runs, lambda run: run.bytes / 1000),
        _shown(runs, lambda run: run.bytes / (CHARACTERS * run.shown), 1),
        _shown(runs, lambda run: run.kernel_cpu_s, 2),
        _shown(runs, lambda run: run.server_cpu_s, 2),
        _shown(runs, lambda run: run.renderer_cpu_s, 2),
        _shown(runs, lambda run: run.kernel_mib, 1),
        _shown(runs, lambda run: run.heap_mib, 1),
        _shown(runs, lambda run: run.renderer_mib, 0),
        "–" if "–" in quarters else " ".join(quarters),
        _shown(runs, flatness, 2),
    ]


def _quarter(place: int) -> Value:
    return lambda run: run.quarter_ms[place] if run.quarter_ms else None


def flatness(run: Figures) -> float | None:
    """CPU a token in the last quarter, as a share of that in the second: the first has the opening."""
    return run.quarter_ms[3] / run.quarter_ms[1] if run.quarter_ms else None


def _on_screen(scenario: Scenario, runs: list[Figures]) -> str:
    tokens = scenario.asked.tokens
    shown = min(run.shown for run in runs)
    lost = max(run.lost for run in runs)
    words = "all" if shown == tokens else f"only {shown:,} of {tokens:,} after {scenario.limit_s:.0f} s"
    return f"{words}, but {lost:,} lost" if lost else words


def _shares(ours: list[Figures], loop: list[Figures]) -> list[str]:
    def share(value: Value) -> str:
        mine, theirs = middle(ours, value), middle(loop, value)
        return "" if mine is None or not theirs else f"{mine / theirs:.1%}"

    return [
        "ours / Markdown loop",
        "",
        f"{share(lambda run: run.age_p50_ms)} / {share(lambda run: run.age_p99_ms)}",
        share(lambda run: run.lag_ms),
        "",
        share(lambda run: run.messages),
        share(lambda run: run.bytes),
        "",
        share(lambda run: run.kernel_cpu_s),
        share(lambda run: run.server_cpu_s),
        share(lambda run: run.renderer_cpu_s),
        *[""] * 5,
    ]


GOALS: dict[tuple[int, float], dict[str, str]] = {
    (1000, 100): {
        "age p50 / p99, ms": "p99 ≤ 70",
        "lag, ms": "≤ 70",
        "kB": "≤ 8 %",
        "kernel CPU, s": "≤ 40 %",
        "renderer CPU, s": "≤ 30 %",
    },
    (4000, 100): {"age p50 / p99, ms": "as with 1,000", "lag, ms": "as with 1,000"},
    (20_000, 2000): {"age p50 / p99, ms": "p99 ≤ 150", "bytes a character": "≤ 4", "4th / 2nd": "≤ 1.2"},
}


def _goals(scenario: Scenario) -> list[str]:
    goals = GOALS.get((scenario.asked.tokens, scenario.asked.pace), {})
    return ["goal for ours", *(goals.get(column, "") for column in HEAD[1:])]
