"""Records in rows and columns come in, one static table of their answers and figures goes out.

As HTML it looks like the live grid, in whose place it is put; as Markdown the figures stand in a table, and
each answer below a heading of its own. Knows no comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import document, html, page
from .html import escape
from .markdown import escape as escape_markdown
from .record import Record
from .texts import Texts
from .visible import visible_prose
from .words import foot

_CELL = (
    "vertical-align:top;text-align:left;white-space:normal;padding:6px 10px;border:1px solid #8884;"
    "min-width:200px;background:none"
)
_HEAD = "vertical-align:top;text-align:left;white-space:normal;padding:6px 10px;border:1px solid #8884"
_ANSWER = "max-height:320px;overflow:auto"


@dataclass(frozen=True)
class Group:
    """The runs of one place: one, or its repeats, and what is to be said of these together."""

    records: tuple[Record, ...]
    remark: str = ""


@dataclass(frozen=True)
class Table:
    """`down`: the names of what varies from row to row, `across`: of what does from column to column."""

    down: tuple[str, ...]
    across: str
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    groups: tuple[tuple[Group, ...], ...]
    note: str = ""
    """A line below."""


def to_html(table: Table) -> str:
    """The table as static HTML: nothing in it runs or loads."""
    texts = Texts()
    heads = [_th(name, "col") for name in (*table.down, *table.columns)]
    rows = [
        f"<tr>{''.join(_th(label, 'row') for label in labels)}{''.join(_td(g, texts) for g in groups)}</tr>"
        for labels, groups in zip(table.rows, table.groups, strict=True)
    ]
    body = f"<table style='margin:0;border-collapse:collapse'><thead><tr>{''.join(heads)}</tr></thead>"
    body += f"<tbody>{''.join(rows)}</tbody></table>"
    note = f"<div style='font-size:13px;opacity:.75;line-height:32px'>{escape(table.note)}</div>"
    style = f"style='overflow:auto;overflow-wrap:anywhere{html.tints(body)}'"
    return f"<div class='ns-saved {html.IGNORE}' {style}>{body}{note if table.note else ''}</div>"


def to_markdown(table: Table) -> str:
    """The table as Markdown in which nothing can run or load."""
    texts = Texts()
    heads = (*table.down, table.across, *_FIGURES)
    lines = [_line(*heads), _line(*["---"] * len(heads))]
    sections: list[str] = []
    for labels, column, group in _groups(table):
        for number, record in enumerate(group.records, 1):
            which = f"{column} ({number})" if len(group.records) > 1 else column
            lines.append(_line(*labels, which, *figures(record)))
            sections.append(f"### {_words(' · '.join((*labels, which)))}")
            sections.append(document.to_markdown(record, "", texts))
        if group.remark:
            sections.append(f"*{_words(group.remark)}*")
    note = [f"*{_words(table.note)}*"] if table.note else []
    return "\n\n".join(["\n".join(lines), *sections, *note])


def to_plain(table: Table) -> str:
    """The answers as plain text, each with its place before it."""
    parts = []
    for labels, column, group in _groups(table):
        for number, record in enumerate(group.records, 1):
            which = f"{column} ({number})" if len(group.records) > 1 else column
            parts.append(f"[{' · '.join((*labels, which))}]\n{document.to_plain(record, '')}")
    return "\n\n".join([*parts, table.note] if table.note else parts)


_FIGURES = ("status", "first token", "seconds", "tokens/s", "tokens")


def figures(record: Record) -> tuple[str, ...]:
    """The figures of a run in words, in the order of the table's columns."""
    about = "≈ " if record.estimated else ""
    rate = record.tokens_per_s
    return (
        foot(record).state,
        "–" if record.ttft_s is None else f"{record.ttft_s:.2f} s",
        "–" if record.total_s is None else f"{record.total_s:.2f} s",
        "–" if rate is None else f"{about}{rate:.0f}",
        f"{about}{record.tokens}" if record.tokens else "–",
    )


def _groups(table: Table) -> Iterator[tuple[tuple[str, ...], str, Group]]:
    for labels, groups in zip(table.rows, table.groups, strict=True):
        for column, group in zip(table.columns, groups, strict=True):
            yield labels, column, group


def _th(label: str, scope: str) -> str:
    narrow = ";max-width:220px;font-weight:600" if scope == "row" else ""
    return f"<th scope={scope} style='{_HEAD}{narrow}'>{escape(visible_prose(label))}</th>"


def _td(group: Group, texts: Texts) -> str:
    parts = []
    for number, record in enumerate(group.records, 1):
        if len(group.records) > 1:
            parts.append(f"<div style='font-size:13px;opacity:.75'>{number} of {len(group.records)}</div>")
        parts.append(f"<div style='{_ANSWER}'>{page.to_html(record, '', texts)}</div>")
    if group.remark:
        parts.append(f"<div style='font-size:13px;opacity:.75'>{escape(visible_prose(group.remark))}</div>")
    return f"<td style='{_CELL}'>{''.join(parts)}</td>"


def _line(*cells: str) -> str:
    return f"| {' | '.join(_words(cell) if cell != '---' else cell for cell in cells)} |"


def _words(text: str) -> str:
    return " ".join(escape_markdown(visible_prose(text)).split())
