"""`stop_when`: pieces of an answer in, whether its condition is met out. Knows no run and no connection."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from ..errors import SourceError, UsageError, quote

Condition = str | re.Pattern[str] | Callable[[str], object]
"""A text that the answer may come to contain, a pattern to be searched in it, or a function of it."""

ASK_SECONDS = 0.05
"""A pattern or a function sees the text at most this often, and no oftener than it takes time itself."""
MAX_SAID = 40
"""Characters of a condition that are shown."""


def check_condition(condition: object) -> None:
    """Raise UsageError for what is none, and for what would be met by any answer."""
    if condition is None or callable(condition):
        return
    text = condition.pattern if isinstance(condition, re.Pattern) else condition
    if not isinstance(text, str):
        raise UsageError(
            "stop_when= takes a text, a re.Pattern of one, or a function of the text so far, "
            "e.g. lambda text: text.count('\\n') > 9."
        )
    if not text:
        raise UsageError('stop_when="" is in any answer, so it would stop at once: give some text, or None.')


def said(condition: Condition) -> str:
    """Words for a condition that was met."""
    if isinstance(condition, str):
        return f"“{quote(condition, MAX_SAID)}” was found (stop_when)"
    if isinstance(condition, re.Pattern):
        return f"/{quote(condition.pattern, MAX_SAID)}/ was found (stop_when)"
    return "stop_when was met"


class Needle:
    """A text that is looked for in a growing one. It may come cut in pieces; each is looked at once.

    `before` is what was there before the first piece.
    """

    def __init__(self, needle: str, before: str = "") -> None:
        self._needle = needle
        self._reach = len(needle) - 1
        self._tail = self._end_of(before)

    def end_in(self, piece: str) -> int | None:
        """Characters of `piece` up to the end of the first place where it is found; None where it is not."""
        joined = self._tail + piece
        at = joined.find(self._needle)
        if at >= 0:
            return at + len(self._needle) - len(self._tail)
        self._tail = self._end_of(joined)
        return None

    def _end_of(self, text: str) -> str:
        return text[-self._reach :] if self._reach else ""


class Asking:
    """A pattern or function that is asked of the text so far whenever there is more of it.

    `defer` runs a call where user code may run: never on the loop. `read` gives the text, or None once nobody
    wants to know. `on_met` and `on_failed` are called where the condition ran.
    """

    def __init__(
        self,
        condition: re.Pattern[str] | Callable[[str], object],
        read: Callable[[], str | None],
        defer: Callable[[Callable[[], None]], None],
        on_met: Callable[[], None],
        on_failed: Callable[[SourceError], None],
    ) -> None:
        # Off the loop, so that all searches together have a bounded share of the time. A single one that
        # backtracks without end would hold up everything even here: `re` lets no other thread run (measured).
        self._test = condition.search if isinstance(condition, re.Pattern) else condition
        self._read = read
        self._defer = defer
        self._on_met = on_met
        self._on_failed = on_failed
        self._is_busy = self._has_more = False
        self._due = 0.0

    def plan(self) -> None:
        """There is more text. On the loop."""
        self._has_more = True
        if not self._is_busy:
            self._is_busy = True
            loop = asyncio.get_running_loop()
            loop.call_later(max(0.0, self._due - time.monotonic()), self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._has_more = False
        self._defer(lambda: self._ask(loop))

    def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        text = self._read()
        if text is None:
            return
        began = time.monotonic()
        try:
            is_met = bool(self._test(text))
        except Exception as exc:
            what = f"stop_when raised {type(exc).__name__}: {quote(str(exc))}"
            error = SourceError(what, code="stop_when", hint="The text so far is kept.")
            error.__cause__ = exc
            self._on_failed(error)
            return
        if is_met:
            self._on_met()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(self._answered, time.monotonic() - began)

    def _answered(self, took_s: float) -> None:
        self._is_busy = False
        self._due = time.monotonic() + max(ASK_SECONDS, took_s)
        if self._has_more:
            self.plan()
