"""What is kept of a run: all of it, in order, with its times, bounded, and never a key."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc

import pytest

from notebook_stream import sse
from notebook_stream.errors import Secret
from notebook_stream.events import Retrying
from notebook_stream.recording import Ending, Recorder, recorder
from notebook_stream.recording.rows import kept_name, sent_name

CHUNK = '{{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{{"content":"{}"}},"finish_reason":null}}]}}'  # noqa: E501


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rows_come_back_in_order_with_their_times_across_packed_blocks() -> None:
    clock = Clock()
    kept = Recorder(clock=clock)
    sent = [CHUNK.format(f"word {number}") for number in range(2_000)]
    for data in sent:
        clock.now += 0.01
        kept.take(sse.Message("", data))
    rows = kept.rows()
    assert [row.data for row in rows] == sent
    assert [row.at_s for row in rows] == pytest.approx([0.01 * n for n in range(1, 2_001)], abs=1e-3)
    assert kept.count == 2_000
    for first in (0, 1, 150, 151, 1_999, 2_000):
        assert kept.rows(first) == rows[first:]


def test_every_kind_of_thing_on_the_wire_is_a_row() -> None:
    kept = Recorder()
    kept.take(sse.Opened(200, (("content-type", "text/event-stream"),)))
    kept.take(sse.Pulse())  # a part of an event says nothing of its own
    kept.take(sse.Pulse("ping"))
    kept.take(sse.Pulse(""))
    kept.take(sse.Message("delta", "x"))
    kept.take(sse.Message(":end", "of a server that tries"))
    kept.take(sse.Body("{}"))
    kept.take(Retrying(0.5, 1, 2, "429"))
    kept.end(Ending("done", chars=1))
    rows = kept.rows()
    assert [row.name for row in rows] == [
        ":opened", ":", ":", "delta", "::end", ":body", ":retrying", ":end"
    ]  # fmt: skip
    assert json.loads(rows[0].data)["headers"] == [["content-type", "text/event-stream"]]
    assert rows[1].data == "ping"
    assert json.loads(rows[-2].data) == {"delay_s": 0.5, "attempt": 1, "of": 2, "reason": "429"}


@pytest.mark.parametrize("name", ["", "delta", ":", ":end", "::end", "a:b"])
def test_no_server_can_write_a_name_of_ours(name: str) -> None:
    kept = kept_name(name)
    assert sent_name(kept) == name
    assert kept == name if name[:1] != ":" else kept[:2] == "::"


def test_a_key_that_the_server_echoes_is_masked() -> None:
    key = "sk-0123456789abcdef"
    kept = Recorder([Secret(key)])
    kept.take(sse.Message("", f'{{"echo": "{key}"}}'))
    kept.take(sse.Message("", f"a piece: {key[3:14]}"))
    told = " ".join(row.data for row in kept.rows())
    assert key[3:14] not in told
    assert "•••" in told


def test_what_is_kept_is_bounded_and_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_PACKED", 200_000)
    kept = Recorder()
    rng = random.Random(1)
    for _ in range(200):
        kept.take(sse.Message("", rng.randbytes(4_000).hex()))
    kept.end(Ending("done"))
    assert kept.lost > 0
    assert kept.count + kept.lost == 201
    assert kept.rows()[-1].name == ":end"
    assert len(kept.rows()) == kept.count


def test_a_row_larger_than_any_picture_is_not_kept() -> None:
    kept = Recorder()
    kept.take(sse.Message("", "x" * (recorder.MAX_ROW + 1)))
    assert (kept.count, kept.lost) == (0, 1)


def test_an_answer_takes_a_tenth_of_its_wire_in_memory() -> None:
    sent = [CHUNK.format(f"word {number}") for number in range(5_000)]
    wire_size = sum(map(len, sent))
    kept = Recorder()
    gc.collect()
    tracemalloc.start()
    for data in sent:
        kept.take(sse.Message("", "".join(data)))
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < wire_size / 10 + 2 * recorder.BLOCK
