"""What is live in, and what its page sees out: a comm that opens at the first display and closes once every
display is static, requests of the page, the change-over to the static copy.

Only listed view choices may be changed from the page. Knows no run: `LiveWidget` is one, a comparison many.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Literal

import anywidget
import traitlets as t

from .. import hosts, loop
from ..errors import UsageError
from . import library, runs
from .displays import Bundle, Displays
from .needs import HIGHLIGHT, MATHS
from .settling import Settling

log = logging.getLogger("notebook_stream")

ABANDONED_SECONDS = 10.0
"""What nobody sees, awaits or iterates any more is stopped after this."""
FROM_PAGE = frozenset({"_view_count"})
"""The only traits a page may set. ipywidgets alone would let it set any synced one, `_esm` included."""
UNSAVED = "Not saved: too many live views in this cell. display(s) in another one keeps it."


class Shown(anywidget.AnyWidget):
    """A widget of ours, without what it shows."""

    requests: ClassVar[frozenset[str]] = frozenset({"stop", "views", "copy"})
    """All that a page may say, see `wire.FromPage`."""

    # No Layout widget: it would be a second comm.
    layout = t.Any(None, allow_none=True).tag(sync=True)
    # Where the page finds the shared parts of its code; empty until the text has needed one.
    _core = t.Unicode("").tag(sync=True)
    _highlight = t.Unicode("").tag(sync=True)
    _maths = t.Unicode("").tag(sync=True)
    # As in ipywidgets, but not sent back to the page that has set it.
    _view_count = t.Int(None, allow_none=True).tag(sync=True, echo_update=False)
    # The page needs it to write to the comm by another channel than its own.
    _model_id = t.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self, *, keep_running: bool = False) -> None:
        self._keep_running = keep_running
        self._displays = Displays()
        self._settling: Settling[Bundle] | None = None
        self._renewals = 0
        self._is_headless = False
        self._is_heard = False
        self._waiting = 0
        self._unseen: asyncio.TimerHandle | None = None
        self._displayed_in: str | None = None
        self._may_open = False
        # marimo and Shiny open the comm in here.
        with self._opening_comm() if library.session() is not None else contextlib.nullcontext():
            super().__init__(model_id=uuid.uuid4().hex)
        self._view_count = 0

    # What each kind of it says for itself

    @property
    def _has_ended(self) -> bool:
        """Whether nothing more will come."""
        raise NotImplementedError

    def _when_ended(self, callback: Callable[[], object]) -> None:
        """Call `callback` at the end, on any thread, or at once where it has come."""
        raise NotImplementedError

    def _stop_for(self, reason: str) -> None:
        """End it and keep what has come; does not wait."""
        raise NotImplementedError

    def _is_read(self) -> bool:
        """Whether somebody iterates over it."""
        raise NotImplementedError

    def _copy(self, remark: str) -> Bundle:
        """The static copy of what there is now."""
        raise NotImplementedError

    def _plain(self) -> str:
        """What there is as plain text, in case that the copy fails."""
        raise NotImplementedError

    def _opening_state(self) -> contextlib.AbstractContextManager[None]:
        """Around the opening of the comm: no message between the opening state and the comm's being there."""
        raise NotImplementedError

    def _answer_request(self, kind: str, content: Mapping[str, Any]) -> None:
        """Answer a request of `requests` that is not answered here. On the loop."""

    # Messages

    def _send_message(self, message: Mapping[str, Any]) -> bool:
        """Send it to the page; False where there is none."""
        if self.comm is None:
            return False
        try:
            self.send(message)
        except Exception:  # closed meanwhile by another thread, or the process is ending
            log.debug("a message could not be sent", exc_info=True)
            return False
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

    # The page's side

    def open(self) -> None:
        """Open the comm, once something wants to display this; before that nothing is sent."""
        if not self._may_open or self.comm is not None:
            return
        with self._opening_comm():
            super().open()

    @contextlib.contextmanager
    def _opening_comm(self) -> Iterator[None]:
        self._core = library.reference("core")
        with self._opening_state():
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
        if self._view_count or self._keep_running or self._has_ended:
            return
        if self._waiting or self._is_read() or hosts.is_in_layout(self):
            self._wait_for_view()  # who wants it now may leave later, and no message tells of that
        else:
            self._stop_for("abandoned")

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        self._from_page(content)

    def _from_page(self, content: Any) -> None:
        # On any thread, the kernel's control thread included: so nothing but a call on the loop.
        kind = content.get("type") if isinstance(content, dict) else None
        if isinstance(kind, str) and kind in self.requests:
            loop.background().call(self._answer_page, kind, content)

    def _answer_page(self, kind: str, content: Mapping[str, Any]) -> None:
        self._is_heard = True
        self._send_message({"type": "ack", "of": kind})
        if kind == "stop":
            self._stop_for("user")
        elif kind == "views":
            self._hear_of_views(content.get("state"))
        elif kind == "copy":
            if self._is_settled:
                loop.background().spawn(self._send_copy())
        else:
            self._answer_request(kind, content)

    # The change-over to the static copy

    @property
    def _is_settled(self) -> bool:
        return self._has_ended and self._displays.any and not self._displays.are_due

    def _settling_state(self) -> Literal["", "planned", "done"]:
        if self._is_settled:
            return "done"
        return "planned" if self._displays.any else ""

    def _remark(self, note: str) -> str:
        """`note`, and what is to be said of this display."""
        return " ".join(filter(None, (note, UNSAVED if self._displays.has_unsaved else "")))

    def _make_copy(self, remark: str = "") -> Bundle:
        """The static copy of what there is now; of a text that cannot be shown otherwise, the plain text."""
        try:
            return self._copy(remark)
        except Exception:
            log.exception("the static copy could not be made; the notebook gets the plain text")
            return {"text/plain": self._plain()}, {}

    def _has_been_displayed(self) -> None:
        """A display has come; where all has ended, perhaps just now, it is due for its copy."""
        runs.displayed(self)
        self._when_ended(lambda: loop.background().call(self._begin_settling))

    def _begin_settling(self) -> None:
        """All has ended: change over when the page is ready. On the loop."""
        is_under_way = self._settling is not None and not self._settling.is_over
        if is_under_way or self._is_headless or not self._displays.are_due:
            return
        if loop.background().is_closing:
            self._show_copy(self._make_copy())  # nothing that waits comes to its turn any more
            return
        self._settling = Settling(self._make_copy, functools.partial(self._show_made, self._renewals))
        # Nobody is to be asked where the live views stay, or where there are none any more.
        self._settling.begin(at_once=not self._displays.is_view_due or self.comm is None)

    def _hear_of_views(self, views: object) -> None:
        if self._is_settled:
            if views == "none" and not self._displays.stay:
                self._let_go()
        elif self._settling is not None and views in ("free", "held"):
            self._settling.hear(is_held=views == "held")

    def _begins_anew(self) -> None:
        """What has ended, or not yet, will be another: a copy that is being made is of no use any more."""
        self._renewals += 1

    def _show_made(self, renewals: int, copy: Bundle) -> None:
        if renewals == self._renewals:
            self._show_copy(copy)
            return
        self._settling = None
        if self._has_ended:  # else its end will ask for another copy
            self._begin_settling()

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
        is_whole = self._has_ended
        if self._displays.are_due:
            self._displays.settle(self._make_copy("" if is_whole else remark), is_whole=is_whole)
            if is_whole:
                loop.background().call(self._mark_settled)

    # Waiting for the end

    def _block(self, wait: Callable[[float | None], bool], timeout: float | None) -> None:
        """Wait for the end by `wait`. Raises TimeoutError; an interrupt of the cell stops it, too."""
        if loop.background().is_current():
            raise UsageError("result() cannot wait here, on notebook-stream's own loop.")
        self._waiting += 1
        try:
            if not wait(timeout):
                raise TimeoutError(f"{self!r} is still running after {timeout:g} s; it goes on.")
        except KeyboardInterrupt:
            self.stop()
            raise
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """End it and keep what has come: any thread, any time, twice is fine."""
        raise NotImplementedError

    async def _until_ended(self) -> None:
        """Wait for the end on the running loop; an interrupt of the cell stops it."""
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

        self._when_ended(wake)
        self._waiting += 1
        with hosts.watch_interrupts() as interrupted:
            try:
                await ended.wait()
            except asyncio.CancelledError:
                # Cancelling an `await` only detaches; the notebook's interrupt button means the run.
                if interrupted():
                    self._stop_for("user")
                raise
            finally:
                self._waiting -= 1

    # Display

    def _is_shown_by_cell(self) -> bool:
        """Whether this is the last expression of the cell that has displayed it already."""
        here = hosts.current_execution()
        was_here = hosts.in_displayhook() and here is not None and here == self._displayed_in
        self._displayed_in = here
        return was_here

    def _show_live(self) -> None:
        """A live view that its copy will replace."""
        self._displays.show(self._live_bundle)
        self._has_been_displayed()

    def _show_to_stay(self) -> None:
        """A live view that stays, the place of its copy below it."""
        self._displays.show_beside(self._live_bundle)
        self._has_been_displayed()

    def _live_bundle(self) -> Any:
        self._is_headless = hosts.is_headless()
        if self._is_headless:
            # No page is there, and nbclient would keep the widget's whole state in the notebook's file.
            return {"text/plain": repr(self)}, {}
        self._may_open = True
        self.open()
        return self._view_bundle()

    def _view_bundle(self) -> Any:
        return super()._repr_mimebundle_()

    def _freeze(self) -> None:
        """Leave only the static copy of each view that stays, and let go of the widget."""
        self._displays.freeze(self._make_copy())
        if not self._displays.are_due:
            runs.settled(self)
            self._let_go()

    def copy_now(self, remark: str = "") -> Bundle:
        """The static copy of what there is now, for a widget that keeps this one as a part of its own."""
        return self._make_copy(remark)

    def left_layout(self) -> None:
        """A layout shows something else in its place: let go where nothing else shows it."""
        if self._has_ended and not self._displays.stay and not self._displays.are_due:
            self._let_go()

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
