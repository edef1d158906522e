"""Hostile text in the saved copy: nothing runs, nothing is asked for, no link lies, in HTML and in Markdown.

The Markdown is rendered by renderers that let everything through: what is safe there is safe anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notebook_stream import saved

from .attacks import Attack, read_attacks
from .saved_blank import SavedBlank, record_of, static_html, table_of, unsafe_markdown_it

STATIC = Path(__file__).resolve().parents[2] / "notebook_stream" / "static"
SAMPLE = 160


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[SavedBlank]:
    """The page."""
    blank = SavedBlank(browser, STATIC)
    yield blank
    blank.close()


@pytest.fixture(scope="module")
def attacks(corpus: Path) -> list[Attack]:
    """The hostile texts."""
    return read_attacks(corpus, SAMPLE)


def unsafe_mistune(markdown: str) -> str:
    """By nbconvert's own parser, with nothing escaped."""
    mistune = pytest.importorskip("mistune")
    render = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url", "task_lists"])
    return str(render(markdown))


RENDERERS: dict[str, Callable[[str], str]] = {"markdown-it": unsafe_markdown_it, "mistune": unsafe_mistune}


def test_the_static_copy_does_nothing(blank: SavedBlank, attacks: list[Attack]) -> None:
    tally = blank.show(attacks, static_html, is_markdown=False)
    assert tally.wrong == []
    assert tally.texts == len(attacks)
    assert tally.clicks > 0


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_saved_markdown_does_nothing(blank: SavedBlank, attacks: list[Attack], renderer: str) -> None:
    def make(text: str) -> str:
        return RENDERERS[renderer](saved.to_markdown(record_of(text)))

    tally = blank.show(attacks, make, is_markdown=True)
    assert tally.wrong == []
    assert tally.clicks > 0


def test_the_table_of_a_comparison_does_nothing(blank: SavedBlank, attacks: list[Attack]) -> None:
    tally = blank.show(attacks, lambda text: saved.table.to_html(table_of(text)), is_markdown=False)
    assert tally.wrong == []
    assert tally.clicks > 0


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_comparison_as_markdown_does_nothing(
    blank: SavedBlank, attacks: list[Attack], renderer: str
) -> None:
    def make(text: str) -> str:
        return RENDERERS[renderer](saved.table.to_markdown(table_of(text)))

    tally = blank.show(attacks, make, is_markdown=True)
    assert tally.wrong == []
    assert tally.clicks > 0


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_check_catches_raw_markdown(blank: SavedBlank, attacks: list[Attack], renderer: str) -> None:
    found = blank.show(attacks, RENDERERS[renderer], is_markdown=True).counts()
    for column in ("scripts", "requests", "active", "attributes", "links"):
        assert found[column] > 0, column


def test_the_check_catches_unescaped_text_in_the_copy(
    blank: SavedBlank, attacks: list[Attack], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notebook_stream.saved.html.escape", str)
    found = blank.show(attacks, static_html, is_markdown=False).counts()
    for column in ("scripts", "requests", "active", "attributes"):
        assert found[column] > 0, column
