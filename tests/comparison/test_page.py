"""What a comparison tells its page over its one comm, and what a page may ask of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import HBox

from notebook_stream import Comparison, compare
from notebook_stream.wire import Cells, Layout

from ..test_widget import FakeComm, from_page, messages
from ..test_wire import fits
from ..waiting import PATIENCE, until

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}
SLOW: dict[str, Any] = {"pace": 50, "first_token_s": 0, "tokens": 10_000}


class Page:
    """What a page makes of the opening state and the messages: the texts of the cells, by their numbers."""

    def __init__(self, opening: dict[str, Any]) -> None:
        self.seq: int = opening["seq"]
        self.runs: dict[int, int] = {}
        self.seqs: dict[int, int] = {}
        self.texts: dict[int, str] = {}
        self.states: dict[int, dict[str, Any]] = {}
        self.state: dict[str, Any] = dict(opening["state"])
        for item in opening["cells"]:
            self.take_item(item)

    def take(self, message: dict[str, Any]) -> None:
        assert fits(message, Cells), message
        assert message["seq"] == self.seq + 1
        self.seq += 1
        self.state |= message.get("state", {})
        for item in message.get("cells", []):
            self.take_item(item)

    def take_item(self, item: dict[str, Any]) -> None:
        cell, told = item["cell"], item["message"]
        if item["run"] != self.runs.get(cell):
            assert item["run"] == self.runs.get(cell, -1) + 1 or told["type"] == "snapshot"
            self.runs[cell], self.seqs[cell], self.texts[cell], self.states[cell] = item["run"], 0, "", {}
        if told["type"] == "snapshot":
            self.seqs[cell], self.texts[cell] = told["seq"], ""
        elif told["seq"] <= self.seqs[cell]:
            return
        else:
            assert told["seq"] == self.seqs[cell] + 1
            self.seqs[cell] = told["seq"]
        self.texts[cell] += told.get("text", "")
        self.states[cell] |= told.get("state", {})


def shown(*args: Any, **options: Any) -> tuple[Comparison, FakeComm]:
    c = compare(*args, **options)
    assert c.model_id
    assert isinstance(c.comm, FakeComm)
    return c, c.comm


def opening(opened: FakeComm) -> dict[str, Any]:
    state = opened.published[0][1]["state"]
    assert isinstance(state, dict)
    return state


def page_of(opened: FakeComm) -> Page:
    page = Page(opening(opened)["_opening"])
    for message in messages(opened, "cells"):
        page.take(message)
    return page


def test_one_comm_for_all_cells(comms: list[FakeComm]) -> None:
    c, _ = shown(["a", "b"], ["demo/echo", "demo/lorem"], tokens=3, **FAST)
    c.result(PATIENCE)
    kinds = [opened.published[0][1]["state"]["_model_name"] for opened in comms]
    assert kinds.count("AnyModel") == 2  # the core, and the comparison
    assert [run.comm for run in c] == [None] * 4


def test_no_comm_opens_before_something_wants_to_show_it(comms: list[FakeComm]) -> None:
    c = compare("a", "demo/echo", **FAST)
    c.result(PATIENCE)
    assert comms == []
    HBox([c])
    assert c.comm is not None


def test_the_opening_state_and_the_messages_together_give_all_texts() -> None:
    c, opened = shown(["a", "b"], ["demo/lorem", "demo/echo"], tokens=200, repeats=2, concurrency=3, pace=400)
    assert fits(opening(opened)["_layout"], Layout)
    assert opening(opened)["_opening"]["protocol"] == 3
    c.result(PATIENCE)
    until(lambda: all(state.get("status") == "done" for state in page_of(opened).states.values()))
    page = page_of(opened)
    assert [page.texts[cell] for cell in range(8)] == [run.text for run in c]
    assert page.seqs == {cell: run.outbox.seq for cell, run in enumerate(c)}


def test_a_page_that_comes_at_the_end_is_told_all_at_once() -> None:
    c = compare(["a", "b"], "demo/echo", **FAST)
    c.result(PATIENCE)
    assert c.model_id
    assert isinstance(c.comm, FakeComm)
    assert page_of(c.comm).texts == {0: "a", 1: "b"}


def test_what_comes_from_a_file_is_there_with_the_opening(tmp_path: Path) -> None:
    c = compare(["a", "b"], "demo/echo", **FAST)
    c.result(PATIENCE)
    c.save(tmp_path / "kept.json")
    back = Comparison.load(tmp_path / "kept.json")
    assert back.model_id
    assert isinstance(back.comm, FakeComm)
    assert page_of(back.comm).texts == {0: "a", 1: "b"}
    assert [state["status"] for state in page_of(back.comm).states.values()] == ["done", "done"]


def test_the_seconds_of_the_whole_are_told_and_add_up() -> None:
    c, opened = shown("a", "demo/echo", pace=0, first_token_s=0.3)
    c.result(PATIENCE)
    until(lambda: page_of(opened).state["total_s"] is not None)
    first = page_of(opened).state["total_s"]
    assert 0.3 <= first < 3
    time.sleep(0.3)
    c.again()
    assert c._describe()["total_s"] is None
    c.result(PATIENCE)
    both = c._describe()["total_s"]
    assert both is not None
    assert first + 0.3 <= both < first + 3
    time.sleep(0.05)
    assert c._describe()["total_s"] == both


def test_what_comes_meanwhile_rides_together() -> None:
    c, opened = shown("a", "demo/lorem", tokens=100, repeats=30, concurrency=30, pace=100, first_token_s=0)
    began = time.monotonic()
    c.result(PATIENCE)
    seconds = time.monotonic() - began
    sent = len(messages(opened, "cells"))
    assert sent <= 25 * seconds + 10  # 30 streams of their own would send ten each
    assert sum(len(message.get("cells", [])) for message in messages(opened, "cells")) > 5 * sent


def test_a_gap_is_filled_with_what_the_page_does_not_know() -> None:
    c, opened = shown(["a", "b", "c"], "demo/echo", **FAST)
    c.result(PATIENCE)
    until(lambda: all(state.get("status") == "done" for state in page_of(opened).states.values()))
    page = page_of(opened)
    known = [[page.runs[cell], page.seqs[cell]] for cell in range(3)]
    known[1] = [0, 0]
    from_page(opened, {"method": "custom", "content": {"type": "missing", "known": known}})
    until(lambda: len(messages(opened, "ack")) == 1 and len(page_of(opened).texts) == 3)
    until(lambda: messages(opened, "cells")[-1].get("cells", [{}])[0].get("cell") == 1)
    last = messages(opened, "cells")[-1]
    assert [item["message"]["type"] for item in last["cells"]] == ["snapshot"]
    assert last["cells"][0]["message"]["text"] == "b"
    assert last["state"].keys() >= {"concurrency", "note", "settling"}


@pytest.mark.parametrize("known", [None, "x", [], [3], [[0]], [[None, {}]] * 9])
def test_what_a_page_cannot_know_is_told_anew(known: object) -> None:
    c, opened = shown(["a", "b"], "demo/echo", **FAST)
    c.result(PATIENCE)
    before = len(messages(opened, "cells"))
    from_page(opened, {"method": "custom", "content": {"type": "missing", "known": known}})
    until(lambda: len(messages(opened, "cells")) > before)
    until(lambda: [item["cell"] for item in messages(opened, "cells")[-1].get("cells", [])] == [0, 1])


def test_the_page_stops_a_cell_and_all() -> None:
    c, opened = shown("a", "demo/lorem", repeats=3, **SLOW)
    until(lambda: all(run.text for run in c))
    from_page(opened, {"method": "custom", "content": {"type": "stop_cells", "cells": [1], "runs": [0]}})
    until(lambda: [run.status for run in c] == ["streaming", "stopped", "streaming"])
    from_page(opened, {"method": "custom", "content": {"type": "stop"}})
    until(lambda: [run.status for run in c] == ["stopped"] * 3)
    assert [message["of"] for message in messages(opened, "ack")] == ["stop_cells", "stop"]
    until(lambda: page_of(opened).state["stop_reason"] == "user")


def test_a_stop_that_comes_late_by_a_second_route_does_not_stop_the_next_run() -> None:
    c, opened = shown("a", "demo/lorem", repeats=2, **SLOW)
    until(lambda: all(run.text for run in c))
    late = {"method": "custom", "content": {"type": "stop_cells", "cells": [0], "runs": [0]}}
    from_page(opened, late)
    until(lambda: c[0, 0].status == "stopped")
    c.again(only="stopped")
    until(lambda: c[0, 0].status == "streaming")
    from_page(opened, late)
    until(lambda: len(messages(opened, "ack")) == 2)
    time.sleep(0.2)
    assert c[0, 0].status == "streaming"


def test_the_page_asks_again_and_the_cell_begins_anew() -> None:
    c, opened = shown(["a", "b"], "demo/echo", **FAST)
    c.result(PATIENCE)
    before = c[1, 0]
    from_page(opened, {"method": "custom", "content": {"type": "again", "cells": [1], "runs": [0]}})
    until(lambda: c[1, 0] is not before and c[1, 0].status == "done")
    until(lambda: page_of(opened).states[1].get("status") == "done" and page_of(opened).runs[1] == 1)
    page = page_of(opened)
    assert (page.runs, page.texts) == ({0: 0, 1: 1}, {0: "a", 1: "b"})


def test_a_request_that_comes_by_two_routes_counts_once() -> None:
    c, opened = shown(["a", "b"], "demo/echo", **FAST)
    c.result(PATIENCE)
    asked = {"type": "again", "cells": [1], "runs": [0]}
    from_page(opened, {"method": "custom", "content": asked})
    until(lambda: c._runs.numbers == [0, 1] and c._runs.have_ended)
    later = [[0], None, [], ["1"], [[1]], 1]
    for runs in later:
        from_page(opened, {"method": "custom", "content": {**asked, "runs": runs}})
    until(lambda: len(messages(opened, "ack")) == 1 + len(later))
    time.sleep(0.05)
    assert c._runs.numbers == [0, 1]


def test_the_page_lets_an_answer_go_on_that_was_cut_off() -> None:
    c, opened = shown("a", "demo/cut", **FAST)
    c.result(PATIENCE)
    until(lambda: page_of(opened).states[0].get("resumable") is True)
    before = c[0, 0].text
    from_page(opened, {"method": "custom", "content": {"type": "resume", "cells": [0], "runs": [0]}})
    until(lambda: page_of(opened).runs[0] == 1 and page_of(opened).states[0].get("status") == "done")
    assert page_of(opened).texts[0] == c[0, 0].text
    assert c[0, 0].text.startswith(before)
    assert "resumable" not in page_of(opened).states[0]


def test_why_it_cannot_be_asked_again_is_told() -> None:
    c, opened = shown("a", "demo/echo", **FAST)
    c.result(PATIENCE)
    from_page(opened, {"method": "custom", "content": {"type": "resume", "cells": [0], "runs": [0]}})
    until(lambda: "cut off" in page_of(opened).state["note"])
    assert page_of(opened).runs[0] == 0


@pytest.mark.parametrize("cells", [None, "0", [7], [-1], [True], [1.0], [{}]])
@pytest.mark.parametrize("kind", ["stop_cells", "again"])
def test_cells_that_are_not_there_are_no_cells(kind: str, cells: object) -> None:
    c, opened = shown(["a", "b"], "demo/lorem", **SLOW)
    runs = list(c)
    from_page(opened, {"method": "custom", "content": {"type": kind, "cells": cells, "runs": [0]}})
    until(lambda: messages(opened, "ack"))
    time.sleep(0.05)
    assert list(c) == runs
    assert "stopped" not in [run.status for run in c]


def test_a_page_changes_nothing_else() -> None:
    c, opened = shown("a", "demo/echo", **FAST)
    c.result(PATIENCE)
    layout = c._layout
    from_page(
        opened, {"method": "update", "state": {"_layout": None, "_esm": "x", "_opening": 3, "_view_count": 1}}
    )
    assert c._layout == layout
    assert c._esm != "x"
    assert c._view_count == 1


def test_the_queue_and_the_turn_are_told() -> None:
    c, opened = shown("a", "demo/lorem", repeats=3, concurrency=1, **SLOW)
    until(lambda: page_of(opened).states[0]["status"] == "streaming")
    assert [page_of(opened).states[cell]["status"] for cell in (1, 2)] == ["queued", "queued"]
    c[0, 0, 0].stop()
    until(lambda: page_of(opened).states[1]["status"] == "streaming")
    assert page_of(opened).states[1]["elapsed_s"] < 1


def test_how_far_repeats_agree_is_told() -> None:
    c, opened = shown("a", "demo/echo", repeats=2, **FAST)
    c.result(PATIENCE)
    until(lambda: page_of(opened).state.get("agreements"))
    assert page_of(opened).state["agreements"][0]["cells"] == [0, 1]


def test_a_page_that_has_gone_ends_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.05)
    c, opened = shown("a", "demo/lorem", repeats=2, concurrency=1, **SLOW)
    for count in (1, 0):
        from_page(opened, {"method": "update", "state": {"_view_count": count}})
    until(lambda: [run.status for run in c] == ["stopped"] * 2)
    assert c.stop_reason == "abandoned"


def test_code_and_formulas_call_for_their_parts() -> None:
    c, _ = shown(["```python\nx = 1\n```", "plain"], "demo/echo", **FAST)
    c.result(PATIENCE)
    until(lambda: c._highlight)
    assert not c._maths
    late = compare("$x^2$ ", "demo/echo", **FAST)
    late.result(PATIENCE)
    assert not late._maths
    assert late.model_id
    assert late._maths


def test_a_cell_that_is_displayed_by_itself_goes_on_in_both() -> None:
    c, opened = shown(["a", "b"], "demo/lorem", tokens=100, pace=200, first_token_s=0)
    run = c[0, 0]
    assert run.model_id
    own = run.comm
    assert isinstance(own, FakeComm)
    c.result(PATIENCE)
    until(lambda: page_of(opened).states[0].get("status") == "done")
    text = opening(own)["text"] + "".join(message.get("text", "") for message in messages(own, "append"))
    assert page_of(opened).texts[0] == run.text == text


def test_close_stops_and_closes() -> None:
    c, _ = shown("a", "demo/lorem", **SLOW)
    until(lambda: c[0, 0].text)
    c.close()
    until(lambda: c[0, 0].status == "stopped")
    assert c.comm is None
