"""In: recorded hostile texts. Out: those of a run, in pieces; which targets their links may have; a tally.

The targets come from markdown-it-py and a reading of bare addresses of our own, so that what the page makes
of a text is held against something that is not the page. Knows nothing of browsers.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

SEED = 20261122
LONG = 2000
"""Characters; longer texts come by sixteen where others come by one, the longest in `MOST_PIECES` pieces."""
MOST_PIECES = 400
LONGEST = 20_000

COLUMNS = ("scripts", "requests", "active", "attributes", "overlays", "links", "commands", "copies", "errors")
TITLES = {
    "scripts": "script runs",
    "requests": "requests without a click",
    "active": "active elements",
    "attributes": "attributes from text",
    "overlays": "overlays",
    "links": "wrong links",
    "commands": "keys, commands",
    "copies": "copied is not shown",
    "errors": "errors",
}


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile text."""

    id: str
    kind: str
    markdown: str


@dataclass(slots=True)
class Tally:
    """What a run over many texts found, as (text's id, column, words); what it made and pressed."""

    texts: int = 0
    clicks: int = 0
    formulas: int = 0
    coloured: int = 0
    longest_ms: float = 0.0
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, attack: str, findings: Iterable[str]) -> None:
        """`findings`: "column|words"."""
        for finding in findings:
            column, words = finding.split("|", 1)
            assert column in COLUMNS, finding
            self.wrong.append((attack, column, words))

    def counts(self) -> Counter[str]:
        """Column -> findings."""
        return Counter(column for _, column, _ in self.wrong)

    def join(self, other: Tally) -> None:
        """Take in what `other` found."""
        self.texts += other.texts
        self.clicks += other.clicks
        self.formulas += other.formulas
        self.coloured += other.coloured
        self.longest_ms = max(self.longest_ms, other.longest_ms)
        self.wrong += other.wrong


def read_attacks(corpus: Path, sample: int) -> list[Attack]:
    """All of them in a whole run; else `sample`, the same each time, one of each kind before the rest."""
    lines = (corpus / "attacks.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    found = [Attack(entry["id"], entry["kind"], entry["markdown"]) for entry in entries]
    if os.environ.get("NOTEBOOK_STREAM_WHOLE") == "1":
        return found
    random.Random(SEED).shuffle(found)
    kinds = sorted({attack.kind for attack in found})
    first = [
        min((a for a in found if a.kind == kind), key=lambda a: len(a.markdown) >= LONGEST) for kind in kinds
    ]
    # The longest take seconds each, and are there in a whole run.
    rest = [attack for attack in found if attack not in first and len(attack.markdown) < LONGEST]
    return (first + rest)[: max(sample, len(first))]


# -- feeding ----------------------------------------------------------------------------------------------


def at_once(text: str) -> list[str]:
    """In one piece."""
    return [text]


def chunks(text: str, most: int = 20) -> list[str]:
    """Up to `most` pieces, the same each time."""
    chosen = random.Random(text)
    at = sorted({chosen.randint(1, max(1, len(text))) for _ in range(most - 1)} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(at)]


def characters(text: str) -> list[str]:
    """Each character alone; of long texts sixteen, of the longest so many that there are `MOST_PIECES`."""
    step = 1 if len(text) <= LONG else max(16, len(text) // MOST_PIECES)
    return [text[at : at + step] for at in range(0, len(text), step)]


Feed = Callable[[str], list[str]]
FEEDS: dict[str, Feed] = {"at once": at_once, "chunks": chunks, "characters": characters}


# -- what links may lead to -------------------------------------------------------------------------------

_reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_ADDRESS = re.compile(r"(?:https?:|mailto:|www\.)[^\s<]*|(?<![\w.+-])[\w.+-]+@[\w.-]+", re.I)
# Where an address may end: before a delimiter or the end, and before any punctuation that stands there.
_END = re.compile(r"(?:[?!.,:*_~;'\"()\[\]{}`|\\>]|&\w+;)*(?:[<>()\[\]{}\"'`|*\\]|$)")
MOST_ENDS = 40
"""Of one address, from either side: hostile ones have thousands."""


def targets(text: str) -> list[str]:
    """Where the links and images of `text` lead, as it reads to its end, bare addresses included."""
    return sorted({*_written(text), *_bare(text)})


def targets_on_the_way(prefix: str, text: str) -> list[str]:
    """Where links may lead after `prefix` besides `targets(text)`: complete addresses that are none later.

    A code span that closes later may take a link back; an address that goes on may never have been one.
    """
    complete = set(_bare(text))
    return [target for target in _written(prefix) if target in complete]


def _written(text: str) -> Iterator[str]:
    yield from _hrefs(_reader.parse(text))


def _hrefs(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        for name in ("href", "src"):
            if name in token.attrs:
                yield str(token.attrs[name])
        yield from _hrefs(token.children or [])


def _bare(text: str) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        ends = sorted({end for run in _END.finditer(found[0]) for end in range(run.start(), run.end() + 1)})
        for end in {*ends[:MOST_ENDS], *ends[-MOST_ENDS:]}:
            address = _absolute(found[0][:end])
            yield from (address, _reader.normalizeLink(address))


def _absolute(address: str) -> str:
    if re.match(r"[a-z][a-z0-9+.-]*:", address, re.I):
        return address
    return f"http://{address}" if address.lower().startswith("www.") else f"mailto:{address}"
