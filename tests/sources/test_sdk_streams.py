"""The SDKs' own stream objects, on a real server: what comes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream.errors import UsageError
from notebook_stream.events import End, Finish, Text, Usage
from notebook_stream.sources import as_events

from ..formats.reading import by_choice
from ..servers import Server, sse
from .loops import OtherLoop, collect, run, text_of
from .sdk_streams import URL, chunk, data
from .sdk_ways import ASK, ASYNC, SYNC, assert_whole


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
