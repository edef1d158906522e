"""The inspector without a front end: what a page is told of a run, live and recorded; what it may ask."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import Inspector, Recording, Stream, UsageError, loop, replay, stop_all, stream
from notebook_stream.inspector import track
from notebook_stream.inspector.tokens import tokens_of
from notebook_stream.recording import Header, Row
from notebook_stream.widget import library

from ..test_widget import FakeComm, messages
from ..waiting import PATIENCE, until


@pytest.fixture(autouse=True)
def comms(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeComm]]:
    opened: list[FakeComm] = []

    def create(**kwargs: Any) -> FakeComm:
        opened.append(FakeComm(**kwargs))
        return opened[-1]

    monkeypatch.setattr("ipywidgets.widgets.widget.comm.create_comm", create)
    monkeypatch.setattr(library, "_opened", {})
    yield opened
    stop_all()


class Page:
    """A page that takes moments as js/src/inspect does: it asks until it has all."""

    def __init__(self, inspector: Inspector) -> None:
        assert inspector.model_id  # opens the comm
        self.inspector = inspector
        self.comm: Any = inspector.comm

    def ask(self, **content: Any) -> None:
        self.inspector._from_page(content)

    def told(self, number: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for message in messages(self.comm, "moments"):
            if message["track"] == number and message["from"] <= len(found):
                found[message["from"] :] = message["moments"] or found[message["from"] :]
        return found

    def _has_more(self, before: int) -> bool:
        return len(messages(self.comm, "moments")) > before

    def pull(self, number: int = 0) -> list[dict[str, Any]]:
        while True:
            count = len(self.told(number))
            before = len(messages(self.comm, "moments"))
            self.ask(type="moments", track=number, **{"from": count})
            until(functools.partial(self._has_more, before))
            if len(self.told(number)) >= messages(self.comm, "moments")[-1]["total"]:
                return self.told(number)


def text_of(moments: list[dict[str, Any]]) -> str:
    return "".join(moment.get("piece", {}).get("text", "") for moment in moments)


@pytest.fixture(scope="module")
def recording() -> Recording:
    run = stream("Explain", model="demo/logprobs", logprobs=True, top_logprobs=3, display=False)
    run.result(PATIENCE)
    return run.recording


def test_a_replay_tells_the_run_as_the_live_view_told_it(recording: Recording) -> None:
    page = Page(replay(recording, display=False))
    told = page.pull()
    assert [(m["at"], m["name"], m["data"]) for m in told] == [
        (round(row.at_s, 4), row.name, row.data) for row in recording.rows
    ]
    assert text_of(told) == recording.text
    states = [moment["state"]["status"] for moment in told if "status" in moment.get("state", {})]
    assert states == ["connecting", "streaming", "done"]
    assert told[-1]["state"]["usage"]["output_tokens"] == 67


def test_probabilities_are_the_servers(recording: Recording) -> None:
    sent = [
        [one["token"], one["logprob"], [[t["token"], t["logprob"]] for t in one["top_logprobs"]]]
        for row in recording.rows
        if row.data.startswith("{") and '"logprobs":{' in row.data
        for one in json.loads(row.data)["choices"][0]["logprobs"]["content"]
    ]
    told = Page(replay(recording, display=False)).pull()
    assert [one for moment in told for one in moment.get("logprobs", [])] == sent != []


def test_a_live_run_is_told_as_it_comes() -> None:
    run = stream("x", model="demo/lorem", tokens=200, pace=200, display=False)
    page = Page(run.inspect(display=False))
    page.pull()
    until(lambda: len(page.told()) > 30)
    assert run.status == "streaming"
    run.result(PATIENCE)
    until(lambda: bool(page.told()) and page.told()[-1]["name"] == ":end")
    assert text_of(page.told()) == run.text


def test_a_page_that_has_lost_a_message_gets_it_again() -> None:
    run = stream("x", model="demo/lorem", tokens=50, pace=500, display=False)
    page = Page(run.inspect(display=False))
    page.pull()
    run.result(PATIENCE)
    until(lambda: page.told()[-1]["name"] == ":end")
    page.comm.published.clear()
    assert text_of(page.pull()) == run.text


def test_the_total_is_told_again_and_again_so_that_a_lost_end_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    run = stream("x", model="demo/lorem", tokens=5, pace=500, display=False)
    page = Page(run.inspect(display=False))
    run.result(PATIENCE)
    until(lambda: any(m["total"] and not m["moments"] for m in messages(page.comm, "moments")))


def test_no_message_is_large(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track, "MAX_MOMENTS", 10)
    page = Page(replay(recording, display=False))
    assert text_of(page.pull()) == recording.text
    assert max(len(message["moments"]) for message in messages(page.comm, "moments")) == 10


@pytest.mark.parametrize(
    "content",
    [
        {"type": "moments"},
        {"type": "moments", "track": 9, "from": 0},
        {"type": "moments", "track": -1, "from": 0},
        {"type": "moments", "track": True, "from": 0},
        {"type": "moments", "track": 0, "from": "0"},
        {"type": "branch", "track": 0, "token": 10**9, "alternative": 0},
        {"type": "branch", "track": 0, "token": 0},
        {"type": "evil", "url": "http://example.org"},
    ],
)
def test_a_page_can_ask_for_nothing_else(recording: Recording, content: dict[str, Any]) -> None:
    page = Page(replay(recording, display=False))
    page.ask(**content)
    assert text_of(page.pull()) == recording.text
    assert page.inspector.branches == []


def test_a_run_that_was_not_recorded_shows_its_answer_without_times() -> None:
    run = stream("x", model="demo/logprobs", display=False, record=False)
    run.result(PATIENCE)
    page = Page(run.inspect(display=False))
    told = page.pull()
    assert text_of(told) == run.text
    assert told[-1]["state"]["status"] == "done"
    assert page.inspector._tracks[0]["times"] == "not recorded"


def test_stop_on_the_page_stops_the_run() -> None:
    run = stream("x", model="demo/lorem", tokens=5_000, pace=50, display=False)
    page = Page(run.inspect(display=False))
    page.ask(type="stop")
    until(lambda: run.status == "stopped")
    assert run.stop_reason == "user"


def test_a_run_goes_on_while_an_inspector_shows_it_and_is_left_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.2)
    run = stream("x", model="demo/lorem", tokens=5_000, pace=50, display=False)
    made = run.inspect(display=False)
    assert made.model_id
    until(lambda: run._is_read())
    loop.background().call(run._wait_for_view)
    time.sleep(0.6)
    assert run.status == "streaming"
    made.set_state({"_view_count": 1})
    made.set_state({"_view_count": 0})
    until(lambda: run.status == "stopped")
    assert run.stop_reason == "abandoned"


def test_branches_are_streams_that_go_on_from_a_token() -> None:
    run = stream(
        "Tell me of tokens", model="demo/ngram", seed=1, logprobs=True, top_logprobs=5, display=False
    )
    run.result(PATIENCE)
    made = run.inspect(display=False)
    assert isinstance(made, Inspector)
    page = Page(made)
    page.pull()
    tokens = tokens_of(made._all[0].moments_so_far())
    number = next(n for n, token in enumerate(tokens) if n > 3 and len(token.top) > 1)
    other = next(k for k, (text, _) in enumerate(tokens[number].top) if text != tokens[number].text)
    page.ask(type="branch", track=0, token=10**9, alternative=0)
    until(lambda: "no token" in made._options.get("remark", ""))
    page.ask(type="branch", track=0, token=number, alternative=other)
    until(lambda: len(made.branches) == 1)
    assert made._options["remark"] == ""  # what was refused is over
    (branch,) = made.branches
    branch.result(PATIENCE)
    begun = run.text[: tokens[number].start] + tokens[number].top[other][0]
    assert branch.text.startswith(begun)
    assert len(branch.text) > len(begun)
    about = made._tracks[1]
    assert (about["parent"], about["token"]) == (0, number)
    assert about["label"] == f"‘{tokens[number].top[other][0]}’ at token {number + 1}"  # as the views count
    assert text_of(page.pull(1)) == branch.text
    assert isinstance(run.branch(number, " really"), Stream)


@pytest.mark.parametrize(
    ("token", "alternative"), [(-1, 0), (10_000, 0), ("x", 0), (3, 99), (3, ""), (3, None)]
)
def test_a_branch_from_nowhere_is_refused(recording: Recording, token: Any, alternative: Any) -> None:
    run = stream("Explain", model="demo/logprobs", logprobs=True, top_logprobs=3, display=False)
    run.result(PATIENCE)
    with pytest.raises(UsageError, match="There is no"):
        run.branch(token, alternative)


def test_a_source_of_show_cannot_branch(recording: Recording) -> None:
    with pytest.raises(UsageError, match="branch"):
        Stream.from_recording(recording).branch(3, " x")


def test_the_notebook_keeps_the_answer_or_a_table_of_several(recording: Recording) -> None:
    data, metadata = replay(recording, display=False)._make_copy()
    assert "language model" in data["text/html"]
    assert Stream.from_output(metadata).text == recording.text
    data, _ = replay(recording, recording, display=False)._make_copy()
    assert "demo/logprobs 1" in data["text/html"]
    assert "demo/logprobs 2" in data["text/html"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"speed": 0}, "speed"),
        ({"speed": 11}, "speed"),
        ({"speed": "fast"}, "speed"),
        ({"view": "all"}, "view"),
        ({"loop": 1}, "loop"),
    ],
)
def test_wrong_use_is_said(recording: Recording, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replay(recording, display=False, **options)


def test_what_is_no_recording_is_refused(recording: Recording) -> None:
    with pytest.raises(UsageError, match="at least one"):
        replay(display=False)
    with pytest.raises(UsageError, match="not int"):
        replay(3, display=False)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at most 8"):
        replay(*[recording] * 9, display=False)


def test_recordings_are_called_by_their_models_or_by_the_names_of_a_dict(recording: Recording) -> None:
    labels = [track["label"] for track in replay(recording, recording, display=False)._tracks]
    assert labels == [f"{recording.model} 1", f"{recording.model} 2"]
    made = replay({"hare": recording, "tortoise": recording}, display=False)
    assert [track["label"] for track in made._tracks] == ["hare", "tortoise"]


def test_a_message_has_no_more_than_a_page_takes_at_once() -> None:
    rows = [Row(0.1 * number, "", "x" * 150_000) for number in range(6)]
    (one,) = replay(Recording(Header(model="m"), rows), display=False)._all
    sizes: list[int] = []
    while sum(sizes) < len(rows):
        sizes.append(len(one.moments(sum(sizes))))
    assert sizes == [2, 2, 2]


def test_a_live_run_that_is_cut_within_a_row_is_told_as_it_was_cut() -> None:
    run = stream("Explain", model="demo/markdown", max_chars=20, display=False)
    made = run.inspect(display=False)
    assert isinstance(made, Inspector)
    assert made._all[0]._ending is None
    run.result(PATIENCE)
    assert len(run.text) == 20
    assert text_of([dict(moment) for moment in made._all[0].moments_so_far()]) == run.text


def test_a_place_that_is_none_is_not_counted_from_the_end(recording: Recording) -> None:
    page = Page(replay(recording, display=False))
    for place in ({"track": -1, "from": 0}, {"track": 0, "from": -5}, {"track": False, "from": 0}):
        page.ask(type="moments", **place)
    page.ask(type="moments", track=0, **{"from": 1})
    until(lambda: bool(messages(page.comm, "moments")))
    assert [(m["track"], m["from"]) for m in messages(page.comm, "moments")] == [(0, 1)]
