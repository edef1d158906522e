"""The saved copy shows what the page shows: blocks and text, formulas by their TeX, code by its text."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notebook_stream.saved.links import target_of
from notebook_stream.saved.page import markdown_html
from notebook_stream.saved.texts import Texts
from tests.saved import texts

from .attacks import read_attacks
from .blank import Blank

STATIC = Path(__file__).resolve().parents[2] / "notebook_stream" / "static"
SCRIPT = Path(__file__).with_name("saved_shape.js").read_text(encoding="utf-8")
BATCH = 40
SAMPLE = 160

NO_LINK = {
    "dos-": "an address of 20,000 characters is no link in the copy",
    "html_xss-3bb18336": "a link around a link: HTML has none, so the copy keeps the inner one",
}
"""Hostile texts that the copy shows otherwise, by the beginning of their id."""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Blank]:
    """The page."""
    blank = Blank(browser, STATIC)
    yield blank
    blank.close()


def differences(blank: Blank, sources: Sequence[str]) -> list[tuple[str, str, str]]:
    """Text, what the page shows, what the copy shows, where these differ."""
    found = []
    for start in range(0, len(sources), BATCH):
        batch = sources[start : start + BATCH]
        cases = [{"text": text, "html": markdown_html(text, Texts())} for text in batch]
        shapes = blank.page.evaluate(SCRIPT, cases)
        pairs = zip(batch, shapes, strict=True)
        found += [(text[:200], live, still) for text, (live, still) in pairs if live != still]
    return found


def test_the_examples_of_commonmark_are_shown_alike(blank: Blank) -> None:
    examples = texts.commonmark()
    assert len(examples) == 652
    assert differences(blank, examples) == []


def test_the_examples_of_gfm_are_shown_alike(blank: Blank) -> None:
    examples = texts.gfm()
    assert len(examples) == 48
    assert differences(blank, examples) == []


def test_answers_are_shown_alike(blank: Blank) -> None:
    assert differences(blank, texts.answers()) == []


def test_recorded_answers_are_shown_alike(blank: Blank, corpus: Path) -> None:
    found = texts.recorded_answers()
    assert len(found) > 100
    assert differences(blank, found) == []


def test_hostile_texts_are_shown_alike(blank: Blank, corpus: Path) -> None:
    attacks = [one for one in read_attacks(corpus, SAMPLE) if Texts().blocks(one.markdown) is not None]
    excused = {one.markdown[:200] for one in attacks if one.id.startswith(tuple(NO_LINK))}
    wrong = differences(blank, [one.markdown for one in attacks])
    assert [one for one in wrong if one[0] not in excused] == []


def test_a_difference_is_found(blank: Blank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.saved.render.visible_prose", str)
    assert [text for text, _, _ in differences(blank, ["a\u202eb", "plain"])] == ["a\u202eb"]


def test_a_lost_block_is_found(blank: Blank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.saved.html._formula", lambda node: "")
    assert len(differences(blank, ["a\n\n$$\nx\n$$\n\nb", "so $x$ is", "- [ ] plain"])) == 2


SCHEMES = ("http://", "https://", "HTTP://", "https:", "http:/", "//", "javascript:", "ftp://", "")
USERS = ("", "", "", "a@", "a:b@", "github.com@", "%40@")
WRITTEN_HOSTS = """
a.com EXAMPLE.org a.com. localhost 127.1 0x7f.1 2130706433 017700000001 256.1.1.1 1.2.3.4.5 [::1]
[::ffff:127.0.0.1] [fe80::1%25a] xn--e1afmkfd.com xn--a.com xn--zzzz---.com пример.com a\u3002com ａ.com
a\u2024com ex\u2100mple.com a\xadb.com a\u200db.com ß.de a%2ecom a%00.com a_b.com a..com . a,b.com a!b.com
a"b.com a`b.com a{b}.com a|b.com a^b.com %E3%80%82.com ☕.com \u212a.com 1e3.com a.0x a.09 a.1
"""
HOSTS = WRITTEN_HOSTS.split()
PORTS = ("", "", "", ":80", ":443", ":8080", ":", ":0", ":65536", ":00080", ":x")
PATHS = ["", "/", "/a b", "\\b", "/../c", "?q=1", "#f", "/%zz", "/é", "/a\tb", "/'\"<>`", "/a|b", "/[x](y)"]
PATHS += ["?a&copy;b", "/a@b.com", "\\\\evil.com", " ", "\n/x"]
BROWSER = """pairs => pairs.map(([raw, href]) => {
  // Escaped or not, these are the same to a server.
  const escape = (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`;
  const canonical = (text) => new URL(text).href.replace(/['|[\\]^`{}]/g, escape);
  return [canonical(raw), canonical(href), new URL(href).host];
})"""


def test_a_target_is_where_the_browser_goes(blank: Blank) -> None:
    """No link, or one that leads where it says and where the address leads: of any address."""
    chosen = random.Random(7)
    raw = ["".join(map(chosen.choice, (SCHEMES, USERS, HOSTS, PORTS, PATHS))) for _ in range(6000)]
    found = [(one, target) for one in raw if (target := target_of(one))]
    assert len(found) > 1000
    told = blank.page.evaluate(BROWSER, [[one, target.href] for one, target in found])
    pairs = zip(found, told, strict=True)
    assert [
        (one, target, seen) for (one, target), seen in pairs if seen != [seen[0], seen[0], target.host]
    ] == []
