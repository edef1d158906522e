"""What the notebook keeps comes back as it was; what nobody wrote is refused in words, whatever it is."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from notebook_stream import saved
from notebook_stream.errors import UsageError
from notebook_stream.events import Citation, Media, ToolCall, ToolResult, Usage

WORDS = [
    "",
    "a",
    "two words",
    "# head\n\n*x*",
    "\u202e\x1b[31m",
    "日本語 🎉",
    "<script>",
    "$5",
    "\ud83d",
    "x" * 2000,
]


def random_record(chosen: random.Random) -> saved.Record:
    """Any record without binaries."""

    def word() -> str:
        return chosen.choice(WORDS).replace("\ud83d", "")

    def seconds() -> float | None:
        return chosen.choice([None, 0.0, 0.25, 1800.5])

    def answer(index: int) -> saved.Answer:
        return saved.Answer(
            text=word(),
            reasoning=word(),
            refusal=word(),
            tool_calls=tuple(
                ToolCall(n, word(), word(), word(), word(), index) for n in range(chosen.randrange(3))
            ),
            tool_results=tuple(
                ToolResult(word(), chosen.choice([None, 0, 3]), word(), word(), word(), index)
                for _ in range(chosen.randrange(3))
            ),
            citations=tuple(
                Citation(word(), word(), word(), chosen.choice([None, 0, 4]), 9, index)
                for _ in range(chosen.randrange(3))
            ),
            media=tuple(
                Media("image", word(), "", word(), word(), word(), index) for _ in range(chosen.randrange(2))
            ),
            finish_reason=chosen.choice([None, "", "stop", "length"]),
            finish_reason_raw=chosen.choice([None, "end_turn"]),
            finish_detail=word(),
        )

    usage = Usage(
        chosen.choice([None, 0, 7]),
        3,
        None,
        0,
        chosen.choice([None, 0.0, 0.01]),
        {"a": [1, None, {"b": "c"}]},
    )
    return saved.Record(
        answers=tuple(answer(index) for index in range(chosen.randrange(1, 4))),
        status=chosen.choice(["done", "stopped", "interrupted", "error", "streaming"]),
        stop_reason=chosen.choice([None, "user"]),
        stop_detail=word(),
        cost=chosen.choice([None, 0.0, 0.00042]),
        cost_estimated=chosen.random() < 0.5,
        model=word(),
        usage=chosen.choice([None, Usage(), usage]),
        first_byte_s=seconds(),
        ttft_s=seconds(),
        total_s=seconds(),
        tokens=chosen.choice([0, 212]),
        tokens_per_s=seconds(),
        estimated=chosen.random() < 0.5,
        chunks=chosen.randrange(9),
        chars=chosen.randrange(9),
        error=chosen.choice([None, saved.ErrorInfo(), saved.ErrorInfo("dns", word(), word(), word())]),
        is_json=chosen.random() < 0.5,
        origin=chosen.choice(["connection", "source"]),
        notice=word(),
        request=chosen.choice(
            [None, {}, {"prompt": word(), "params": {"n": 1, "stop": [word()], "x": None}}]
        ),
        version=word(),
    )


@pytest.mark.parametrize("seed", range(200))
def test_a_record_comes_back_as_it_was(seed: int) -> None:
    record = random_record(random.Random(seed))
    written = json.dumps(saved.to_metadata(record), allow_nan=False)
    assert saved.from_metadata(json.loads(written)) == record
    assert saved.from_metadata(json.loads(written)[saved.KEY]) == record


def test_the_same_record_is_written_the_same() -> None:
    record = random_record(random.Random(1))
    assert json.dumps(saved.bundle(record)) == json.dumps(saved.bundle(replace(record)))


def test_empty_fields_cost_nothing() -> None:
    assert saved.to_metadata(saved.Record()) == {saved.KEY: {"format": 1, "answers": [{}]}}


def test_numbers_that_json_has_not_and_half_characters_are_left_out() -> None:
    answer = saved.Answer(text="a\ud83db")
    record = saved.Record(answers=(answer,), total_s=float("nan"), ttft_s=float("inf"))
    back = saved.from_metadata(json.loads(json.dumps(saved.to_metadata(record), allow_nan=False)))
    assert (back.total_s, back.ttft_s, back.answers[0].text) == (None, None, "a\ufffdb")
    assert json.dumps(saved.bundle(record), ensure_ascii=False).encode()


PICTURE = base64.b64encode(bytes(range(256)) * 8).decode()


def test_of_media_hash_type_and_size_stay() -> None:
    answer = saved.Answer(media=(Media("image", "image/png", PICTURE, id="i"),))
    written = saved.to_metadata(saved.Record(answers=(answer,)))
    assert PICTURE[:40] not in json.dumps(written)
    [thing] = saved.from_metadata(written).answers[0].media
    assert isinstance(thing, saved.AbsentMedia)
    assert (thing.kind, thing.mime_type, thing.size, len(thing.sha256)) == ("image", "image/png", 2048, 64)
    assert saved.to_metadata(saved.from_metadata(written)) == written
    assert "Picture, image/png, 2 kB, not saved" in saved.to_html(saved.from_metadata(written))


REQUESTS: dict[str, Any] = {
    "openai": {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}},
    "anthropic": {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
    "gemini": {"inlineData": {"mimeType": "image/png", "data": PICTURE}},
    "ollama": {"role": "user", "content": "x", "images": [PICTURE]},
    "audio": {"input_audio": {"format": "wav", "data": PICTURE}},
    "bytes": {"data": base64.b64decode(PICTURE)},
}


@pytest.mark.parametrize("name", REQUESTS)
def test_of_binaries_in_a_request_hash_and_type_stay(name: str) -> None:
    message = {"role": "user", "content": [{"type": "text", "text": "what is it"}, REQUESTS[name]]}
    record = saved.Record(request={"messages": [message]})
    written = json.dumps(saved.to_metadata(record))
    assert PICTURE[:40] not in written
    assert '"sha256"' in written
    assert '"bytes": 2048' in written
    assert "what is it" in written


def test_long_text_without_spaces_is_no_binary() -> None:
    request = {
        "messages": [{"role": "user", "content": "A" * 4000, "signature": PICTURE}],
        "system": "B" * 4000,
    }
    assert saved.from_metadata(saved.to_metadata(saved.Record(request=request))).request == request


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


GOOD: dict[str, Any] = {"format": 1, "answers": [{"text": "x"}]}
HOSTILE: list[Any] = [
    None,
    [],
    "text",
    7,
    {},
    {saved.KEY: None},
    {saved.KEY: "x"},
    {"answers": []},
    {"format": 1, "answers": []},
    {"format": 2, "answers": [{}]},
    {"format": "1" * 10_000, "answers": [{}]},
    {"format": True, "answers": None},
    {"format": 1, "answers": {"0": {}}},
    {"format": 1, "answers": ["x"]},
    {"format": 1, "answers": [{"text": 5}]},
    {"format": 1, "answers": [{"text": None}]},
    {"format": 1, "answers": [{"tool_calls": [{}]}]},
    {"format": 1, "answers": [{"tool_calls": [{"position": "0"}]}]},
    {"format": 1, "answers": [{"tool_calls": {"position": 0}}]},
    {"format": 1, "answers": [{"tool_results": [{}]}]},
    {"format": 1, "answers": [{"citations": [[]]}]},
    {"format": 1, "answers": [{"media": [{"kind": None}]}]},
    {"format": 1, "answers": [{}] * 200_000},
    {**GOOD, "status": "fine"},
    {**GOOD, "status": 5},
    {**GOOD, "origin": "elsewhere"},
    {**GOOD, "tokens": 1.5},
    {**GOOD, "tokens": True},
    {**GOOD, "tokens": 10**400},
    {**GOOD, "total_s": "1"},
    {**GOOD, "total_s": float("nan")},
    {**GOOD, "total_s": 10**400},
    {**GOOD, "estimated": "no"},
    {**GOOD, "usage": []},
    {**GOOD, "usage": {"raw": []}},
    {**GOOD, "usage": {"cost": "free"}},
    {**GOOD, "error": "x"},
    {**GOOD, "error": {"message": 1}},
    {**GOOD, "request": [1]},
    {**GOOD, "request": {"x": {1, 2}}},
    {**GOOD, "request": {"x": deep(5000)}},
    {**GOOD, "request": {1: 2}},
    {1: 2},
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_anything_else_is_refused_in_words(value: Any) -> None:
    with pytest.raises(UsageError, match="no saved run") as caught:
        saved.from_metadata(value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("seed", range(300))
def test_spoilt_metadata_is_read_or_refused(seed: int) -> None:
    """One value of a good one is another thing: no other exception, and what is read can be shown."""
    chosen = random.Random(seed)
    written = json.loads(json.dumps(saved.to_metadata(random_record(chosen))))
    places = list(_places(written))
    holder, key = chosen.choice(places)
    holder[key] = chosen.choice([None, True, -1, 1e308, "", "x", [], {}, [[]], {"a": 1}, "\ud800", 2**70])
    try:
        record = saved.from_metadata(written)
    except UsageError:
        return
    saved.bundle(record)


def _places(value: Any) -> Any:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield value, key
            yield from _places(inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield value, index
            yield from _places(inner)


def test_fields_of_a_later_version_are_left_out() -> None:
    assert saved.from_metadata({**GOOD, "colour": "blue"}).answers == (saved.Answer(text="x"),)
