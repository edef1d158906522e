"""Traits that show a run itself, not a copy of it, and the telling of those who observe them.

Reading gives the latest; an observer, on the notifier's thread, sees the value that it is being told of, so
that it and linked traits never disagree with themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import traitlets as t

from .. import loop
from ..session import Metrics, Session

NOTIFY_SECONDS = 1 / 20
"""Observers are told at most this often."""

READERS: dict[str, Callable[[Session], Any]] = {
    "text": lambda s: s.answer.text,
    "reasoning": lambda s: s.answer.reasoning,
    "status": lambda s: s.status.value,
    "stop_reason": lambda s: s.stop_reason,
    "usage": lambda s: s.answer.usage,
    "metrics": lambda s: s.metrics(),
    "finish_reason": lambda s: s.answer.finish.reason if s.answer.finish else None,
    "error": lambda s: s.error,
    "model": lambda s: s.answer.model,
    "tool_calls": lambda s: s.answer.tool_calls,
    "citations": lambda s: s.answer.citations,
    "tool_results": lambda s: s.answer.tool_results,
    "media": lambda s: s.answer.media,
}
BEFORE: dict[str, Any] = {
    "text": "",
    "reasoning": "",
    "status": "connecting",
    "metrics": Metrics(),
    "tool_calls": (),
    "citations": (),
    "tool_results": (),
    "media": (),
}


class Live(t.TraitType[Any, Any]):
    """A read-only trait whose value is the run's own, not a copy of it."""

    info_text = "a value that only the run sets"

    def get(self, obj: Any, cls: Any = None) -> Any:
        """The value now, or in an observer the value it is told of."""
        return obj._observed.read(self.name)

    def set(self, obj: Any, value: Any) -> None:
        """Always raises: only the run sets it."""
        raise t.TraitError(f"{self.name} is set by the run; it cannot be assigned.")


class Observed:
    """Tells a widget's observers what has changed in its run: coalesced, on the notifier's thread."""

    def __init__(self, owner: t.HasTraits, session: Session) -> None:
        self._owner = owner
        self._session = session
        self._told: dict[str, Any] = {}
        self._is_telling = False
        self._is_planned = False

    def read(self, name: str | None) -> Any:
        """The value of the trait `name`."""
        if name not in READERS:
            return None  # synced only; get_state fills it
        if self._is_telling and name in self._told and loop.notifier().is_current():
            return self._told[name]
        return READERS[name](self._session)

    def plan(self) -> None:
        """Something has come: tell it soon. On the loop."""
        if not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_later(NOTIFY_SECONDS, self._post_if_asked)

    def _post_if_asked(self) -> None:
        # Looked for here and not in `plan`, which comes with every event: it costs as much as the event.
        self._is_planned = bool(self._names())
        if self._is_planned:
            self.post()

    def post(self) -> None:
        """Tell it as soon as the notifier is free."""
        loop.notifier().post(self, self._tell_all)

    def _names(self) -> list[str]:
        asked = self._owner._trait_notifiers
        return [name for name in READERS if asked.get(name) or asked.get(t.All)]

    def _tell_all(self) -> None:
        self._is_planned = False
        now = {name: READERS[name](self._session) for name in self._names()}
        before = {name: self._told.get(name, BEFORE.get(name)) for name in now}
        self._told.update(now)
        self._is_telling = True
        try:
            for name, new in now.items():
                if new != before[name]:
                    self._tell(name, before[name], new)
        finally:
            self._is_telling = False

    def _tell(self, name: str, old: Any, new: Any) -> None:
        # Past ipywidgets' notify_change, which would send the whole text to the page each time.
        change = t.Bunch(name=name, old=old, new=new, owner=self._owner, type="change")
        t.HasTraits.notify_change(self._owner, change)
