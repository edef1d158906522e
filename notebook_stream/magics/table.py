"""How things stand with each provider, and the local servers found, in; a table for a cell or a terminal out.

Names that a server supplied are foreign text: escaped in HTML, without controls in plain text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..providers import Standing
from ..saved.html import escape
from ..saved.visible import visible_code, without_controls
from .servers import LocalServer

MAX_SHOWN = 8
"""Models of one server that a row names, but for `--all`."""
ALL = "%stream_models --all"
HEADS = ("model=", "key", "where")
_CELL = "text-align:left;vertical-align:top;padding:.2em 1.5em .2em 0"

Row = tuple[bool, tuple[str, str, str]]
"""Whether it is ready, and its cells."""


@dataclass(frozen=True, slots=True)
class Models:
    """What `%stream_models` gives: a table in a notebook, lines in a terminal.

    `standings` has every provider, those that are ready first; `servers` the local ones that answered;
    `shows_all` has every model named, however many a server has.
    """

    standings: tuple[Standing, ...]
    servers: tuple[LocalServer, ...]
    demo: tuple[str, ...]
    shows_all: bool = False

    def names(self) -> list[str]:
        """The models that can be named for certain: those of the local servers, and the demo's."""
        return [model for server in self.servers for model in server.models] + list(self.demo)

    def _rows(self) -> Iterator[Row]:
        yield True, ("demo/…", "none needed", f"in this kernel: {_listed(self.demo, self.shows_all)}")
        found = {server.provider: server for server in self.servers}
        rows = [_row(each, found.get(each.name), self.shows_all) for each in self.standings]
        yield from sorted(rows, key=lambda row: not row[0])

    def _repr_html_(self) -> str:
        head = "".join(f"<th style='{_CELL}'>{each}</th>" for each in HEADS)
        rows = "".join(_html_row(ready, cells) for ready, cells in self._rows())
        inner = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        return f"<table style='border-collapse:collapse'>{inner}</table>"

    def __repr__(self) -> str:
        rows = [HEADS, *(cells for _, cells in self._rows())]
        plain = [[" ".join(without_controls(cell).split()) for cell in row] for row in rows]
        widths = [max(len(row[column]) for row in plain) for column in range(len(HEADS))]
        return "\n".join(
            "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in plain
        )


def _row(each: Standing, server: LocalServer | None, shows_all: bool) -> Row:
    where = each.base_url or each.problem.partition(": ")[2] or each.problem
    if not each.local:
        return each.is_ready, (f"{each.name}/…", _key(each), where)
    running = f"running: {_listed(server.models, shows_all) or 'no model'}" if server else "not running"
    return server is not None, (f"{each.name}/…", "none needed", f"{where} · {running}")


def _key(each: Standing) -> str:
    return f"✓ {each.key_variable}" if each.key_variable else f"set {' or '.join(each.key_variables)}"


def _listed(names: Sequence[str], shows_all: bool) -> str:
    hidden = 0 if shows_all else max(len(names) - MAX_SHOWN, 0)
    return ", ".join(names[: len(names) - hidden]) + (f" and {hidden} more: {ALL}" if hidden else "")


def _html_row(ready: bool, cells: Iterable[str]) -> str:
    quiet = "" if ready else " style=opacity:.65"
    inner = "".join(f"<td style='{_CELL}'>{escape(visible_code(cell))}</td>" for cell in cells)
    return f"<tr{quiet}>{inner}</tr>"
