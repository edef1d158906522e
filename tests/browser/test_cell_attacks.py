"""Hostile text in a freshly run JupyterLab cell: nothing runs, nothing is asked for, no link lies.

Such a cell is trusted, and JupyterLab's own Markdown would run a script there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .attacks import FEEDS, Attack, read_attacks
from .builds import build, can_build
from .cell_attacks import Cell
from .jupyter import JupyterServer

SAMPLE = 45
PLANTED_SAMPLE = 24

HARMLESS = [
    Attack(f"harmless-{index}", "harmless", f"# Title {index}\n\nSome *words*.") for index in range(20)
]


@pytest.fixture(scope="module")
def cell(browser: Browser, jupyter_server: JupyterServer) -> Iterator[Cell]:
    """The notebook."""
    cell = Cell(browser, jupyter_server)
    yield cell
    cell.close()


@pytest.fixture(scope="module")
def attacks(corpus: Path) -> list[Attack]:
    """The hostile texts."""
    return read_attacks(corpus, SAMPLE)


def test_harmless_text_finds_nothing(cell: Cell) -> None:
    """Otherwise what JupyterLab itself does would be taken for a finding, or hide one."""
    assert cell.render(HARMLESS, FEEDS["chunks"]).wrong == []
    assert cell.is_trusted()


@pytest.mark.parametrize("feed", FEEDS)
def test_nothing_runs_nothing_is_requested_no_link_lies(cell: Cell, attacks: list[Attack], feed: str) -> None:
    tally = cell.render(attacks, FEEDS[feed])
    assert tally.wrong == []
    assert tally.texts == len(attacks)
    assert tally.clicks > 0
    # The parts were at work: otherwise nothing was said of what they make.
    assert tally.formulas > 0
    assert tally.coloured > 0
    assert cell.is_trusted()


def test_pressed_links_open_what_they_told_and_nothing_else(cell: Cell) -> None:
    before = cell.notebook.page.url
    opened = cell.press_links(
        "[https://github.com](https://evil.test/a)\n\n![/logout](http://evil.test/b.png)"
    )
    targets = ["https://evil.test/a", "http://evil.test/b.png"]
    assert opened == [(target, [f"document {target}"]) for target in targets]
    assert cell.notebook.page.url == before


def test_the_check_catches_one_planted_html_parser(
    browser: Browser, jupyter_server: JupyterServer, attacks: list[Attack], tmp_path: Path
) -> None:
    if not can_build():
        pytest.skip("needs Node and js/node_modules: run `make setup`")
    cell = Cell(browser, jupyter_server, build(tmp_path, planted=True))
    found = cell.render(attacks[:PLANTED_SAMPLE], FEEDS["chunks"]).counts()
    cell.close()
    for column in ("scripts", "requests", "active", "attributes"):
        assert found[column] > 0, column
