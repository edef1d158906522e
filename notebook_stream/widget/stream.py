"""`Stream`: what the user holds. Joins a session to traits, to the comm and to the display; parses nothing.

The comm opens at the first display. Only listed view choices may be changed from the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Generator
from typing import Any

import anywidget
import traitlets as t

from .. import hosts, loop, wire
from ..errors import UsageError
from ..outbox import Outbox
from ..session import Event, Readable, Result, Session, text_of
from . import library, runs
from .needs import AnswersNeed
from .state import SNAPSHOT_TRAITS, describe, snapshot_traits
from .traits import Live, Observed

log = logging.getLogger("notebook_stream")

STOP_WAIT_SECONDS = 1.0
"""How long `stop()` waits for the connection to be closed; usually it takes milliseconds."""
ABANDONED_SECONDS = 10.0
"""A run that nobody sees, awaits or iterates any more is stopped after this."""
FROM_PAGE = frozenset({"_view_count"})
"""The only traits a page may set. ipywidgets alone would let it set any synced one, `_esm` included."""


class Stream(anywidget.AnyWidget):
    """One run: its text as it comes, Stop, its end. Made by `stream()` and `show()`.

    `await s` and `s.result()` give the `Result`, or raise `StreamError` (with `.result`, the partial text)
    where the run was interrupted or failed. `for piece in s.text_stream` and `async for` give the text as it
    comes, from the first piece on. `s.observe(f, "text")` calls `f` with each change, coalesced.
    """

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
        messages: list[dict[str, Any]],
        note: str = "",
        asked: wire.Asked | None = None,
        keep_running: bool = False,
    ) -> None:
        self._session = make_session(self._on_event, self._on_end)
        self._observed = Observed(self, self._session)
        self._note = note
        self._asked: wire.Asked = asked or {}
        self._options: dict[str, Any] = {}
        self._restart: Callable[..., Stream] | None = None
        self._messages = messages
        self._keep_running = keep_running
        self.outbox = Outbox(self._describe)
        self._needs = AnswersNeed(is_json=self._asked.get("json", False))  # by what the page has been sent
        self._display_id = uuid.uuid4().hex
        self._displayed_in: str | None = None
        self._waiting = 0
        self._unseen: asyncio.TimerHandle | None = None
        self._may_open = False
        super().__init__(model_id=uuid.uuid4().hex)
        self._view_count = 0

    # What has come

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the request, without the answer: what `stream(..., after=s)` puts before."""
        return [dict(message) for message in self._messages]

    @property
    def events(self) -> list[Event]:
        """The events so far."""
        return self._session.log.events()

    @property
    def text_stream(self) -> Readable[str]:
        """The answer's pieces from the first on: `for` and `async for`. Raises what `result()` raises."""
        return self._readable(text_of)

    @property
    def event_stream(self) -> Readable[Event]:
        """The events from the first on: `for` and `async for`."""
        return self._readable(lambda event: event)

    def _readable(self, pick: Callable[[Event], Any]) -> Readable[Any]:
        session = self._session
        return Readable(
            session.log,
            pick,
            at_end=session.outcome,
            on_interrupt=session.stop,
            watch=hosts.watch_interrupts,
        )

    # Its end

    def result(self, timeout: float | None = None) -> Result:
        """Wait for the end and return the `Result`.

        Raises StreamError for a run that was interrupted or failed, TimeoutError after `timeout` seconds (the
        run goes on). An interrupt of the cell stops the run and keeps its text.
        """
        if loop.background().is_current():
            raise UsageError("result() cannot wait here, on notebook-stream's own loop.")
        self._waiting += 1
        try:
            if not self._session.wait(timeout):
                raise TimeoutError(f"the stream is still {self.status} after {timeout:g} s; it goes on.")
        except KeyboardInterrupt:
            self.stop()
            raise
        finally:
            self._waiting -= 1
        return self._session.outcome()

    def __await__(self) -> Generator[Any, None, Result]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> Result:
        try:
            here, ended = asyncio.get_running_loop(), asyncio.Event()
        except RuntimeError:  # trio, or a coroutine that is driven by hand
            raise UsageError(
                "await needs asyncio's event loop, and here is none. s.result() waits without it; "
                "with trio: await trio.to_thread.run_sync(s.result)."
            ) from None

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the waiting loop may be gone by then
                here.call_soon_threadsafe(ended.set)

        self._session.when_ended(wake)
        self._waiting += 1
        with hosts.watch_interrupts() as interrupted:
            try:
                await ended.wait()
            except asyncio.CancelledError:
                # Cancelling an `await` only detaches; the notebook's interrupt button means the run.
                if interrupted():
                    self._session.stop()
                raise
            finally:
                self._waiting -= 1
        return self._session.outcome()

    def stop(self) -> None:
        """End the run and keep its text: any thread, any time, twice is fine."""
        self._session.stop()
        if not loop.background().is_current():
            self._session.wait(STOP_WAIT_SECONDS)

    def again(self, **changes: Any) -> Stream:
        """The same request with `changes`, as a new Stream."""
        if self._restart is None:
            raise UsageError("again() needs a request or a function; this stream came from show(iterable).")
        return self._restart(**changes)

    def close(self) -> None:
        """Stop the run and remove its views."""
        session = getattr(self, "_session", None)
        if session is not None and not session.has_ended:
            session.stop("user")
        if getattr(self, "comm", None) is not None:
            hosts.close_routes(self.comm)
        super().close()

    def __repr__(self) -> str:
        m = self._session.metrics()
        seconds = f"{self._session.elapsed_s():.1f} s"
        tokens = f"{'≈ ' if m.estimated else ''}{m.tokens} tokens"
        return f"<Stream {' '.join(filter(None, (self.model, self.status, seconds, tokens)))}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Stream cannot be pickled: it holds a connection; pickle s.result() instead.")

    # The run's side: called on the loop

    def start(self, source: Any) -> None:
        """Begin to take events from `source` (an async iterator of events) on the background loop."""
        runs.add(self)
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
        self.send(message)
        if message["type"] == "append":
            self._open_parts(self._needs.take(message))
        elif message["type"] == "end":
            self._open_parts(self._needs.end())
        return True

    def _open_parts(self, needed: set[str]) -> None:
        """Give the page what it needs to show what it has been sent as it is meant."""
        for part in sorted(needed):
            try:
                self.set_trait(f"_{part}", library.reference(part))
            except Exception:  # plain code and the source of formulas are an answer, too
                log.debug("the page's %s part could not be opened", part, exc_info=True)

    def _describe(self) -> wire.RunState:
        return describe(self._session, self._note, self._asked)

    # The page's side

    def open(self) -> None:
        """Open the comm, once something wants to display this; before that nothing is sent."""
        if not self._may_open or self.comm is not None:
            return
        self._core = library.reference("core")
        with self.outbox.lock:  # no message between the opening state and the comm's being there
            self.outbox.opening()
            self._open_parts(self._needs.take(self.outbox.snapshot()))
            if self._session.has_ended:
                self._open_parts(self._needs.end())
            super().open()
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
        if kind in ("stop", "snapshot"):
            loop.background().call(self._answer_page, kind)

    def _answer_page(self, kind: Any) -> None:
        self._send_message({"type": "ack", "of": kind})
        if kind == "stop":
            self._session.stop("user")
        else:
            with self.outbox.lock:
                self._send_message(self.outbox.snapshot())

    # Display

    def _ipython_display_(self) -> None:
        here = hosts.current_execution()
        if hosts.in_displayhook() and here is not None and here == self._displayed_in:
            return  # the last expression of the cell that has displayed it already
        self._displayed_in = here
        self._may_open = True
        self.open()
        if not hosts.in_notebook():
            print(repr(self))  # noqa: T201  # what a plain prompt shows
            return
        data = {
            "text/plain": repr(self),
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
        }
        hosts.display(data, {}, display_id=self._display_id)

    def display(self) -> None:
        """Show it here and now, in a notebook."""
        self._ipython_display_()
