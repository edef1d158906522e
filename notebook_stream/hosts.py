"""All that rests on private behaviour of IPython, ipykernel and the front ends, each part guarded.

Without a kernel every question is answered "no" and every action does nothing. What is relied upon, and
measured on ipykernel 6.31, 7.3 and 7.4 with JupyterLab 4.6 and Notebook 7.6:

- the running cell's id, in the parent message or in IPython's `pre_run_cell` event;
- whether a program runs the notebook (`allow_stdin` of the message that asks for a cell);
- the context variable that says which message a published one answers;
- whether IPython's displayhook is at work (`displayhook.msg`, set while it is);
- a message to a comm while a cell runs: ipykernel 7.3 handles it on a subshell's thread; 7.4 routes it to
  the main shell unless the comm's `_reply_subshell_for` is overridden; the control channel, given a handler
  for `comm_msg`, works on all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

Receive = Callable[[dict[str, Any]], None]

SUBSHELL_ROUTE = True
CONTROL_ROUTE = True
"""The two ways by which Stop reaches a kernel whose main thread is busy; tests switch them off one by one."""


def shell() -> Any | None:
    """IPython's shell where it belongs to a kernel, else None."""
    ipython = sys.modules.get("IPython")
    if ipython is None:
        return None
    found = ipython.get_ipython()
    return found if getattr(found, "kernel", None) is not None else None


def in_notebook() -> bool:
    """Whether there is a Jupyter kernel, and so a front end to display in."""
    return shell() is not None


def display(data: dict[str, Any], metadata: dict[str, Any], *, display_id: str, update: bool = False) -> None:
    """Publish a mime bundle under `display_id`, or replace what stands there."""
    from IPython.display import publish_display_data

    publish: Any = publish_display_data
    told = {"transient": {"display_id": display_id}, "update": update}
    if update:
        # Without the context of the cell that began the run, whose message it would be an answer to for ever:
        # nbclient drops what does not answer the cell that runs now. JupyterLab goes by the display id.
        contextvars.Context().run(publish, data, metadata, **told)
    else:
        publish(data, metadata, **told)


def in_displayhook() -> bool:
    """Whether the caller is asked to display itself as the last expression of a cell."""
    hook = getattr(shell(), "displayhook", None)
    return getattr(hook, "msg", None) is not None


def current_cell() -> str | None:
    """The front end's id of the running cell, None where it tells none."""
    kernel = getattr(shell(), "kernel", None)
    with contextlib.suppress(Exception):
        metadata = kernel.get_parent().get("metadata") or {}  # type: ignore[union-attr]  # None raises, too
        found = metadata.get("cellId") or metadata.get("cell_id")
        return str(found) if found else None
    return None


def current_execution() -> str | None:
    """What tells one execution of a cell from the next: the id of the message that asked for it."""
    kernel = getattr(shell(), "kernel", None)
    with contextlib.suppress(Exception):
        found = kernel.get_parent()["header"]["msg_id"]  # type: ignore[union-attr]  # None raises, too
        return str(found)
    return None


def on_cell_start(callback: Callable[[str | None], None]) -> bool:
    """Call `callback(cell id)` before each cell runs; False where that cannot be had."""
    found = shell()
    if found is None:
        return False

    def before(info: Any) -> None:
        callback(getattr(info, "cell_id", None) or current_cell())

    found.events.register("pre_run_cell", before)
    return True


def on_cell_end(callback: Callable[[], None]) -> bool:
    """Call `callback()` after each cell, before the kernel is idle; False where that cannot be had."""
    found = shell()
    if found is None:
        return False
    found.events.register("post_run_cell", lambda result: callback())
    return True


def is_headless() -> bool:
    """Whether a program runs the notebook (nbclient, papermill): it reads nothing after a cell's end.

    Such a client lets no cell ask for input, and names none. Voila is one, too, but shows widgets in a page.
    """
    if any(name.startswith("VOILA_") for name in os.environ):
        return False
    kernel = getattr(shell(), "kernel", None)
    with contextlib.suppress(Exception):
        may_ask = kernel.get_parent()["content"].get("allow_stdin")  # type: ignore[union-attr]  # None raises, too
        return may_ask is False and current_cell() is None
    return False


def app_session() -> Any | None:
    """What tells one page from another in a web app that shows widgets (Shiny, Solara), None elsewhere."""
    with contextlib.suppress(Exception):
        if shiny := sys.modules.get("shiny.session"):
            current = shiny.get_current_session()
            return None if current is None else current.root_scope()
        if solara := sys.modules.get("solara.server.kernel_context"):
            return solara.get_current_context().id if solara.has_current_context() else None
    return None


def is_in_layout(widget: Any) -> bool:
    """Whether a Box, Tab or other container of ipywidgets holds `widget` among its children."""
    module = sys.modules.get("ipywidgets.widgets.widget")
    everything = list(getattr(module, "_instances", {}).values())
    children = (getattr(each, "children", None) for each in everything)
    return any(child is widget for some in children if isinstance(some, list | tuple) for child in some)


# The page's way in while the kernel is busy

_receivers: dict[str, Receive] = {}


def open_routes(comm: Any, receive: Receive) -> None:
    """Let messages to `comm` arrive while a cell runs. `receive(content)` is called on any thread."""
    if SUBSHELL_ROUTE and hasattr(comm, "_reply_subshell_for"):
        # ipykernel 7.4 sends a reply to where the comm last published from: the main shell, which is busy.
        comm._reply_subshell_for = lambda data, default: default
    kernel = getattr(shell(), "kernel", None)
    handlers = getattr(kernel, "control_handlers", None)
    if CONTROL_ROUTE and isinstance(handlers, dict):
        _receivers[comm.comm_id] = receive
        if not isinstance(handlers.get("comm_msg"), _ControlHandler):
            handlers["comm_msg"] = _ControlHandler(handlers.get("comm_msg"))


def close_routes(comm: Any) -> None:
    """Forget `comm`."""
    _receivers.pop(getattr(comm, "comm_id", ""), None)


class _ControlHandler:
    """Handles `comm_msg` on the control channel for our comms; anything else goes where it went before."""

    def __init__(self, before: Callable[..., Any] | None) -> None:
        self._before = before

    def __call__(self, stream: Any, ident: Any, message: dict[str, Any]) -> Any:
        content = message.get("content", {})
        receive = _receivers.get(content.get("comm_id", ""))
        data = content.get("data", {})
        if receive is not None and isinstance(data, dict) and data.get("method") == "custom":
            receive(data.get("content", {}))
            return None
        return self._before(stream, ident, message) if self._before is not None else None


# The notebook's interrupt button during `await s`

TICK_SECONDS = 0.1
_watching = 0
_interrupts = 0


@contextlib.contextmanager
def watch_interrupts() -> Iterator[Callable[[], bool]]:
    """Within the block, the function given tells whether an interrupt (SIGINT) has come.

    ipykernel turns an interrupt of an awaiting cell into a cancellation, which cannot be told from
    `task.cancel()`; so the signal itself is watched, on its way to ipykernel's own handler. That handler
    runs only once the main thread wakes, which an idle loop does not do for a signal that another thread
    got (measured: ipykernel 7.4 does not interrupt `await asyncio.sleep(100)`), so the loop is kept awake.
    """
    global _watching
    if threading.current_thread() is not threading.main_thread() or shell() is None:
        yield lambda: False
        return
    seen = _interrupts
    _install_watch()
    _watching += 1
    ticking = _Ticks(asyncio.get_running_loop())
    try:
        yield lambda: _interrupts > seen
    finally:
        ticking.stop()
        _watching -= 1
        if _watching == 0:
            _remove_watch()


class _Ticks:
    """Wakes a loop every `TICK_SECONDS`, so that the interpreter looks for signals."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer = loop.call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)

    def stop(self) -> None:
        self._timer.cancel()


class _Watch:
    """A SIGINT handler that counts and passes on."""

    def __init__(self, before: Any) -> None:
        self.before = before

    def __call__(self, number: int, frame: FrameType | None) -> Any:
        global _interrupts
        _interrupts += 1
        if callable(self.before):
            return self.before(number, frame)
        return None


def _install_watch() -> None:
    current = signal.getsignal(signal.SIGINT)
    if not isinstance(current, _Watch):
        signal.signal(signal.SIGINT, _Watch(current))


def _remove_watch() -> None:
    current = signal.getsignal(signal.SIGINT)
    if isinstance(current, _Watch):
        signal.signal(signal.SIGINT, current.before)
