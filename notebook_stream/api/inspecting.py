"""`replay()`, `s.inspect()`, `s.branch()` and the static page: recordings and runs in, an inspector out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import __version__, hosts, marimo
from ..errors import UsageError, brief
from ..inspector import VIEWS, Inspector, Track, branch_of, page
from ..recording import Recording
from ..widget import Stream
from .asking import check_flags

MIN_SPEED, MAX_SPEED = 0.1, 10.0
MAX_RACE = 8
"""Recordings side by side: more would be too narrow to read."""

Replayable = Recording | Stream | str | Path


@brief
def replay(
    *recordings: Replayable | Mapping[str, Replayable],
    speed: float = 1.0,
    view: str = "answer",
    loop: bool = False,
    playing: bool = True,
    projector: bool = False,
    display: bool = True,
) -> Inspector:
    """Show a run again as it came, with its true times; several in step, for a race. Asks nobody.

    Parameters
    ----------
    recordings
        A `Recording`, the path of one that was saved, or a stream (its recording so far); several, or a dict
        of what to call them.
    speed
        0.1 to 10 times the true pace; can be changed in the view.
    view
        What is open at first beside the answer: answer, tokens, timing or wire.
    loop, playing
        Whether it begins again at its end; whether it plays at once.
    projector
        Large type.
    display
        Whether to show it here; False for use inside other widgets.

    Raises
    ------
    UsageError
        Wrong use, and what is no recording. OSError: a file cannot be read.
    """
    first = recordings[0] if len(recordings) == 1 else None
    given = first if isinstance(first, list | tuple) else recordings
    found = [_recording_of(one) for one in (first.values() if isinstance(first, Mapping) else given)]
    labels = [str(name) for name in first] if isinstance(first, Mapping) else labels_of(found)
    if not found:
        raise UsageError("replay() takes at least one recording: s.recording, or the path of a file.")
    if len(found) > MAX_RACE:
        raise UsageError(f"replay() shows at most {MAX_RACE} recordings side by side, not {len(found)}.")
    if not isinstance(speed, int | float) or isinstance(speed, bool) or not MIN_SPEED <= speed <= MAX_SPEED:
        raise UsageError(f"speed={speed!r}: give a number from {MIN_SPEED:g} to {MAX_SPEED:g}.")
    check_flags(loop=loop, playing=playing, projector=projector, display=display)
    options = {
        "view": _checked_view(view),
        "speed": float(speed),
        "loop": loop,
        "playing": playing,
        "projector": projector,
        "race": len(found) > 1,
        "replay": True,
    }
    runs = [Stream.from_recording(recording) for recording in found]
    made = Inspector(runs, labels, options, __version__)
    return _shown(made, display=display)


def _recording_of(given: object) -> Recording:
    if isinstance(given, Recording):
        return given
    if isinstance(given, Stream):
        return given.recording
    if isinstance(given, str | os.PathLike):
        return Recording.load(Path(given))
    raise UsageError(f"replay() takes recordings, streams or paths, not {type(given).__name__}.")


def labels_of(recordings: Sequence[Recording]) -> list[str]:
    """What tells them apart: their models, with a number where two have the same."""
    names = [recording.model or recording.wire_format or "source" for recording in recordings]
    counts = {name: names.count(name) for name in names}
    seen: dict[str, int] = {}
    labels = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        labels.append(f"{name} {seen[name]}" if counts[name] > 1 else name)
    return labels


def _checked_view(view: object) -> str:
    if view not in VIEWS:
        raise UsageError(f"view={view!r}: give one of {', '.join(VIEWS)}.")
    return str(view)


def _shown(made: Inspector, *, display: bool) -> Inspector:
    if display and (hosts.in_notebook() or marimo.is_here()):
        made.display()
    return made


def inspected(stream: Stream, *, view: str, projector: bool, display: bool) -> Inspector:
    """The inspector of one run; see `Stream.inspect`."""
    check_flags(projector=projector, display=display)
    options = {"view": _checked_view(view), "speed": 1.0, "projector": projector, "playing": False}
    made = Inspector([stream], [stream.model or "source"], options, __version__)
    return _shown(made, display=display)


def branch_at(stream: Stream, token: int, alternative: int | str) -> Stream:
    """The run that goes on from a token, prepared; see `Stream.branch`."""
    return branch_of(Track(stream, ""), token, alternative)[0]


def page_of(recordings: Sequence[Recording], **options: Any) -> str:
    """A static page that replays `recordings`. `view`, `projector`: as in `replay`."""
    told = {
        "view": _checked_view(options.get("view", "answer")),
        "projector": options.get("projector", False),
        "speed": 1.0,
        "loop": False,
        "playing": False,
        "race": len(recordings) > 1,
        "replay": True,
    }
    tracks = [
        Track(Stream.from_recording(recording), label)
        for recording, label in zip(recordings, labels_of(recordings), strict=True)
    ]
    return page.to_html(tracks, told)
