"""The tree of `nodes` comes in, Markdown goes out in which nothing can run or load, whoever renders it.

Written anew from what was read, so that there is no raw HTML, no image, no definition and no address but
those of links that were checked; also for viewers that render raw HTML, or know no formulas and read TeX as
Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .code import is_known
from .nodes import Code, Element, Math, Node, Text
from .tex import is_safe

_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_BLOCK_TAGS = frozenset((*_HEADINGS, "p", "blockquote", "ul", "ol", "hr", "table"))

# "&lt;", not "\\<": not every Markdown knows that escape. An "&" that begins no entity is left as it is.
_ENTITY = re.compile(r"&(?=[A-Za-z0-9#])")
_MARKS = re.compile(r"[\\`*$~|]|(?<![^\W_])_|_(?![^\W_])")
# JupyterLab has MathJax look through the finished page, where no escape is left: what could begin or end a
# formula there is written as code, at which it does not look. A price alone is none.
_TEX = re.compile(r"(?:\$(?:[^\s`]*[^\s`.,;:!?)\]'\"*_~])?|\\(?:[()\[\]]|begin\b|end\b|(?:eq)?ref\b))+")
# There are no definitions, so brackets make no link but before these; some readers allow a space between.
_AFTER_BRACKET = re.compile(r"(\]\s*)([(:])")
# What viewers make links of by themselves.
_ADDRESS = re.compile(r"(https?|ftp|mailto|xmpp|www)([:.])(?=\S)", re.IGNORECASE)
# What would begin a block, underline a heading or draw a line.
_LINE_START = re.compile(
    r"^(?:(#{1,6}(?=\s|$)|>|[+:-](?=\s|$)|=+\s*$|-[-\s]*$)|(\d{1,9})([.)])(?=\s|$))", re.MULTILINE
)


class _Place(NamedTuple):
    """What is around words. `emphasis` is the mark that is not in use there."""

    in_table: bool = False
    in_link: bool = False
    in_tex: bool = False
    emphasis: str = "*"


def write(nodes: Sequence[Node]) -> str:
    """Markdown of `nodes`, without a line end."""
    return "\n\n".join(_blocks(nodes))


def escape(text: str) -> str:
    """Prose for Markdown, in the middle of a line: it reads as it does here, and is nothing else."""
    text = _ENTITY.sub("&amp;", text).replace("<", "&lt;")
    text = _ADDRESS.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", text)).replace("@", "\\@")
    text = _AFTER_BRACKET.sub(lambda found: f"{found[1]}&#{ord(found[2])};", text)
    return text.replace("![", "&#33;[")


def paragraph(words: str) -> str:
    """Words that have been escaped, as a block of their own."""
    lines = (line.strip(" \t") for line in words.split("\n"))
    return _LINE_START.sub(_plain_start, "\n".join(line for line in lines if line))


def escape_tex(text: str) -> str:
    """The same where more than one thing looks like TeX."""
    found = _TEX.finditer(text)
    pieces, done = [], 0
    for match in found:
        pieces += [escape(text[done : match.start()]), code_span(match[0])]
        done = match.end()
    return "".join([*pieces, escape(text[done:])])


def escape_words(text: str) -> str:
    """The same for the words of a link, which brackets of their own would end."""
    return escape(text).replace("[", "&#91;").replace("]", "&#93;")


def link(href: str, words: str, host: str) -> str:
    """A link to a checked target, with its host behind it where the words do not show it."""
    return f"[{words}]({_destination(href)})" + (f" ({escape(host)})" if host else "")


# JupyterLab, GitHub and others make pictures, maps or formulas of these, from what the text says.
_DRAWN = frozenset(
    (
        "mermaid",
        "math",
        "geojson",
        "topojson",
        "stl",
        "vega",
        "vega-lite",
        "dot",
        "graphviz",
        "plantuml",
        "katex",
    )
)


def fenced(text: str, language: str = "") -> str:
    """A block of code, with its language if that is one, and nothing that viewers draw."""
    language = language if is_known(language) and language.lower() not in _DRAWN else ""
    fence = "`" * max(3, 1 + _longest_run(text, "`"))
    return f"{fence}{language}\n{text}\n{fence}" if text else f"{fence}{language}\n{fence}"


def code_span(text: str) -> str:
    """Code in a line."""
    text = re.sub(r"\s*\n\s*", " ", text)
    fence = "`" * (1 + _longest_run(text, "`"))
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text.strip() else f"`{text or ' '}`"


def quoted(text: str) -> str:
    """Blocks as a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _plain_start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _longest_run(text: str, mark: str) -> int:
    return max((len(run) for run in re.findall(f"{mark}+", text)), default=0)


def _blocks(nodes: Sequence[Node]) -> list[str]:
    """Each block of `nodes`; words between them are a block of their own."""
    blocks: list[str] = []
    words: list[Node] = []
    last_list = ("", 0)
    for node in [*nodes, None]:
        if node is not None and not _is_block(node):
            words.append(node)
            continue
        if words:
            blocks.append(paragraph(_words(words)))
            words, last_list = [], ("", 0)
        if node is None:
            break
        if isinstance(node, Element) and node.tag in ("ul", "ol"):
            # Another list right behind one is told by another mark.
            turn = last_list[1] + 1 if last_list[0] == node.tag else 0
            blocks.append(_list(node, turn))
            last_list = (node.tag, turn)
        else:
            blocks.append(_block(node))
            last_list = ("", 0)
    return [block for block in blocks if block]


def _is_block(node: Node) -> bool:
    if isinstance(node, Element):
        return node.tag in _BLOCK_TAGS
    return isinstance(node, Code) or (isinstance(node, Math) and node.display == "block")


def _block(node: Node) -> str:
    if isinstance(node, Code):
        return fenced(node.text, node.language)
    if isinstance(node, Math):
        return _formula(node, _Place())
    if not isinstance(node, Element):
        return _words([node])
    if node.tag == "hr":
        return "___"
    if node.tag == "table":
        return _table(node)
    if node.tag == "blockquote":
        return quoted("\n\n".join(_blocks(node.children)))
    if node.tag in _HEADINGS:
        # One line, and a "#" at its end would be taken for the heading's own.
        words = " ".join(_words(node.children).split("\n")).replace("#", "\\#")
        return f"{_HEADINGS[node.tag]} {words}".rstrip()
    return paragraph(_words(node.children))


def _list(node: Element, turn: int) -> str:
    items = []
    for place, item in enumerate(child for child in node.children if isinstance(child, Element)):
        mark = f"{node.start + place}{'.)'[turn % 2]}" if node.tag == "ol" else "-*"[turn % 2]
        items.append(_item(mark, item, is_tight=node.tight))
    return ("\n" if node.tight else "\n\n").join(items)


def _item(mark: str, item: Element, *, is_tight: bool) -> str:
    children = item.children
    box = ""
    if children and isinstance(children[0], Element) and _is_task(children[0]):
        box, children = _box(children[0]), children[1:]
    elif children and isinstance(children[0], Element) and children[0].tag == "p":
        first = children[0]
        if first.children and isinstance(first.children[0], Element) and _is_task(first.children[0]):
            box = _box(first.children[0])
            children = [Element("p", first.children[1:]), *children[1:]]
    text = ("\n" if is_tight else "\n\n").join(_blocks(children))
    indent = " " * (len(mark) + 1)
    lines = f"{box}{text}".split("\n")
    return f"{mark} " + "\n".join([lines[0], *(f"{indent}{line}".rstrip() for line in lines[1:])]).rstrip()


def _is_task(node: Element) -> bool:
    return node.tag == "task"


def _box(node: Element) -> str:
    return "[x] " if node.done else "[ ] "


def _table(node: Element) -> str:
    rows = [
        row
        for part in node.children
        if isinstance(part, Element)
        for row in part.children
        if isinstance(row, Element)
    ]
    lines = [_row(row) for row in rows]
    marks = {"left": ":--", "center": ":-:", "right": "--:"}
    cells = [cell for cell in rows[0].children if isinstance(cell, Element)]
    lines.insert(1, "|" + "|".join(marks.get(cell.align, "---") for cell in cells) + "|")
    return "\n".join(lines)


def _row(row: Element) -> str:
    cells = (_cell(cell) for cell in row.children if isinstance(cell, Element))
    return "| " + " | ".join(cells) + " |"


def _cell(cell: Element) -> str:
    words = " ".join(_words(cell.children, in_table=True).split())
    # A bar separates cells also in code and in formulas.
    return re.sub(r"(?<!\\)\|", r"\\|", words)


def _looks_like_tex(nodes: Iterable[Node]) -> int:
    """How many things a MathJax that looks for pairs would find in a block."""
    count = 0
    for node in nodes:
        if isinstance(node, Text):
            count += node.text.count("$") + 2 * len(_TEX.findall(node.text.replace("$", "")))
        elif isinstance(node, Element) and node.tag != "code":
            count += _looks_like_tex(node.children)
        elif isinstance(node, Math):
            count += 1
    return count


def _words(nodes: Sequence[Node], *, in_table: bool = False) -> str:
    """The words of one block."""
    return _inline(nodes, _Place(in_table=in_table, in_tex=_looks_like_tex(nodes) > 1))


def _inline(nodes: Iterable[Node], place: _Place) -> str:
    pieces: list[str] = []
    for node in nodes:
        piece = _span(node, place)
        # Before a link it would make an image of it.
        if piece.startswith("[") and pieces and pieces[-1].endswith("!"):
            pieces[-1] = pieces[-1][:-1] + "&#33;"
        # Two codes side by side would be one.
        if piece.startswith("`") and pieces and pieces[-1].endswith("`"):
            piece = f"&#8203;{piece}"
        pieces.append(piece)
    return "".join(pieces)


def _span(node: Node, place: _Place) -> str:
    if isinstance(node, Text):
        if place.in_link:
            return escape_words(node.text)
        return escape_tex(node.text) if place.in_tex else escape(node.text)
    if isinstance(node, Math):
        return _formula(node, place)
    if isinstance(node, Code):
        return code_span(node.text)
    if node.tag == "code":
        return code_span("".join(child.text for child in node.children if isinstance(child, Text)))
    if node.tag == "br":
        return "\\\n"
    if node.tag == "task":
        return "☑" if node.done else "☐"
    if node.tag == "a":
        return link(node.href, _inline(node.children, place._replace(in_link=True)), node.host)
    if node.tag == "image":
        return f"🖼 {_inline(node.children, place)}"
    if node.tag == "em":
        other = "_" if place.emphasis == "*" else "*"
        return _marked(place.emphasis, _inline(node.children, place._replace(emphasis=other)))
    return _marked("**" if node.tag == "strong" else "~~", _inline(node.children, place))


def _marked(mark: str, words: str) -> str:
    return f"{mark}{words}{mark}" if words.strip() else words


_DESTINATION = str.maketrans({"$": "%24", "|": "%7C", "`": "%60", "<": "%3C", ">": "%3E"})


def _destination(href: str) -> str:
    """Within "<...>" where it has brackets; nothing in it may be read as an entity or a formula."""
    url = re.sub(r"&(?=[A-Za-z0-9#]+;)", "&amp;", href.translate(_DESTINATION))
    return f"<{url}>" if re.search(r"[()\[\]]", url) else url


# Who knows no formulas reads them as Markdown: code, addresses and comments then are what they look like, and
# within words nothing can be written otherwise.
_NOT_PORTABLE = re.compile(r"[`$]|://|www\.|(?<!\\)%|\\$|\\(?:text[a-z]*|mbox)\s*\{[^}]*[<>&]")


def _formula(node: Math, place: _Place) -> str:
    tex = " ".join(node.tex.split())
    if not is_safe(tex) or _NOT_PORTABLE.search(tex):
        return fenced(node.source) if node.display == "block" else code_span(node.source)
    # The same formula without what could begin HTML, an entity, or the target of a link.
    tex = tex.replace("<", r"\lt ").replace(">", r"\gt ")
    tex = re.sub(r"&(?=\S)", "& ", tex)
    tex = re.sub(r"\](?=[(\[:])", "] ", tex)
    if place.in_table:
        tex = tex.replace("\\|", r"\Vert ").replace("|", r"\vert ")
    return f"${tex}$" if node.display == "inline" else f"$${tex}$$"
