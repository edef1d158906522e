"""`Stream`: what the user holds. Joins a session to traits, to the comm and to the display; parses nothing.

Reading an attribute gives the latest; an observer (on the notifier's thread) sees the value it is being told
of. The comm opens at the first display. Only listed view choices may be changed from the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import uuid
import weakref
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from . import hosts, loop, wire
from .errors import UsageError
from .outbox import Outbox, Pacer
from .session import Event, Metrics, Readable, Result, Session, text_of

STATIC = Path(__file__).parent / "static"
STOP_WAIT_SECONDS = 1.0
"""How long `stop()` waits for the connection to be closed; usually it takes milliseconds."""
NOTIFY_SECONDS = 1 / 20
"""Observers are told at most this often."""
ABANDONED_SECONDS = 10.0
"""A run that nobody sees, awaits or iterates any more is stopped after this (DESIGN section 4)."""
FROM_PAGE = frozenset({"_view_count"})
"""The only traits a page may set. ipywidgets alone would let it set any synced one, `_esm` included."""
SNAPSHOT_TRAITS = frozenset({"seq", "text", "reasoning", "status", "_rest"})

_pacer: Pacer | None = None
_running: set[Stream] = set()
_by_cell: dict[str, weakref.WeakSet[Stream]] = {}
_started_lock = threading.Lock()
_watching_cells = False


class Live(t.TraitType[Any, Any]):
    """A read-only trait whose value is the run's own, not a copy of it."""

    info_text = "a value that only the run sets"

    def get(self, obj: Any, cls: Any = None) -> Any:
        """The value now, or in an observer the value it is told of."""
        return obj._read(self.name)

    def set(self, obj: Any, value: Any) -> None:
        """Always raises: only the run sets it."""
        raise t.TraitError(f"{self.name} is set by the run; it cannot be assigned.")


class Core(anywidget.AnyWidget):
    """The library widget: the big part of the page's code, sent once for each kernel, for all streams."""

    layout = t.Any(None, allow_none=True).tag(sync=True)
    _esm = STATIC / "core.js"


_core: Core | None = None


def core() -> Core:
    """The kernel's one library widget, opened when first asked for."""
    global _core
    if _core is None or _core.comm is None:
        _core = Core()
    return _core


class Stream(anywidget.AnyWidget):
    """One run: its text as it comes, Stop, its end. Made by `stream()` and `show()`.

    `await s` and `s.result()` give the `Result`, or raise `StreamError` (with `.result`, the partial text)
    where the run was interrupted or failed. `for piece in s.text_stream` and `async for` give the text as it
    comes, from the first piece on. `s.observe(f, "text")` calls `f` with each change, coalesced.
    """

    _esm = STATIC / "stream.js"
    # No Layout widget: it would be a second comm for every stream.
    layout = t.Any(None, allow_none=True).tag(sync=True)
    _core = t.Unicode("").tag(sync=True)
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

    def __init__(
        self,
        *,
        make_session: Callable[[Callable[[Event], None], Callable[[], None]], Session],
        messages: list[dict[str, Any]],
        note: str = "",
        keep_running: bool = False,
    ) -> None:
        self._session = make_session(self._on_event, self._on_end)
        self._note = note
        self._options: dict[str, Any] = {}
        self._restart: Callable[..., Stream] | None = None
        self._messages = messages
        self._keep_running = keep_running
        self.outbox = Outbox(self._describe)
        self._display_id = uuid.uuid4().hex
        self._displayed_in: str | None = None
        self._waiting = 0
        self._unseen: asyncio.TimerHandle | None = None
        self._notified: dict[str, Any] = {}
        self._notifying = False
        self._notify_planned = False
        self._may_open = False
        super().__init__(model_id=uuid.uuid4().hex)
        self._view_count = 0

    # What has come

    def _read(self, name: str) -> Any:
        if self._notifying and loop.notifier().is_current() and name in self._notified:
            return self._notified[name]
        return _READERS[name](self)

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
        here, ended = asyncio.get_running_loop(), asyncio.Event()

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
        self._stop("user")

    def _stop(self, reason: str) -> None:
        self._session.stop(reason)
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
        return f"<Stream {self.model} {self.status} {seconds} {'≈ ' if m.estimated else ''}{m.tokens} tokens>"

    def __reduce__(self) -> Any:
        raise TypeError("a Stream cannot be pickled: it holds a connection; pickle s.result() instead.")

    # The run's side: called on the loop

    def start(self, source: Any) -> None:
        """Begin to take events from `source` (an async iterator of events) on the background loop."""
        _running.add(self)
        loop.background().spawn(self._run(source))

    async def _run(self, source: Any) -> None:
        pacer().add(self)
        await self._session.run(source)

    def _on_event(self, event: Event) -> None:
        if self.outbox.take(event):
            pacer().wake(self)
            self._plan_notify()

    def _on_end(self) -> None:
        _running.discard(self)
        with self.outbox.lock:
            rest = self.outbox.flush(before_end=True)
            if rest is not None:
                self._send_message(rest)
            self._send_message(self.outbox.end())
        pacer().remove(self)
        with contextlib.suppress(Exception):  # the saved state only; the page has the messages
            if self.comm is not None:
                self.send_state(list(SNAPSHOT_TRAITS))
        loop.notifier().post(self, self._notify)

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
        return True

    def _describe(self) -> wire.RunState:
        session = self._session
        m = session.metrics()
        usage, finish, error = session.answer.usage, session.answer.finish, session.error
        state: wire.RunState = {
            "status": session.status.value,
            "model": session.answer.model,
            "elapsed_s": round(session.elapsed_s(), 3),
            "first_byte_s": _rounded(m.first_byte_s),
            "ttft_s": _rounded(m.ttft_s),
            "total_s": _rounded(m.total_s),
            "stop_reason": session.stop_reason,
            "finish_reason": finish.reason if finish else None,
            "finish_detail": finish.detail if finish else "",
            "tokens": m.tokens,
            "estimated": m.estimated,
            "tokens_per_s": _rounded(m.tokens_per_s),
            "usage": None,
            "error": None,
            "retry": None,
            "notice": session.notice,
            "note": self._note,
        }
        if usage is not None:
            names = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "cost")
            state["usage"] = {name: getattr(usage, name) for name in names}
        if error is not None:
            state["error"] = {"code": error.code, "message": error.message, "hint": error.hint}
        if session.retry is not None:
            at, retry = session.retry
            state["retry"] = {
                "at_s": round(at, 3),
                "attempt": retry.attempt,
                "of": retry.of,
                "reason": retry.reason,
            }
        return state

    # Observers: called on the notifier's thread

    def _plan_notify(self) -> None:
        if not self._notify_planned and self._trait_notifiers:
            self._notify_planned = True
            asyncio.get_running_loop().call_later(NOTIFY_SECONDS, self._post_notify)

    def _post_notify(self) -> None:
        loop.notifier().post(self, self._notify)

    def _notify(self) -> None:
        self._notify_planned = False
        changes = {name: _READERS[name](self) for name in _OBSERVED}
        before = {name: self._notified.get(name, _BEFORE.get(name)) for name in changes}
        self._notified.update(changes)
        self._notifying = True
        try:
            for name, new in changes.items():
                if new != before[name]:
                    self._tell(name, before[name], new)
        finally:
            self._notifying = False

    def _tell(self, name: str, old: Any, new: Any) -> None:
        # Past ipywidgets' notify_change, which would send the whole text to the page each time.
        change = t.Bunch(name=name, old=old, new=new, owner=self, type="change")
        t.HasTraits.notify_change(self, change)

    # The page's side

    def open(self) -> None:
        """Open the comm, once something wants to display this; before that nothing is sent."""
        if not self._may_open or self.comm is not None:
            return
        self._core = f"anywidget:{core().model_id}"
        with self.outbox.lock:  # no message between the opening state and the comm's being there
            self.outbox.opening()
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
                snapshot = _snapshot_traits(self.outbox.snapshot())
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


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _snapshot_traits(snapshot: wire.Snapshot) -> dict[str, Any]:
    rest = {key: snapshot[key] for key in ("refusal", "tools", "citations", "state")}
    return {
        "seq": snapshot["seq"],
        "text": snapshot["text"],
        "reasoning": snapshot["reasoning"],
        "_rest": {**rest, "protocol": wire.PROTOCOL},
    }


_READERS: dict[str, Callable[[Stream], Any]] = {
    "seq": lambda s: s.outbox.seq,
    "_rest": lambda s: None,  # only get_state fills it
    "text": lambda s: s._session.answer.text,
    "reasoning": lambda s: s._session.answer.reasoning,
    "status": lambda s: s._session.status.value,
    "stop_reason": lambda s: s._session.stop_reason,
    "usage": lambda s: s._session.answer.usage,
    "metrics": lambda s: s._session.metrics(),
    "finish_reason": lambda s: s._session.result().finish_reason,
    "error": lambda s: s._session.error,
    "model": lambda s: s._session.answer.model,
    "tool_calls": lambda s: s._session.answer.tool_calls,
    "citations": lambda s: s._session.answer.citations,
}
_OBSERVED = tuple(name for name in _READERS if name not in ("seq", "_rest"))
_BEFORE: dict[str, Any] = {
    "text": "",
    "reasoning": "",
    "status": "connecting",
    "metrics": Metrics(),
    "tool_calls": (),
    "citations": (),
}


def pacer() -> Pacer:
    """The process's one pacer."""
    global _pacer
    if _pacer is None:
        _pacer = Pacer()
    return _pacer


def running() -> list[Stream]:
    """The streams that have not ended, in no order."""
    return [stream for stream in list(_running) if not stream._session.has_ended]


def begin_in_cell(stream: Stream) -> None:
    """Remember which cell began this run: running that cell again stops it."""
    global _watching_cells
    cell = hosts.current_cell()
    with _started_lock:
        if not _watching_cells:
            _watching_cells = hosts.on_cell_start(_stop_runs_of)
        if cell is not None:
            _by_cell.setdefault(cell, weakref.WeakSet()).add(stream)


def _stop_runs_of(cell: str | None) -> None:
    with _started_lock:
        streams = list(_by_cell.pop(cell, ())) if cell is not None else []
    for stream in streams:
        stream._session.stop("abandoned")
