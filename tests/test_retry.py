"""retry.py: when it asks again and when it must not, against real servers where the wire matters."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from typing import Any

import pytest

from notebook_stream import retry, sse
from notebook_stream.errors import (
    BadRequestError,
    ConnectError,
    InterruptedStream,
    OverloadedError,
    ProtocolError,
    RateLimitError,
    Secret,
    ServerError,
    StreamError,
)
from notebook_stream.events import (
    End,
    Event,
    Failure,
    Finish,
    Heartbeat,
    Opened,
    Retrying,
    Start,
    Text,
    Usage,
)

from .servers import SSE_HEADERS, Connection, Server, closed_port, in_turn, one
from .servers import sse as stream

KEY = Secret("sk-canary-4711-abcdefgh")


class Plain:
    """A wire format for tests: each event's data is a word of the answer, save for some that say more."""

    def decode(self, event: str, data: str) -> Iterable[Event]:
        known: dict[str, list[Event]] = {
            "[DONE]": [End()],
            "start": [Start("m")],
            "finish": [Finish("stop")],
            "usage": [Usage(1)],
            "signature": [],
        }
        if event == "error":
            return [Failure(OverloadedError(data, retryable=True))]
        return known.get(data, [Text(data)])

    def whole(self, text: str) -> Iterable[Event]:
        return [Text(json.loads(text)["text"]), End()]


Script = Callable[[], AsyncGenerator[sse.Item, None]]


def script(*items: sse.Item | Exception) -> Script:
    async def send() -> AsyncGenerator[sse.Item, None]:
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item

    return send


class Sender:
    """Gives one script after the other; counts, and notes whether each was closed."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.sent = 0
        self.open = 0

    async def __call__(self) -> AsyncGenerator[sse.Item, None]:
        self.sent += 1
        self.open += 1
        try:
            async with aclosing(self.scripts.pop(0)()) as items:
                async for item in items:
                    yield item
        finally:
            self.open -= 1


class Clock:
    """Notes how long was waited instead of waiting."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waited.append(seconds)


async def gather(
    send: Script, clock: Clock | None = None, decoder: Callable[[], Any] = Plain, **more: Any
) -> tuple[list[Event], StreamError | None]:
    events: list[Event] = []
    asking = retry.ask(send, decoder, sleep=clock or Clock(), random=lambda: 0.0, **more)
    try:
        async with aclosing(asking):
            async for event in asking:
                events.append(event)
    except StreamError as error:
        return events, error
    return events, None


def run(send: Script, clock: Clock | None = None, **more: Any) -> tuple[list[Event], StreamError | None]:
    return asyncio.run(gather(send, clock, **more))


OPENED = sse.Opened(200, (("a", "b"),))
BUSY = OverloadedError("busy", status_code=503, retryable=True)
BROKEN = InterruptedStream("broken", retryable=True)


def words(*data: str) -> list[sse.Item]:
    return [sse.Message("", word) for word in data]


def test_items_become_events() -> None:
    events, error = run(script(OPENED, sse.Pulse(), *words("a", "[DONE]")))
    assert error is None
    assert events == [Opened(200, (("a", "b"),)), Heartbeat(), Text("a"), End()]
    events, _ = run(script(OPENED, sse.Body('{"text": "whole"}')))
    assert events[1:] == [Text("whole"), End()]


def test_asks_again_before_any_content() -> None:
    barren = script(OPENED, *words("start", "usage"), BROKEN)
    sender = Sender(script(BUSY), barren, script(*words("a", "[DONE]")))
    clock = Clock()
    events, error = run(sender, clock)
    assert error is None
    assert [event for event in events if isinstance(event, Retrying)] == [
        Retrying(0.5, 1, 2, "busy"),
        Retrying(1.0, 2, 2, "broken"),
    ]
    assert clock.waited == [0.5, 1.0]
    assert events[-2:] == [Text("a"), End()]
    assert (sender.sent, sender.open) == (3, 0)


def test_gives_up_after_the_last_retry() -> None:
    for retries in (0, 1, 5):
        sender = Sender(*[script(BUSY)] * 9)
        clock = Clock()
        _, error = run(sender, clock, retries=retries)
        assert error is BUSY
        assert sender.sent == retries + 1
        assert clock.waited == [0.5, 1, 2, 4, 8][:retries]


def test_the_delay_is_bounded_and_random() -> None:
    clock = Clock()

    async def gather_with_chance() -> None:
        with pytest.raises(OverloadedError):
            async for _ in retry.ask(script(BUSY), Plain, retries=8, sleep=clock, random=lambda: 1.0):
                pass

    asyncio.run(gather_with_chance())
    assert clock.waited == [0.375, 0.75, 1.5, 3, 6, 6, 6, 6]


@pytest.mark.parametrize("word", ["a", "finish", "[DONE]"])
def test_never_after_content_or_the_end(word: str) -> None:
    sender = Sender(script(OPENED, *words(word), BROKEN), script(*words("b")))
    events, error = run(sender)
    assert error is BROKEN
    assert sender.sent == 1
    assert len(events) == 2


def test_not_what_is_not_retryable() -> None:
    sender = Sender(script(BadRequestError("no")), script())
    assert isinstance(run(sender)[1], BadRequestError)
    assert sender.sent == 1


def test_a_failure_in_the_stream_is_passed_on() -> None:
    sender = Sender(script(sse.Message("error", "overloaded"), BROKEN), script(*words("b")))
    events, error = run(sender)
    assert error is BROKEN
    assert sender.sent == 1
    assert isinstance(events[0], Failure)


def test_amend_asks_again_at_once_and_once() -> None:
    asked: list[StreamError] = []

    def amend(error: StreamError) -> bool:
        asked.append(error)
        return True

    refused = BadRequestError("stream_options is unknown")
    sender = Sender(script(refused), script(BUSY), script(*words("a")))
    clock = Clock()
    events, error = run(sender, clock, amend=amend, retries=1)
    assert error is None
    assert asked == [refused]
    assert clock.waited == [0.5]
    assert events[-1] == Text("a")
    sender = Sender(script(refused), script(refused), script())
    assert run(sender, amend=amend)[1] is refused
    assert sender.sent == 2


def test_amend_that_has_nothing_to_change() -> None:
    sender = Sender(script(BUSY), script(*words("a")))
    assert run(sender, amend=lambda error: False)[1] is None
    assert sender.sent == 2


def test_each_attempt_has_its_own_decoder() -> None:
    made: list[Plain] = []

    def make() -> Plain:
        made.append(Plain())
        return made[-1]

    run(Sender(script(BUSY), script(*words("a"))), decoder=make)
    assert len(made) == 2


@pytest.mark.parametrize("kind", [ValueError, KeyError, TypeError, RecursionError, AttributeError])
@pytest.mark.parametrize("late", [False, True])
def test_a_decoder_that_trips_is_a_protocol_error(kind: type[Exception], late: bool) -> None:
    class Broken(Plain):
        def decode(self, event: str, data: str) -> Iterable[Event]:
            if late:
                yield Text("never shown without the rest")
            raise kind("inside")

    data = '{"echo": "sk-canary-4711-abcdefgh", "x": "' + "y" * 5000 + '"}'
    sender = Sender(script(OPENED, sse.Message("", data)), script())
    events, error = run(sender, decoder=Broken, secrets=[KEY])
    assert isinstance(error, ProtocolError)
    assert isinstance(error.__cause__, kind)
    assert kind.__name__ in str(error)
    assert '{"echo": "•••", "x": "yyy' in str(error)
    assert len(error.message) < 300
    assert len(events) == 1
    assert (sender.sent, sender.open) == (1, 0)


def test_an_error_that_a_decoder_finds_says_where_and_what_to_do() -> None:
    class Strict(Plain):
        def whole(self, text: str) -> Iterable[Event]:
            raise ProtocolError(text)

    for said, told in (("The server sent nonsense", "h:1 sent nonsense"), ("no JSON", "h:1: no JSON")):
        _, error = run(script(sse.Body(said)), decoder=Strict, host="h:1")
        assert error is not None
        assert (error.message, error.host) == (told, "h:1")
        assert error.hint
    events, _ = run(script(sse.Message("error", "The server is busy")), host="h:1")
    assert isinstance(events[0], Failure)
    assert events[0].error.message == "h:1 is busy"


def test_an_event_without_name_and_text_is_a_heartbeat() -> None:
    events, error = run(script(OPENED, sse.Message("", ""), sse.Message("", " "), sse.Message("", "[DONE]")))
    assert error is None
    assert [type(event) for event in events] == [Opened, Heartbeat, Heartbeat, End]


def test_an_event_that_nobody_shows_is_a_heartbeat() -> None:
    events, _ = run(script(OPENED, *words("signature", "a", "[DONE]")))
    assert events[1:] == [Heartbeat(), Text("a"), End()]


def test_a_key_in_an_error_of_the_stream_is_masked() -> None:
    class Strict(Plain):
        def whole(self, text: str) -> Iterable[Event]:
            raise ProtocolError(f"no answer: {text}")

    _, error = run(script(sse.Body("sk-canary-4711-abcdefgh")), decoder=Strict, secrets=[KEY])
    assert error is not None
    assert error.message == "no answer: •••"
    assert "canary" not in repr(error)
    events, _ = run(script(sse.Message("error", "your key sk-canary-4711-abcdefgh is bad")), secrets=[KEY])
    assert isinstance(events[0], Failure)
    assert events[0].error.message == "your key ••• is bad"
    assert "canary" not in repr(events)


# --- with a real connection


def client_and_send(client: Any, url: str) -> Script:
    return lambda: sse.read(client, sse.Request(url, {}, key=KEY))


def over_http(url: str, clock: Clock) -> tuple[list[Event], StreamError | None]:
    async def go() -> tuple[list[Event], StreamError | None]:
        async with sse.make_client() as client:
            return await gather(client_and_send(client, url), clock)

    return asyncio.run(go())


def test_h4_waits_as_long_as_the_server_asks() -> None:
    clock = Clock()
    with Server(in_turn(one(429, {"retry-after": "2"}), stream([b"data: a\n\n"]))) as server:
        events, error = over_http(server.url, clock)
        assert len(server.requests) == 2
    assert error is None
    assert clock.waited == [2]
    assert isinstance(events[0], Retrying)
    assert "429" in events[0].reason
    assert events[-1] == Text("a")


def test_h6_does_not_wait_for_a_day() -> None:
    clock = Clock()
    with Server(one(429, {"retry-after": "86400"})) as server:
        _, error = over_http(server.url, clock)
        assert len(server.requests) == 1
    assert isinstance(error, RateLimitError)
    assert "24 h" in str(error)
    assert clock.waited == []


def test_h8_r1_c1_at_most_two_retries() -> None:
    def reset(connection: Connection) -> None:
        connection.reset()

    rows = ((one(500, {}), ServerError), (one(529, {}), OverloadedError), (reset, InterruptedStream))
    for handler, kind in rows:
        with Server(handler) as server:
            _, error = over_http(server.url, Clock())
            assert len(server.requests) == 3
        assert type(error) is kind
    clock = Clock()
    with closed_port() as port:
        _, error = over_http(f"http://127.0.0.1:{port}/", clock)
    assert isinstance(error, ConnectError)
    assert len(clock.waited) == 2


def test_r2_not_after_the_first_content() -> None:
    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(b"data: a\n\n")
        time.sleep(0.2)
        connection.reset()

    with Server(handle) as server:
        events, error = over_http(server.url, Clock())
        assert len(server.requests) == 1
    assert isinstance(error, InterruptedStream)
    assert events[-1] == Text("a")


def test_a_stop_during_the_wait_ends_at_once_and_sends_nothing_more() -> None:
    async def go(url: str) -> float:
        async with sse.make_client() as client:
            waiting = asyncio.Event()

            async def consume() -> None:
                async with aclosing(retry.ask(client_and_send(client, url), Plain)) as asking:
                    async for event in asking:
                        if isinstance(event, Retrying):
                            waiting.set()

            task = asyncio.create_task(consume())
            await waiting.wait()
            await asyncio.sleep(0.05)
            started = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - started

    with Server(one(429, {"retry-after": "60"})) as server:
        assert asyncio.run(go(server.url)) < 2.5
        assert len(server.requests) == 1


def test_closing_closes_the_connection() -> None:
    async def go(url: str) -> float:
        client = sse.make_client()
        asking = retry.ask(client_and_send(client, url), Plain)
        async for event in asking:
            if isinstance(event, Text):
                break
        await asking.aclose()
        closed = time.monotonic()
        await asyncio.sleep(0.5)  # neither the client's end nor the loop's may be what closes it
        await client.aclose()
        return closed

    seen = threading.Event()

    def handle(connection: Connection) -> None:
        connection.head(200, SSE_HEADERS)
        connection.send(b"data: a\n\n")
        connection.wait_closed()
        seen.set()

    with Server(handle) as server:
        closed = asyncio.run(go(server.url))
        assert seen.wait(10)
        told = server.connections[0].closed_at
    assert told is not None
    assert told - closed < 0.4
