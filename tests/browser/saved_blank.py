"""In: static HTML of hostile texts. Out: what it did in a blank page that trusts it, as a tally."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from notebook_stream import saved

from .attacks import Attack, Tally, targets
from .blank import POLICY, Blank

HERE = Path(__file__).parent
SCRIPT = (HERE / "saved_attacks.js").read_text(encoding="utf-8")
BATCH = 32

MadeHtml = Callable[[str], str]
"""HTML of a text."""


class SavedBlank(Blank):
    """The page, in which inline styles are allowed: the static copy has some of its own."""

    policy = POLICY.replace("style-src-attr 'none'", "style-src-attr 'unsafe-inline'")

    def show(self, attacks: Sequence[Attack], make: MadeHtml, *, is_markdown: bool) -> Tally:
        """Put what `make` gives for each text into the page, look at it, touch everything."""
        tally = Tally()
        ordered = sorted(attacks, key=lambda attack: len(attack.markdown))
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            cases = [{"html": make(one.markdown), "expected": targets(one.markdown)} for one in batch]
            answer: dict[str, Any] = self.page.evaluate(SCRIPT, {"cases": cases, "isMarkdown": is_markdown})
            tally.join(Tally(texts=len(batch)))
            for attack, result in zip(batch, answer["results"], strict=True):
                tally.add(attack.id, result["found"])
                tally.clicks += result["clicks"]
            names = " or ".join(attack.id for attack in batch)
            tally.add(names, answer["page"])
            tally.add(names, [f"requests|{url}" for url in self.asked])
            self.asked.clear()
        return tally


def record_of(text: str) -> saved.Record:
    """A run that answered with `text`."""
    return saved.Record(answers=(saved.Answer(text=text, finish_reason="stop"),), model="demo/markdown")


def static_html(text: str) -> str:
    """What is saved."""
    return saved.to_html(record_of(text))


def table_of(text: str) -> saved.Table:
    """A comparison in which everything that may come from outside is `text`: labels, answers, remarks."""
    group = saved.Group((record_of(text),), remark=text)
    return saved.Table((text,), text, ((text,),), (text,), ((group,),), note=text)


_unsafe = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_unsafe.validateLink = lambda url: True  # type: ignore[method-assign]


def unsafe_markdown_it(markdown: str) -> str:
    """By a renderer that lets HTML through, and any address."""
    return str(_unsafe.render(markdown))
