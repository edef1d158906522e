"""What chat chunks carry beside text, as documented: media, a server's own tools, search steps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.events import (
    Citation,
    Event,
    Failure,
    Finish,
    Media,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from notebook_stream.session import Answer

CHAT = formats.get("openai-chat")


def read(*chunks: dict[str, Any]) -> list[Event]:
    decoder = CHAT.decoder()
    return [event for chunk in chunks for event in decoder.decode("message", json.dumps(chunk))]


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


class TestMedia:
    @pytest.mark.parametrize(
        ("url", "media"),
        [
            ("data:image/png;base64,AA==", Media("image", "image/png", "AA==")),
            ("data:image/webp;x=y;base64,AA==", Media("image", "image/webp", "AA==")),
            ("https://a.test/i.png?a,b", Media("image", url="https://a.test/i.png?a,b")),
            ("data:text/html,<b>", Media("image", url="data:text/html,<b>")),
        ],
    )
    def test_pictures(self, url: str, media: Media) -> None:
        """OpenRouter: `images`; others send such a part in the content."""
        part = {"type": "image_url", "image_url": {"url": url}}
        assert read(chunk(content="", images=[part])) == [media]
        assert read(chunk(content=[{"type": "text", "text": "a"}, part])) == [Text("a"), media]

    def test_sound(self) -> None:
        """OpenAI: pieces of base64 and of the words, the id only in the first."""
        pieces: list[dict[str, Any]] = [
            {"id": "audio_1", "transcript": "He"},
            {"data": "AA=="},
            {"transcript": "llo", "data": "AQ=="},
            {"expires_at": 1},
        ]
        answer = Answer("m")
        for event in read(*[chunk(audio=piece) for piece in pieces]):
            answer.take(event)
        (sound,) = answer.media
        assert (sound.kind, sound.data, sound.transcript) == ("audio", "AAE=", "Hello")

    def test_sound_of_a_whole_answer(self) -> None:
        message = {"content": None, "audio": {"id": "a", "data": "AA==", "transcript": "Hi"}}
        events = CHAT.decoder().whole(json.dumps({"choices": [{"message": message}]}))
        assert events[0] == Media("audio", data="AA==", transcript="Hi", id="audio")


class TestServerTools:
    def test_each_call_and_result_once(self) -> None:
        """Groq: what grew is sent again as a whole."""
        call = {"index": 0, "type": "search", "arguments": "{}"}
        grown = [{**call, "output": "found"}, {"index": 1, "type": "python", "arguments": "1", "output": "1"}]
        caller = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
        chunks = (chunk(executed_tools=tools) for tools in ([call], grown, grown))
        events = read(*chunks, chunk(tool_calls=[caller]))
        assert events == [
            ToolCall(10_000, name="search", arguments="{}", kind="executed"),
            ToolResult("found", 10_000, name="search", kind="executed"),
            ToolCall(10_001, name="python", arguments="1", kind="executed"),
            ToolResult("1", 10_001, name="python", kind="executed"),
            ToolCall(0, "c", "f", "{}"),
        ]

    def test_steps_of_a_search(self) -> None:
        """Perplexity: `chat.reasoning` chunks, whose `done` repeats all."""
        steps = [{"type": "web_search", "thought": thought} for thought in ("First.", "Then.")]
        chunks = [{"object": "chat.reasoning", **chunk(reasoning_steps=[step])} for step in steps]
        last = {"object": "chat.reasoning.done", **chunk(reasoning_steps=steps)}
        assert read(*chunks, last, chunk(content="So.")) == [
            Reasoning("First."),
            Reasoning("\n\nThen."),
            Text("So."),
        ]

    def test_search_results_of_zai(self) -> None:
        results = [{"title": "t", "link": "https://a.test", "content": "c"}]
        assert read({**chunk(content="a"), "web_search": results})[1:] == [
            Citation("https://a.test", "t", "c")
        ]


def test_error_in_the_own_field_of_groq() -> None:
    (failure,) = read({"choices": [], "x_groq": {"error": "over capacity"}})
    assert isinstance(failure, Failure)
    assert "over capacity" in failure.error.message


def test_the_text_at_which_vllm_stopped() -> None:
    stopped = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "stop_reason": "END"}]}
    assert read(stopped) == [Finish("stop", "stop", detail="END")]
