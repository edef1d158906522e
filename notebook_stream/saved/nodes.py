"""What is shown of a text, as a tree: the page's own views (`js/src/markdown/nodes.ts`).

Closed lists of tags; HTML and Markdown are written from it. All text in it is visible as it stands; all
targets have passed `links`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Tag = Literal[
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr", "br",
    "table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "code", "a", "image", "task",
]  # fmt: skip
"""Those of HTML, and two of ours: "image" where none is loaded, "task" for the box of a task list."""


@dataclass(slots=True)
class Text:
    """A piece of prose; in "code" elements one of code."""

    text: str


@dataclass(slots=True)
class Element:
    """`href` and `host` are of links, where `host` is "" if the text shows it.

    `align` is of cells ("" or a side), `start` of "ol", `done` of "task", `tight` of lists.
    """

    tag: Tag
    children: list[Node] = field(default_factory=list)
    href: str = ""
    host: str = ""
    start: int = 1
    align: str = ""
    done: bool = False
    tight: bool = False


@dataclass(slots=True)
class Code:
    """A block of code; `language` is a checked name or ""."""

    language: str
    text: str


@dataclass(slots=True)
class Math:
    """A closed formula. `source`: as it was written; `display`: in a line, a display in it, or a block."""

    tex: str
    display: Literal["inline", "flow", "block"]
    source: str


Node: TypeAlias = "Text | Element | Code | Math"


def plain_text(nodes: Iterable[Node]) -> str:
    """The words of a link, by which it is told whether they show its host."""
    return "".join(_words(node) for node in nodes)


def _words(node: Node) -> str:
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Element):
        return plain_text(node.children)
    return node.source if isinstance(node, Math) else ""
