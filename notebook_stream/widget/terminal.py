"""A stream's text as it comes goes in; plain characters on a terminal come out, then how the run ended.

Nothing that a model writes can move the cursor, colour, erase or title anything. Knows no kernel and no page.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, TextIO

from ..errors import StreamError

if TYPE_CHECKING:
    from .stream import Stream

_NOT_PLAIN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1: with ESC go all sequences' meanings
    "\u202a-\u202e\u2066-\u2069"  # what shows text in another order than it stands
    "\U000e0000-\U000e007f]"  # tags: text that no terminal shows
)


def show(stream: Stream, out: TextIO | None = None) -> None:
    """Print the text from the first piece to the last as it comes; Ctrl-C stops the run."""
    to = sys.stdout if out is None else out
    last = ""
    try:
        for piece in stream.text_stream:
            last = _print(to, piece) or last
    except KeyboardInterrupt:
        stream.stop()
    except StreamError:
        pass  # the last line tells it
    if last and not last.endswith("\n"):
        to.write("\n")
    _print(to, f"[{_end(stream)}]\n")


def plain(text: str) -> str:
    """`text` without what a terminal would obey."""
    return _NOT_PLAIN.sub("", text)


def _print(to: TextIO, text: str) -> str:
    printable = plain(text)
    encoding = getattr(to, "encoding", None) or "utf-8"
    to.write(printable.encode(encoding, "replace").decode(encoding))
    to.flush()  # or it would come line by line
    return printable


def _end(stream: Stream) -> str:
    metrics = stream.metrics
    why = f" ({stream.stop_reason})" if stream.stop_reason else ""
    seconds = "" if metrics.total_s is None else f"{metrics.total_s:.1f} s"
    tokens = f"{'≈ ' if metrics.estimated else ''}{metrics.tokens} tokens"
    error = f"{stream.error.message} {stream.error.hint}".strip() if stream.error else ""
    # On one line whatever a server has put into its error.
    parts = (stream.model, f"{stream.status}{why}", seconds, tokens, error)
    return " · ".join(" ".join(part.split()) for part in parts if part)
