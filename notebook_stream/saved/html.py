"""The tree of `nodes` comes in, static HTML goes out: closed lists of tags, everything escaped.

It is read with and without its styles and classes (untrusted notebooks, viewers, a plain page), beside
MathJax of any version. Every byte is one of the notebook's: attributes that may go unquoted do, the others
have single quotes, which JSON does not escape. End tags are all there, since nbconvert's parser wants them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .code import coloured
from .nodes import Code, Element, Math, Node, Text
from .tex import is_safe

# MathJax finds pairs of marks within one text node: each mark has one of its own. A backslash may begin one
# (\( \[ \begin \ref), or be taken away as an escape.
_MARKS = re.compile(r"[$\\]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")

# Names of MathJax 3 and 4, from which the copy is kept. From MathJax 2 it is kept by its marks alone.
IGNORE = "mathjax_ignore"
_PROCESS = "class=mathjax_process"
_OWN_DIRECTION = frozenset(["p", "ul", "ol", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"])
_PLAIN_TAGS = frozenset((*_OWN_DIRECTION, "blockquote", "li", "thead", "tbody", "tr", "em", "strong", "s"))

COLOURS = {"k": "#0a0", "s": "#d22", "c": "#3a8a8a", "d": "#35f"}
"""Of code: tints for the text's own colour, so that they can be read wherever the text can."""

_CODE = (
    "margin:0;padding:.2em .8em .7em;background:none;overflow:auto;white-space:pre;"
    "font-size:var(--jp-code-font-size,.93em)"
)


def escape(text: str) -> str:
    """`text` for HTML, in which nothing is markup and MathJax finds no formula."""
    return _MARKS.sub(r"<span>\g<0></span>", escape_code(text).replace("&#10;", "\n"))


def escape_code(text: str) -> str:
    """`text` for HTML in `code` or `pre`, where MathJax does not look."""
    # A notebook has each line of an output on a line of its own, indented: that costs twice an escape.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#10;")


def escape_attribute(text: str) -> str:
    """`text` for an attribute in single quotes."""
    return escape_code(text).replace("'", "&#39;").replace('"', "&quot;")


def write(nodes: Iterable[Node]) -> str:
    """HTML of `nodes`."""
    return "".join(_write(node, in_list=False) for node in nodes)


def direction(text: str) -> str:
    """The attribute for a block with `text` in it: only where there is something to tell."""
    return " dir=auto" if _RTL.search(text) else ""


def link(href: str, inner: str) -> str:
    """A link to a checked target."""
    attributes = "target=_blank rel='noopener noreferrer' referrerpolicy=no-referrer"
    return f"<a href='{escape_attribute(href)}' {attributes}>{inner}</a>"


def quiet(words: str, name: str = "") -> str:
    """Words of ours beside those of the text."""
    return f"<span{name} style=opacity:.7;font-size:.85em>{escape(words)}</span>"


def write_code(code: Code) -> str:
    """A block of code, with its language on a line above."""
    language = escape(code.language) or "&nbsp;"
    label = f"<div class=ns-language style='padding:.4em .93em 0;font-size:.8em'>{language}</div>"
    return (
        f"<div class=ns-code style='margin:0 0 1em;background:var(--jp-cell-editor-background,#8881)'>{label}"
        # JupyterLab gives `code` a ground and lines that wrap of its own.
        f"<pre style='{_CODE}'><code style=background:none;white-space:inherit>"
        f"{colour(code.text, code.language)}</code></pre></div>"
    )


def tints(content: str) -> str:
    """The style that defines those colours that are used in `content`."""
    used = [(name, tint) for name, tint in COLOURS.items() if f"var(--{name})" in content]
    return "".join(f";--{name}:color-mix(in srgb,currentColor 40%,{tint})" for name, tint in used)


def colour(text: str, language: str) -> str:
    """Code with its colours, for an element in which these have been defined."""
    return "".join(
        f"<span style=color:var(--{name})>{escape_code(piece)}</span>" if name else escape_code(piece)
        for piece, name in coloured(text, language)
    )


def _write(node: Node, *, in_list: bool) -> str:
    if isinstance(node, Text):
        return escape(node.text.replace("\n", " "))
    if isinstance(node, Code):
        return write_code(node)
    if isinstance(node, Math):
        return _formula(node)
    return _element(node, in_list)


def _element(node: Element, in_list: bool) -> str:
    if node.tag in ("hr", "br"):
        return f"<{node.tag}>"
    if node.tag == "task":
        return "☑" if node.done else "☐"
    if node.tag == "code":
        inner = "".join(escape_code(child.text) for child in node.children if isinstance(child, Text))
        return f"<code>{inner}</code>"
    is_list = node.tag in ("ul", "ol")
    inner = "".join(_write(child, in_list=in_list or is_list) for child in node.children)
    if node.tag == "a":
        return link(node.href, inner) + (quiet(f" ({node.host})", " class=ns-host") if node.host else "")
    if node.tag == "image":
        return f"<span class=ns-image>🖼 {inner}</span>"
    own = direction(inner) if node.tag in _OWN_DIRECTION and not in_list else ""
    if node.tag == "ol":
        start = f" start={node.start}" if node.start != 1 else ""
        return f"<ol{start}{own}>{inner}</ol>"
    if node.tag in ("th", "td"):
        # Of each cell, for JupyterLab sets them flush right; its sanitizer knows no "start".
        align = node.align or ("right" if own else "left")
        return f"<{node.tag} style=text-align:{align}{own}>{inner}</{node.tag}>"
    if node.tag == "table":
        box = "class=ns-scroll style='margin:0 0 1em;overflow:auto'"
        return f"<div {box}><table style=margin:0;overflow-wrap:normal>{inner}</table></div>"
    if node.tag not in _PLAIN_TAGS:
        raise ValueError(node.tag)
    return f"<{node.tag}{own}>{inner}</{node.tag}>"


def _formula(node: Math) -> str:
    tag = "div" if node.display == "block" else "span"
    if not is_safe(node.tex):
        return f"<{tag} class=ns-tex><code>{escape_code(node.source)}</code></{tag}>"
    opening, closing = ("\\(", "\\)") if node.display == "inline" else ("\\[", "\\]")
    # What MathJax leaves around a display is more than the live view does.
    room = " style='margin:-.3em 0'" if node.display == "block" else ""
    return f"<{tag} {_PROCESS}{room}>{opening}{escape_code(node.tex)}{closing}</{tag}>"
