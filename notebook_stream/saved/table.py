"""Records in rows and columns come in, one static table of their answers and figures goes out.

As HTML it looks like the live grid, in whose place it is put; as Markdown the figures stand in a table, and
each answer below a heading of its own. Knows no comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from . import document, html, page
from .html import escape
from .markdown import escape as escape_markdown
from .record import Record
from .texts import Texts
from .visible import visible_prose
from .words import Foot, cost_words, foot

_CELL = "vertical-align:top;text-align:left;white-space:normal;padding:8px 10px;border:1px solid #8884"
_ANSWER = "max-height:320px;overflow:auto"
_SMALL = "margin-top:4px;font-size:12px;line-height:1.5;opacity:.75"
_LABEL_PX = 130
_COLUMN_PX = 240


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
    heads = [_th(name, "col", f";width:{_LABEL_PX}px") for name in table.down]
    heads += [_th(_column(table, label), "col") for label in table.columns]
    rows = [
        # The ground of a row under the pointer is JupyterLab's, and would be that of a link to somewhere.
        f"<tr style=background:none>{''.join(_th(label, 'row') for label in labels)}"
        f"{''.join(_td(group, texts) for group in groups)}</tr>"
        for labels, groups in zip(table.rows, table.groups, strict=True)
    ]
    width = len(table.down) * _LABEL_PX + len(table.columns) * _COLUMN_PX
    style = f"margin:0;border-collapse:collapse;table-layout:fixed;width:100%;min-width:{width}px"
    body = f"<table style='{style}'><thead><tr>{''.join(heads)}</tr></thead>"
    body += f"<tbody>{''.join(rows)}</tbody></table>"
    note = f"<div style='{_SMALL}'>{escape(visible_prose(table.note))}</div>"
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


_FIGURES = ("status", "first token", "seconds", "tokens/s", "tokens", "cost")


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
        cost_words(record) or "–",
    )


def _groups(table: Table) -> Iterator[tuple[tuple[str, ...], str, Group]]:
    for labels, groups in zip(table.rows, table.groups, strict=True):
        for column, group in zip(table.columns, groups, strict=True):
            yield labels, column, group


def _column(table: Table, label: str) -> str:
    """A bare number says nothing above a column; a model's name says enough."""
    return label if table.across in ("", "model") else f"{table.across}: {label}"


def _th(label: str, scope: str, style: str = "") -> str:
    return f"<th scope={scope} style='{_CELL}{style}'>{escape(visible_prose(label))}</th>"


def _td(group: Group, texts: Texts) -> str:
    parts = []
    for number, record in enumerate(group.records, 1):
        if len(group.records) > 1:
            rule = "border-top:1px solid #8884;padding-top:6px;" if number > 1 else ""
            parts.append(f"<div style='{rule}{_SMALL}'>{number} of {len(group.records)}</div>")
        parts.append(f"<div style='{_ANSWER}'>{page.content_html(record, '', texts)}</div>")
        parts.append(f"<div style='{_SMALL}'>{page.foot_words(_without_model(record))}</div>")
    if group.remark:
        parts.append(f"<div style='{_SMALL};font-weight:600'>{escape(visible_prose(group.remark))}</div>")
    return f"<td style='{_CELL}'>{''.join(parts)}</td>"


def _without_model(record: Record) -> Foot:
    """The foot line of a cell: which model it is stands beside or above it."""
    return replace(foot(record), model="")


def _line(*cells: str) -> str:
    return f"| {' | '.join(_words(cell) if cell != '---' else cell for cell in cells)} |"


def _words(text: str) -> str:
    return " ".join(escape_markdown(visible_prose(text)).split())
