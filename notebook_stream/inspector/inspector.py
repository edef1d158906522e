"""`Inspector`: one or several runs and all that came in them, live or again: answer, tokens, times, wire.

The page asks for moments and makes the pictures; here they are made of rows and sent. Makes no request but
for a branch.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import traitlets as t

from .. import loop, wire
from ..errors import UsageError, brief
from ..recording import Recording
from ..widget import STATIC, AnswersNeed, Bundle, Staying, Stream, pacer, reference
from . import copies
from .tokens import Token, text_before, tokens_of
from .track import Track

VIEWS = ("answer", "tokens", "timing", "wire")


class Inspector(Staying):
    """Shows runs with their tokens, times and events. Made by `s.inspect()` and `replay()`.

    `branches` are the runs that went on from another token, each a `Stream`.
    """

    requests = Staying.requests | {"moments", "branch"}
    as_page: ClassVar[Callable[..., str]]
    """What makes a static page of recordings; set by whoever knows the page's code."""

    _esm = t.Unicode((STATIC / "inspect.js").read_text(encoding="utf-8")).tag(sync=True)
    _tracks: t.List[wire.Track] = t.List().tag(sync=True)
    _options = t.Dict().tag(sync=True)
    # Where the page finds the code of its views.
    _inspector = t.Unicode("").tag(sync=True)

    def __init__(
        self, runs: Sequence[Stream], labels: Sequence[str], options: Mapping[str, Any], version: str
    ) -> None:
        self._all = [Track(run, label) for run, label in zip(runs, labels, strict=True)]
        self._version = version
        self._following: dict[int, int] = {}
        self._needs = [AnswersNeed(is_json=run.is_json) for run in runs]
        self._refusal = ""
        super().__init__()
        self._options = dict(options)
        self._tell_tracks()
        for run in runs:
            self._follow(run)

    # What it shows

    @property
    def runs(self) -> list[Stream]:
        """The runs that it was made of."""
        return [track.run for track in self._all if track.about["parent"] is None]

    @property
    def branches(self) -> list[Stream]:
        """The runs that branched off, in order."""
        return [track.run for track in self._all if track.about["parent"] is not None]

    @property
    def recordings(self) -> list[Recording]:
        """The recordings of all of them. Raises UsageError where one was not recorded."""
        return [track.run.recording for track in self._all]

    @brief
    def to_html(self, path: str | Path | None = None) -> str:
        """A page that replays them with no kernel and no network; written to `path`, if given."""
        view, projector = self._options.get("view", "answer"), self._options.get("projector", False)
        page = type(self).as_page(self.recordings, view=view, projector=projector)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def _tell_tracks(self) -> None:
        self._tracks = [track.about for track in self._all]

    # A live run

    def _follow(self, run: Stream) -> None:
        if run._session.has_ended:
            return
        loop.background().call(self._begin_to_follow, run)

    def _begin_to_follow(self, run: Stream) -> None:
        pacer().add(self)
        run.watch(self._wake)
        run._session.when_ended(lambda: loop.background().call(self._on_run_end, run))

    def _wake(self) -> None:
        pacer().wake(self)

    def _on_run_end(self, run: Stream) -> None:
        run.unwatch(self._wake)
        self.send_pending()
        if self._has_ended:
            pacer().remove(self)

    # The pacer's side

    is_urgent = False

    def send_pending(self) -> bool:
        """Send the moments that have come since the last time; False where there were none."""
        sent = [self._send_new(number) for number in list(self._following)]
        return any(sent)

    def send_beat(self) -> bool:
        """Tell how many moments there are, so that a lost message shows; False where no page is there."""
        sent = [self._send_moments(number, track.total, []) for number, track in enumerate(self._all)]
        return any(sent)

    def _send_new(self, number: int) -> bool:
        first = self._following[number]
        moments = self._all[number].moments(first)
        if not moments:
            return False
        if first + len(moments) < self._all[number].total:
            loop.background().call(self._wake)
        return self._send_moments(number, first, moments)

    def _send_moments(self, number: int, first: int, moments: list[wire.Moment]) -> bool:
        if first == self._following.get(number):
            self._following[number] = first + len(moments)
        for moment in moments:
            self._open_parts(self._needs[number].take(moment.get("piece", {})))
        if moments and moments[-1]["name"] == ":end":
            self._open_parts(self._needs[number].end())
        message: wire.Moments = {
            "type": "moments",
            "track": number,
            "from": first,
            "moments": moments,
            "total": self._all[number].total,
        }
        return self._send_message(message)

    # The page's side

    def _answer_request(self, kind: str, content: Mapping[str, Any]) -> None:
        names = ("track", "from") if kind == "moments" else ("track", "token", "alternative")
        counts: list[Any] = [content.get(name) for name in names]
        if not all(map(_is_count, counts)) or counts[0] >= len(self._all):
            return
        answer = self._answer_moments if kind == "moments" else self._branch_from_page
        loop.background().spawn(answer(*counts))

    async def _answer_moments(self, number: int, first: int) -> None:
        # On another thread: of a long run it takes a while, and the loop is that of all runs.
        moments = await loop.in_thread(self._all[number].moments, first)
        self._following.pop(number, None)
        self._send_moments(number, first, moments)
        if first + len(moments) >= self._all[number].total:
            self._following[number] = first + len(moments)  # it has all: what comes now is sent unasked

    @contextlib.contextmanager
    def _opening_state(self) -> Iterator[None]:
        self._inspector = reference("inspector")
        yield

    # Branches

    @brief
    def branch(self, token: int, alternative: int | str, *, track: int = 0) -> Stream:
        """Go on from the `token`th token of a run with another one in its place: a new Stream, shown here.

        `alternative` is a text, or the number of one of the token's alternatives, the likeliest first.
        Raises UsageError: there is no such token, or the server cannot go on with a text.
        """
        if not _is_count(track) or track >= len(self._all):
            raise UsageError(f"track={track!r}: there are {len(self._all)}, numbered from 0.")
        made, text = branch_of(self._all[track], token, alternative)
        self._show_branch(track, token, made, text)
        return made

    def _show_branch(self, number: int, token: int, made: Stream, text: str) -> None:
        self._begins_anew()
        self._needs.append(AnswersNeed(is_json=made.is_json))
        # Counted from 1 as the views and plots do; with the quotes that the page puts around the other token.
        label = f"‘{text.replace(chr(10), '↵')}’ at token {token + 1}"
        self._all.append(Track(made, label, number, token))
        self._tell_tracks()
        self._follow(made)
        made._begin()
        if self._displays.any:
            self._displays.renew()
            self._has_been_displayed()

    async def _branch_from_page(self, number: int, token: int, alternative: int) -> None:
        try:
            made, text = await loop.in_thread(branch_of, self._all[number], token, alternative)
        except UsageError as exc:
            self._options = {**self._options, "remark": str(exc)}
        else:
            self._options = {**self._options, "remark": ""}
            self._show_branch(number, token, made, text)

    # What `Shown` asks

    @property
    def _has_ended(self) -> bool:
        return all(track.run._session.has_ended for track in self._all)

    def _when_ended(self, callback: Callable[[], object]) -> None:
        left = [track.run for track in self._all if not track.run._session.has_ended]

        def check() -> None:
            if self._has_ended:
                callback()

        if not left:
            callback()
        for run in left:
            run._session.when_ended(check)

    def _stop_for(self, reason: str) -> None:
        for track in self._all:
            run = track.run
            if reason == "abandoned":
                run.unwatch(self._wake)
                run.leave()
            else:
                run._session.stop(reason)

    def stop(self) -> None:
        """End all runs that are running, and keep what has come: any thread, any time, twice is fine."""
        for track in self._all:
            track.run.stop()

    def _is_read(self) -> bool:
        return False

    def _copy(self, remark: str) -> Bundle:
        return copies.bundle([(track.label, track.run) for track in self._all], remark, self._version)

    def _plain(self) -> str:
        return repr(self)

    @brief
    def freeze(self) -> None:
        """Leave only the static copy, and let go of the widget. Raises UsageError: a run has not ended."""
        if not self._has_ended:
            raise UsageError("freeze() keeps finished answers; one is still coming: await or stop it.")
        self._freeze()

    def close(self) -> None:
        """Remove the live views; the runs go on. Where a copy is displayed, it stays."""
        for track in getattr(self, "_all", []):
            track.run.unwatch(self._wake)
        if getattr(self, "comm", None) is not None:
            self._close_comm()

    def __repr__(self) -> str:
        return f"<Inspector {', '.join(f'{track.label}: {track.run.status}' for track in self._all)}>"

    def __reduce__(self) -> Any:
        raise TypeError("an Inspector cannot be pickled: s.recording.save(path) keeps what it shows.")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def chosen(tokens: Sequence[Token], token: int, alternative: int | str) -> str:
    """The text of an alternative. Raises UsageError: there is no such token, or alternative."""
    if not _is_count(token) or token >= len(tokens):
        raise UsageError(f"There is no token {token!r}: there are {len(tokens)}, numbered from 0.")
    if isinstance(alternative, str) and alternative:
        return alternative
    top = tokens[token].top
    if not isinstance(alternative, int) or not _is_count(alternative) or alternative >= len(top):
        told = f"there are {len(top)}" if top else "the server told none (logprobs=True, top_logprobs=5)"
        raise UsageError(f"There is no alternative {alternative!r} to token {token}: {told}; or give a text.")
    return top[alternative][0]


def branch_of(track: Track, token: int, alternative: int | str) -> tuple[Stream, str]:
    """The run of `track`, prepared to go on from `token`; the text it goes on with. Raises UsageError."""
    moments = track.moments_so_far()
    tokens = tokens_of(moments)
    text = chosen(tokens, token, alternative)
    return track.run.prepare_branch(text_before(moments, tokens[token].start) + text), text
