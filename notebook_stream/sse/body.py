"""The body of an answer: bytes of the network in, bounded text out, in slices that never hold up the loop.

UTF-8, line ends and the framing of events with their limits live here, because httpx and httpx-sse bound
none of them. Knows no HTTP, no status and no JSON.
"""

from __future__ import annotations

import asyncio
import codecs
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Protocol

from ..errors import InterruptedStream, LimitError
from .inflate import SLICE, Inflated, Plain

EVENT_LIMIT = 8 * 1024 * 1024
"""Characters of one event, or of a whole JSON answer."""

MEMORY_LIMIT = 16 * 1024 * 1024
"""Bytes of one event in memory: a single emoji makes Python keep four bytes a character, and each line of
data costs a string of its own, so a count of characters alone would not keep us under 64 MB."""

LINE_WEIGHT = 64
HOLD_S = 0.01
"""Seconds of work after which other tasks of the loop get their turn."""

LONG_LINE = 4096
"""Characters of an unfinished line from which on its pieces are kept apart: joining them each time would
be quadratic."""

BARE_ERROR = '{"error"'
"""What a line begins with that is no field of an event, and yet says something."""

PULSE = "\udc80pulse"
"""Name of the event that marks a chunk without an event. A server cannot send it: decoded UTF-8 never holds
a lone surrogate."""

PULSE_TEXT = f"event:{PULSE}\ndata\n\n"

MAX_COMMENT = 200
"""Characters kept of the comments that come together: they say "ping", or which server answers."""


class Breath:
    """Gives the loop its turn whenever `HOLD_S` of work has been done since the last time."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def is_due(self) -> bool:
        """Whether it is time to `take` it; asked for every event, and so no coroutine."""
        return time.monotonic() - self._since > HOLD_S

    async def take(self) -> None:
        """Lets other tasks run."""
        await asyncio.sleep(0)
        self._since = time.monotonic()


class Utf8:
    """Bytes -> text: UTF-8 with replacement, one BOM stripped, every line end a `\\n`, nothing held back.

    A CR at the end of a piece counts at once, and a LF that follows it in the next piece is dropped.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at_start = True
        self._after_cr = False

    def decode(self, data: bytes) -> str:
        """The text that is complete; the bytes of an unfinished character wait for the next piece."""
        text = self._decoder.decode(data)
        if not text:
            return text
        if self._at_start:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        if self._after_cr:
            text = text.removeprefix("\n")
        self._after_cr = text.endswith("\r")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class Size:
    """What is buffered of one event or answer. Raises `LimitError` when it is too much."""

    def __init__(self, host: str) -> None:
        self._host = host
        self.clear()

    def clear(self) -> None:
        """Starts again at nothing."""
        self._chars = 0
        self._width = 1
        self._lines = 0

    def add(self, text: str, lines: int) -> None:
        """Counts `text`, which holds `lines` lines of data."""
        self._chars += len(text)
        self._lines += lines
        if not text.isascii():
            # The widest character of a string decides what each of them takes: 1, 2 or 4 bytes.
            self._width = max(self._width, (sys.getsizeof(text + text) - sys.getsizeof(text)) // len(text))
        memory = self._chars * self._width + self._lines * LINE_WEIGHT
        if self._chars > EVENT_LIMIT or memory > MEMORY_LIMIT:
            limit = f"{EVENT_LIMIT >> 20} MiB"
            raise LimitError(
                f"{self._host}: one event is larger than {limit}.",
                hint="No answer comes in such pieces: is that the right server? The text so far is kept.",
                host=self._host,
            )


class Framing(Protocol):
    """Text in, the text of finished events out."""

    def feed(self, text: str) -> deque[str]:
        """Pieces that together are whole events, each with its blank line; the taker empties the queue."""

    def end(self) -> deque[str]:
        """What the end of the body completes."""

    def take_comment(self) -> str | None:
        """The comments since the last time, at most `MAX_COMMENT` characters; None where there were none."""


class EventLines:
    """Lets whole events through, and of them only the lines that count: `event`, `data`, `error`.

    httpx-sse then never sees half an event, an event without data, an id or a comment, which it would
    turn into empty events. A line `error: {...}` (llama-box), or the bare JSON of an error that a gateway
    writes into a stream that has begun, becomes an event named "error".
    """

    def __init__(self, host: str) -> None:
        self._size = Size(host)
        self._block: deque[str] = deque()
        self._data_lines = 0
        self._ready: deque[str] = deque()
        self._tail = ""
        self._flow: str | None = None
        self._comment: str | None = None

    def feed(self, text: str) -> deque[str]:
        """Takes normalised text; returns the text of the events that it completes."""
        if self._flow is not None:
            text = self._flow_on(text, self._flow)
        lines = (self._tail + text).split("\n")
        self._tail = lines.pop()
        for line in lines:
            self._line(line)
        if len(self._tail) > LONG_LINE:
            self._start_flow()
        return self._take_ready()

    def end(self) -> deque[str]:
        """A last `data: [DONE]` counts without its blank line, and the JSON of an error without its line end.

        Any other unfinished event is dropped.
        """
        is_error = self._tail[:8] == BARE_ERROR and self._tail[-1:] == "}"
        if self._tail[:5] == "data:" or is_error:
            self._line(self._tail)
        whole = [piece for piece in self._block if piece[:5] == "data:" and piece[-1] == "\n"]
        if self._data_lines == 1 and len(whole) == 1 and whole[0][5:].strip() == "[DONE]":
            self._line("")
        return self._take_ready()

    def take_comment(self) -> str | None:
        """What the comments since the last time say."""
        comment, self._comment = self._comment, None
        return comment

    def _take_ready(self) -> deque[str]:
        ready, self._ready = self._ready, deque()
        return ready

    def _line(self, line: str) -> None:
        if not line:
            self._dispatch()
        elif line[:5] == "data:" or line == "data":
            self._keep(line + "\n", 1)
        elif line[:6] == "event:" or line == "event":
            self._keep(line + "\n", 0)
        elif line[:6] == "error:" or line[:8] == BARE_ERROR:
            self._dispatch()
            self._keep(f"event:error\ndata:{line.removeprefix('error:')}\n", 1)
            self._dispatch()
        elif line[0] == ":":
            said = line[1 : 1 + MAX_COMMENT].strip()
            self._comment = f"{self._comment} {said}".strip()[:MAX_COMMENT] if self._comment else said

    def _dispatch(self) -> None:
        if self._data_lines:
            self._block.append("\n")
            self._ready.extend(self._block)
        if self._block:
            self._block.clear()
            self._data_lines = 0
            self._size.clear()

    def _keep(self, text: str, data_lines: int) -> None:
        if self._comment is not None and not self._block:  # it stands before the event that begins here
            self._ready.append(comment_text(self._comment))
            self._comment = None
        self._size.add(text, 1)
        self._data_lines += data_lines
        self._block.append(text)

    def _start_flow(self) -> None:
        head, self._tail = self._tail, ""
        self._flow = ""
        if head[:6] == "error:":
            self._dispatch()
            self._keep(f"event:error\ndata:{head[6:]}", 1)
            self._flow = "error"
        elif head[:5] == "data:" or head[:6] == "event:":
            self._keep(head, int(head[:5] == "data:"))
            self._flow = "keep"

    def _flow_on(self, text: str, flow: str) -> str:
        piece, newline, rest = text.partition("\n")
        if flow:
            self._size.add(piece, 0)
            self._block.append(piece + newline)
        if newline:
            self._flow = None
            if flow == "error":
                self._dispatch()
        return rest


class JsonLines:
    """NDJSON (Ollama's and Cohere's own streams): each line that is not blank is one unnamed event."""

    def __init__(self, host: str) -> None:
        self._size = Size(host)
        self._line: deque[str] = deque()

    def feed(self, text: str) -> deque[str]:
        """Takes normalised text; returns each finished line as an event."""
        ready: deque[str] = deque()
        *finished, tail = text.split("\n")
        for piece in finished:
            self._add(piece)
            ready += self._take()
        self._add(tail)
        return ready

    def end(self) -> deque[str]:
        """A last line counts without its line end when it closes an object; else it was cut off."""
        return self._take() if self._line and self._line[-1].rstrip().endswith("}") else deque()

    def take_comment(self) -> str | None:
        """There are none in JSON lines."""
        return None

    def _add(self, piece: str) -> None:
        if piece:
            self._size.add(piece, 0)
            append(self._line, piece)

    def _take(self) -> deque[str]:
        line, self._line = self._line, deque()
        self._size.clear()
        if not any(piece.strip() for piece in line):
            return deque()
        line.appendleft("data:")
        line.append("\n\n")
        return line


def append(pieces: deque[str], piece: str) -> None:
    """Adds a piece of one text. Small ones are joined: a million strings would cost more than their text."""
    if pieces and len(pieces[-1]) < LONG_LINE:
        pieces[-1] += piece
    else:
        pieces.append(piece)


def empty_answer(host: str) -> InterruptedStream:
    """The error for an answer without a byte of content."""
    return InterruptedStream(
        f"{host} sent an empty answer.",
        hint="Is it the right address and model? s.again() asks again.",
        code="empty",
        host=host,
    )


async def texts(
    chunks: AsyncIterator[bytes], encoding: Plain | Inflated, breath: Breath, host: str
) -> AsyncGenerator[str | None, None]:
    """The text of a body in slices, and None after each chunk of the network.

    Raises `InterruptedStream` (code "empty") for a body without a byte, and what `Inflated` raises.
    """
    utf8 = Utf8()
    empty = True
    async for chunk in chunks:
        for data in encoding.slices(chunk):
            empty = empty and not data
            if text := utf8.decode(data):
                yield text
            if breath.is_due():
                await breath.take()
        yield None
    if empty:
        raise empty_answer(host)
    encoding.end()


async def event_texts(
    source: AsyncIterator[str | None], framing: Framing, breath: Breath, first: str = ""
) -> AsyncGenerator[str, None]:
    """The text of whole events for httpx-sse, and a pulse event for each chunk that completed none.

    `first` is a slice that has been taken from `source` already.
    """
    ready = framing.feed(first)
    quiet = not ready
    while ready:
        yield _take_slice(ready)
    if (comment := framing.take_comment()) is not None:
        yield comment_text(comment)
        quiet = False
    async for text in source:
        if text is None:
            if quiet:
                yield PULSE_TEXT
            quiet = True
            continue
        ready = framing.feed(text)
        while ready:
            quiet = False
            if breath.is_due():
                await breath.take()
            yield _take_slice(ready)
        if (comment := framing.take_comment()) is not None:
            quiet = False
            yield comment_text(comment)
    ready = framing.end()
    while ready:
        yield _take_slice(ready)


def comment_text(comment: str) -> str:
    """A pulse event that tells a comment: behind a colon, for an empty one is one as well."""
    return f"event:{PULSE}\ndata::{comment}\n\n"


def _take_slice(ready: deque[str]) -> str:
    # Small pieces ride together, for each costs httpx-sse a call; and each is let go as soon as it is taken.
    taken: list[str] = []
    size = 0
    while ready and size < SLICE:
        taken.append(ready.popleft())
        size += len(taken[-1])
    return taken[0] if len(taken) == 1 else "".join(taken)
