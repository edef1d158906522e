"""Half-typed Markdown in a real page, a frame a character: no raw mark, no wrong block at any change.

On a page that is slowed down, too: there a slow parse is followed by a pause, in which marks could show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from .live_page import LivePage

CASES = {
    "emphasis": ("some **bold *and* more** text", r"\*"),
    "code": ("some ``co`de`` text", r"`<|>`"),
    "link": ("see [the *page*](https://example.com/a) now", r"[\[\]()*]|https"),
    "image": ("see ![a picture](https://example.com/i.png) now", r"[!\[\]()]|https"),
    "autolink": ("see <https://example.com/a> now", r"<h|&lt;"),
    "heading": ("text\n\n## head\n\nmore", r"#"),
    "list": ("- **one**\n- two\n  1. three\n\nmore", r"<p>[-*\d]|\*|\d\."),
    "task": ("- [x] done\n- [ ] open\n", r"[\[\]]"),
    "table": ("| a | b |\n|---|---|\n| 1 | 2 |\n", r"\||--"),
    "fence": ("```python\nx = 1\n```\n\nmore", r"`|<p>python"),
    "rule": ("text\n\n---\n\nmore", r"-|<h2>"),
    "setext": ("text\n---\nmore", r"-"),
    "formula": ("so $x^2 + y$ is\n\n$$\na\n- b\n$$\n\nmore", r"<li>|<h\d>|<p>[^<]*\$"),
}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def slowed(page: Page, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, with this many times less of the processor."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": request.param})
    yield page
    devtools.detach()


@pytest.mark.parametrize("slowed", [1, 6], ids=["at full speed", "slowed"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_nothing_flashes(slowed: Page, name: str) -> None:
    text, forbidden = CASES[name]
    seen = LivePage(slowed).type(text)
    assert len(seen) >= 2  # a pause may leave no more of the shortest: "| a | b |"
    assert [shape for shape in seen if re.search(forbidden, shape)] == []
