"""Formulas that draw may reach the host's MathJax; those that could do more are shown as their source."""

from __future__ import annotations

import pytest

from notebook_stream import saved
from notebook_stream.saved.tex import is_safe

from .texts import answers

DRAWING = [
    r"x^2 + y_{i,j} = \frac{a}{b}",
    r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
    r"\left( \begin{pmatrix} 1 & 2 \\[1em] 3 & 4 \end{pmatrix} \right)",
    r"\text{if } x > 0 \quad \mathbb{R}",
    r"\color{red} x \textcolor{blue}{y}",
    r"P(x \mid y) \,\% \$5 \# \_ \{\}",
]
DANGEROUS = [
    r"\href{javascript:alert(1)}{x}",
    r"\href{https://evil.test}{x}",
    r"\url{https://evil.test}",
    r"\require{html} x",
    r"\class{jp-Dialog}{x}",
    r"\cssId{main}{x}",
    r"\style{position:fixed}{x}",
    r"\htmlData{commandlinker-command=x}{y}",
    r"\data{a=b}{y}",
    r"\unicode{x41}",
    r"\def\frac#1#2{x}",
    r"\newcommand{\alpha}{x}",
    r"\let\alpha\beta",
    r"\gdef\x{\x\x}\x",
    r"\label{a} \ref{a}",
    r"\tag{main}",
    r"\bbox[border:1px solid red]{x}",
    r"\rule{1000em}{1000em}",
    r"\raise 100em {x}",
    r"\hspace{-100em} x",
    r"\color{red;background:url(//evil.test)} x",
    r"\color[RGB]{1,2,3} x",
    r"\begin{document} x \end{document}",
    r"\begin x \end x",
    r"a \\[1000em] b",
    r"\includegraphics{https://evil.test/x.png}",
    r"\mmlToken{mi}[href='javascript:alert(1)']{x}",
    r"\csname href\endcsname{javascript:alert(1)}{x}",
    "^^5chref{javascript:alert(1)}{x}",
    r"\(x\) \[y\]",
    "{" * 100 + "}" * 100,
    "a } b {",
    "{ a",
    "x" * 20_000,
    "\\",
]


@pytest.mark.parametrize("tex", DRAWING)
def test_what_draws_is_set(tex: str) -> None:
    assert is_safe(tex)
    assert f"\\[{saved_tex(tex)}\\]" in html_of(f"$$\n{tex}\n$$")


@pytest.mark.parametrize("tex", DANGEROUS, ids=range(len(DANGEROUS)))
def test_anything_else_is_shown_as_its_source(tex: str) -> None:
    assert not is_safe(tex)
    html = html_of(f"so ${tex}$ is")
    assert "mathjax_process" not in html
    assert "<a " not in html


def test_the_formulas_of_answers_are_set() -> None:
    text = "\n\n".join(answers())
    assert text.count("$") > 60
    assert "ns-tex" not in html_of(text)


def html_of(text: str) -> str:
    return saved.to_html(saved.Record(answers=(saved.Answer(text=text),)))


def saved_tex(tex: str) -> str:
    return tex.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "&#10;")
