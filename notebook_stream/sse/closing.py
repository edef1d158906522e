"""What must be closed in; it is closed, even when the task that closes it is cancelled meanwhile.

httpcore shields its closing from anyio's cancellation, but not from asyncio's own: a Stop in the very moment
in which an answer ends would leave its connection open for good. Knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def finished(work: Coroutine[Any, Any, None]) -> None:
    """Waits until `work` is done; a cancellation in between is raised after that."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is not None:
        raise cancelled
    task.result()
