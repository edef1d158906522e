"""Hostile Markdown in the built module, in a blank page: nothing runs, nothing is requested, no link lies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from playwright.sync_api import Browser

from .attacks import FEEDS, Attack, read_attacks
from .blank import Blank
from .builds import build, can_build

STATIC = Path(__file__).resolve().parents[2] / "notebook_stream" / "static"
SAMPLE = 90
PLANTED_SAMPLE = 40
LONGEST_BLOCK_MS = 6000  # thirty times the goal of 200 ms: browser and machine may be busy with other tests


@pytest.fixture
def blank(browser: Browser) -> Iterator[Blank]:
    """The page, in a context of its own."""
    page = Blank(browser, STATIC)
    yield page
    page.close()


@pytest.fixture(scope="session")
def attacks(corpus: Path) -> list[Attack]:
    """The hostile texts."""
    return read_attacks(corpus, SAMPLE)


@pytest.mark.parametrize("feed", FEEDS)
def test_nothing_runs_nothing_is_requested_no_link_lies(
    blank: Blank, attacks: list[Attack], feed: str
) -> None:
    tally = blank.render(attacks, FEEDS[feed])
    assert tally.wrong == []
    assert tally.texts == len(attacks)
    assert tally.clicks > 0
    # The parts were at work: otherwise nothing was said of what they make.
    assert tally.formulas > 0
    assert tally.coloured > 0
    assert tally.longest_ms < LONGEST_BLOCK_MS
    assert blank.popups == []


def test_the_check_catches_one_planted_html_parser(
    browser: Browser, attacks: list[Attack], tmp_path: Path
) -> None:
    if not can_build():
        pytest.skip("needs Node and js/node_modules: run `make setup`")
    page = Blank(browser, build(tmp_path, planted=True) / "static")
    found = page.render(attacks[:PLANTED_SAMPLE], FEEDS["chunks"]).counts()
    page.close()
    for column in ("scripts", "requests", "active", "attributes"):
        assert found[column] > 0, column


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("[https://github.com/jupyter](https://evil.test/login)", "https://evil.test/login"),
        ("[https://github.com](https://github.com@evil.test)", "https://github.com@evil.test/"),
        ("[evil.test.github.com](https://evil.test)", "https://evil.test/"),
        ("[](https://evil.test)", "https://evil.test/"),
        ("![https://github.com](https://evil.test/i.png)", "https://evil.test/i.png"),
        ("[a]\n\n[a]: https://evil.test/late", "https://evil.test/late"),
        ("- > | [x](http://evil.test/cell) |\n  > |---|", "http://evil.test/cell"),
    ],
)
def test_a_pressed_link_opens_what_it_told(blank: Blank, text: str, leads_to: str) -> None:
    opened = blank.press_links(text)
    assert [(link.href, link.told) for link in opened] == [(leads_to, "evil.test")]
    assert [link.opened for link in opened] == [leads_to]


def test_pressed_links_of_hostile_texts_open_what_they_told(blank: Blank, attacks: list[Attack]) -> None:
    spoofs = [attack for attack in attacks if attack.kind in ("link_spoof", "url_scheme", "prefix_bypass")]
    opened = [link for attack in spoofs for link in blank.press_links(attack.markdown)]
    assert opened != []
    for link in opened:
        assert link.opened == urldefrag(link.href).url
        assert link.told in link.href


def test_a_mail_address_opens_nothing_here(blank: Blank) -> None:
    [link] = blank.press_links("[https://github.com](mailto:a@evil.test)")
    assert (link.href, link.told, link.opened) == ("mailto:a@evil.test", "a@evil.test", "")
