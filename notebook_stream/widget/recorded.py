"""The recording of one run: being made, there from the beginning, or not wanted. Shows nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import UsageError
from ..recording import END, EVENT, Ending, Header, Recorder, Recording, Row, ending_of
from ..recording.written import write
from ..session import Event, Session
from ..session.status import Status

MAX_EMBEDDED = 2_000_000
"""Characters of a recording that a notebook's file may hold: two thousand tokens take some fifty thousand."""


@dataclass
class Recorded:
    """`recorder` keeps what comes, `header` is told of the request; or `recording` is there already.

    `of_events`: our events are kept, for there is no wire. `embeds`: the notebook's file is to hold it.
    `keep` is given the recording of a run that is done, before its end is announced.
    """

    header: Header | None = None
    recorder: Recorder | None = None
    recording: Recording | None = None
    of_events: bool = False
    embeds: bool = False
    keep: Callable[[Recording], None] | None = None

    def of(self, session: Session) -> None:
        """It is the recording of this session."""
        if self.recorder is not None:
            self.recorder.began_at = lambda: session.began_at

    def take(self, event: Event) -> None:
        """An event of a run without a wire."""
        if self.of_events and self.recorder is not None:
            self.recorder.take_event(event)

    def end(self, session: Session) -> None:
        """Nothing more comes; twice is fine."""
        if self.recorder is not None and not self.recorder.has_ended:
            self.recorder.end(ending_of(session))

    def kept(self, session: Session) -> str:
        """Keep the recording of a run that is done; returns a line for the view where that failed.

        Takes as long as the run was long, so not on the loop.
        """
        if self.keep is None or session.status is not Status.DONE:
            return ""
        try:
            self.keep(self.now(session))
        except OSError as exc:
            return f"Not kept in the cache: {exc.strerror or exc}."
        return ""

    def now(self, session: Session) -> Recording:
        """What there is now. Raises UsageError: it was not recorded."""
        if self.recording is not None:
            return self.recording
        if self.recorder is None or self.header is None:
            raise UsageError("This run was not recorded (record=False).")
        header = replace(self.header, lost=self.recorder.lost) if self.recorder.lost else self.header
        return Recording(header, self.recorder.rows())

    def shown(self, session: Session) -> Recording:
        """The same for a view; of a run that was not recorded its events, without their times."""
        try:
            return self.now(session)
        except UsageError:
            return without_times(session)

    def rows_after(self, session: Session, count: int) -> list[Row]:
        """The rows that have come beyond the first `count` of `shown`."""
        if self.recording is not None:
            return []
        if self.recorder is not None:
            return self.recorder.rows(count)
        return without_times(session).rows[count:]

    def embedded(self, session: Session) -> str:
        """The recording as text for the notebook's file; empty where it is not to hold it, or cannot."""
        if not self.embeds:
            return ""
        packed = self.now(session).pack()
        return packed if len(packed) <= MAX_EMBEDDED else ""


def kept_in(packed: str) -> Recorded:
    """The recording that a notebook's file holds; none where that is damaged: the answer is there still."""
    try:
        return Recorded(recording=Recording.unpack(packed) if packed else None)
    except UsageError:
        return Recorded()


def without_times(session: Session) -> Recording:
    """The events of a run as a recording in which all has come at once, where its first content did."""
    first_s, last_s = session.metrics().ttft_s or 0.0, session.elapsed_s()
    texts = [text for event in session.log.events() if (text := write(event)) is not None]
    rows = [Row(first_s, EVENT, text) for text in texts]
    if session.has_ended:
        end: Ending = ending_of(session)
        rows.append(Row(max(first_s, last_s), END, end.write()))
    return Recording(Header(model=session.answer.model, times="not recorded"), rows)
