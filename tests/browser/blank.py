"""In: a build of the Markdown module. Out: a blank page that renders hostile texts; what it asked for.

Needs no Jupyter: the page is made here, and whatever it asks for beyond itself is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, Route

from .attacks import Attack, Feed, Tally, targets, targets_on_the_way

HERE = Path(__file__).parent
INSPECTOR = HERE / "attack_inspector.js"
ORIGIN = "http://blank.test"
BATCH = 32
PATIENCE_MS = 10_000

# Everything runs that can run, and is told: by the inspector's hooks, or by this policy that only reports.
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-ours' 'unsafe-eval'; style-src-elem 'unsafe-inline'; "
    "style-src-attr 'none'; base-uri 'none'; form-action 'none'"
)
PAGE = """<!doctype html><meta charset="utf-8"><title>blank</title><link rel="icon" href="data:,">
<style>.host { margin: 40px; }</style><body><script nonce="ours">
const loaded = {};
/** Loaders of the parts that were built, or none; `settleParts` waits until they have done their work. */
window.loadParts = async (names) => {
  for (const name of names) loaded[name] ??= (await import(`/${name}.js`))[FACTORIES[name]]();
  return {
    ...(loaded.highlight && { highlighter: async () => loaded.highlight }),
    ...(loaded.maths && { typesetter: async () => loaded.maths }),
  };
};
const FACTORIES = { highlight: "createHighlighter", maths: "createTypesetter" };
window.settleParts = async (content) => {
  const isDone = () => !content.querySelector("code.ns-tex:not([title])");
  for (let tries = loaded.maths ? 20 : 0; tries > 0 && !isDone(); tries--) {
    await new Promise((done) => setTimeout(done, 10));
  }
};
</script>"""
RENDER = (HERE / "markdown_attacks.js").read_text(encoding="utf-8")
PARTS = ("highlight", "maths")


SHOW = """async (text) => {
  const { createMarkdownStream, markdownStyles } = await import("/markdown.js");
  const host = document.body.appendChild(document.createElement("div"));
  host.className = "host";
  const root = host.attachShadow({ mode: "open" });
  root.appendChild(document.createElement("style")).textContent = markdownStyles;
  const stream = createMarkdownStream(root);
  stream.append(text);
  stream.end();
}"""


@dataclass(frozen=True, slots=True)
class Pressed:
    """One link that was pressed: its address, what the reader was told before, what was asked for then."""

    href: str
    told: str
    opened: str


class Blank:
    """A blank page that keeps what it asks for. `static`: the folder of a build."""

    policy = POLICY

    def __init__(self, browser: Browser, static: Path) -> None:
        self.context = browser.new_context(viewport={"width": 1000, "height": 800})
        self.asked: list[str] = []
        self.popups: list[Page] = []
        self._files = {f"{ORIGIN}/": (PAGE, "text/html")}
        for name in ("markdown", *PARTS):
            if (static / f"{name}.js").exists():
                script = (static / f"{name}.js").read_text(encoding="utf-8")
                self._files[f"{ORIGIN}/{name}.js"] = (script, "text/javascript")
        self.parts = [name for name in PARTS if f"{ORIGIN}/{name}.js" in self._files]
        self.context.add_init_script(path=INSPECTOR)
        self.context.route("**/*", self._answer)
        self.page = self.context.new_page()
        self.context.on("page", lambda page: self.popups.append(page))
        self.page.on("framenavigated", lambda frame: self._navigated(frame.url))
        self.page.goto(f"{ORIGIN}/")
        self.page.wait_for_load_state()
        self.page.evaluate("attacks.page.splice(0)")
        self._loaded = True
        self.asked.clear()

    def close(self) -> None:
        """Close the page and its popups."""
        self.context.close()

    def render(self, attacks: Iterable[Attack], feed: Feed) -> Tally:
        """Feed each text to a stream of its own."""
        tally = Tally()
        # Of like length together, for a batch takes as many frames as its longest; what may block, alone.
        ordered = sorted(attacks, key=lambda attack: len(attack.markdown))
        timed = [attack for attack in ordered if attack.kind == "dos" and len(feed(attack.markdown)) < BATCH]
        rest = [attack for attack in ordered if attack not in timed]
        batches = [rest[start : start + BATCH] for start in range(0, len(rest), BATCH)]
        for batch in [*batches, *([attack] for attack in timed)]:
            tally.join(self._render_batch(batch, feed, is_alone=batch[0] in timed))
        return tally

    def press_links(self, text: str) -> list[Pressed]:
        """Render `text`, then come to each link with the mouse and press it; the popups are closed again."""
        self.page.evaluate(SHOW, text)
        links = self.page.locator(".host a")
        found = []
        for index in range(links.count()):
            link = links.nth(index)
            link.hover()
            assert self.asked == [], "hovering asked for something"
            href = str(link.get_attribute("href"))
            told = str(link.evaluate("link => link.getAttribute('aria-description') ?? link.textContent"))
            with self.context.expect_page() if href.startswith("http") else nullcontext():
                link.click()
            wait_until_asked(self.page, self.asked if href.startswith("http") else [""])
            found.append(Pressed(href, told, " and ".join(self.asked)))
            self._close_popups()
        self.page.evaluate("document.querySelector('.host').remove()")
        return found

    def _close_popups(self) -> None:
        for popup in self.popups:
            popup.close()
        self.popups.clear()
        self.asked.clear()

    def _render_batch(self, batch: list[Attack], feed: Feed, is_alone: bool) -> Tally:
        tally = Tally(texts=len(batch))
        cases = [{"pieces": feed(one.markdown), "expected": targets(one.markdown)} for one in batch]
        answer: dict[str, Any] = self.page.evaluate(RENDER, {"cases": cases, "parts": self.parts})
        for attack, result in zip(batch, answer["results"], strict=True):
            tally.add(attack.id, result["found"])
            tally.add(attack.id, self._wrong_targets(attack, result["strange"]))
            tally.clicks += result["clicks"]
            tally.formulas += result["formulas"]
            tally.coloured += result["coloured"]
            if is_alone:
                tally.longest_ms = max(tally.longest_ms, result["longest"])
        names = " or ".join(attack.id for attack in batch)
        tally.add(names, answer["page"])
        tally.add(names, [f"requests|{url}" for url in self.asked])
        self.asked.clear()
        return tally

    def _wrong_targets(self, attack: Attack, strange: list[tuple[str, int]]) -> list[str]:
        found = []
        for href, shown in strange:
            prefix = utf16_prefix(attack.markdown, shown)
            allowed = self.page.evaluate(
                "raw => raw.map(attacks.canonical)", targets_on_the_way(prefix, attack.markdown)
            )
            if href not in allowed:
                found.append(f"links|leads to {href} after {prefix[-60:]!r}")
        return found

    def _answer(self, route: Route) -> None:
        url = route.request.url
        if url in self._files and not (url == f"{ORIGIN}/" and hasattr(self, "_loaded")):
            body, kind = self._files[url]
            headers = {"Content-Security-Policy-Report-Only": self.policy}
            route.fulfill(body=body, content_type=kind, headers=headers)
            return
        self.asked.append(told(route.request))
        route.abort()

    def _navigated(self, url: str) -> None:
        if url != f"{ORIGIN}/":
            self.asked.append(f"navigated to {url}")


def wait_until_asked(page: Page, asked: list[str]) -> None:
    """A window is there before it asks for its document."""
    for _ in range(PATIENCE_MS // 10):
        if asked:
            return
        page.wait_for_timeout(10)


def told(request: Request) -> str:
    """What was asked for, and with which referrer."""
    referrer = request.headers.get("referer")
    return request.url + (f" from {referrer}" if referrer and ORIGIN not in request.url else "")


def utf16_prefix(text: str, units: int) -> str:
    """The first `units` UTF-16 units of `text`, as the page counts."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")
