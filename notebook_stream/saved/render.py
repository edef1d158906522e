"""Markdown comes in, the tree of `nodes` goes out, by the page's own rules (`js/src/markdown/render.ts`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from markdown_it.token import Token

from .links import shows_host, target_of
from .nodes import Code, Element, Math, Node, Tag, Text, plain_text
from .parser import language_of, parse
from .rules.characters import SPACE
from .rules.formula import source_of
from .visible import visible_code, visible_prose

MAX_SPANS = 100
"""Emphasis within emphasis: a few thousand elements deep, a browser runs out of stack."""

_BLOCKS: dict[str, Tag] = {
    "paragraph_open": "p",
    "blockquote_open": "blockquote",
    "bullet_list_open": "ul",
    "ordered_list_open": "ol",
    "list_item_open": "li",
    "table_open": "table",
    "thead_open": "thead",
    "tbody_open": "tbody",
    "tr_open": "tr",
    "th_open": "th",
    "td_open": "td",
}
_SPANS: dict[str, Tag] = {"em_open": "em", "strong_open": "strong", "s_open": "s"}
_TASK = re.compile(rf"\[([ xX])\](?=[{SPACE}])")


def render(text: str) -> list[Node]:
    """The blocks of `text`.

    Raises:
        TooMuch: the text would keep the parser busy for longer than it is worth.
    """
    top: list[Node] = []
    stack = [top]
    lists: list[Element] = []
    at_item_start = False
    for token in parse(text):
        here = stack[-1]
        if token.nesting == 1:
            if not token.hidden:
                element = _open(token)
                here.append(element)
                stack.append(element.children)
                if element.tag in ("ul", "ol"):
                    lists.append(element)
            elif lists:
                lists[-1].tight = True
            if token.type != "paragraph_open":
                at_item_start = token.type == "list_item_open"
        elif token.nesting == -1:
            if not token.hidden:
                stack.pop()
            if token.type.endswith("_list_close"):
                lists.pop()
            at_item_start = False
        else:
            here.extend(_leaf(token, at_item_start))
            at_item_start = False
    return top


def _open(token: Token) -> Element:
    if token.type == "heading_open":
        return Element(cast(Tag, f"h{int(token.tag[1:])}"))
    element = Element(_BLOCKS[token.type])
    if element.tag == "ol":
        element.start = int(token.attrs.get("start", 1))
    if element.tag in ("th", "td"):
        align = str(token.attrs.get("style", "")).removeprefix("text-align:")
        element.align = align if align in ("left", "center", "right") else ""
    return element


def _leaf(token: Token, at_item_start: bool) -> list[Node]:
    if token.type == "inline":
        nodes = render_inline(token.children or [])
        return _with_check_box(nodes, token.content) if at_item_start else nodes
    if token.type == "fence":
        return [code(language_of(token.info), token.content)]
    if token.type == "code_block":
        return [code("", token.content)]
    if token.type == "hr":
        return [Element("hr")]
    if token.type == "math_block":
        return [Math(token.content.strip(), "block", source_of(token.markup, token.content))]
    return [Text(visible_prose(token.content))] if token.content else []


def code(language: str, text: str) -> Code:
    """A block of code; what is copied from it ends with no line end."""
    return Code(language, visible_code(text.removesuffix("\n")))


def _with_check_box(nodes: list[Node], content: str) -> list[Node]:
    """GFM task lists. `content` tells a box from escaped brackets, the first node one from a link."""
    found = _TASK.match(content)
    first = nodes[0] if nodes else None
    if not found or not isinstance(first, Text):
        return nodes
    box = Element("task", done=found[1] != " ")
    return [box, Text(first.text[len(found[0]) :]), *nodes[1:]]


class _Span:
    __slots__ = ("children", "link")

    def __init__(self, children: list[Node], link: Token | None = None) -> None:
        self.children = children
        self.link = link


def render_inline(tokens: Sequence[Token]) -> list[Node]:
    """The nodes of one block's inline tokens."""
    stack = [_Span([])]
    for token in tokens:
        here = stack[-1].children
        tag = _SPANS.get(token.type)
        if token.type == "link_open":
            stack.append(_Span([], token))
        elif token.type == "link_close":
            _close_link(stack)
        elif tag:
            children = here if len(stack) > MAX_SPANS else []
            if children is not here:
                here.append(Element(tag, children))
            stack.append(_Span(children))
        elif token.nesting == -1:
            stack.pop()
        elif token.type == "image":
            here.append(_image(token, is_in_link=any(span.link for span in stack)))
        else:
            _add_leaf(here, token)
    return stack[0].children


def _add_leaf(here: list[Node], token: Token) -> None:
    if token.type == "hardbreak":
        here.append(Element("br"))
    elif token.type == "math_inline":
        source = source_of(token.markup, token.content)
        here.append(Math(token.content.strip(), "flow" if token.info == "display" else "inline", source))
    elif token.type == "code_inline":
        here.append(Element("code", [Text(visible_code(token.content))]))
    else:
        _add_text(here, visible_prose("\n" if token.type == "softbreak" else token.content))


def _add_text(here: list[Node], text: str) -> None:
    last = here[-1] if here else None
    if isinstance(last, Text):
        last.text += text
    elif text:
        here.append(Text(text))


def _close_link(stack: list[_Span]) -> None:
    span = stack.pop()
    here = stack[-1].children
    target = target_of(str(span.link.attrs.get("href", ""))) if span.link else None
    has_link = any(isinstance(child, Element) and child.tag == "a" for child in span.children)
    if target is None or has_link:
        # A relative link leads to the notebook server, which the text knows nothing of: only its words stay.
        # So do those of a link around another one, which HTML does not have.
        for child in span.children:
            if isinstance(child, Text):
                _add_text(here, child.text)
            else:
                here.append(child)
        return
    host = "" if shows_host(plain_text(span.children), target) else target.host
    here.append(Element("a", span.children, target.href, host))


def _image(token: Token, is_in_link: bool) -> Node:
    """An image is a link that tells its host: loading it would tell the host that the text was read."""
    words = visible_prose(_alt_text(token.children or [])).strip() or "image"
    target = None if is_in_link else target_of(str(token.attrs.get("src", "")))
    picture = Element("image", [Text(words)])
    if target is None:
        return picture
    return Element("a", [picture], target.href, "" if shows_host(words, target) else target.host)


def _alt_text(tokens: Sequence[Token]) -> str:
    return "".join(_alt(token) for token in tokens)


def _alt(token: Token) -> str:
    if token.type == "image":
        return _alt_text(token.children or [])
    if token.type == "math_inline":
        return source_of(token.markup, token.content)
    return " " if token.type.endswith("break") else token.content
