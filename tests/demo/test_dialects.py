"""The demo server's answers in both dialects, as a plain HTTP client reads them; wrong requests."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import httpx
import pytest

from notebook_stream.demo import Server
from notebook_stream.demo.answers import MODELS
from notebook_stream.demo.tokens import split

from .client import CHAT, MESSAGES, ask, body, chat_text, deltas, events, messages_text


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n\n", "a", "été 😀👩‍💻 日本語", "x" * 50, "  indented\n\n    code_with_names()  ", "a\r\nb"],
)
def test_tokens_join_to_the_text(text: str) -> None:
    assert "".join(split(text)) == text


def test_tokens_are_of_a_models_size() -> None:
    text = (files("notebook_stream.demo") / "answers" / "long.md").read_text(encoding="utf-8")
    tokens = split(text)
    assert "".join(tokens) == text
    assert len(tokens) > 3_000
    assert 3.0 < len(text) / len(tokens) < 5.0
    assert max(map(len, tokens)) <= 16


@pytest.mark.parametrize("model", [model for model in MODELS if model not in ("echo", "lorem")])
def test_each_answer_is_the_same_in_both_dialects(server: Server, client: httpx.Client, model: str) -> None:
    chat = ask(client, server, CHAT, f"demo/{model}", first_token_s=0)
    messages = ask(client, server, MESSAGES, model, first_token_s=0)
    text = chat_text(chat) or chat_text(chat, "refusal")
    assert text == messages_text(messages)
    assert len(text) > 50
    assert chat_text(chat, "reasoning_content") == messages_text(messages, "thinking")
    assert {event["model"] for event in events(chat) if "model" in event} == {f"demo/{model}"}


@pytest.mark.parametrize(
    ("model", "reason", "stop_reason"),
    [
        ("markdown", "stop", "end_turn"),
        ("cut", "length", "max_tokens"),
        ("tools", "tool_calls", "tool_use"),
        ("refusal", "stop", "refusal"),
    ],
)
def test_why_an_answer_ends(
    server: Server, client: httpx.Client, model: str, reason: str, stop_reason: str
) -> None:
    chat = ask(client, server, CHAT, model)
    assert [c["finish_reason"] for e in events(chat) for c in e["choices"] if c["finish_reason"]] == [reason]
    assert chat.endswith("data: [DONE]\n\n")
    messages = events(ask(client, server, MESSAGES, model))
    assert messages[-1] == {"type": "message_stop"}
    assert messages[-2]["delta"]["stop_reason"] == stop_reason


def test_a_chat_stream_has_what_a_real_one_has(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, CHAT, "echo", "one two three", stream_options={"include_usage": True})
    first, *_, last = events(text)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert first["usage"] is None
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 3
    assert {(e["id"], e["object"], e["system_fingerprint"]) for e in events(text)} == {
        (first["id"], "chat.completion.chunk", "fp_demo")
    }
    assert "usage" not in events(ask(client, server, CHAT, "echo"))[-1]


def test_a_messages_stream_has_what_a_real_one_has(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, MESSAGES, "reasoning")
    kinds = [event["type"] for event in events(text)]
    assert kinds[:4] == ["message_start", "content_block_start", "ping", "content_block_delta"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert re.findall(r"event: (\w+)\n", text) == kinds
    starts = [e for e in events(text) if e["type"] == "content_block_start"]
    assert [(e["index"], e["content_block"]["type"]) for e in starts] == [(0, "thinking"), (1, "text")]
    signed = [e["index"] for e in events(text) if e.get("delta", {}).get("type") == "signature_delta"]
    assert signed == [0]
    assert events(text)[0]["message"]["usage"]["input_tokens"] > 0
    assert events(text)[-2]["usage"]["output_tokens"] > 500


def test_tool_calls_come_in_pieces_and_their_results_are_answered(
    server: Server, client: httpx.Client
) -> None:
    calls: dict[int, dict[str, str]] = {}
    for delta in deltas(ask(client, server, CHAT, "tools")):
        for piece in delta.get("tool_calls", ()):
            call = calls.setdefault(
                piece["index"], {"id": piece.get("id", ""), "arguments": "", "pieces": ""}
            )
            call["arguments"] += piece["function"]["arguments"]
            call["pieces"] += "."
    assert [json.loads(call["arguments"])["city"] for call in calls.values()] == ["Zürich", "Reykjavík"]
    assert all(call["id"].startswith("call_") and len(call["pieces"]) > 10 for call in calls.values())
    history = [{"role": "user", "content": "?"}, {"role": "tool", "tool_call_id": "c", "content": "{}"}]
    assert chat_text(ask(client, server, CHAT, "tools", messages=history)).startswith("Thank you")


def test_each_token_of_logprobs_has_five_alternatives(server: Server, client: httpx.Client) -> None:
    choices = [
        choice for event in events(ask(client, server, CHAT, "logprobs")) for choice in event["choices"]
    ]
    tokens = [entry for choice in choices if choice["logprobs"] for entry in choice["logprobs"]["content"]]
    assert "".join(entry["token"] for entry in tokens) == "".join(
        c["delta"].get("content", "") for c in choices
    )
    for entry in tokens:
        top = {other["token"]: other["logprob"] for other in entry["top_logprobs"]}
        assert len(top) == 6
        assert top[entry["token"]] == entry["logprob"] <= 0
        assert list(top.values()) == sorted(top.values(), reverse=True)
        assert bytes(entry["bytes"]).decode() == entry["token"]


def test_logprobs_of_any_answer_when_asked_for(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, CHAT, "table", logprobs=True, top_logprobs=3)
    entries = [c["logprobs"]["content"][0] for e in events(text) for c in e["choices"] if c["logprobs"]]
    assert len(entries) > 100
    assert {len(entry["top_logprobs"]) for entry in entries} == {3}


def test_lorem_is_as_long_as_asked(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, CHAT, "lorem", tokens=1_234)
    pieces = [delta["content"] for delta in deltas(text) if delta.get("content")]
    assert len(pieces) == 1_234
    assert "".join(pieces).split(" ") == [f"t{i:06d}" for i in range(1, 1_235)]


@pytest.mark.parametrize(
    "prompt", ["", "plain", "# é 😀\n\n```\n\ttab\r\n```", "\ud83d alone", "data: x\n\n: no"]
)
def test_echo_repeats_any_text(server: Server, client: httpx.Client, prompt: str) -> None:
    assert chat_text(ask(client, server, CHAT, "echo", prompt)) == prompt
    assert messages_text(ask(client, server, MESSAGES, "echo", prompt)) == prompt


def test_echo_takes_the_text_parts_of_the_last_user_message(server: Server, client: httpx.Client) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": "no"}]
    assert chat_text(ask(client, server, CHAT, "echo", messages=messages)) == "ab"


def test_max_tokens_cuts(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, CHAT, "markdown", max_tokens=5)
    assert len([d for d in deltas(text) if d.get("content")]) == 5
    assert events(text)[-1]["choices"][0]["finish_reason"] == "length"


def test_several_choices_interleave(server: Server, client: httpx.Client) -> None:
    text = ask(client, server, CHAT, "echo", "a b c", n=3)
    indexes = [c["index"] for e in events(text) for c in e["choices"] if c["delta"].get("content")]
    assert indexes == [0, 1, 2] * 3


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_without_stream_it_is_one_object_with_the_same_text(
    server: Server, client: httpx.Client, path: str
) -> None:
    streamed = ask(client, server, path, "reasoning")
    whole = client.post(server.base_url + path, json=body("reasoning")).json()
    if path == CHAT:
        message = whole["choices"][0]["message"]
        assert message["content"] == chat_text(streamed)
        assert message["reasoning_content"] == chat_text(streamed, "reasoning_content")
        assert whole["usage"]["completion_tokens_details"]["reasoning_tokens"] > 100
    else:
        thinking, text = whole["content"]
        assert (thinking["thinking"], text["text"]) == (
            messages_text(streamed, "thinking"),
            messages_text(streamed),
        )
        assert whole["stop_reason"] == "end_turn"


def test_the_same_seed_gives_the_same_stream(server: Server, client: httpx.Client) -> None:
    def once(seed: int) -> list[dict[str, Any]]:
        text = ask(client, server, CHAT, "table", seed=seed, logprobs=True, top_logprobs=4)
        return [event for event in events(text) if event.pop("created")]

    assert once(1) == once(1)
    assert once(1) != once(2)


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"model": "demo/nosuch"}, 404, "markdown, python"),
        ({"model": None}, 400, "model"),
        ({"messages": None}, 400, "messages"),
        ({"messages": []}, 400, "messages"),
        ({"messages": [{"content": "x"}]}, 400, "role"),
        ({"fault": "nosuch"}, 400, "http_<status>"),
        ({"pace": -1}, 400, "pace"),
        ({"jitter": True}, 400, "jitter"),
        ({"tokens": "many"}, 400, "tokens"),
        ({"n": 1_000}, 400, "n"),
        ({"stream": "yes"}, 400, "stream"),
    ],
)
def test_wrong_requests_are_told_what_is_wrong(
    server: Server, client: httpx.Client, fields: dict[str, Any], status: int, says: str
) -> None:
    response = client.post(server.base_url + CHAT, json={**body("echo"), **fields})
    assert response.status_code == status
    assert says in response.json()["error"]["message"]
    if "n" not in fields:
        response = client.post(server.base_url + MESSAGES, json={**body("echo"), **fields})
        assert response.status_code == status
        assert response.json()["type"] == "error"
        assert says in response.json()["error"]["message"]


def test_other_paths_and_bodies(server: Server, client: httpx.Client) -> None:
    assert client.post(server.base_url + CHAT, content=b"{").status_code == 400
    assert client.post(server.base_url + CHAT, content=b"[" * 100_000).status_code == 400
    assert client.post(server.base_url + CHAT, content=iter([b"{}"])).status_code == 411
    assert client.post(server.base_url + CHAT, content=b" " * 9_000_000).status_code == 413
    assert client.get(server.base_url + CHAT).status_code == 405
    assert client.get(server.base_url + "/nosuch").status_code == 404
    assert client.post(server.base_url + "/nosuch", json={}).status_code == 404
    listed = client.get(server.base_url + "/models").json()["data"]
    assert [model["id"] for model in listed] == list(MODELS)


@pytest.mark.parametrize(("path", "text_of"), [(CHAT, chat_text), (MESSAGES, messages_text)])
@pytest.mark.parametrize("model", ["markdown", "reasoning", "lorem", "echo"])
def test_an_answer_goes_on_where_a_last_message_ends(
    server: Server, client: httpx.Client, path: str, text_of: Callable[[str], str], model: str
) -> None:
    whole = text_of(ask(client, server, path, model, "some words to repeat"))
    for cut in (1, 7, 12):
        begun = whole[:cut].rstrip()
        messages = [
            {"role": "user", "content": "some words to repeat"},
            {"role": "assistant", "content": begun},
        ]
        told = ask(client, server, path, model, messages=messages)
        assert begun + text_of(told) == whole
        assert "thinking" not in told
        assert "reasoning_content" not in told
    other = [{"role": "user", "content": "some words to repeat"}, {"role": "assistant", "content": "Other"}]
    assert text_of(ask(client, server, path, model, messages=other)) == whole


def test_the_language_model_goes_on_with_any_beginning(server: Server, client: httpx.Client) -> None:
    def told(begun: str) -> str:
        messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": begun}]
        return chat_text(ask(client, server, CHAT, "ngram", messages=messages, temperature=0, seed=1))

    # The likeliest token each time: what follows the first words is what would have followed.
    whole = chat_text(ask(client, server, CHAT, "ngram", "hi", temperature=0, seed=1))
    for place in range(3, 30, 4):
        begun = "".join(split(whole)[:place])
        assert begun + told(begun) == whole[: len(begun + told(begun))]
    assert told("Something else that") not in ("", whole)


def test_messages_refuse_a_beginning_that_ends_in_white_space(server: Server, client: httpx.Client) -> None:
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "One "}]
    refused = client.post(server.base_url + MESSAGES, json=body("markdown", messages=messages))
    assert refused.status_code == 400
    assert "cannot end with trailing whitespace" in refused.json()["error"]["message"]
    assert client.post(server.base_url + CHAT, json=body("markdown", messages=messages)).status_code == 200
