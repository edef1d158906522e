"""A recording is the run again: the same events, text, figures and end, from memory, file and notebook."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Recording, Stream, UsageError, show, stream
from notebook_stream.errors import StreamError
from notebook_stream.events import Event, Heartbeat, Text, TokenLogprob, Usage
from notebook_stream.recording import files, written

from ..servers import Server, one

MODELS = ("demo/markdown", "demo/reasoning", "demo/tools", "demo/logprobs", "demo/refusal", "demo/ngram")
"""Of the demo server, by what they send."""


def finished(model: str = "demo/logprobs", **options: Any) -> Stream:
    """A run that has ended, however it did; at a pace that no test has to wait for."""
    made = stream("Explain", model=model, display=False, **options)
    with contextlib.suppress(StreamError):
        made.result(30)
    return made


def said(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Heartbeat)]


@pytest.mark.parametrize("model", MODELS)
def test_a_recording_is_the_run_again(model: str) -> None:
    run = finished(model, max_chars=600)
    again = Stream.from_recording(run.recording)
    assert [event for _, event in run.recording.events] == said(run.events)
    before, after = run._session.result(), again._session.result()
    for name in (
        "text",
        "reasoning",
        "tool_calls",
        "refusal",
        "usage",
        "finish_reason",
        "status",
        "stop_reason",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert after.metrics.ttft_s == pytest.approx(before.metrics.ttft_s, abs=0.01)
    assert after.metrics.total_s == pytest.approx(before.metrics.total_s, abs=0.01)
    assert after.metrics.tokens == before.metrics.tokens


def test_times_never_run_backwards_and_end_with_the_run() -> None:
    run = finished()
    times = [row.at_s for row in run.recording.rows]
    assert times == sorted(times)
    assert run.recording.seconds == pytest.approx(run.metrics.total_s, abs=0.05)


def test_a_file_gives_the_same_back(tmp_path: Path) -> None:
    kept = finished("demo/markdown", max_chars=300).recording
    kept.save(tmp_path / "run.jsonl")
    loaded = Recording.load(tmp_path / "run.jsonl")
    assert loaded == kept
    assert loaded.text == kept.text
    assert loaded.status == "stopped"
    header, *rows = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(header)["request"]["messages"] == [{"role": "user", "content": "Explain"}]
    assert all(len(json.loads(row)) == 3 for row in rows)


def test_a_run_that_was_stopped_or_failed_ends_so_again() -> None:
    cut = Stream.from_recording(finished("demo/markdown", fault="eof:8").recording)
    assert cut.status == "interrupted"
    with pytest.raises(StreamError) as raised:
        cut.result()
    assert raised.value.result.text == cut.text != ""
    stopped = finished("demo/markdown", stop_when="token")
    again = Stream.from_recording(stopped.recording)
    assert (again.status, again.stop_reason, again.text) == ("stopped", "stop_when", stopped.text)


def test_no_key_is_in_it(tmp_path: Path) -> None:
    key = "sk-very-secret-0123456789"
    run = finished(api_key=key, metadata={"api_key": "another-secret"})
    run.recording.save(tmp_path / "run.jsonl")
    text = (tmp_path / "run.jsonl").read_text(encoding="utf-8")
    assert "very-secret" not in text
    assert "another-secret" not in text
    assert "Authorization" not in text


def test_a_prompt_that_may_not_be_saved_is_not_in_it() -> None:
    run = stream("my private question", model="demo/logprobs", display=False, save_prompt=False)
    run.result(30)
    assert run.recording.request is None
    assert "private" not in "\n".join(files.write(run.recording.header, run.recording.rows))


def test_a_run_that_is_not_recorded_says_so() -> None:
    run = finished(record=False)
    with pytest.raises(UsageError, match="record=False"):
        _ = run.recording


@pytest.mark.parametrize("record", ["yes", 1, None])
def test_another_word_for_record_is_refused(record: Any) -> None:
    with pytest.raises(UsageError, match="record="):
        stream("x", model="demo/logprobs", display=False, record=record)


def test_what_show_shows_is_recorded_as_events() -> None:
    run = show(iter(["Hello, ", "*world*"]), display=False)
    run.result(10)
    kept = run.recording
    assert [row.name for row in kept.rows] == [":event", ":event", ":end"]
    assert Stream.from_recording(kept).text == "Hello, *world*"
    assert kept.status == "done"


def test_the_notebook_holds_it_where_asked_and_gives_it_back() -> None:
    run = finished(record="embed")
    _, metadata = run._make_copy()
    back = Stream.from_output(metadata)
    assert back.recording == run.recording
    assert back.text == run.text
    metadata["notebook_stream"]["recording"] = "damaged"
    assert Stream.from_output(metadata).text == run.text
    _, without = finished()._make_copy()
    assert "recording" not in without["notebook_stream"]
    with pytest.raises(UsageError, match="not recorded"):
        _ = Stream.from_output(without).recording


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("hello", "line 1 is no JSON"),
        ('{"format": "other"}', "first line"),
        ('{"format": "notebook-stream-recording", "version": 99}', "version"),
        ('{"format": "notebook-stream-recording", "version": 1, "model": 3}', "model"),
        ('{"format": "notebook-stream-recording", "version": 1}\n[1, 2]', "line 2"),
        ('{"format": "notebook-stream-recording", "version": 1}\n[-1, "", ""]', "line 2"),
        ('{"format": "notebook-stream-recording", "version": 1}\n[NaN, "", ""]', "line 2"),
        ('{"format": "notebook-stream-recording", "version": 1}\n[true, "", ""]', "line 2"),
    ],
)
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        Recording.load(path)


@pytest.mark.parametrize("packed", ["", "!!!", "aGVsbG8=", "H4sIAAAAAAAAA"])
def test_a_damaged_one_in_a_notebook_is_said_to_be_damaged(packed: str) -> None:
    with pytest.raises(UsageError, match="no recording"):
        Recording.unpack(packed)


def test_hostile_rows_end_in_no_traceback() -> None:
    header = '{"format": "notebook-stream-recording", "version": 1, "wire_format": "openai-chat"}'
    rows = [
        [0, ":opened", "nonsense"],
        [0, ":opened", '{"status_code": "x", "headers": 3}'],
        [0.1, "", "not json"],
        [0.1, ":event", '{"type": "text", "text": 3}'],
        [0.1, ":event", '{"type": "failure"}'],
        [0.2, ":retrying", "{}"],
        [0.2, ":unheard", "x"],
        [0.3, ":end", '{"status": "wonderful"}'],
    ]
    kept = Recording(*files.read([header, *map(json.dumps, rows)]))
    assert kept.status == "interrupted"
    assert Stream.from_recording(kept).text == ""


def test_events_of_ours_come_back_from_json() -> None:
    events: list[Event] = [
        Text("Hello", 1, (TokenLogprob("He", -0.5, (("He", -0.5), ("Yo", -1.0))),)),
        Usage(1, 2, raw={"a": [1]}),
    ]
    for event in events:
        text = written.write(event)
        assert text is not None
        assert written.read(text) == event


def test_the_rest_of_an_answer_is_recorded_with_what_was_there_before() -> None:
    first = finished("demo/ngram", max_tokens=8, seed=1)
    assert first.finish_reason == "length"
    rest = first.resume(max_tokens=20, display=False)
    rest.result(30)
    again = Stream.from_recording(rest.recording)
    assert rest.text.startswith(first.text)
    assert again.text == rest.text
    assert rest.recording.header.begun is not None
    assert Stream.from_recording(Recording.unpack(rest.recording.pack())).text == rest.text


def test_retries_are_rows_and_the_answer_is_that_of_the_last() -> None:
    run = finished("demo/logprobs", fault="http_429:2")
    names = [row.name for row in run.recording.rows]
    assert names.count(":retrying") == 2
    assert names.count(":opened") == 1
    assert Stream.from_recording(run.recording).text == run.text != ""


def test_several_answers_to_one_request_come_back() -> None:
    run = finished("demo/ngram", n=3, max_tokens=12)
    again = Stream.from_recording(run.recording)
    texts = [choice.text for choice in run.result().choices]
    assert [choice.text for choice in again.result().choices] == texts
    assert len(set(texts)) == 3


def test_an_answer_that_came_as_one_json_text_comes_back() -> None:
    answer = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]}
    with Server(one(200, {"content-type": "application/json"}, json.dumps(answer).encode())) as server:
        run = stream("x", model="m", base_url=f"http://127.0.0.1:{server.port}/v1", display=False)
        assert run.result(30).text == "Hi"
    assert [row.name for row in run.recording.rows] == [":opened", ":body", ":end"]
    assert Stream.from_recording(run.recording).text == "Hi"
