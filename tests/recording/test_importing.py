"""A saved event stream becomes a recording: of any dialect, found by what it says; its times are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Recording, UsageError
from notebook_stream.events import Text

from ..formats.recorded import STREAMS, events_of, recorded, wire_format

CHAT = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n: ping\n\ndata: {"choices":[{"delta":{"content":"!"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'  # noqa: E501


def saved(folder: Path, text: str, name: str = "answer.sse") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_an_event_stream_is_imported(tmp_path: Path) -> None:
    kept = Recording.from_sse(saved(tmp_path, CHAT))
    assert (kept.text, kept.status, kept.wire_format) == ("Hello!", "done", "openai-chat")
    assert [row.name for row in kept.rows] == [":opened", "", ":", "", "", ":end"]
    assert kept.header.times.startswith("made up")
    assert kept.rows[3].at_s == pytest.approx(0.06)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_whatever_its_line_ends(tmp_path: Path, ending: str) -> None:
    kept = Recording.from_sse(saved(tmp_path, "\ufeff" + CHAT.replace("\n", ending)))
    assert kept.text == "Hello!"


def test_one_that_breaks_off_is_interrupted(tmp_path: Path) -> None:
    assert Recording.from_sse(saved(tmp_path, CHAT.split(": ping")[0])).status == "interrupted"


def test_json_lines_are_imported(tmp_path: Path) -> None:
    lines = [
        {"model": "m", "message": {"role": "assistant", "content": "Hi"}, "done": False},
        {"model": "m", "message": {"content": ""}, "done": True, "done_reason": "stop"},
    ]
    kept = Recording.from_sse(saved(tmp_path, "".join(json.dumps(line) + "\n" for line in lines)))
    assert (kept.text, kept.wire_format, kept.status) == ("Hi", "ollama", "done")


@pytest.mark.parametrize("text", ["", "hello\n", "<html>", "{}", "data: what is this\n\n"])
def test_what_is_no_event_stream_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        Recording.from_sse(saved(tmp_path, text))


def test_a_running_loop_is_no_hindrance(tmp_path: Path) -> None:
    import asyncio

    async def within() -> str:
        return Recording.from_sse(saved(tmp_path, CHAT)).text

    assert asyncio.run(within()) == "Hello!"


@pytest.mark.parametrize("entry", recorded(), ids=lambda entry: entry["file"].rpartition(".")[0])
def test_recorded_streams_are_imported_and_their_dialect_found(entry: dict[str, Any]) -> None:
    path = STREAMS / entry["file"]
    try:
        kept = Recording.from_sse(path, wire_format=wire_format(entry))
    except UsageError:
        pytest.skip("no event stream: an answer as one JSON text")
    wanted = "".join(event.text for event in events_of(entry) if isinstance(event, Text) and event.index == 0)
    assert kept.text == wanted
    guessed = Recording.from_sse(path)
    assert guessed.text == wanted, guessed.wire_format
