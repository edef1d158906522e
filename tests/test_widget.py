"""The Stream widget without a front end: what the comm carries, and what a page may and may not do."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import comm
import pytest
from ipywidgets import HBox

from notebook_stream import Stream, loop, stop_all, stream
from notebook_stream.widget import library, runs
from notebook_stream.wire import Snapshot

from .test_wire import fits, fixture
from .waiting import PATIENCE, until


class FakeComm(comm.base_comm.BaseComm):
    """Keeps what would go to the page."""

    def __init__(self, **kwargs: Any) -> None:
        self.published: list[tuple[str, Any]] = []  # before the base class, which publishes its opening
        super().__init__(**kwargs)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        self.published.append((msg_type, json.loads(json.dumps(data))))


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


def messages(opened: FakeComm, kind: str = "") -> list[dict[str, Any]]:
    custom = [d["content"] for t, d in opened.published if t == "comm_msg" and d.get("method") == "custom"]
    return [content for content in custom if not kind or content["type"] == kind]


def opening(opened: FakeComm) -> dict[str, Any]:
    state = opened.published[0][1]["state"]
    assert isinstance(state, dict)
    return state


def from_page(opened: FakeComm, data: dict[str, Any]) -> None:
    opened.handle_msg({"content": {"data": data}, "buffers": []})


def shown(**options: Any) -> tuple[Stream, FakeComm]:
    s = stream("x", model="demo/lorem", **{"tokens": 5, "pace": 0, "first_token_s": 0, **options})
    assert s.model_id
    assert isinstance(s.comm, FakeComm)
    return s, s.comm


def test_no_comm_opens_before_something_wants_to_show_it(comms: list[FakeComm]) -> None:
    s = stream("x", model="demo/echo", pace=0, first_token_s=0)
    s.result(PATIENCE)
    assert comms == []
    HBox([s])
    kinds = [opening(opened)["_model_name"] for opened in comms]
    assert kinds.count("AnyModel") == 2  # the core, and the stream


def test_the_opening_state_is_a_whole_snapshot_with_its_number() -> None:
    s = stream("hello there", model="demo/echo", pace=0, first_token_s=0)
    s.result(PATIENCE)
    assert s.model_id
    state = opening(s.comm)
    assert state["text"] == "hello there"
    assert state["_core"] == library.reference("core")
    assert state["_model_id"] == s.model_id
    assert state["layout"] is None
    rest = state["_rest"]
    whole = {"type": "snapshot", "seq": state["seq"], "text": state["text"], "reasoning": state["reasoning"]}
    snapshot = {**whole, **{k: rest[k] for k in ("refusal", "tools", "citations", "state")}}
    assert fits(snapshot, Snapshot)
    assert rest["state"].keys() == fixture("snapshot")["state"].keys()
    assert rest["state"]["status"] == "done"


def test_opening_state_and_messages_together_give_the_text() -> None:
    s, opened = shown(tokens=300, pace=1000)
    s.result(PATIENCE)
    state = opening(opened)
    text, seq = state["text"], state["seq"]
    for message in messages(opened):
        if message["type"] in ("append", "end"):
            assert message["seq"] == seq + 1
            seq += 1
            text += message.get("text", "")
    assert text == s.text
    assert messages(opened, "end")[0]["state"]["status"] == "done"
    assert len(messages(opened, "append")) < 60


def test_the_text_crosses_as_a_trait_only_at_the_start_and_once_at_the_end() -> None:
    s, opened = shown(tokens=200, pace=500)
    s.observe(lambda change: None, "text")
    s.result(PATIENCE)
    updates = [d["state"] for t, d in opened.published if t == "comm_msg" and d.get("method") == "update"]
    assert [u["text"] for u in updates if "text" in u] == [s.text]


@pytest.mark.parametrize("name", ["_esm", "text", "_core", "_maths", "status", "_rest", "seq", "layout"])
def test_a_page_cannot_set_anything_but_view_choices(name: str) -> None:
    s, opened = shown()
    s.result(PATIENCE)
    before = s.get_state(name)
    from_page(opened, {"method": "update", "state": {name: "evil", "_view_count": 1}, "buffer_paths": []})
    assert s.get_state(name) == before
    assert s._view_count == 1


def test_stop_from_the_page_is_acknowledged_and_ends_the_run() -> None:
    s, opened = shown(tokens=100_000, pace=200)
    from_page(opened, {"method": "custom", "content": fixture("page_stop")})
    assert s.result(PATIENCE).stop_reason == "user"
    assert messages(opened, "ack") == [fixture("ack_stop")]
    from_page(opened, {"method": "custom", "content": fixture("page_stop")})
    until(lambda: len(messages(opened, "ack")) == 2)


def test_a_page_that_asks_gets_the_whole() -> None:
    s, opened = shown(tokens=50)
    s.result(PATIENCE)
    from_page(opened, {"method": "custom", "content": fixture("page_snapshot")})
    until(lambda: messages(opened, "snapshot"))
    whole = messages(opened, "snapshot")[0]
    assert (whole["text"], whole["state"]["status"]) == (s.text, "done")
    assert whole["seq"] == messages(opened, "end")[0]["seq"]


@pytest.mark.parametrize("content", [None, "stop", {}, {"type": "eval", "code": "1"}, {"type": ["stop"]}, []])
def test_what_a_page_may_not_say_is_ignored(content: Any) -> None:
    s, opened = shown(tokens=20, pace=200)
    from_page(opened, {"method": "custom", "content": content})
    assert s.result(PATIENCE).status == "done"
    assert messages(opened, "ack") == []


def test_heartbeats_show_a_lost_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.outbox.pacer.BEAT_S", 0.02)
    s, opened = shown(tokens=40, pace=100)  # its end comes after its comm is open
    s.result(PATIENCE)
    end = messages(opened, "end")[0]["seq"]
    until(lambda: {"type": "beat", "seq": end} in messages(opened, "beat"))


def test_views_that_all_go_away_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.05)
    s, opened = shown(tokens=100_000, pace=200)
    kept, kept_comm = shown(tokens=100_000, pace=200, keep_running=True)
    for each in (opened, kept_comm):
        for count in (1, 0):
            from_page(each, {"method": "update", "state": {"_view_count": count}, "buffer_paths": []})
    until(lambda: s.status == "stopped")
    assert s.stop_reason == "abandoned"
    loop.background().spawn(asyncio.sleep(0.2)).result(
        PATIENCE
    )  # past the moment when the other was looked at
    assert not kept._session.has_ended


def test_a_stream_in_a_layout_is_not_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.05)
    s, opened = shown(tokens=100_000, pace=200)
    box = HBox([s])
    for count in (1, 0):
        from_page(opened, {"method": "update", "state": {"_view_count": count}, "buffer_paths": []})
    loop.background().spawn(asyncio.sleep(0.2)).result(PATIENCE)
    assert not s._session.has_ended
    # It is looked at again and again: once out of the layout it stops.
    box.children = ()
    until(lambda: s.status == "stopped")


def test_a_stream_that_someone_waits_for_or_reads_is_not_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.05)
    s, opened = shown(tokens=100_000, pace=200)
    pieces: Any = iter(s.text_stream)
    next(pieces)
    for count in (1, 0):
        from_page(opened, {"method": "update", "state": {"_view_count": count}, "buffer_paths": []})
    loop.background().spawn(asyncio.sleep(0.2)).result(PATIENCE)
    assert not s._session.has_ended
    threading.Timer(0.05, pieces.close).start()
    with pytest.raises(TimeoutError):
        s.result(0.3)
    until(lambda: s.status == "stopped")
    assert s.stop_reason == "abandoned"


def test_a_view_that_comes_back_in_time_keeps_the_run_going(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.5)
    s, opened = shown(tokens=100_000, pace=200)
    # Falls to none at 0 s and at 0.3 s: at 0.5 s only the second one counts.
    for count in (1, 0, 1):
        from_page(opened, {"method": "update", "state": {"_view_count": count}, "buffer_paths": []})
    loop.background().spawn(asyncio.sleep(0.3)).result(PATIENCE)
    from_page(opened, {"method": "update", "state": {"_view_count": 0}, "buffer_paths": []})
    fell = time.monotonic()
    until(lambda: s.status == "stopped")
    assert time.monotonic() - fell > 0.45


def test_close_stops_and_leaves_no_comm() -> None:
    s, opened = shown(tokens=100_000, pace=200)
    s.close()
    until(lambda: s.status == "stopped")
    assert opened._closed
    assert s.comm is None


def test_a_comm_that_another_thread_closes_meanwhile_does_not_keep_the_run_from_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    complaints: list[dict[str, Any]] = []
    background = loop.background().loop
    monkeypatch.setattr(background, "call_exception_handler", complaints.append)
    s, opened = shown(tokens=5, pace=50)

    def closed(*args: Any, **keys: Any) -> None:
        raise AttributeError("'NoneType' object has no attribute 'send'")

    monkeypatch.setattr(opened, "publish_msg", closed)
    assert s.result().status == "done"
    until(lambda: s not in runs.pacer()._streams)
    assert complaints == []


def test_fifty_streams_send_the_big_part_once(comms: list[FakeComm]) -> None:
    for _ in range(50):
        s = stream("x", model="demo/echo", pace=0, first_token_s=0)
        assert s.model_id
    sizes = [len(json.dumps(opened.published[0][1])) for opened in comms]
    assert len(comms) == 51
    assert sum(sizes) < 1_000_000
