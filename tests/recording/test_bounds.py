"""Edges of a recording: bounds, rounded times, attempts, a seam; and what the cache takes for an answer."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from notebook_stream import Recording, UsageError, sse
from notebook_stream.events import Start
from notebook_stream.recording import Cache, Ending, Header, Recorder, Row, ending_of, files, recorder
from notebook_stream.recording.cache import fingerprint
from notebook_stream.session import Session, Status, Verdict

CHAT = Header(wire_format="openai-chat", model="m")
DONE = Row(1.0, ":end", '{"status": "done"}')


def chunk(text: str, number: str = "1") -> str:
    return json.dumps({"id": number, "choices": [{"index": 0, "delta": {"content": text}}]})


@pytest.mark.parametrize(("bound", "value"), [("MAX_CHARS", 200_000), ("MAX_ROWS", 300)])
def test_each_bound_of_a_recorder_holds(monkeypatch: pytest.MonkeyPatch, bound: str, value: int) -> None:
    monkeypatch.setattr(recorder, bound, value)
    kept = Recorder()
    for _ in range(3_000):
        kept.take(sse.Message("", "x" * 500))
    assert kept.lost > 0
    assert kept.count + kept.lost == 3_000


def test_no_time_runs_backwards_where_some_are_rounded() -> None:
    at = next(t for n in range(1_000) if array("f", [t := 7_000 + n / 10_000])[0] > t + 1e-4)
    now = 0.0
    kept = Recorder(clock=lambda: now)
    now = at
    kept.take(sse.Message("", "x"))
    kept.end(Ending("done"))
    last, end = kept.rows()
    assert last.at_s <= end.at_s
    recording = Recording(CHAT, kept.rows())
    assert Recording.unpack(recording.pack()) == recording


def test_time_does_not_run_backwards_in_a_file(tmp_path: Path) -> None:
    Recording(CHAT, [Row(0.5, "", "a"), Row(0.2, "", "b")]).save(tmp_path / "x.jsonl")
    assert [row.at_s for row in Recording.load(tmp_path / "x.jsonl").rows] == [0.5, 0.5]


def test_a_file_of_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_ROWS", 3)
    packed = [Recording(CHAT, [Row(0.1, "", "x")] * count).pack() for count in (3, 4)]
    assert len(Recording.unpack(packed[0])) == 3
    with pytest.raises(UsageError, match="more than 3 rows"):
        Recording.unpack(packed[1])


def test_what_is_packed_to_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 2**20)
    packed = Recording(CHAT, [Row(0.1, "", "x" * 2**20)]).pack()
    assert len(packed) < 10_000
    with pytest.raises(UsageError, match="larger than 1 MB"):
        Recording.unpack(packed)


def test_each_attempt_is_an_answer_of_its_own() -> None:
    opened = Row(0.1, ":opened", '{"status_code": 200, "headers": []}')
    retrying = Row(0.2, ":retrying", '{"delay_s": 0.1, "attempt": 1, "of": 2, "reason": "x"}')
    begun = Row(0.1, "", '{"id": "1", "model": "a", "choices": []}')
    found = Recording(CHAT, [opened, begun, retrying, opened, begun, DONE]).events
    assert [event.id for _, event in found if isinstance(event, Start)] == ["1", "1"]


def test_an_event_without_name_and_data_says_nothing() -> None:
    assert Recording(CHAT, [Row(0.1, "", " "), DONE]).events == []


def test_what_could_have_been_a_repetition_is_there_at_the_end() -> None:
    begun = "The quick brown fox jumps over"
    rows = [Row(0.1, "", chunk("The quick")), DONE]
    assert Recording(replace(CHAT, begun=(begun, "", len(begun))), rows).text == f"{begun}The quick"


def test_the_end_tells_what_was_said_and_what_it_cost() -> None:
    session = Session("m", origin="host")
    session.cost.restore(0.5, True)
    session.end_as(Verdict(Status.DONE), "a notice", (None, None, 1.0))
    end = ending_of(session)
    assert (end.notice, end.cost, end.cost_estimated) == ("a notice", 0.5, True)


def test_only_a_whole_answer_is_one_from_the_cache(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    rows = [Row(0.1, "", chunk("hi")), DONE]
    cache.keep("whole", Recording(CHAT, rows))
    cache.keep("lossy", Recording(replace(CHAT, lost=1), rows))
    cache.keep("stopped", Recording(CHAT, [rows[0], DONE._replace(data='{"status": "stopped"}')]))
    cache.keep("broken off", Recording(CHAT, rows[:1]))
    assert cache.find("whole") is not None
    assert [cache.find(name) for name in ("lossy", "stopped", "broken off", "none")] == [None] * 4


def test_a_file_of_the_cache_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    seen: list[bool] = []
    save = Recording.save

    def watched(self: Recording, path: Path) -> None:
        save(self, path)
        seen.append(cache.path("one").exists())

    monkeypatch.setattr(Recording, "save", watched)
    cache.keep("one", Recording(CHAT, [DONE]))
    assert (seen, [path.name for path in tmp_path.iterdir()]) == ([False], ["one.jsonl"])


def test_two_dialects_are_two_requests() -> None:
    assert fingerprint("ollama", "m", {}) != fingerprint("openai-chat", "m", {})
    assert fingerprint("ollama", "m", {}) != fingerprint("ollama", "n", {})
    assert fingerprint("ollama", "m", {"a": 1, "b": 2}) == fingerprint("ollama", "m", {"b": 2, "a": 1})
