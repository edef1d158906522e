"""One run as the page sees it: events and its end go out over the comm, Stop and what the page asks come in.

The comm opens at the first display, and closes once every display is static. Only listed view choices may be
changed from the page. Parses nothing, and knows nothing of what the user does with the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import anywidget
import traitlets as t

from .. import hosts, loop, saved, wire
from ..outbox import Outbox
from ..session import Event, Session
from . import library, runs
from .displays import Bundle, Displays
from .needs import HIGHLIGHT, MATHS, AnswersNeed
from .record import record_of
from .settling import Settling
from .state import SNAPSHOT_TRAITS, describe, snapshot_traits
from .traits import Live, Observed

log = logging.getLogger("notebook_stream")

ABANDONED_SECONDS = 10.0
"""A run that nobody sees, awaits or iterates any more is stopped after this."""
FROM_PAGE = frozenset({"_view_count"})
"""The only traits a page may set. ipywidgets alone would let it set any synced one, `_esm` included."""
UNSAVED = "Not saved: too many live views in this cell. display(s) in another one keeps it."
REQUESTS = frozenset({"stop", "snapshot", "views", "copy"})
"""All that a page may say, see `wire.FromPage`."""


class LiveWidget(anywidget.AnyWidget):
    """The widget of one run, without what the user sees of it."""

    # Its text and not its path: anywidget watches a path, and that watch would keep every stream for good.
    _esm = t.Unicode((library.STATIC / "stream.js").read_text(encoding="utf-8")).tag(sync=True)
    # No Layout widget: it would be a second comm for every stream.
    layout = t.Any(None, allow_none=True).tag(sync=True)
    # Where the page finds the shared parts of its code; empty until the text has needed one.
    _core = t.Unicode("").tag(sync=True)
    _highlight = t.Unicode("").tag(sync=True)
    _maths = t.Unicode("").tag(sync=True)
    # As in ipywidgets, but not sent back to the page that has set it.
    _view_count = t.Int(None, allow_none=True).tag(sync=True, echo_update=False)
    # The page needs it to write to the comm by another channel than its own.
    _model_id = t.Unicode(None, allow_none=True).tag(sync=True)
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
        asked: wire.Asked | None = None,
        keep_running: bool = False,
        settle: bool = True,
        request: Mapping[str, Any] | None = None,
        version: str = "",
    ) -> None:
        self._session = make_session(self._on_event, self._on_end)
        self._observed = Observed(self, self._session)
        self._note = note
        self._asked: wire.Asked = asked or {}
        self._request = request
        self._version = version
        self._keep_running = keep_running
        self._settle = settle
        self._displays = Displays()
        self._settling: Settling[Bundle] | None = None
        self._is_headless = False
        self._is_heard = False
        self.outbox = Outbox(self._describe)
        self._needs = AnswersNeed(is_json=self._asked.get("json", False))  # by what the page has been sent
        self.needs_cells_loop = False
        self._waiting = 0
        self._unseen: asyncio.TimerHandle | None = None
        self._may_open = False
        # marimo and Shiny open the comm in here.
        with self._opening() if library.session() is not None else contextlib.nullcontext():
            super().__init__(model_id=uuid.uuid4().hex)
        self._view_count = 0

    # The run's side: called on the loop

    def start(self, source: Any) -> None:
        """Begin to take events from `source` (an async iterator of events) on the background loop."""
        runs.add(self)
        self.needs_cells_loop = getattr(source, "is_elsewhere", False)
        loop.background().spawn(self._run(source))

    async def _run(self, source: Any) -> None:
        runs.pacer().add(self)
        await self._session.run(source)

    def _on_event(self, event: Event) -> None:
        if self.outbox.take(event):
            runs.pacer().wake(self)
            self._observed.plan()

    def _on_end(self) -> None:
        runs.discard(self)
        with self.outbox.lock:
            rest = self.outbox.flush(before_end=True)
            if rest is not None:
                self._send_message(rest)
            self._send_message(self.outbox.end())
        runs.pacer().remove(self)
        with contextlib.suppress(Exception):  # the saved state only; the page has the messages
            if self.comm is not None:
                self.send_state(list(SNAPSHOT_TRAITS))
        self._observed.post()
        self._begin_settling()

    def send_pending(self) -> bool:
        """Send what waits; False where there was nothing (see `outbox.Sender`)."""
        with self.outbox.lock:
            message = self.outbox.flush()
            if message is None:
                return False
            self._send_message(message)
        return True

    def send_beat(self) -> bool:
        """Send a heartbeat; False where no page is there (see `outbox.Sender`)."""
        return self._send_message(self.outbox.beat())

    def _send_message(self, message: wire.ToPage) -> bool:
        if self.comm is None:
            return False
        try:
            self.send(message)
        except Exception:  # closed meanwhile by another thread, or the process is ending
            log.debug("a message could not be sent", exc_info=True)
            return False
        if message["type"] == "append":
            self._open_parts(self._needs.take(message))
        elif message["type"] == "end":
            self._open_parts(self._needs.end())
        return True

    def _open_parts(self, needed: set[str]) -> None:
        """Give the page what it needs to show what it has been sent as it is meant."""
        for part in sorted(needed):
            if getattr(self, f"_{part}"):
                continue
            try:
                self.set_trait(f"_{part}", library.reference(part))
            except Exception:  # plain code and the source of formulas are an answer, too
                log.debug("the page's %s part could not be opened", part, exc_info=True)

    def _describe(self) -> wire.RunState:
        note = " ".join(filter(None, (self._note, UNSAVED if self._displays.has_unsaved else "")))
        return describe(self._session, note, self._asked, self._settling_state())

    # The page's side

    def open(self) -> None:
        """Open the comm, once something wants to display this; before that nothing is sent."""
        if not self._may_open or self.comm is not None:
            return
        with self._opening():
            super().open()

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        """Around what opens the comm: no message between the opening state and the comm's being there."""
        self._core = library.reference("core")
        with self.outbox.lock:
            self.outbox.opening()
            self._open_parts(self._needs.take(self.outbox.snapshot()))
            if self._session.has_ended:
                self._open_parts(self._needs.end())
            if library.session() is not None:  # to which the loop's thread does not belong
                self._open_parts({HIGHLIGHT, MATHS})
            yield
        if self.comm is not None:
            hosts.open_routes(self.comm, self._from_page)

    @property
    def model_id(self) -> str:
        """The comm's id; asking for it opens the comm, for a layout that holds this is about to be shown."""
        if self.comm is None:
            self._may_open = True
            self.open()
        return str(self.comm.comm_id)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The synced state; text, number and the rest are of one moment."""
        with self.outbox.lock:
            state = dict(super().get_state(key, drop_defaults))
            if state.keys() & SNAPSHOT_TRAITS:
                # With a key it is what has changed, as at the end; without, a page that knows nothing yet.
                snapshot = snapshot_traits(self.outbox.snapshot(), with_media=key is None)
                state.update({name: value for name, value in snapshot.items() if name in state})
            return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take view choices from the page, and nothing else."""
        views_before = self._view_count or 0
        self._is_heard = True
        super().set_state({name: value for name, value in sync_data.items() if name in FROM_PAGE})
        if views_before > 0 and not self._view_count:
            loop.background().call(self._wait_for_view)

    def _wait_for_view(self) -> None:
        if self._unseen is not None:
            self._unseen.cancel()  # the time counts from the last view's end
        self._unseen = asyncio.get_running_loop().call_later(ABANDONED_SECONDS, self._stop_if_abandoned)

    def _stop_if_abandoned(self) -> None:
        self._unseen = None
        if self._view_count or self._keep_running or self._session.has_ended:
            return
        if self._waiting or self._session.log.readers or hosts.is_in_layout(self):
            self._wait_for_view()  # who wants it now may leave later, and no message tells of that
        else:
            self._session.stop("abandoned")

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        self._from_page(content)

    def _from_page(self, content: Any) -> None:
        # On any thread, the kernel's control thread included: so nothing but a call on the loop.
        kind = content.get("type") if isinstance(content, dict) else None
        if isinstance(kind, str) and kind in REQUESTS:
            loop.background().call(self._answer_page, kind, content.get("state"))

    def _answer_page(self, kind: Any, views: object) -> None:
        self._is_heard = True
        self._send_message({"type": "ack", "of": kind})
        if kind == "stop":
            self._session.stop("user")
        elif kind == "snapshot":
            with self.outbox.lock:
                self._send_message(self.outbox.snapshot())
        elif kind == "views":
            self._hear_of_views(views)
        elif self._is_settled:
            loop.background().spawn(self._send_copy())

    # The change-over to the static copy

    @property
    def _is_settled(self) -> bool:
        return self._session.has_ended and self._displays.any and not self._displays.are_due

    def _settling_state(self) -> Literal["", "planned", "done"]:
        if self._is_settled:
            return "done"
        return "planned" if self._displays.any else ""

    def _make_copy(self, remark: str = "") -> Bundle:
        """The static copy of what there is now; of a text that cannot be shown otherwise, the plain text."""
        try:
            record = record_of(
                self._session,
                note=self._note,
                asked=self._asked,
                request=self._request,
                version=self._version,
            )
            return saved.bundle(record, remark=remark)
        except Exception:
            log.exception("the static copy could not be made; the notebook gets the plain text")
            return {"text/plain": self._session.answer.text}, {}

    def _has_been_displayed(self) -> None:
        """A display has come; where the run has ended, perhaps just now, it is due for its copy."""
        runs.displayed(self)
        self._session.when_ended(lambda: loop.background().call(self._begin_settling))

    def _begin_settling(self) -> None:
        """The run has ended: change over when the page is ready. On the loop."""
        is_under_way = self._settling is not None and not self._settling.is_over
        if is_under_way or self._is_headless or not self._displays.are_due:
            return
        if loop.background().is_closing:
            self._show_copy(self._make_copy())  # nothing that waits comes to its turn any more
            return
        self._settling = Settling(self._make_copy, self._show_copy)
        # Nobody is to be asked where the live views stay, or where there are none any more.
        self._settling.begin(at_once=not self._displays.is_view_due or self.comm is None)

    def _hear_of_views(self, views: object) -> None:
        if self._is_settled:
            if views == "none" and not self._displays.stay:
                self._let_go()
        elif self._settling is not None and views in ("free", "held"):
            self._settling.hear(is_held=views == "held")

    def _show_copy(self, copy: Bundle) -> None:
        try:
            self._displays.settle(copy)
        except Exception:  # the kernel is being shut down: its sockets are closed
            log.debug("the static copy could not be displayed", exc_info=True)
            return
        self._mark_settled()

    def _mark_settled(self) -> None:
        """Every display has its copy now. On the loop."""
        runs.settled(self)
        self._send_message({"type": "settled"})
        if not (self._is_heard or self._displays.stay):
            self._let_go()  # no page has ever shown a view

    async def _send_copy(self) -> None:
        data, metadata = await asyncio.to_thread(self._make_copy)
        self._send_message({"type": "copy", "data": data, "metadata": metadata})

    def settle_here(self, remark: str) -> None:
        """Put a copy of what there is now into the displays, from the thread of the cell that is ending.

        For a client that reads nothing later (nbclient, papermill). `remark` is told where it is not whole.
        """
        is_whole = self._session.has_ended
        if self._displays.are_due:
            self._displays.settle(self._make_copy("" if is_whole else remark), is_whole=is_whole)
            if is_whole:
                loop.background().call(self._mark_settled)

    def _let_go(self) -> None:
        """Close the comm: what is displayed needs it no more. A later display opens another one."""
        if self.comm is None or hosts.is_in_layout(self):
            return
        self._close_comm()
        self._may_open = self._is_heard = False
        self._model_id = uuid.uuid4().hex
        self._view_count = 0

    def _close_comm(self) -> None:
        hosts.close_routes(self.comm)
        super().close()
        # ipywidgets takes a closed widget for one that cannot be displayed any more.
        self.__dict__.pop("_repr_mimebundle_", None)
