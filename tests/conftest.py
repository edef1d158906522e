"""What every test stands on: no key in the environment, the corpus, and the order of the run.

`NOTEBOOK_STREAM_WHOLE=1` selects the tests marked `whole` too; without it they are left out, and counted at
the end. Recorded data is read only through `NOTEBOOK_STREAM_CORPUS`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave `whole` out of an ordinary run; browser tests last, for the quick ones tell more sooner."""
    # Playwright's sync API keeps an event loop running in the main thread to the end of the session, where
    # asyncio.run() in a unit test would then refuse to work: a second reason for this order.
    items.sort(key=lambda item: "browser" in item.path.parts)
    if os.environ.get("NOTEBOOK_STREAM_WHOLE") == "1":
        return
    left_out = [item for item in items if "whole" in item.keywords]
    items[:] = [item for item in items if "whole" not in item.keywords]
    config.stash[LEFT_OUT] = len(left_out)
    if left_out:
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what an ordinary run leaves out."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"left out: {count} tests of whole sets; `make test-all` runs them too")


@pytest.fixture(scope="session", autouse=True)
def _no_keys() -> Iterator[None]:
    """No provider's key and no setting of the developer's reaches a test."""
    taken = {name: value for name, value in os.environ.items() if _is_personal(name)}
    for name in taken:
        del os.environ[name]
    yield
    os.environ.update(taken)


def _is_personal(name: str) -> bool:
    ours = name.startswith("NOTEBOOK_STREAM_")
    return name.endswith(("_API_KEY", "_API_TOKEN")) or (ours and name not in KEPT)


KEPT = ("NOTEBOOK_STREAM_CORPUS", "NOTEBOOK_STREAM_WHOLE")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded streams; skips where there is none."""
    folder = os.environ.get("NOTEBOOK_STREAM_CORPUS")
    if not folder:
        pytest.skip("NOTEBOOK_STREAM_CORPUS is not set: the recorded streams are not part of the project")
    return Path(folder)
