"""Hostile text in a static replay page, opened from a file with no network: nothing runs, asks or lies.

A recording may come from anywhere, so the text is everywhere in it: answer, reasoning, tokens and their
alternatives, names and data of events, headers, the request, the model's name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from notebook_stream import Recording, Stream
from notebook_stream.inspector import Track, page
from notebook_stream.recording import Header, Row

from .attacks import Attack, Tally, read_attacks
from .blank import INSPECTOR

LOOK = Path(__file__).with_name("page_attacks.js").read_text(encoding="utf-8")
SAMPLE = 64
TOGETHER = 8
"""Texts in one page: side by side."""
PATIENCE_MS = 60_000


def recording_of(text: str) -> Recording:
    """One in which everything that came is `text`."""
    chunk = {
        "choices": [
            {
                "index": 0,
                "delta": {"content": text, "reasoning_content": text[:500]},
                "logprobs": {
                    "content": [
                        {
                            "token": text,
                            "logprob": -0.1,
                            "top_logprobs": [{"token": text[:300], "logprob": -0.2}],
                        }
                    ]
                },
                "finish_reason": None,
            }
        ]
    }
    opened = {"status_code": 200, "headers": [["x-said", text[:300]], [text[:40], "x"]]}
    rows = [
        Row(0.1, ":opened", json.dumps(opened)),
        Row(0.2, ":", text[:200]),
        Row(0.3, "", json.dumps(chunk)),
        Row(0.4, text[:100], text),
        Row(0.5, "", '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'),
        Row(0.5, "", "[DONE]"),
        Row(0.6, ":end", json.dumps({"status": "done", "notice": text[:100]})),
    ]
    request = {"model": text[:80], "messages": [{"role": "user", "content": text}], text[:30]: 1}
    return Recording(
        Header(model=text[:80], wire_format="openai-chat", host=text[:80], request=request), rows
    )


def html_of(texts: Sequence[str]) -> str:
    """The page of them, side by side."""
    tracks = [Track(Stream.from_recording(recording_of(text)), text[:80]) for text in texts]
    options = {"view": "answer", "speed": 1.0, "playing": False, "race": len(tracks) > 1, "replay": True}
    return page.to_html(tracks, options)


def show(browser: Browser, folder: Path, attacks: Sequence[Attack], html: str) -> Tally:
    """Open the page and look at it and touch everything."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(offline=True)
    tally = Tally(texts=len(attacks))
    names = " or ".join(attack.id for attack in attacks)
    try:
        opened = context.new_page()
        asked: list[str] = []
        own = path.as_uri()
        opened.on("request", lambda request: None if _is_own(request.url, own) else asked.append(request.url))
        opened.on("framenavigated", lambda frame: None if frame.url == own else asked.append(frame.url))
        opened.on("popup", lambda popup: asked.append(f"popup {popup.url}"))
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.add_init_script(path=INSPECTOR)
        opened.goto(own)
        opened.locator(".notebook-stream input[type=range]").first.wait_for(timeout=PATIENCE_MS)
        opened.locator(".notebook-stream .ns-markdown").first.wait_for(state="attached", timeout=PATIENCE_MS)
        answer = opened.evaluate(LOOK)
        tally.add(names, answer["found"])
        tally.add(names, ["|".join(pair) for pair in answer["page"]])
        tally.add(names, [f"requests|{url}" for url in asked])
        tally.add(names, [f"errors|{error}" for error in errors])
        tally.clicks = answer["clicks"]
        tally.formulas = answer["answers"]
    finally:
        context.close()
    return tally


def _is_own(url: str, own: str) -> bool:
    return url == own or url.startswith(("blob:", "data:"))


def test_a_static_page_does_nothing_of_its_own(browser: Browser, corpus: Path, tmp_path: Path) -> None:
    attacks = read_attacks(corpus, SAMPLE)
    ordered = sorted(attacks, key=lambda attack: len(attack.markdown))
    tally = Tally()
    for start in range(0, len(ordered), TOGETHER):
        batch = ordered[start : start + TOGETHER]
        tally.join(show(browser, tmp_path, batch, html_of([attack.markdown for attack in batch])))
    assert tally.wrong == []
    assert tally.texts == len(attacks)
    assert tally.formulas >= len(attacks)  # each answer was there to be looked at
    assert tally.clicks > 0


@pytest.mark.parametrize(
    ("planted", "column"),
    [
        ("<script>alert(1)</script>", "scripts"),
        ('<img src="https://example.org/x.png">', "requests"),
    ],
)
def test_the_look_finds_what_is_planted(browser: Browser, tmp_path: Path, planted: str, column: str) -> None:
    attack = Attack("planted", "planted", "plain text")
    html = html_of(["plain text"]).replace('<main id="ns-root">', f'{planted}<main id="ns-root">')
    assert html.count(planted) == 1
    tally = show(browser, tmp_path, [attack], html)
    assert column in {found for _, found, _ in tally.wrong}
