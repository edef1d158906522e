"""Events that are only a piece of text are read in one step, and come to what the long way tells."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.events import Event, Text
from notebook_stream.formats import plain
from notebook_stream.formats.base import Decoder

CHUNK: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "Hel"}, "logprobs": None, "finish_reason": None}],
    "usage": None,
    "obfuscation": "xyz",
}
BLOCK: dict[str, Any] = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": "Hel"},
}
DEEPSEEK = {"content": "Hel", "role": None, "reasoning_content": None}


def choice(**more: Any) -> dict[str, Any]:
    return {**CHUNK, "choices": [{**CHUNK["choices"][0], **more}]}


@pytest.mark.parametrize(
    "event", [CHUNK, choice(index=9_999), choice(delta=DEEPSEEK), {**CHUNK, "citations": None}, BLOCK]
)
def test_it_is_plain(event: dict[str, Any]) -> None:
    decoder: Any = plain.BLOCK_DELTA if event is BLOCK else plain.CHAT_CHUNK
    assert plain.read(decoder, json.dumps(event)) is not None


@pytest.mark.parametrize(
    "data",
    [
        "[DONE]",
        "",
        '{"choices"',
        json.dumps(choice(delta={"content": "Hel", "reasoning_content": "why"})),
        json.dumps(choice(delta={"content": "Hel", "audio": {"id": "a"}})),
        json.dumps(choice(delta={"content": None})),
        json.dumps(choice(delta={"content": "\ud83d"})),
        json.dumps(choice(finish_reason="stop")),
        json.dumps(choice(error={"message": "no"})),
        json.dumps(choice(logprobs={"content": []})),
        json.dumps({**CHUNK, "error": {"message": "no"}}),
        json.dumps({**CHUNK, "usage": {"prompt_tokens": 1}}),
        json.dumps({**CHUNK, "number": 1}).replace("1}", "NaN}"),
        json.dumps(choice(delta={"content": "x" * plain.LONGEST})),
        "\ud83d",
    ],
    ids=lambda data: data[-60:].encode("ascii", "replace").decode(),
)
def test_it_is_not(data: str) -> None:
    assert plain.read(plain.CHAT_CHUNK, data) is None


def told(decoder: Decoder, *events: dict[str, Any]) -> list[str]:
    found: list[Event] = []
    for event in events:
        found += decoder.decode(str(event.get("type", "")), json.dumps(event))
    return [repr(event) for event in found]


@pytest.mark.parametrize(
    "odd",
    [
        BLOCK,
        {**BLOCK, "index": 1},
        {**BLOCK, "index": 1.0},
        {**BLOCK, "index": None},
        {**BLOCK, "index": 10_000},
        {**BLOCK, "error": {"message": "no"}},
        {**BLOCK, "delta": {"type": "text_delta", "text": ""}},
        {**BLOCK, "delta": {"type": "text_delta", "text": None}},
        {**BLOCK, "delta": {"type": "text_delta", "text": "\ud83d"}},
        {**BLOCK, "delta": {"type": "text_delta", "text": "\ude00 a"}},
        {**BLOCK, "delta": {"type": "thinking_delta", "thinking": "why"}},
        {**BLOCK, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
        {**BLOCK, "delta": []},
    ],
    ids=lambda odd: json.dumps(odd)[-60:],
)
def test_the_short_way_of_anthropic_tells_what_the_long_one_does(
    odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A piece of a call without its block's index belongs to the block that was written last.
    call = {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "1"}}
    events = (BLOCK, odd, BLOCK, odd, call)
    short = told(formats.get("anthropic").decoder(), *events)
    monkeypatch.setattr(plain, "read", lambda decoder, data: None)
    assert told(formats.get("anthropic").decoder(), *events) == short


@pytest.mark.parametrize(("name", "event"), [("openai-chat", CHUNK), ("anthropic", BLOCK)])
def test_the_short_way_is_taken(name: str, event: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    decoder: Any = formats.get(name).decoder()
    told(decoder, event)
    monkeypatch.setattr(decoder, "_any", _never)
    assert told(decoder, event) == [repr(Text("Hel"))]


def _never(event: str, data: str) -> list[Event]:
    raise AssertionError(f"the long way was taken for {event} {data}")
