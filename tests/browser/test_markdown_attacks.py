"""Hostile Markdown goes through the built module in a blank page: nothing runs, nothing is requested.

Needs no Jupyter: the page is made here, and whatever it asks for beyond itself is a finding.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

MODULE = Path(__file__).resolve().parents[2] / "notebook_stream" / "static" / "markdown.js"
ORIGIN = "http://blank.test"
SAMPLE = 90
BATCH = 30
SEED = 20261122
LONGEST_BLOCK_MS = 6000  # thirty times the goal of 200 ms: browser and machine may be busy with other tests

# Everything runs that can run, and is counted: by the hooks below, or by the policy that only reports.
POLICY = "script-src 'self' 'nonce-ours' 'unsafe-eval'; base-uri 'none'; form-action 'none'"
PAGE = """<!doctype html><meta charset="utf-8"><title>blank</title><body><script nonce="ours">
window.findings = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
  window[name] = () => { findings.push("ran " + name); };
}
addEventListener("securitypolicyviolation", (event) => findings.push("policy " + event.violatedDirective));
</script>"""

RENDER = Path(__file__).with_name("markdown_attacks.js").read_text(encoding="utf-8")


class Guarded:
    """A blank page that keeps what it asks for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self._own = {
            f"{ORIGIN}/": (PAGE, "text/html"),
            f"{ORIGIN}/markdown.js": (module_text(), "text/javascript"),
        }
        page.context.route("**/*", self._answer)
        page.on("framenavigated", lambda frame: self._navigated(frame.url))
        page.goto(f"{ORIGIN}/")
        page.wait_for_load_state()
        self.asked.clear()

    def render(self, cases: list[dict[str, Any]], planted: str = "") -> dict[str, Any]:
        """`results`: what was found in each case, its longest block in milliseconds; `page`: in all."""
        found: dict[str, Any] = self.page.evaluate(RENDER, {"cases": cases, "planted": planted})
        return found

    def _answer(self, route: Route) -> None:
        url = route.request.url
        if url in self._own and not (url == f"{ORIGIN}/" and self.asked):
            body, kind = self._own[url]
            route.fulfill(
                body=body, content_type=kind, headers={"Content-Security-Policy-Report-Only": POLICY}
            )
            return
        self.asked.append(url)
        route.abort()

    def _navigated(self, url: str) -> None:
        if url != f"{ORIGIN}/":
            self.asked.append(f"navigated to {url}")


def module_text() -> str:
    if not MODULE.exists():
        pytest.skip("notebook_stream/static/markdown.js is not built: run `make build`")
    return MODULE.read_text(encoding="utf-8")


@pytest.fixture
def guarded(browser: Browser) -> Iterator[Guarded]:
    """The page, in a context of its own."""
    context = browser.new_context()
    yield Guarded(context.new_page())
    context.close()


@pytest.fixture(scope="session")
def attacks(corpus: Path) -> list[dict[str, str]]:
    """The hostile texts: a seeded sample with something of each kind, or all of them."""
    lines = (corpus / "attacks.jsonl").read_text(encoding="utf-8").splitlines()
    found: list[dict[str, str]] = [json.loads(line) for line in lines]
    if os.environ.get("NOTEBOOK_STREAM_WHOLE") == "1":
        return found
    chosen = random.Random(SEED)
    chosen.shuffle(found)
    kinds = sorted({attack["kind"] for attack in found})
    first = [next(attack for attack in found if attack["kind"] == kind) for kind in kinds]
    return first + [attack for attack in found if attack not in first][: SAMPLE - len(first)]


def at_once(text: str) -> list[str]:
    return [text]


def cut(text: str) -> list[str]:
    """Up to twenty pieces; each costs a frame."""
    chosen = random.Random(text)
    at = sorted({chosen.randint(1, max(1, len(text))) for _ in range(19)} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(at)]


@pytest.mark.parametrize("split", [at_once, cut])
def test_nothing_runs_and_nothing_is_requested(
    guarded: Guarded, attacks: list[dict[str, str]], split: Callable[[str], list[str]]
) -> None:
    wrong: list[str] = []
    for start in range(0, len(attacks), BATCH):
        batch = attacks[start : start + BATCH]
        cases = [{"parts": split(attack["markdown"]), "alone": attack["kind"] == "dos"} for attack in batch]
        found = guarded.render(cases)
        wrong += [f"one of {[attack['id'] for attack in batch]}: {finding}" for finding in found["page"]]
        for attack, result in zip(batch, found["results"], strict=True):
            wrong += [f"{attack['id']}: {finding}" for finding in result["found"]]
            if attack["kind"] == "dos" and result["longest"] > LONGEST_BLOCK_MS:
                wrong.append(f"{attack['id']}: blocked for {result['longest']:.0f} ms")
    assert wrong == []
    assert guarded.asked == []


def test_the_check_finds_what_an_html_parser_would_let_through(guarded: Guarded) -> None:
    hostile = '<img src="https://beacon.evil.test/x" onerror="alert(1)" style="position:fixed" data-x="1">'
    found = guarded.render([{"parts": [hostile]}], planted="innerHTML")
    expected = {"element img", "attribute onerror", "attribute style", "attribute data-x"}
    assert expected <= set(found["results"][0]["found"])
    guarded.page.wait_for_function("findings.includes('ran alert')")
    assert "https://beacon.evil.test/x" in guarded.asked


@pytest.mark.parametrize(
    "text",
    [
        "[https://github.com/jupyter](https://evil.test/login)",
        "[https://github.com](https://github.com@evil.test)",
        "[evil.test.github.com](https://evil.test)",
        "[](https://evil.test)",
        "![https://github.com](https://evil.test/i.png)",
    ],
)
def test_a_link_tells_its_host_behind_its_text(guarded: Guarded, text: str) -> None:
    told = guarded.page.evaluate(
        """async (text) => {
          const { createMarkdownStream, markdownStyles } = await import("/markdown.js");
          const host = document.body.appendChild(document.createElement("div"));
          const root = host.attachShadow({ mode: "open" });
          root.appendChild(document.createElement("style")).textContent = markdownStyles;
          const stream = createMarkdownStream(root);
          stream.append(text);
          stream.end();
          return getComputedStyle(root.querySelector("a"), "::after").content;
        }""",
        text,
    )
    assert "evil.test" in told
