"""What already streams -> our events: iterables and async iterables of str, SDK stream objects, functions.

`as_events` is all that other rooms need. Knows no HTTP and no Jupyter, and of wire formats the names;
imports no SDK.
"""

from __future__ import annotations

import asyncio

from .kinds import check, home_of, is_async
from .source import Source

__all__ = ["Source", "as_events"]


def as_events(source: object) -> Source:
    """The events of `source`, ending with `End`; starts nothing before the first event is asked for.

    Takes
    - an iterable of str: a list, a generator, an open text file. It is read in a thread of its own;
    - an async iterable of str. Unless it has not begun (see `kinds.home_of`) it is read on the loop that the
      caller runs on, and stalls while a cell blocks that loop: a `Notice` says so;
    - a stream object of an SDK in `items.READERS`, sync or async, or the context manager that gives one;
      iterables of the SDK's chunks as well, and of dicts in the form of its wire;
    - a function without required arguments that makes one of these: a sync one is called in a thread, an
      async one on the consumer's loop. An async client that it uses should not have been used on another
      loop: its idle connections belong there;
    - a coroutine that nobody has awaited, which gives one of these.

    Call it on the thread that has `source`; consume the result on one loop, `aclose()` it there. Each source
    is closed once it has ended or was stopped; an open file is not, it is its owner's.

    Raises UsageError for what it cannot show.
    """
    check(source)
    try:
        caller = asyncio.get_running_loop()
    except RuntimeError:
        caller = None
    home = home_of(source, caller) if is_async(source) else None
    return Source(source, caller, home)
