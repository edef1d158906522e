"""A comparison's records in, what the notebook keeps of it out: one table, in three forms."""

from __future__ import annotations

from collections.abc import Mapping

from .. import saved
from ..widget import Bundle
from . import files
from .agreement import Agreement
from .arrangement import arrange

Agreements = Mapping[tuple[int, ...], Agreement]


def bundle(kept: files.Saved, agreements: Agreements, remark: str) -> Bundle:
    """Data and metadata of the output; `remark` is a line below the table."""
    table = table_of(kept, agreements, remark)
    data = {
        "text/html": saved.table.to_html(table),
        "text/markdown": saved.table.to_markdown(table),
        "text/plain": saved.table.to_plain(table),
    }
    return data, files.to_metadata(kept)


def to_markdown(kept: files.Saved, agreements: Agreements) -> str:
    """The figures as a table, and each answer below a heading."""
    return saved.table.to_markdown(table_of(kept, agreements, ""))


def table_of(kept: files.Saved, agreements: Agreements, remark: str) -> saved.Table:
    """The table as `saved` writes it."""
    arranged = arrange(kept.axes)
    said = {cell: words(found) for cells, found in agreements.items() for cell in cells}
    groups = tuple(
        tuple(
            saved.Group(
                tuple(kept.records[cell] for cell in group),
                next((said[cell] for cell in group if cell in said), ""),
            )
            for group in row
        )
        for row in arranged.cells
    )
    return saved.Table(arranged.down, arranged.across, arranged.rows, arranged.columns, groups, remark)


def words(found: Agreement) -> str:
    """How far answers agree, in a line of words; its twin is in js/src/grid."""
    count = len(found.after)
    if found.distinct == 1:
        told = [f"all {count} the same"]
    else:
        told = [f"{found.distinct} different answers of {count}"]
        told.append(
            f"first {found.prefix} characters in common" if found.prefix else "from the first character on"
        )
        told.append(f"{found.alike:.0%} of words alike")
    told.append(_spread(found.chars, "{:,}", "characters"))
    told.append(_spread(found.seconds, "{:.1f}", "s"))
    return " · ".join(told)


def _spread(ends: tuple[float, float], form: str, unit: str) -> str:
    least, most = (form.format(end) for end in ends)
    return f"{least} {unit}" if least == most else f"{least}–{most} {unit}"
