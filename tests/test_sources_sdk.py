"""The SDKs' own stream objects, on a real server: what comes, and when the server sees a stop."""

from __future__ import annotations

import asyncio
import gc
import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import (
    Citation,
    End,
    Event,
    Finish,
    Notice,
    Refusal,
    Start,
    Text,
    Usage,
)
from notebook_stream.sources import Source, as_events

from .formats.reading import Choice, by_choice, last_usage
from .formats.test_corpus import CORPUS, STREAMS, compared, excused, without_nulls
from .servers import Connection, Handler, Server, self_signed, sse
from .source_help import OtherLoop, collect, first, run, source_threads, text_of, until

openai = pytest.importorskip("openai")
anthropic = pytest.importorskip("anthropic")

SEEN_S = 2.5
"""Ten times what the contract says of a stop (faults.md K3: the server sees it within 250 ms)."""


@pytest.fixture(autouse=True, scope="module")
def _quick_collections() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # the SDKs' own objects, of which there are many
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    gc.collect()
    until(lambda: not source_threads())


@pytest.fixture
def kernel() -> Iterator[OtherLoop]:
    with OtherLoop() as other:
        yield other


# The server's side


def data(*objects: dict[str, Any]) -> list[bytes]:
    return [b"data: " + json.dumps(item).encode() + b"\n\n" for item in objects]


def named(*objects: dict[str, Any]) -> list[bytes]:
    return [
        b"event: %s\ndata: %s\n\n" % (item["type"].encode(), json.dumps(item).encode()) for item in objects
    ]


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    about = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**about, "choices": choices, **fields}


CHAT = [
    *data(
        chunk({"role": "assistant", "content": "", "reasoning_content": "hm"}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({}, "stop"),
        chunk(usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}),
    ),
    b"data: [DONE]\n\n",
]
COMPLETION = [
    *data(
        {"id": "c1", "object": "text_completion", "created": 1, "model": "m",
         "choices": [{"index": 0, "text": "Hello", "logprobs": None, "finish_reason": None}]},
        {"id": "c1", "object": "text_completion", "created": 1, "model": "m",
         "choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": "length"}]},
    ),
    b"data: [DONE]\n\n",
]  # fmt: skip


def response(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": [],
            "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], **fields}  # fmt: skip


def part(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    about = {"item_id": "i1", "output_index": 0, "content_index": 0, "sequence_number": number}
    return {"type": f"response.{kind}", **about, **fields}


MESSAGE = {"id": "i1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
CALL = {
    "id": "i2",
    "type": "function_call",
    "call_id": "k1",
    "name": "f",
    "arguments": "",
    "status": "in_progress",
}
PART = {"type": "output_text", "text": "", "annotations": []}
URL = {"type": "url_citation", "url": "https://x.test/", "title": "X", "start_index": 0, "end_index": 5}
COUNTED = {
    "input_tokens": 3, "output_tokens": 9, "total_tokens": 12,
    "input_tokens_details": {"cached_tokens": 1}, "output_tokens_details": {"reasoning_tokens": 4},
}  # fmt: skip
RESPONSES = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    part("reasoning_summary_text.delta", 1, summary_index=0, delta="hm"),
    part("output_item.added", 2, item=MESSAGE),
    part("content_part.added", 3, part=PART),
    part("output_text.delta", 4, delta="Hel", logprobs=[]),
    part("output_text.delta", 5, delta="lo", logprobs=[]),
    part("output_text.annotation.added", 6, annotation_index=0, annotation=URL),
    {**part("output_item.added", 7, item=CALL), "output_index": 1},
    {**part("function_call_arguments.delta", 8, delta='{"a":1}'), "output_index": 1},
    part(
        "output_item.done", 9, item={**MESSAGE, "status": "completed", "content": [{**PART, "text": "Hello"}]}
    ),
    {**part("output_item.done", 10, item={**CALL, "arguments": '{"a":1}'}), "output_index": 1},
    {"type": "response.completed", "sequence_number": 11, "response": response("completed", usage=COUNTED)},
)
FAILED = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    {"type": "response.failed", "sequence_number": 1,
     "response": response("failed", error={"code": "server_error", "message": "out of\nsteam"})},
)  # fmt: skip
REFUSED = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    part("refusal.delta", 1, delta="no"),
    {"type": "response.incomplete", "sequence_number": 2,
     "response": response("incomplete", incomplete_details={"reason": "max_output_tokens"})},
)  # fmt: skip


def delta(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", **fields}}


def block(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


SOURCE = {"type": "char_location", "cited_text": "so", "document_index": 0, "document_title": "D",
          "start_char_index": 0, "end_char_index": 2}  # fmt: skip
ANTHROPIC = named(
    {"type": "message_start", "message": {
        "id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}}},
    block(0, type="thinking", thinking="", signature=""),
    delta("thinking", thinking="hm"),
    {"type": "content_block_stop", "index": 0},
    block(1, type="text", text=""),
    delta("text", 1, text="Hel"),
    {"type": "ping"},
    delta("text", 1, text="lo"),
    delta("citations", 1, citation=SOURCE),
    {"type": "content_block_stop", "index": 1},
    block(2, type="tool_use", id="t1", name="f", input={}),
    delta("input_json", 2, partial_json='{"a":'),
    delta("input_json", 2, partial_json="1}"),
    {"type": "content_block_stop", "index": 2},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
     "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
)  # fmt: skip


def stalls(parts: list[bytes]) -> Handler:
    """Sends these and no more, until the client goes away."""

    def handle(connection: Connection) -> None:
        connection.head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for piece in parts:
            connection.chunk(piece)
        connection.wait_closed()

    return handle


# The clients' side: every way to a stream, sync and async


@dataclass(frozen=True)
class Way:
    """`make(client)` gives a source, or a coroutine that gives it."""

    client: str
    make: Callable[[Any], Any]
    parts: list[bytes]

    @property
    def is_async(self) -> bool:
        return self.client.startswith("Async")

    def open(self, url: str, **options: Any) -> Any:
        module = openai if "OpenAI" in self.client else anthropic
        base = url.removesuffix("/chat") if module is openai else url.removesuffix("/v1/chat")
        return getattr(module, self.client)(api_key="k" * 20, base_url=base, max_retries=0, **options)


ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
ASK_CLAUDE: dict[str, Any] = {**ASK, "max_tokens": 9}
MADE: dict[str, tuple[str, Callable[[Any], Any], list[bytes]]] = {
    "chat": ("OpenAI", lambda c: c.chat.completions.create(**ASK, stream=True), CHAT),
    "chat.stream": ("OpenAI", lambda c: c.chat.completions.stream(**ASK), CHAT),
    "completion": ("OpenAI", lambda c: c.completions.create(model="m", prompt="x", stream=True), COMPLETION),
    "responses": ("OpenAI", lambda c: c.responses.create(model="m", input="x", stream=True), RESPONSES),
    "responses.stream": ("OpenAI", lambda c: c.responses.stream(model="m", input="x"), RESPONSES),
    "messages": ("Anthropic", lambda c: c.messages.create(**ASK_CLAUDE, stream=True), ANTHROPIC),
    "messages.stream": ("Anthropic", lambda c: c.messages.stream(**ASK_CLAUDE), ANTHROPIC),
}
SYNC = {name: Way(*told) for name, told in MADE.items()}
ASYNC = {f"async {name}": Way(f"Async{c}", make, parts) for name, (c, make, parts) in MADE.items()}


def assert_whole(name: str, events: list[Event]) -> None:
    name = name.removeprefix("async ")
    assert text_of(events) == "Hello"
    assert events[-1] == End()
    assert sum(isinstance(event, End) for event in events) == 1
    assert next(event for event in events if isinstance(event, Start)).model == "m"
    choice = by_choice(events)[0]
    finish = {"completion": "length", "messages": "tool_calls", "messages.stream": "tool_calls"}
    assert choice.finish is not None
    assert choice.finish.reason == finish.get(name, "stop")
    if name != "completion":
        assert choice.reasoning == "hm"
    if name.startswith("responses"):
        assert choice.citations == [Citation("https://x.test/", "X", start=0, end=5)]
        assert_usage(events, 3, 9, 4, 1)
    if name.startswith("messages"):
        assert choice.citations == [Citation("", "D", "so")]
        assert_usage(events, 7, 9, None, 4)
    if name.startswith("chat"):
        assert_usage(events, 3, 2, None, None)
    if name.startswith(("responses", "messages")):
        call = choice.tool_calls[0]
        assert (call["name"], call["arguments"], call["kind"]) == ("f", '{"a":1}', "function")
        assert call["id"] == ("t1" if name.startswith("messages") else "k1")


def assert_usage(events: list[Event], into: int, out: int, reasoning: int | None, cached: int | None) -> None:
    usage = [event for event in events if isinstance(event, Usage)][-1]
    told = (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens)
    assert told == (into, out, reasoning, cached)
    assert usage.raw["output_tokens" if "output_tokens" in usage.raw else "completion_tokens"] == out


async def gather_into(events: list[Event], source: Source) -> None:
    async for event in source:
        events.append(event)


# What comes


@pytest.mark.parametrize("form", ["object", "function"])
@pytest.mark.parametrize("name", SYNC)
def test_sync_streams(name: str, form: str) -> None:
    way = SYNC[name]
    with Server(sse(way.parts)) as server, way.open(server.url) as client:
        source = as_events(way.make(client) if form == "object" else lambda: way.make(client))
        assert_whole(name, run(collect(source)))


@pytest.mark.parametrize("name", ASYNC)
def test_async_streams_made_on_our_own_loop(name: str) -> None:
    way = ASYNC[name]

    async def main(url: str) -> None:
        async with way.open(url) as client:
            assert_whole(name, await collect(as_events(lambda: way.make(client))))
            assert_whole(name, await collect(as_events(way.make(client))))

    with Server(sse(way.parts)) as server:
        run(main(server.url))


@pytest.mark.parametrize("name", ASYNC)
def test_async_streams_of_the_notebooks_loop(name: str, kernel: OtherLoop) -> None:
    way = ASYNC[name]
    with Server(sse(way.parts, pause_s=0.01)) as server:
        client = way.open(server.url)
        assert_whole(name, run(collect(kernel.as_events(lambda: way.make(client)))))
        kernel.call(client.close())


def test_the_sdks_own_text_streams() -> None:
    way = SYNC["messages.stream"]
    with Server(sse(way.parts)) as server, way.open(server.url) as client, way.make(client) as stream:
        assert text_of(run(collect(as_events(stream.text_stream)))) == "Hello"


def test_a_generator_or_a_list_of_chunks() -> None:
    way = SYNC["chat"]
    with Server(sse(way.parts)) as server, way.open(server.url) as client:
        chunks = list(way.make(client))
        assert_whole("chat", run(collect(as_events(chunk for chunk in chunks))))
        assert_whole("chat", run(collect(as_events(chunks))))
        assert run(collect(as_events(stream := way.make(client))))[-1] == End()
        assert run(collect(as_events(stream))) == [End()]


def test_several_choices_and_what_is_odd() -> None:
    def odd(index: int, **fields: Any) -> dict[str, Any]:
        return chunk(None, choices=[{"index": index, "finish_reason": None, **fields}])

    top = [{"token": "\ud83d", "logprob": -3.0, "bytes": None}]
    scored = {
        "content": [{"token": "a", "logprob": -0.5, "bytes": None, "top_logprobs": top}],
        "refusal": None,
    }
    legacy = {"function_call": {"name": "g", "arguments": "{}"}}
    noted = {"annotations": [{"type": "url_citation", "url_citation": URL}]}
    parts = data(
        odd(1, delta={"content": "b\ud83d"}),
        odd(0, delta={"content": "a"}, logprobs=scored),
        odd(1, delta={"content": "\ude00"}),
        odd(0, delta={"refusal": "no", "reasoning": "why", "reasoning_details": [{"text": "why"}]}),
        odd(0, delta={"tool_calls": [{"id": "t", "type": "function", "function": {"name": "f"}}]}),
        odd(0, delta={"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "T"}]}]}),
        odd(0, delta=legacy),
        odd(0, delta=noted),
        odd(0, delta={"content": 7, "tool_calls": "x"}),
        odd(0, delta={}, finish_reason="eccentric"),
        chunk(usage={"prompt_tokens": "many", "completion_tokens": 2, "cost": 0.5}),
    )
    way = SYNC["chat"]
    with Server(sse(parts)) as server, way.open(server.url) as client:
        events = run(collect(as_events(way.make(client))))
    choices = by_choice(events)
    assert (choices[0].text, choices[1].text) == ("a", "b\U0001f600")
    assert (choices[0].refusal, choices[0].reasoning) == ("no", "whyT")
    assert choices[0].tools[0]["id"] == "t"
    assert choices[0].tools[0]["name"] == "fg"
    assert len(choices[0].citations) == 1
    assert choices[0].finish == Finish("eccentric", raw="eccentric")
    scores = [event.logprobs for event in events if isinstance(event, Text) and event.logprobs]
    assert [(one.token, one.top) for one in scores[0]] == [("a", (("\ufffd", -3.0),))]
    usage = [event for event in events if isinstance(event, Usage)][-1]
    assert (usage.input_tokens, usage.output_tokens, usage.cost) == (None, 2, 0.5)


def test_an_answer_that_is_no_stream_is_said_at_the_call() -> None:
    whole = {**chunk(None), "object": "chat.completion"}
    with Server(
        lambda c: c.answer(200, {"content-type": "application/json"}, json.dumps(whole).encode())
    ) as server:
        client = SYNC["chat"].open(server.url)
        answer = client.chat.completions.create(**ASK)
        for wrong in (answer, client, client.chat.completions):
            with pytest.raises(UsageError, match="stream=True"):
                as_events(wrong)
        client.close()


# What goes wrong


@pytest.mark.parametrize("name", ["responses", "responses.stream", "async responses"])
def test_the_server_reports_an_error(name: str) -> None:
    way = {**SYNC, **ASYNC}[name]

    async def main(url: str) -> None:
        client = way.open(url)
        with pytest.raises(SourceError, match="server_error: out of steam"):
            await collect(as_events(lambda: way.make(client)))
        result = client.close()
        if way.is_async:
            await result

    with Server(sse(FAILED)) as server:
        run(main(server.url))


def test_refused_and_cut_off() -> None:
    way = SYNC["responses"]
    with Server(sse(REFUSED)) as server, way.open(server.url) as client:
        events = run(collect(as_events(way.make(client))))
    assert text_of(events, Refusal) == "no"
    assert Finish("length", raw="max_output_tokens") in events


@pytest.mark.parametrize("name", ["chat", "messages", "async chat", "async messages"])
def test_the_connection_breaks(name: str) -> None:
    way = {**SYNC, **ASYNC}[name]

    def breaks(connection: Connection) -> None:
        connection.head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for piece in parts_until_text(way):
            connection.chunk(piece)

    events: list[Event] = []

    async def main(url: str) -> None:
        client = way.open(url)
        source = as_events(lambda: way.make(client))
        with pytest.raises(SourceError, match="the source raised"):
            await gather_into(events, source)
        result = client.close()
        if way.is_async:
            await result

    with Server(breaks) as server:
        run(main(server.url))
    assert text_of(events) == "Hel"
    assert End() not in events


def test_a_refused_key_is_not_shown() -> None:
    way = SYNC["chat"]
    body = json.dumps(
        {"error": {"message": f"Incorrect API key provided: {'k' * 9}****", "code": "x"}}
    ).encode()
    with (
        Server(lambda c: c.answer(401, {"content-type": "application/json"}, body)) as server,
        way.open(server.url) as client,
        pytest.raises(SourceError, match="AuthenticationError") as caught,
    ):
        run(collect(as_events(lambda: way.make(client))))
    assert "kkk" not in str(caught.value)


# Stop


def parts_until_text(way: Way) -> list[bytes]:
    place = next(place for place, piece in enumerate(way.parts) if b"Hel" in piece)
    return way.parts[: place + 1]


async def asked(server: Server) -> None:
    while not server.requests:  # noqa: ASYNC110  the server has no loop that could set an event
        await asyncio.sleep(0.01)


async def stop(source: Source, server: Server, by: str) -> float:
    """Stop in mid-stream; how long (seconds) until the server saw it."""
    await first(source)
    reading = asyncio.ensure_future(anext(source))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    if by == "cancel":
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    await source.aclose()
    await asyncio.gather(reading, return_exceptions=True)
    assert not source.still_running
    while server.connections[0].closed_at is None:
        assert time.monotonic() - began < SEEN_S
        await asyncio.sleep(0.002)
    return server.connections[0].closed_at - began


@pytest.mark.parametrize("by", ["cancel", "aclose"])
@pytest.mark.parametrize("name", SYNC)
def test_stop_of_sync_streams(name: str, by: str) -> None:
    way = SYNC[name]
    with Server(stalls(parts_until_text(way))) as server, way.open(server.url) as client:
        assert run(stop(as_events(way.make(client)), server, by)) < SEEN_S


def test_stop_over_tls(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    way = SYNC["chat"]
    trusting = ssl.create_default_context(cafile=str(certificate))
    with Server(stalls(parts_until_text(way)), context) as server:
        http_client = openai.DefaultHttpx2Client(verify=trusting)
        with way.open(server.url, http_client=http_client) as client:
            assert run(stop(as_events(way.make(client)), server, "aclose")) < SEEN_S


def test_stop_of_a_text_stream() -> None:
    way = SYNC["messages.stream"]
    with (
        Server(stalls(parts_until_text(way))) as server,
        way.open(server.url) as client,
        way.make(client) as stream,
    ):
        run(stop(as_events(stream.text_stream), server, "aclose"))


@pytest.mark.parametrize("by", ["cancel", "aclose"])
@pytest.mark.parametrize("name", ASYNC)
def test_stop_of_async_streams_on_our_own_loop(name: str, by: str) -> None:
    way = ASYNC[name]

    async def main(server: Server) -> None:
        async with way.open(server.url) as client:
            await stop(as_events(lambda: way.make(client)), server, by)

    with Server(stalls(parts_until_text(way))) as server:
        run(main(server))


@pytest.mark.parametrize("name", ASYNC)
def test_stop_of_async_streams_on_the_notebooks_loop(name: str, kernel: OtherLoop) -> None:
    way = ASYNC[name]
    with Server(stalls(parts_until_text(way))) as server:
        client = way.open(server.url)
        run(stop(kernel.as_events(lambda: way.make(client)), server, "aclose"))
        kernel.call(client.close())


@pytest.mark.parametrize(
    "name", ["chat", "messages", "async chat", "async messages", "async messages.stream"]
)
def test_stopped_before_the_beginning(name: str, kernel: OtherLoop) -> None:
    way = {**SYNC, **ASYNC}[name]
    with Server(stalls(way.parts[:1])) as server:
        client = way.open(server.url)
        source = kernel.as_events(lambda: way.make(client))
        run(source.aclose())
        if server.connections:  # connected before we had it
            until(lambda: server.connections[0].closed_at is not None)
        if way.is_async:
            kernel.call(client.close())
        else:
            client.close()


@pytest.mark.parametrize("name", ["async chat", "async messages.stream"])
def test_stop_while_an_async_client_connects(name: str) -> None:
    way = ASYNC[name]

    async def main(server: Server) -> None:
        async with way.open(server.url) as client:
            source = as_events(lambda: way.make(client))
            reading = asyncio.ensure_future(anext(source))
            await asked(server)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await source.aclose()
            assert not source.still_running
            began = time.monotonic()
            while server.connections[0].closed_at is None:
                assert time.monotonic() - began < SEEN_S
                await asyncio.sleep(0.002)

    with Server(lambda connection: connection.wait_closed()) as server:
        run(main(server))


def test_stop_while_a_sync_client_waits_for_the_answer() -> None:
    """Nothing can end that wait; the stream is closed as soon as it is there."""
    way = SYNC["chat"]

    def late(connection: Connection) -> None:
        time.sleep(1.0)
        stalls(parts_until_text(way))(connection)

    async def main(server: Server) -> Source:
        source = as_events(lambda: way.make(client))
        reading = asyncio.ensure_future(anext(source))
        await asked(server)
        began = time.monotonic()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await source.aclose()
        assert time.monotonic() - began < 0.9
        assert source.still_running
        return source

    with Server(late) as server, way.open(server.url) as client:
        source = run(main(server))
        until(lambda: not source.still_running)
        until(lambda: server.connections[0].closed_at is not None)


def keeps_alive(parts: list[bytes]) -> Handler:
    """Answers one request after the other on the same connection."""

    def handle(connection: Connection) -> None:
        fields = b"content-type: text/event-stream\r\ntransfer-encoding: chunked"
        while connection.request:
            connection.send(b"HTTP/1.1 200 X\r\n%s\r\n\r\n" % fields)
            for piece in parts:
                connection.chunk(piece)
            connection.send(b"0\r\n\r\n")
            connection.request = b""
            connection.read_request()

    return handle


def test_a_stop_at_the_end_leaves_the_connection_in_the_pool() -> None:
    way = SYNC["messages"]

    async def main() -> None:
        source = as_events(way.make(client))
        assert_whole("messages", await collect(source))
        await source.aclose()

    with Server(keeps_alive(way.parts)) as server, way.open(server.url) as client:
        run(main())
        run(main())
        assert len(server.connections) == 1


def test_a_client_of_another_loop_is_explained(kernel: OtherLoop) -> None:
    way = ASYNC["async messages"]

    async def use() -> None:
        async for _ in await way.make(client):
            pass

    with Server(keeps_alive(way.parts)) as server:
        client = way.open(server.url)
        kernel.call(use())
        with pytest.raises(SourceError, match="make the client inside"):
            run(collect(as_events(lambda: way.make(client))))
        kernel.call(client.close())


def test_a_blocked_notebook_is_told(kernel: OtherLoop) -> None:
    way = ASYNC["async chat"]
    with Server(sse(way.parts, pause_s=0.02)) as server:
        client = way.open(server.url)
        source = kernel.as_events(lambda: way.make(client))
        kernel.block(1.8)
        events = run(collect(source))
        assert [bool(event.text) for event in events if isinstance(event, Notice)] == [True, False]
        assert_whole("async chat", [event for event in events if not isinstance(event, Notice)])
        kernel.call(client.close())


# Recorded streams, through the real SDKs


def _recorded() -> list[dict[str, Any]]:
    formats = ("openai-chat", "openai-responses", "anthropic-messages")
    index = json.loads((STREAMS / "index.json").read_text()) if CORPUS else []
    return [told for told in index if told["format"] in formats]


SDK_WAYS = {"openai-chat": "chat", "openai-responses": "responses", "anthropic-messages": "messages"}


def compared_responses(ours: Choice, expected: dict[str, Any]) -> list[tuple[str, object, object]]:
    """Against the deltas: the SDK's whole response may hold what it was never sent piece by piece."""
    reasoning = expected["delta_reasoning_summary"] + expected["delta_reasoning_text"]
    calls = [call for call in ours.tool_calls if call.pop("kind") == "function"]
    return [
        ("text", ours.text, expected["delta_text"]),
        ("reasoning", ours.reasoning, reasoning),
        ("refusal", ours.refusal, expected["delta_refusal"]),
        ("tools", calls, expected.get("tool_calls", [])),
        ("citations", len(ours.citations), expected["n_annotation_events"]),
        ("logprobs", ours.logprob_tokens, expected["logprob_tokens"]),
    ]


def compared_all(events: list[Event], expected: dict[str, Any]) -> list[tuple[str, object, object]]:
    choices = by_choice(events)
    if "delta_text" in expected:
        return compared_responses(choices.get(0, Choice()), expected)
    told = expected.get("choices") or [{"index": 0, **expected}]
    return [found for one in told for found in compared(choices.get(one["index"], Choice()), one, expected)]


@pytest.mark.skipif(not CORPUS, reason="NOTEBOOK_STREAM_CORPUS is not set: no recorded streams here")
@pytest.mark.parametrize("told", _recorded(), ids=lambda told: told["file"].removesuffix(".sse"))
def test_recorded(told: dict[str, Any]) -> None:
    way = SYNC[SDK_WAYS[told["format"]]]
    expected = json.loads((STREAMS / told["meta"]).read_text())["expected"]
    if expected.get("last_type", "") is None:
        pytest.skip("chat chunks, filed under Responses")
    events: list[Event] = []

    async def main() -> str:
        try:
            await gather_into(events, as_events(way.make(client)))
        except SourceError as exc:
            return str(exc)
        return ""

    with Server(sse([(STREAMS / told["file"]).read_bytes()])) as server, way.open(server.url) as client:
        error = run(main())
    found = compared_all(events, expected)
    found.append(("usage", without_nulls(last_usage(events)), without_nulls(expected.get("usage"))))
    found.append(("error", bool(error), bool(expected["error"])))
    assert [d for d in found if d[1] != d[2] and not excused(told, d[0])] == []
