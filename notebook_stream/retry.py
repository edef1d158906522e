"""When to ask again: attempts of one request in, the events of the one that counts out.

Drives `sse` and a wire format's decoder. After the first content it never asks again, since the text would be
shown and billed twice. Knows neither the formats nor the session.
"""

from __future__ import annotations

import asyncio
import random as random_numbers
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Protocol

from . import sse
from .errors import ProtocolError, Secret, StreamError, mask, quote
from .events import End, Event, Failure, Finish, Heartbeat, Opened, Retrying

FIRST_DELAY_S = 0.5
MAX_DELAY_S = 8.0
"""Seconds before the second attempt, doubled for each further one up to the maximum (openai-python)."""

EVENT_QUOTE = 200

NEXT = "The text so far is kept; s.again() asks again."
"""What to do where the wire format has no better advice."""


Keep = Callable[[sse.Item | Retrying], object]
"""What is given all that comes, before it is understood."""


class Decoder(Protocol):
    """What a wire format gives: the state of one answer."""

    def decode(self, event: str, data: str) -> Iterable[Event]:
        """The events of one server-sent event."""

    def whole(self, text: str) -> Iterable[Event]:
        """The events of a whole JSON answer."""


def _forget(item: object) -> None:
    """Keeps nothing."""


async def ask(
    send: Callable[[], AsyncGenerator[sse.Item, None]],
    make_decoder: Callable[[], Decoder],
    *,
    retries: int = 2,
    amend: Callable[[StreamError], bool] | None = None,
    host: str = "",
    secrets: Iterable[Secret] = (),
    keep: Keep = _forget,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    random: Callable[[], float] = random_numbers.random,
) -> AsyncGenerator[Event, None]:
    """The events of an answer; asks again at most `retries` times while nothing of it has come.

    `send` makes one attempt and `make_decoder` a fresh decoder for it. `amend` may change the request after
    an error and say True: then it is sent again at once, one time. No piece of `secrets` is quoted, and
    what a decoder finds wrong names `host`, which it does not know itself. `keep` is given all that comes.
    Raises the `StreamError` of the last attempt; what a decoder raises becomes a `ProtocolError`.
    """
    keys = tuple(secrets)
    attempt = 0
    amended = False
    while True:
        settled = False
        try:
            async with aclosing(_attempt(send, make_decoder(), host, keys, keep)) as events:
                async for event in events:
                    settled = settled or event.is_content or isinstance(event, Finish | End | Failure)
                    yield event
            return
        except StreamError as error:
            _complete(error, host, keys)
            if settled:
                raise
            if amend is not None and not amended and amend(error):
                amended = True
                continue
            if not error.retryable or attempt >= retries:
                raise
            delay_s = _delay(error, attempt, random)
            reason = quote(error.message, EVENT_QUOTE)
        attempt += 1
        retrying = Retrying(delay_s, attempt, retries, reason)
        keep(retrying)
        yield retrying
        await sleep(delay_s)


def _delay(error: StreamError, attempt: int, random: Callable[[], float]) -> float:
    """Seconds to wait: what the server asks for, else a doubling delay less up to a quarter by chance."""
    if error.retry_after_s is not None:
        return error.retry_after_s
    return float(min(FIRST_DELAY_S * 2**attempt, MAX_DELAY_S) * (1 - 0.25 * random()))


async def _attempt(
    send: Callable[[], AsyncGenerator[sse.Item, None]],
    decoder: Decoder,
    host: str,
    keys: tuple[Secret, ...],
    keep: Keep,
) -> AsyncGenerator[Event, None]:
    async with aclosing(send()) as items:
        async for item in items:
            keep(item)
            if isinstance(item, sse.Opened):
                yield Opened(item.status_code, item.headers)
            elif isinstance(item, sse.Pulse) or _says_nothing(item):
                yield Heartbeat()
            else:
                # What says nothing that anyone shows (a signature, a state) is still no silence.
                for event in _decoded(decoder, item, host, keys) or [Heartbeat()]:
                    yield event


def _says_nothing(item: sse.Message | sse.Body) -> bool:
    # An event by the specification: some proxies keep a connection alive with a bare `data:`.
    return isinstance(item, sse.Message) and not item.event and not item.data.strip()


def _decoded(
    decoder: Decoder, item: sse.Message | sse.Body, host: str, keys: tuple[Secret, ...]
) -> list[Event]:
    """The item's events, all of them before the first is handed on: a decoder may fail in between."""
    data = item.text if isinstance(item, sse.Body) else item.data
    try:
        if isinstance(item, sse.Body):
            events = list(decoder.whole(data))
        else:
            events = list(decoder.decode(item.event, data))
    except StreamError:
        raise  # with a message of the format's own
    except Exception as exc:  # it reads what a hostile server wrote: any of these is that server's fault
        # Masked with room to spare, and then cut: a cut could leave a piece that is too short to be found.
        start = quote(mask(data[: 8 * EVENT_QUOTE], keys), EVENT_QUOTE)
        unreadable = ProtocolError(
            f"The server sent an event that cannot be read ({type(exc).__name__}): {start}"
        )
        raise unreadable from exc.with_traceback(None)
    for event in events:
        if isinstance(event, Failure):
            _complete(event.error, host, keys)
    return events


def _complete(error: StreamError, host: str, keys: tuple[Secret, ...]) -> None:
    """Where it happened, and what to do, where that is not told; no key, though a server may put it anywhere.

    A server may echo the key in a header, a status line, a chunk's size or an event.
    """
    cause = error.__cause__
    if cause is not None and _shows(cause, keys):
        error.__cause__ = None
    error.__context__ = None  # it may hold the whole event
    message = mask(error.message, keys)
    if host and not error.host:
        error.host = host
        said = message.removeprefix("The server ")
        message = f"{host} {said}" if said != message else f"{host}: {message}"
    error.message = message
    error.args = (message,)
    error.hint = mask(error.hint, keys) or NEXT


def _shows(cause: BaseException, keys: tuple[Secret, ...]) -> bool:
    told = f"{cause!r} {cause} {vars(cause)}"
    return mask(told, keys) != told
