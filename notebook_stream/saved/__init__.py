"""What stays: a run that has ended comes in, ordinary safe notebook output goes out, and a run back from it.

`text/html` looks like the live view, `text/markdown` is the same text neutralised, `text/plain` is the text
itself; the output's metadata holds all that `from_metadata` needs. Nothing in any of them runs or loads,
whoever shows it. Pure: knows no session, no widget and no Jupyter.
"""

from __future__ import annotations

from typing import Any

from . import document, page, table
from .binaries import encodable, kept_json
from .metadata import KEY, from_metadata, to_metadata
from .record import AbsentMedia, Answer, ErrorInfo, Record
from .replayed import events_of
from .table import Group, Table
from .texts import Texts

__all__ = [
    "KEY",
    "AbsentMedia",
    "Answer",
    "ErrorInfo",
    "Group",
    "Record",
    "Table",
    "bundle",
    "encodable",
    "events_of",
    "from_metadata",
    "kept_json",
    "table",
    "to_html",
    "to_markdown",
    "to_metadata",
    "to_plain",
]


def bundle(record: Record, *, remark: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """Data and metadata of one output. `remark` is one further line for its foot, e.g. "cut off: ..."."""
    texts = Texts()
    data = {
        "text/html": page.to_html(record, remark, texts),
        "text/markdown": document.to_markdown(record, remark, texts),
        "text/plain": document.to_plain(record, remark),
    }
    return data, to_metadata(record)


def to_html(record: Record, remark: str = "") -> str:
    """The run as static HTML."""
    return page.to_html(record, remark, Texts())


def to_markdown(record: Record, remark: str = "") -> str:
    """The run as Markdown in which nothing can run or load."""
    return document.to_markdown(record, remark, Texts())


def to_plain(record: Record, remark: str = "") -> str:
    """The text of the run, as a terminal may show it."""
    return document.to_plain(record, remark)
