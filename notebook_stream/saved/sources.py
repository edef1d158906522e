"""Citations come in, each source once and with its number goes out: providers send one for each mention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..events import Citation
from .links import Target, shows_host, target_of
from .visible import visible_prose

MAX_SOURCES = 200
"""Sources that are listed."""

MAX_WORDS = 2_000
"""Characters of a title or a quotation."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is shown: `host` is "" where the words show it, `target` None where it is no link."""

    words: str
    target: Target | None
    host: str
    quote: str


def sources_of(citations: Iterable[Citation]) -> list[Source]:
    """The sources, in the order in which they were first named; the numbers are their places, from 1."""
    found: dict[str, Source] = {}
    for citation in citations:
        key = citation.url or f"{citation.title}\n{'' if citation.title else citation.quote}"
        if key not in found:
            found[key] = _source(citation)
    return list(found.values())


def _source(citation: Citation) -> Source:
    target = target_of(citation.url)
    words = visible_prose(
        (citation.title or (target.host if target else citation.url) or "source")[:MAX_WORDS]
    )
    host = target.host if target and not shows_host(words, target) else ""
    return Source(words, target, host, visible_prose(citation.quote[:MAX_WORDS]))
