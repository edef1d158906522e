"""The saved Markdown reads as the answer does, and leaves nothing to whoever renders it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from notebook_stream import saved
from notebook_stream.saved import markdown
from notebook_stream.saved.nodes import Code, Math, Node, Text
from notebook_stream.saved.render import render

from . import texts

TEX = {r"\lt": "<", r"\gt": ">", r"\vert": "|", r"\Vert": r"\|", " ": ""}
INLINE = ("em", "strong", "s", "br")


def shape(nodes: Sequence[Node], *, with_hosts: bool) -> str:
    """Block structure and text. `with_hosts`: as they will stand behind links."""
    inner = "".join(_shape(node, with_hosts) for node in nodes)
    return re.sub(r"\s+", " ", inner.replace("\u200b", ""))


def _shape(node: Node, with_hosts: bool) -> str:
    if isinstance(node, Text):
        return node.text
    if isinstance(node, Code):
        return f"<pre>{node.text}</pre>"
    if isinstance(node, Math):
        tex = re.sub(r"\\[lg]t(?![a-z])|\\[vV]ert(?![a-z])|\s", lambda found: TEX.get(found[0], ""), node.tex)
        return f"<math {node.display}>{tex}</math>"
    inner = shape(node.children, with_hosts=with_hosts)
    if node.tag == "code":
        return inner  # prices are written as code
    if node.tag == "a":
        return f"<a {node.href}>{inner}</a>" + (f" ({node.host})" if node.host and with_hosts else "")
    if node.tag in ("image", "task"):
        return f"🖼 {inner}" if node.tag == "image" else f"[{'x' if node.done else ' '}]"
    return f"<{node.tag} {node.start} {node.align}>{inner if node.tag in INLINE else inner.strip()}</>"


@pytest.mark.parametrize("text", texts.answers(), ids=lambda text: text[:20])
def test_an_answer_reads_the_same(text: str) -> None:
    read = render(text)
    again = render(markdown.write(read))
    assert shape(again, with_hosts=False) == shape(read, with_hosts=True)


def test_recorded_answers_read_the_same(corpus: object) -> None:
    wrong = []
    for text in texts.recorded_answers():
        read = render(text)
        if shape(render(markdown.write(read)), with_hosts=False) != shape(read, with_hosts=True):
            wrong.append(text)
    assert wrong == []


def test_the_comparison_sees_a_lost_block() -> None:
    assert shape(render("- a\n- b"), with_hosts=True) != shape(render("- a b"), with_hosts=True)
    assert shape(render("a\n\nb"), with_hosts=True) != shape(render("a b"), with_hosts=True)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<b>x</b> &amp;copy; &copy;", "&lt;b>x&lt;/b> &amp;copy; ©"),
        ("![a](https://e.test/x.png)", "[🖼 a](https://e.test/x.png) (e.test)"),
        ("![a](/logout)", "🖼 a"),
        ("[x](javascript:alert(1))", "[x]&#40;javascript:alert(1))"),
        ("[x](/relative)", "x"),
        ("x [a]: https://e.test", "x [a]&#58; [https\\://e.test](https://e.test/)"),
        ("!\\[a](b)", "&#33;[a]&#40;b)"),
        ("&#33;[x](https://e.test/)", "&#33;[x](https://e.test/) (e.test)"),
        ("a@b.test", "[a\\@b.test](mailto:a@b.test)"),
        ("It costs $5.", "It costs \\$5."),
        ("It costs $5 and $6.", "It costs `$5` and `$6`."),
        ("$x<y$", "$x\\lt y$"),
        ("$\\href{javascript:alert(1)}{x}$", "`$\\href{javascript:alert(1)}{x}$`"),
        ("$![a](https://e.test/x)$", "`$![a](https://e.test/x)$`"),
        ("```mermaid\ngraph\n```", "```\ngraph\n```"),
        ("````\n```\n````", "````\n```\n````"),
        ("1\\. a", "1\\. a"),
        ("\\# a\n\\- b\n\\> c", "\\# a\n\\- b\n\\> c"),
        ("- a\n\n<!-- -->\n\n- b", "- a\n\n&lt;!-- -->\n\n- b"),
        ("* a\n- b", "- a\n\n* b"),
        ("| a |\n|--|\n| `x\\|y` |", "| a |\n|---|\n| `x\\|y` |"),
    ],
)
def test_what_could_be_markup_is_written_as_text(text: str, written: str) -> None:
    assert markdown.write(render(text)) == written


def test_plain_text_has_no_controls() -> None:
    answer = saved.Answer(text="a\x1b[31mb\x9bc\u202ed\x07\te\r\nf\u2066g\U000e0041")
    plain = saved.to_plain(saved.Record(answers=(answer,), model="m\x1b]8;;x\x07"))
    assert plain == "a[31mbcd\te\nfg\n\nm␛]8;;x␇ · done"
