"""A recording in, JSON lines out; and back. The format, which other programs may write:

    {"format": "notebook-stream-recording", "version": 1, "model": ..., "request": {...}, ...}
    [0.412, "message_start", "{\\"type\\": ...}"]

The first line is the header (`header`). Each other line is a row (`rows`): seconds since the start, the name
of the server-sent event ("" where it has none), its data as sent.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..errors import UsageError
from .header import Header, from_json
from .rows import Row

MAX_ROWS = 1_000_000
MAX_SECONDS = 1e9
"""Of a row: thirty years. What is near the end of what a float holds breaks every picture of it."""
MAX_UNPACKED = 256 * 2**20
"""Characters that an embedded recording may have: a small one may be packed so that it fills the memory."""
WHAT = "this is no recording of notebook-stream"


def write(header: Header, rows: Iterable[Row]) -> Iterator[str]:
    """The lines, without line ends."""
    yield _json(header.to_json())
    for row in rows:
        yield _json(list(row))


def _json(value: Any) -> str:
    # Half of a surrogate pair, which no file can hold, is written as an escape.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _is_encodable(text) else json.dumps(value, separators=(",", ":"))


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read(lines: Iterable[str]) -> tuple[Header, list[Row]]:
    """Header and rows. Raises UsageError, which says what is wrong in which line."""
    header: Header | None = None
    rows: list[Row] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            if header is None:
                header = from_json(json.loads(line, parse_constant=_no_number, parse_float=_number))
            else:
                rows.append(_row(json.loads(line), rows))
        except UsageError as exc:
            raise UsageError(f"{WHAT}: {exc} (line {number}).") from None
        except (ValueError, RecursionError):
            raise UsageError(f"{WHAT}: line {number} is no JSON.") from None
    if header is None:
        raise UsageError(f"{WHAT}: it is empty.")
    return header, rows


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(text: str) -> float:
    # The page is told of the request, and its JSON has neither NaN nor Infinity.
    raise ValueError(f"{text} is no number")


def _row(value: Any, before: Sequence[Row]) -> Row:
    match value:
        case [int() | float() as at, str() as name, str() as data] if not isinstance(at, bool):
            pass
        case _:
            raise UsageError("a row is [seconds, event, data]")
    if not 0 <= at <= MAX_SECONDS:
        raise UsageError("its seconds are no time since the start")
    if len(before) >= MAX_ROWS:
        raise UsageError(f"it has more than {MAX_ROWS:,} rows")
    # Time does not run backwards, whoever wrote it.
    return Row(max(float(at), before[-1].at_s) if before else float(at), name, data)


def pack(header: Header, rows: Iterable[Row]) -> str:
    """The same as text that a notebook can hold: base64 of the file's gzip."""
    text = "\n".join(write(header, rows)).encode()
    return base64.b64encode(gzip.compress(text, 9, mtime=0)).decode()


def unpack(text: str) -> tuple[Header, list[Row]]:
    """What `pack` packed. Raises UsageError."""
    try:
        with gzip.open(io.BytesIO(base64.b64decode(text, validate=True)), "rt", encoding="utf-8") as file:
            whole = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, ValueError, binascii.Error, zlib.error):
        raise UsageError(f"{WHAT}: it is damaged.") from None
    if len(whole) > MAX_UNPACKED:
        raise UsageError(f"{WHAT}: it is larger than {MAX_UNPACKED >> 20} MB.")
    return read(whole.split("\n"))
