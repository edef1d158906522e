"""The formats that continue a text, as documented: legacy Completions and llama.cpp's own."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from notebook_stream import formats
from notebook_stream.errors import BadRequestError, ProtocolError, UsageError
from notebook_stream.events import End, Event, Failure, Finish, Start, Text, TokenLogprob, Unknown, Usage

BOTH = ("completions", "llama-cpp")
HELLO = [{"role": "user", "content": "Hello"}]


def read(name: str, *chunks: dict[str, Any] | str) -> list[Event]:
    decoder = formats.get(name).decoder()
    texts = [chunk if isinstance(chunk, str) else json.dumps(chunk) for chunk in chunks]
    return [event for text in texts for event in decoder.decode("", text)]


@pytest.mark.parametrize("name", BOTH)
class TestBody:
    def test_prompt(self, name: str) -> None:
        body = formats.get(name).body("m", HELLO, {"temperature": 0.2, "stream_options": None})
        assert body.pop("stream_options", None) is None
        assert body == {"model": "m", "prompt": "Hello", "stream": True, "temperature": 0.2}

    @pytest.mark.parametrize(
        "messages",
        [
            [*HELLO, *HELLO],
            [{"role": "assistant", "content": "x"}],
            [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
            [{"role": "user", "content": ""}],
        ],
    )
    def test_more_than_a_text_is_refused(self, name: str, messages: list[dict[str, Any]]) -> None:
        with pytest.raises(UsageError):
            formats.get(name).body("m", messages, {})

    def test_a_system_prompt_is_refused(self, name: str) -> None:
        with pytest.raises(UsageError, match="no system="):
            formats.get(name).body("m", HELLO, {}, system="Be short")


class TestCompletions:
    def test_usage_is_asked_for_until_refused(self) -> None:
        wire_format = formats.get("completions")
        body = wire_format.body("m", HELLO, {})
        assert body["stream_options"] == {"include_usage": True}
        refused = BadRequestError("unknown field stream_options", status_code=400)
        amended = wire_format.amend(body, refused)
        assert amended == {"model": "m", "prompt": "Hello", "stream": True}
        assert wire_format.amend(body, BadRequestError("too long", status_code=400)) is None

    def test_two_choices_with_log_probabilities(self) -> None:
        def chunk(index: int, text: str, logprob: float, finish: str | None = None) -> dict[str, Any]:
            tops = [{"other": -9.0, text: logprob}]
            told = {"tokens": [text], "token_logprobs": [logprob], "top_logprobs": tops, "text_offset": [0]}
            choice = {"index": index, "text": text, "logprobs": told, "finish_reason": finish}
            return {"id": "c", "model": "m", "object": "text_completion", "choices": [choice]}

        def text(index: int, token: str, logprob: float) -> Text:
            return Text(token, index, (TokenLogprob(token, logprob, ((token, logprob), ("other", -9.0))),))

        usage = {"prompt_tokens": 1, "completion_tokens": 2}
        chunks = (chunk(1, "b", -1.0), chunk(0, "a", -0.5, "stop"), chunk(1, "c", -2.0, "length"))
        assert read("completions", *chunks, {"choices": [], "usage": usage}, "[DONE]") == [
            Start("m", "c"),
            text(1, "b", -1.0),
            text(0, "a", -0.5),
            Finish("stop", "stop"),
            text(1, "c", -2.0),
            Finish("length", "length", 1),
            Usage(1, 2, raw=usage),
            End(),
        ]

    def test_log_probabilities_as_in_chat(self) -> None:
        """llama.cpp."""
        told = {"content": [{"token": "a", "logprob": -1.0, "top_logprobs": []}]}
        (text,) = read("completions", {"choices": [{"text": "a", "logprobs": told}]})
        assert text == Text("a", 0, (TokenLogprob("a", -1.0),))

    def test_a_prompt_that_is_echoed_has_a_token_without_number(self) -> None:
        told = {"tokens": ["H", "i"], "token_logprobs": [None, -1.0], "top_logprobs": None}
        (text,) = read("completions", {"choices": [{"text": "Hi", "logprobs": told}]})
        assert text == Text("Hi", 0, (TokenLogprob("i", -1.0),))

    def test_whole(self) -> None:
        answer = {"id": "c", "choices": [{"index": 0, "text": "Hi", "finish_reason": "stop"}]}
        events = formats.get("completions").decoder().whole(json.dumps(answer))
        assert events == [Start(None, "c"), Text("Hi"), Finish("stop", "stop"), End()]

    def test_error(self) -> None:
        text, failure = read("completions", {"choices": [{"text": "a"}]}, {"error": {"message": "Bad"}})
        assert text == Text("a")
        assert isinstance(failure, Failure)


class TestLlamaCpp:
    LAST: dict[str, Any] = {  # noqa: RUF012  a constant
        "index": 0,
        "content": "",
        "stop": True,
        "model": "m",
        "tokens_predicted": 2,
        "tokens_evaluated": 4,
        "prompt": "Hello",
        "timings": {"cache_n": 3},
    }

    @pytest.mark.parametrize(
        ("stop", "finish"),
        [
            ({"stop_type": "eos"}, Finish("stop", "eos")),
            ({"stop_type": "limit"}, Finish("length", "limit")),
            ({"stop_type": "word", "stopping_word": "END"}, Finish("stop", "word", detail="END")),
            ({"stopped_limit": True, "stopped_eos": False}, Finish("length", "limit")),
            ({}, Finish("stop", "")),
        ],
    )
    def test_an_answer(self, stop: dict[str, Any], finish: Finish) -> None:
        raw = {"tokens_evaluated": 4, "tokens_predicted": 2, "timings": {"cache_n": 3}}
        assert read("llama-cpp", {"index": 0, "content": "a", "stop": False}, {**self.LAST, **stop}) == [
            Text("a"),
            Start("m"),
            Usage(4, 2, None, 3, raw=raw),
            finish,
            End(),
        ]

    def test_the_end_is_that_of_the_last_choice(self) -> None:
        chunks = [{"index": n, "content": "ab"[n]} for n in (1, 0)]
        events = read("llama-cpp", *chunks, {**self.LAST, "index": 1}, self.LAST)
        assert [event.index for event in events if isinstance(event, Finish)] == [1, 0]
        assert events.index(End()) == len(events) - 1
        usage = [event.output_tokens for event in events if isinstance(event, Usage)]
        assert usage == [2, 4]

    @pytest.mark.parametrize(
        "told",
        [
            {"token": "a", "logprob": math.log(0.5), "top_logprobs": [{"token": "b", "logprob": -3.0}]},
            {"token": "a", "prob": 0.5, "top_probs": [{"token": "b", "prob": math.exp(-3.0)}]},
        ],
    )
    def test_log_probabilities(self, told: dict[str, Any]) -> None:
        (text,) = read("llama-cpp", {"content": "a", "completion_probabilities": [told]})
        assert text == Text("a", 0, (TokenLogprob("a", math.log(0.5), (("b", -3.0),)),))

    def test_log_probabilities_before_2025(self) -> None:
        probs = [{"tok_str": "b", "prob": 0.75}, {"tok_str": "a", "prob": 0.25}, {"tok_str": "c", "prob": 0}]
        told = [{"content": "a", "probs": probs}, {"content": "x", "probs": probs}]
        (text,) = read("llama-cpp", {"content": "a", "completion_probabilities": told})
        tops = (("b", math.log(0.75)), ("a", math.log(0.25)))
        assert text == Text("a", 0, (TokenLogprob("a", math.log(0.25), tops),))

    def test_a_character_cut_in_two(self) -> None:
        halves = [{"content": half} for half in ("\ud83d", "\ude00", "\ud83d")]
        texts = [event for event in read("llama-cpp", *halves, self.LAST) if isinstance(event, Text)]
        assert "".join(event.text for event in texts) == "😀\ufffd"

    def test_errors(self) -> None:
        error = {"error": {"code": 400, "message": "Bad grammar", "type": "invalid_request_error"}}
        decoder = formats.get("llama-cpp").decoder()
        for events in (
            read("llama-cpp", error),
            decoder.whole(json.dumps(error)),
            decoder.decode("error", "x"),
        ):
            assert [type(event) for event in events] == [Failure]

    def test_whole(self) -> None:
        whole = {name: value for name, value in self.LAST.items() if name != "stop"} | {"content": "Hi"}
        events = formats.get("llama-cpp").decoder().whole(json.dumps(whole))
        assert events[:2] == [Start("m"), Text("Hi")]
        assert events[-1] == End()
        with pytest.raises(ProtocolError, match="no completion"):
            formats.get("llama-cpp").decoder().whole("{}")

    def test_unknown(self) -> None:
        assert read("llama-cpp", '{"prompt_progress": {}}') == [Unknown("", '{"prompt_progress": {}}')]
