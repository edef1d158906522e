"""`Recording`: what came in one run and when: to be saved, loaded, replayed, and looked into. Asks nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from .. import plotting
from ..errors import UsageError, brief
from ..events import End, Event, Heartbeat, Reasoning, Text
from ..session import SOURCE, Rerun, Session
from . import ending, files, importing
from .decoding import Decoding
from .ending import Ending
from .header import Header
from .rows import END, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Recording:
    """What came in one run, with its times. Made by `s.recording`, `Recording.load` and `from_sse`.

    `replay(recording)` shows it again as it came, with no network and no key.
    """

    as_page: ClassVar[Callable[..., str]]
    """What makes a static page of it; set by whoever knows the page's code."""

    def __init__(self, header: Header, rows: Sequence[Row]) -> None:
        self.header = header
        self._rows = tuple(rows)

    # What it holds

    @property
    def rows(self) -> list[Row]:
        """What came, in order: `(at_s, name, data)`; names that begin with a colon are ours."""
        return list(self._rows)

    @property
    def events(self) -> list[tuple[float, Event]]:
        """The same in the vocabulary of `notebook_stream.events`: (seconds since the start, event)."""
        return [(row.at_s, event) for row, events in self.steps() for event in events]

    def steps(self) -> Iterator[tuple[Row, list[Event]]]:
        """Each row with what the run took of it, made when it is asked for."""
        taken: list[Event] = []
        rerun, decoding = self._rerun(taken.append), self.decoding()
        for row in self._rows:
            taken.clear()
            for event in decoding.events_of(row):
                if not isinstance(event, Heartbeat):
                    rerun.take(event, row.at_s)
            yield row, list(taken)

    @property
    def model(self) -> str:
        """The model that was asked."""
        return self.header.model

    @property
    def wire_format(self) -> str:
        """The dialect of its rows; empty where a source of `show()` gave the events."""
        return self.header.wire_format

    @property
    def request(self) -> dict[str, Any] | None:
        """The request's body, without a key; None where there was none, or it may not be kept."""
        return None if self.header.request is None else dict(self.header.request)

    @property
    def seconds(self) -> float:
        """From the start of the run to its end, or to what came last."""
        return self._rows[-1].at_s if self._rows else 0.0

    @property
    def text(self) -> str:
        """The answer."""
        return self._session.answer.text

    @property
    def status(self) -> str:
        """How the run ended: done, stopped, interrupted, error; interrupted where the end is missing."""
        return self._session.status.value

    @property
    def lost(self) -> int:
        """How many rows could not be kept: a recording is bounded."""
        return self.header.lost

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recording):
            return NotImplemented
        return self.header == other.header and self._rows == other._rows

    __hash__ = None  # type: ignore[assignment]  # it holds a request, which cannot be hashed

    def __repr__(self) -> str:
        name = self.model or self.wire_format or "source"
        return f"<Recording {name} {self.status}, {len(self._rows)} rows in {self.seconds:.1f} s>"

    # Files

    @brief
    def save(self, path: str | Path) -> None:
        """Write it into a file of JSON lines (see the README for the format); never a key. Raises OSError."""
        text = "".join(f"{line}\n" for line in files.write(self.header, self._rows))
        Path(path).write_text(text, encoding="utf-8")

    @classmethod
    @brief
    def load(cls, path: str | Path) -> Recording:
        """The recording that `save` has written. Raises UsageError: it is none; OSError: it is unreadable."""
        return cls(*files.read(_text_of(path).split("\n")))

    @classmethod
    @brief
    def from_sse(
        cls, path: str | Path, *, wire_format: str | None = None, interval_s: float = importing.INTERVAL_S
    ) -> Recording:
        """A recording of an event stream that was saved as it came (`curl -N ... > x.sse`), or JSON lines.

        Such a file has no times: its events come `interval_s` seconds apart. `wire_format`: the dialect;
        without, the one that understands most of it. Raises UsageError: it is no event stream.
        """
        if (
            not isinstance(interval_s, int | float)
            or isinstance(interval_s, bool)
            or not 0 <= interval_s < 3600
        ):
            raise UsageError(f"interval_s={interval_s!r}: give seconds from 0 on.")
        rows = importing.rows_of(_text_of(path), interval_s)
        chosen = wire_format or importing.guess(rows)
        header = importing.header_of(chosen, Path(path).name)
        return _ended(cls(header, rows))

    def pack(self) -> str:
        """The same as a short text, for the metadata of an output."""
        return files.pack(self.header, self._rows)

    @classmethod
    def unpack(cls, text: str) -> Recording:
        """What `pack` has packed. Raises UsageError."""
        return cls(*files.unpack(text))

    @brief
    def to_html(
        self, path: str | Path | None = None, *, view: str = "answer", projector: bool = False
    ) -> str:
        """A page that replays it with no kernel and no network, in any browser; written to `path`, if given.

        `view`: what is open at first beside the answer: answer, tokens, timing or wire. `projector`: large
        type. Returns the page. Raises OSError.
        """
        page = type(self).as_page([self], view=view, projector=projector)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    # Pictures

    @brief
    def plot_timing(self) -> Figure:
        """A picture of when the answer came: arrivals, tokens a second over time, a histogram of the gaps.

        A matplotlib figure, which a notebook shows. Raises UsageError: it (the extra `plots`) is missing.
        """
        return plotting.plot_timing(self.events, title=self.model)

    @brief
    def plot_tokens(self) -> Figure:
        """A picture of the answer's tokens by their probability, where the server told it (`logprobs=True`).

        A matplotlib figure, which a notebook shows. Raises UsageError: it (the extra `plots`) is missing.
        """
        return plotting.plot_tokens(self.events, title=self.model)

    # The run again

    @cached_property
    def ending(self) -> Ending | None:
        """How the run ended; None where the recording breaks off before."""
        last = self._rows[-1] if self._rows else None
        if last is None or last.name != END:
            return None
        try:
            return ending.read(last.data)
        except UsageError:
            return Ending()

    def decoding(self) -> Decoding:
        """What makes events of its rows, from the first one on."""
        return decoding_of(self.header)

    def session(self) -> Session:
        """The run as it was, ended as it did."""
        rerun = self._rerun()
        decoding = self.decoding()
        for row in self._rows:
            for event in decoding.events_of(row):
                rerun.take(event, row.at_s)
        end = self.ending or Ending()
        return rerun.end(end.verdict(), self.seconds, notice=end.notice, cost=(end.cost, end.cost_estimated))

    @cached_property
    def _session(self) -> Session:
        return self.session()

    def _rerun(self, on_event: Callable[[Event], None] | None = None) -> Rerun:
        return rerun_of(self.header, self.ending, on_event)


def begins_with(header: Header) -> tuple[Event, ...]:
    """What was there before the run that `header` is of."""
    if header.begun is None:
        return ()
    text, reasoning, _ = header.begun
    return (*((Reasoning(reasoning),) if reasoning else ()), Text(text))


def decoding_of(header: Header) -> Decoding:
    """What makes events of the rows of a recording. Raises UsageError: its wire format is not known."""
    return Decoding(header.wire_format, begins_with(header), header.begun[2] if header.begun else 0)


def rerun_of(header: Header, end: Ending | None, on_event: Callable[[Event], None] | None = None) -> Rerun:
    """A session that takes the events of a recording as the run did."""
    rerun = Rerun(
        header.model, origin=header.host or SOURCE, begins_with=begins_with(header), on_event=on_event
    )
    if end is not None:
        end_rerun(rerun, header, end)
    return rerun


def end_rerun(rerun: Rerun, header: Header, end: Ending) -> None:
    """Let it end where the run did."""
    # Of a source that has no wire just what was taken is kept.
    if header.wire_format and end.taken is not None:
        rerun.ends_after(end.taken, end.chars)


def _ended(recording: Recording) -> Recording:
    """The same with the end that its events tell, for a file that tells none."""
    session = recording.session()
    has_end_mark = any(isinstance(event, End) for event in session.log.events())
    done = has_end_mark or session.answer.all_finished
    told = Ending(status="done" if done else "interrupted", chars=session.answer.chars)
    rows = [*recording.rows, Row(recording.seconds, END, told.write())]
    return Recording(replace(recording.header, model=session.answer.model), rows)


def _text_of(path: str | Path) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")  # every line end as it is
    except UnicodeDecodeError:
        raise UsageError(f"{Path(path).name}: it is no text.") from None


def now_utc() -> str:
    """The time now, as a header has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
