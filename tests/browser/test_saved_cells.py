"""The saved copy in a freshly run JupyterLab cell, which is trusted: it does nothing, and reads as it should.

JupyterLab's own Markdown would run a script there, and its MathJax would make formulas of prices and links.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notebook_stream import saved

from .attacks import Attack, read_attacks
from .jupyter import JupyterServer
from .saved_blank import record_of
from .saved_cells import SavedCell

SAMPLE = 90


@pytest.fixture(scope="module")
def cell(browser: Browser, jupyter_server: JupyterServer) -> Iterator[SavedCell]:
    """The notebook."""
    cell = SavedCell(browser, jupyter_server)
    yield cell
    cell.close()


@pytest.fixture(scope="module")
def attacks(corpus: Path) -> list[Attack]:
    """The hostile texts."""
    return read_attacks(corpus, SAMPLE)


@pytest.mark.parametrize("kind", ["text/html", "text/markdown"])
def test_hostile_texts_do_nothing(cell: SavedCell, attacks: list[Attack], kind: str) -> None:
    bundles = []
    for attack in attacks:
        data, _ = saved.bundle(record_of(attack.markdown))
        bundles.append((attack.id, {kind: data[kind], "text/plain": data["text/plain"]}))
    tally = cell.show(bundles)
    assert tally.wrong == []
    assert tally.texts == len(attacks)
    assert tally.clicks > 0
    assert tally.formulas > 0
    assert cell.is_trusted()


def test_the_check_catches_raw_markdown(cell: SavedCell, attacks: list[Attack]) -> None:
    quick = [attack for attack in attacks if attack.kind != "dos"]
    found = cell.show([(one.id, {"text/markdown": one.markdown}) for one in quick]).counts()
    for column in ("scripts", "requests", "active", "attributes", "links"):
        assert found[column] > 0, column


PROSE = r"It costs $5 and $6, or \$7 and $8$9; \\(a note\\), \begin{x}y\end{x}, $HOME/$PATH, \ref{a}."
SHOWN = r"It costs $5 and $6, or $7 and $8$9; \(a note\), \begin{x}y\end{x}, $HOME/$PATH, \ref{a}."
FORMULAS = "So $x^2$ and\n\n$$\n\\frac{1}{2}\n$$\n\nbut $\\href{javascript:alert(1)}{x}$ and `$a$ $b$`."


@pytest.mark.parametrize("ignored", ["mathjax_ignore", "lost"])
def test_mathjax_sets_formulas_and_nothing_else(cell: SavedCell, ignored: str) -> None:
    """Where the classes are lost, too, as in some viewers."""
    html = saved.to_html(record_of(f"{PROSE}\n\n{FORMULAS}")).replace("mathjax_ignore", ignored)
    found = cell.look([("x", {"text/html": html})])
    [result] = found["results"]
    assert found["formulas"] == 2
    assert SHOWN in result["text"]
    assert "$\\href{javascript:alert(1)}{x}$ and $a$ $b$" in result["text"]


def test_the_check_sees_a_price_that_was_set(cell: SavedCell) -> None:
    assert cell.look([("x", {"text/html": "<p>$5 and $6</p>"})])["formulas"] == 1


def test_prices_stay_prices_in_the_saved_markdown(cell: SavedCell) -> None:
    found = cell.look([("x", {"text/markdown": saved.to_markdown(record_of(f"{PROSE}\n\n{FORMULAS}"))})])
    assert found["formulas"] == 2
    assert "It costs $5 and $6" in found["results"][0]["text"]
