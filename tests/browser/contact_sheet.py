"""In: half-typed Markdown. Out: one PNG, a row a case: what has been typed, and below it what the page shows.

    python -m tests.browser.contact_sheet half-typed.png

Needs a built page and a Chromium; knows no Jupyter. It judges nothing: test_flashes.py does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Route, sync_playwright

from .conftest import CHROMIUM_OPTIONS, find_chromium
from .live_page import STATIC
from .test_flashes import CASES

FRAMES = 8
ORIGIN = "http://sheet.test"
PAGE = f"""<!doctype html><meta charset="utf-8"><title>half-typed</title><style>
  body {{ margin: 16px; background: white; font: 13px system-ui, sans-serif; }}
  #sheet {{ display: grid; grid-template-columns: 84px repeat({FRAMES}, 200px); gap: 1px; background: #ddd; }}
  #sheet > * {{ background: white; padding: 8px; min-width: 0; overflow: hidden; }}
  .typed {{ color: #5f6368; font: 11px/1.35 monospace; white-space: pre-wrap; overflow-wrap: anywhere; }}
  .shown {{ margin-top: 6px; border-top: 1px dashed #ddd; padding-top: 6px; }}
</style><div id="sheet"></div>"""
DRAW = """async ([cases, frames]) => {
  const { createMarkdownStream, markdownStyles } = await import('/markdown.js');
  const part = (name) => async () => (await import(`/${name}.js`)).default().initialize();
  const parts = { highlighter: part('highlight'), typesetter: part('maths') };
  const sheet = document.querySelector('#sheet');
  const add = (parent, className, text) => {
    const element = parent.appendChild(document.createElement('div'));
    element.className = className;
    element.textContent = text;
    return element;
  };
  for (const [name, text] of cases) {
    add(sheet, 'name', name);
    for (let frame = 1; frame <= frames; frame++) {
      const typed = text.slice(0, Math.round((text.length * frame) / frames));
      const cell = add(sheet, 'frame', '');
      add(cell, 'typed', typed.replaceAll('\\n', '↵\\n'));
      const root = add(cell, 'shown', '').attachShadow({ mode: 'open' });
      root.appendChild(document.createElement('style')).textContent = markdownStyles;
      createMarkdownStream(root, parts).append(typed);
    }
    await new Promise(requestAnimationFrame);
  }
  await new Promise((resolve) => setTimeout(resolve, 1500)); // the parts come late
}"""


def draw(browser: Browser, path: Path) -> None:
    """Write the sheet to `path`."""

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        file = STATIC / name
        if not name:
            route.fulfill(body=PAGE, content_type="text/html")
        elif file.suffix == ".js" and file.exists():
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type="text/javascript")
        else:
            route.fulfill(status=404)

    # High enough for all of it: finished blocks outside the window are not painted.
    page = browser.new_page(viewport={"width": 84 + FRAMES * 201 + 32, "height": 4000})
    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/")
    page.evaluate(DRAW, [[[name, text] for name, (text, _) in CASES.items()], FRAMES])
    page.locator("#sheet").screenshot(path=path)
    page.close()


def main() -> None:
    """Draw the sheet into the file that the command line names."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.browser.contact_sheet FILE.png")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_OPTIONS))
        draw(browser, Path(sys.argv[1]))
        browser.close()


if __name__ == "__main__":
    main()
