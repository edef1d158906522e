"""What every row stands on: a canary key that must show nowhere, memory that must not grow, and the table.

After each test: no piece of the key in anything that was shown or logged, no run left, less than 64 MB more.
At the end of the run: a table row | held, wrong or skipped | seconds | requests | MB.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import retry, stop_all, streams
from notebook_stream.api import defaults
from notebook_stream.widget import library

from .asking import Ask, Page, leaked, shown
from .rows import ROWS

MAX_MB = 64.0
"""Megabytes that any fault may cost (peak of the whole test process, its servers included)."""

PLAYED = pytest.StashKey[dict[str, "list[Played]"]]()
COST = pytest.StashKey["Cost"]()


@dataclass
class Cost:
    """What a test adds to the table beside its seconds."""

    requests: int = 0
    mb: float = 0.0


@dataclass(frozen=True)
class Played:
    """One test of a row."""

    outcome: str
    seconds: float
    cost: Cost
    why: str = ""


def pytest_configure(config: pytest.Config) -> None:
    """What the tests played, for the table at the end."""
    config.stash[PLAYED] = {}


@pytest.fixture
def cost(request: pytest.FixtureRequest) -> Cost:
    """For a test that measures in a process of its own."""
    found = request.node.stash.setdefault(COST, Cost())
    assert isinstance(found, Cost)
    return found


@pytest.fixture(autouse=True)
def ask(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cost: Cost,
) -> Iterator[Ask]:
    """Runs and servers of one test; afterwards the key is searched for in all that they showed."""
    monkeypatch.delenv("NOTEBOOK_STREAM_MODEL", raising=False)
    monkeypatch.setattr("ipywidgets.widgets.widget.comm.create_comm", Page)
    monkeypatch.setattr(library, "_opened", {})
    caplog.set_level(logging.DEBUG)
    asking = Ask()
    before = _start_peak()
    yield asking
    asking.close()
    cost.mb = max(cost.mb, _peak_mb() - before)
    cost.requests += asking.requests
    stop_all()
    assert streams() == []
    defaults.configured.clear()
    assert leaked([caplog.text, *(text for s in asking.streams for text in shown(s))]) == []
    assert [r.getMessage() for r in caplog.records if r.name == "asyncio" and r.levelno > logging.INFO] == []
    assert cost.mb < MAX_MB
    for s in asking.streams:
        s.close()


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second where no server asks for another."""
    monkeypatch.setattr(retry, "FIRST_DELAY_S", 0.02)


def _status_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def _start_peak() -> float:
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here (man 5 proc)
    return _status_mb("VmRSS:")


def _peak_mb() -> float:
    return _status_mb("VmHWM:")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what became of each row."""
    report = yield
    if report.when == "call" or report.outcome != "passed":
        for mark in item.iter_markers("row"):
            wrong = mark.kwargs.get("wrong", "")
            held = "wrong" if wrong else "held"
            outcome = held if report.passed else report.outcome
            played = Played(outcome, report.duration, item.stash.get(COST, Cost()), wrong)
            for id in mark.args:
                item.config.stash[PLAYED].setdefault(id, []).append(played)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of the contract's rows."""
    played = config.stash[PLAYED]
    if not played:
        return
    terminalreporter.section("the fault contract")
    outcomes = {id: _outcome(played[id]) for id in ROWS if id in played}
    for id, outcome in outcomes.items():
        tests = played[id]
        seconds, requests = sum(t.seconds for t in tests), sum(t.cost.requests for t in tests)
        line = (
            f"{id:4}{outcome:8}{seconds:7.2f} s{requests:6} requests{max(t.cost.mb for t in tests):7.1f} MB"
        )
        terminalreporter.write_line(f"{line}  {ROWS[id]}")
        for why in dict.fromkeys(t.why for t in tests if t.why):
            terminalreporter.write_line(f"    {why}")
    counts = [
        f"{list(outcomes.values()).count(word)} {word}" for word in ("held", "wrong", "skipped", "failed")
    ]
    terminalreporter.write_line(
        f"{', '.join(counts)} of {len(outcomes)} rows played; the contract has {len(ROWS)}"
    )


def _outcome(tests: list[Played]) -> str:
    """Held only where every test passed; a skip is not held."""
    return next(
        (word for word in ("failed", "skipped", "wrong") if word in {t.outcome for t in tests}), "held"
    )
