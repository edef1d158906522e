"""The same request is answered from its recording: at once, with its figures, asking nobody."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Stream, UsageError, compare, stream

from ..servers import Server
from ..servers import sse as answer_of
from ..waiting import until

CHAT = [
    b'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\n',
    b'data: {"choices":[{"delta":{"content":" you"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
]


def ask(server: Server, folder: Path, **options: Any) -> Stream:
    made = stream(
        "Hi", model="m", base_url=f"http://127.0.0.1:{server.port}/v1", cache=folder, display=False, **options
    )
    made.result(30)
    return made


def test_the_second_time_nobody_is_asked(tmp_path: Path) -> None:
    with Server(answer_of(CHAT)) as server:
        first = ask(server, tmp_path / "runs")
        second = ask(server, tmp_path / "runs", api_key="another-key-123456")
        assert len(server.requests) == 1
    assert second.text == first.text == "Hello you"
    assert second.metrics.ttft_s == pytest.approx(first.metrics.ttft_s, abs=0.01)
    assert "From cache" in second._note
    assert "From cache" not in first._note
    assert second.recording.text == first.text


def test_another_request_is_asked(tmp_path: Path) -> None:
    with Server(answer_of(CHAT)) as server:
        ask(server, tmp_path)
        ask(server, tmp_path, temperature=0.5)
        assert len(server.requests) == 2
    assert len(list(tmp_path.glob("*.jsonl"))) == 2
    assert not list(tmp_path.glob("*.part"))


def test_an_answer_that_was_cut_off_is_not_kept(tmp_path: Path) -> None:
    with Server(answer_of(CHAT)) as server:
        ask(server, tmp_path, max_chars=3)
    assert not list(tmp_path.glob("*"))


def test_at_its_own_pace(tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "demo/logprobs", "cache": tmp_path, "display": False}
    first = stream("Hi", **options)
    first.result(30)
    began = time.monotonic()
    stream("Hi", cache_speed=2, **options).result(30)
    assert time.monotonic() - began > 0.4 * (first.metrics.total_s or 0)
    began = time.monotonic()
    stream("Hi", **options).result(30)
    assert time.monotonic() - began < 0.4 * (first.metrics.total_s or 0)


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    with Server(answer_of(CHAT)) as server:
        ask(server, tmp_path)
        (found,) = tmp_path.glob("*.jsonl")
        found.write_text("nonsense")
        with pytest.raises(UsageError, match="damaged"):
            ask(server, tmp_path)


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(UsageError, match="folder"):
        stream("Hi", model="demo/logprobs", cache=tmp_path / "runs", display=False)


@pytest.mark.parametrize("speed", [0, -1, "fast", True])
def test_no_pace_is_refused(tmp_path: Path, speed: Any) -> None:
    with pytest.raises(UsageError, match="cache_speed"):
        stream("Hi", model="demo/logprobs", cache=tmp_path, cache_speed=speed, display=False)


def test_where_nothing_can_be_kept_the_answer_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    with Server(answer_of(CHAT)) as server:
        made = stream(
            "Hi", model="m", base_url=f"http://127.0.0.1:{server.port}/v1", cache=folder, display=False
        )
        folder.write_text("in the way")
        assert made.result(30).text == "Hello you"
    assert "Not kept in the cache" in made._note


def test_repeats_of_a_comparison_are_kept_apart(tmp_path: Path) -> None:
    def asked() -> list[str]:
        made = compare("Why?", "demo/ngram", repeats=3, cache=tmp_path, display=False)
        return [result.text for result in made.result(30)]

    first = asked()
    assert len(set(first)) == 3
    assert asked() == first


def test_a_cell_from_the_cache_says_so(tmp_path: Path) -> None:
    options: dict[str, Any] = {"cache": tmp_path, "display": False}
    compare(["One?", "Two?"], "demo/ngram", **options).result(30)
    again = compare(["One?", "Two?", "Three?"], "demo/ngram", **options)
    again.result(30)
    assert ["From cache" in run._note for run in again] == [True, True, False]


def test_what_has_come_of_a_cached_answer_is_what_is_recorded(tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "demo/logprobs", "cache": tmp_path, "display": False}
    whole = stream("Hi", **options)
    whole.result(30)
    run = stream("Hi", cache_speed=1, **options)
    until(lambda: len(run.text) > 5)
    inspector = run.inspect(display=False)
    run.stop()
    assert 0 < len(run.text) < len(whole.text)
    assert (run.recording.text, run.recording.status) == (run.text, "stopped")
    pieces = [moment.get("piece", {}) for moment in inspector._all[0].moments_so_far()]
    assert "".join(piece.get("text", "") for piece in pieces) == run.text
    assert len(list(tmp_path.glob("*.jsonl"))) == 1


def test_a_cached_answer_is_recorded_as_it_was(tmp_path: Path) -> None:
    options: dict[str, Any] = {"model": "demo/logprobs", "cache": tmp_path, "display": False}
    first = stream("Hi", **options)
    first.result(30)
    second = stream("Hi", **options)
    second.result(30)
    assert second.recording.header == first.recording.header
    assert [row[1:] for row in second.recording.rows[:-1]] == [row[1:] for row in first.recording.rows[:-1]]
    times = [[row.at_s for row in run.recording.rows] for run in (first, second)]
    assert times[1] == pytest.approx(times[0], abs=2e-3)
    unrecorded = stream("Hi", record=False, **options)
    unrecorded.result(30)
    with pytest.raises(UsageError, match="not recorded"):
        unrecorded.recording  # noqa: B018
