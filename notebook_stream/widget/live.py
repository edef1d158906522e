"""One run as the page sees it: events and its end go out over the comm, or in a comparison's messages.

Parses nothing, and knows nothing of what the user does with the run.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import traitlets as t

from .. import loop, saved, wire
from ..outbox import Outbox
from ..session import Event, Session
from . import library, runs
from .displays import Bundle
from .needs import AnswersNeed
from .record import record_of
from .recorded import Recorded
from .shown import Shown
from .state import SNAPSHOT_TRAITS, describe, snapshot_traits
from .traits import Live, Observed

ENDS = frozenset({"done", "stopped", "interrupted", "error"})


class Carrier(Protocol):
    """What takes a run's messages to a page, and says when: the comparison that the run is a cell of."""

    def add(self, run: LiveWidget) -> None:
        """It begins."""

    def wake(self, run: LiveWidget) -> None:
        """Something waits to be sent: `send_pending` is to be called soon."""

    def carry(self, run: LiveWidget, message: wire.Append | wire.End) -> None:
        """Take this one."""

    def remove(self, run: LiveWidget) -> None:
        """It has ended."""


class LiveWidget(Shown):
    """The widget of one run, without what the user sees of it."""

    requests = Shown.requests | {"snapshot"}

    # Its text and not its path: anywidget watches a path, and that watch would keep every stream for good.
    _esm = t.Unicode((library.STATIC / "stream.js").read_text(encoding="utf-8")).tag(sync=True)
    seq = Live().tag(sync=True)
    _rest = Live().tag(sync=True)
    text = Live(help="The answer so far.").tag(sync=True)
    reasoning = Live(help="The model's reasoning so far.").tag(sync=True)
    status = Live(help="connecting, streaming, done, stopped, interrupted or error.").tag(sync=True)
    stop_reason = Live(help="Why it was stopped: user, seconds, chars, cost, stop_when, abandoned.")
    usage = Live(help="Tokens and cost as the server counted them (`events.Usage`), or None.")
    metrics = Live(help="Times and rates so far (`Metrics`).")
    finish_reason = Live(help="Why the model ended: stop, length, tool_calls, ...; None before it has.")
    error = Live(help="The `StreamError` of a run that failed or was interrupted, or None.")
    model = Live(help="The model as the server names it.")
    tool_calls = Live(help="The tool calls so far (`events.ToolCall`).")
    citations = Live(help="The sources so far (`events.Citation`).")
    tool_results = Live(help="What the server's own tools gave back (`events.ToolResult`).")
    media = Live(help="The pictures, sounds and files so far (`events.Media`).")

    def __init__(
        self,
        *,
        make_session: Callable[[Callable[[Event], None], Callable[[], None]], Session],
        note: str = "",
        goes_on: Callable[[str], bool] | None = None,
        asked: wire.Asked | None = None,
        keep_running: bool = False,
        settle: bool = True,
        request: Mapping[str, Any] | None = None,
        version: str = "",
        recorded: Recorded | None = None,
    ) -> None:
        self._recorded = recorded or Recorded()
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._session = make_session(self._on_event, self._on_end)
        self._recorded.of(self._session)
        if self._recorded.keep is not None:
            self._session.before_end = self._keep_recording
        self._observed = Observed(self, self._session)
        self._note = note
        self._goes_on = goes_on
        self._asked: wire.Asked = asked or {}
        self._request = request
        self._version = version
        self._settle = settle
        self.outbox = Outbox(self._describe)
        for event in self._session.log.events():  # of a run that goes on with an answer, or is brought back
            self.outbox.take(event)
        self._needs = AnswersNeed(is_json=self.is_json)  # by what the page has been sent
        self.needs_cells_loop = False
        self._source: Any = None
        self.carrier: Carrier | None = None
        super().__init__(keep_running=keep_running)

    # The run's side: called on the loop

    def prepare(self, source: Any) -> None:
        """Its events will come from `source`, an async iterator of them."""
        self._source = source
        self.needs_cells_loop = getattr(source, "is_elsewhere", False)

    def start(self) -> None:
        """Begin to take events on the background loop."""
        runs.add(self)
        loop.background().spawn(self._run())

    def queue(self, on_early_stop: Callable[[], None]) -> None:
        """Somebody else will start it; until then it waits for its turn (see `Session.queue`)."""
        runs.add(self)
        self._session.queue(on_early_stop)

    async def _run(self) -> None:
        self._pacer.add(self)
        source, self._source = self._source, None
        await self._session.run(source)

    @property
    def _pacer(self) -> Any:
        return self.carrier or runs.pacer()

    def _on_event(self, event: Event) -> None:
        if self._recorded.of_events:
            self._recorded.take(event)
        for wake in self._watchers:
            wake()
        if self.outbox.take(event):
            self._pacer.wake(self)
            self._observed.plan()

    async def _keep_recording(self) -> None:
        self._recorded.end(self._session)
        remark = await loop.in_thread(self._recorded.kept, self._session)
        self._note = " ".join(filter(None, (self._note, remark)))

    def _on_end(self) -> None:
        runs.discard(self)
        self._recorded.end(self._session)
        for wake in self._watchers:
            wake()
        with self.outbox.lock:
            rest = self.outbox.flush(before_end=True)
            if rest is not None:
                self._send_numbered(rest)
            self._send_numbered(self.outbox.end())
        self._pacer.remove(self)
        with contextlib.suppress(Exception):  # the saved state only; the page has the messages
            if self.comm is not None:
                self.send_state(list(SNAPSHOT_TRAITS))
        self._observed.post()
        self._begin_settling()

    @property
    def is_resumable(self) -> bool:
        """Whether it has ended with an answer that was cut off, and its server can go on with it."""
        if self._goes_on is None or self._session.status.value not in ENDS:
            return False
        result = self._session.result()
        return result.is_cut_off and self._goes_on(result.text)

    @property
    def is_json(self) -> bool:
        """Whether the answer was asked for as JSON."""
        return self._asked.get("json", False)

    @property
    def is_urgent(self) -> bool:
        """Whether the first content waits to be sent (see `outbox.Sender`)."""
        return self.outbox.is_urgent

    def send_pending(self) -> bool:
        """Send what waits; False where there was nothing (see `outbox.Sender`)."""
        with self.outbox.lock:
            message = self.outbox.flush()
            if message is None:
                return False
            self._send_numbered(message)
        return True

    def send_beat(self) -> bool:
        """Send a heartbeat; False where no page is there (see `outbox.Sender`)."""
        return self._send_message(self.outbox.beat())

    def _send_numbered(self, message: wire.Append | wire.End) -> None:
        if self.carrier is not None:
            self.carrier.carry(self, message)
        if not self._send_message(message):
            return
        self._open_parts(self._needs.take(message) if message["type"] == "append" else self._needs.end())

    def _describe(self) -> wire.RunState:
        state = describe(self._session, self._remark(self._note), self._asked, self._settling_state())
        if self.is_resumable:
            state["resumable"] = True
        return state

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake`, on the loop, whenever something has come, and at the end."""
        self._watchers = (*self._watchers, wake)

    def unwatch(self, wake: Callable[[], None]) -> None:
        """Call it no more."""
        self._watchers = tuple(one for one in self._watchers if one != wake)

    def leave(self) -> None:
        """Nobody looks at it any more where it was shown as a part of something else. On the loop."""
        if self.carrier is None:
            self._stop_if_abandoned()

    # The page's side

    @contextlib.contextmanager
    def _opening_state(self) -> Iterator[None]:
        with self.outbox.lock:
            self.outbox.opening()
            self._open_parts(self._needs.take(self.outbox.snapshot()))
            if self._session.has_ended:
                self._open_parts(self._needs.end())
            yield

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The synced state; text, number and the rest are of one moment."""
        with self.outbox.lock:
            state = dict(super().get_state(key, drop_defaults))
            if state.keys() & SNAPSHOT_TRAITS:
                # With a key it is what has changed, as at the end; without, a page that knows nothing yet.
                snapshot = snapshot_traits(self.outbox.snapshot(), with_media=key is None)
                state.update({name: value for name, value in snapshot.items() if name in state})
            return state

    def _answer_request(self, kind: str, content: Mapping[str, Any]) -> None:
        with self.outbox.lock:
            self._send_message(self.outbox.snapshot())

    # What `Shown` asks

    @property
    def _has_ended(self) -> bool:
        return self._session.has_ended

    def _when_ended(self, callback: Callable[[], object]) -> None:
        self._session.when_ended(callback)

    def _stop_for(self, reason: str) -> None:
        self._session.stop(reason)

    def _is_read(self) -> bool:
        return self._session.log.readers > 0 or bool(self._watchers)

    def _record(self) -> saved.Record:
        """What there is of the run now."""
        return record_of(
            self._session,
            note=self._note,
            asked=self._asked,
            request=self._request,
            version=self._version,
            recording=self._recorded.embedded(self._session),
        )

    def _copy(self, remark: str) -> Bundle:
        return saved.bundle(self._record(), remark=remark)

    def _plain(self) -> str:
        return self._session.answer.text
