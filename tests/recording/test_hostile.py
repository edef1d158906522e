"""A recording from anywhere: what is wrong with it is said when it is loaded, or shown as what it is."""

from __future__ import annotations

import base64
import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Recording, UsageError, replay
from notebook_stream.events import Text, TokenLogprob
from notebook_stream.recording import Header, Row, written
from notebook_stream.recording.cache import fingerprint

HEAD = {"format": "notebook-stream-recording", "version": 1, "wire_format": "openai-chat", "model": "m"}
TEXT = '{"choices":[{"index":0,"delta":{"content":"hi"}}]}'
DIGITS = "1" * 400
"""A number that JSON may hold, and no float."""


def loaded(folder: Path, *lines: str) -> Recording:
    path = folder / "from anywhere.jsonl"
    path.write_text("\n".join(lines))
    return Recording.load(path)


def sent_to_page(recording: Recording) -> list[Any]:
    """Tracks and moments, as a kernel's JSON has them: it knows no NaN and no half of a surrogate pair."""
    shown = replay(recording, display=False)
    told = [shown._tracks, shown._all[0].moments_so_far()]
    return list(json.loads(json.dumps(told, ensure_ascii=False, allow_nan=False).encode()))


@pytest.mark.parametrize("at", [DIGITS, "1e999", "NaN", "-1", "1e300"])
def test_what_is_no_time_is_refused(tmp_path: Path, at: str) -> None:
    with pytest.raises(UsageError, match="line 2"):
        loaded(tmp_path, json.dumps(HEAD), f'[{at}, "", "x"]')


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_in_the_request_is_refused(tmp_path: Path, number: str) -> None:
    with pytest.raises(UsageError, match="line 1"):
        loaded(tmp_path, f'{json.dumps(HEAD)[:-1]}, "request": {{"temperature": {number}}}}}')


def test_a_wire_format_that_is_not_known_is_said_when_it_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="wire_format is one of"):
        loaded(tmp_path, json.dumps({**HEAD, "wire_format": "../evil"}), json.dumps([0.1, "", TEXT]))


@pytest.mark.parametrize("cost", [DIGITS, "NaN", "-1", "1e999"])
def test_a_cost_that_is_none_is_left_out(tmp_path: Path, cost: str) -> None:
    row = [0.2, ":end", f'{{"status": "done", "cost": {cost}}}']
    found = loaded(tmp_path, json.dumps(HEAD), json.dumps([0.1, "", TEXT]), json.dumps(row))
    assert (found.text, found.status) == ("hi", "done")
    assert found.session().result().metrics.cost is None


@pytest.mark.parametrize(
    "row",
    [
        (":retrying", '{"delay_s": 1e999, "attempt": 1, "of": 2, "reason": "x"}'),
        (":retrying", '{"delay_s": NaN, "attempt": 1, "of": 2, "reason": "x"}'),
        (":retrying", "[]"),
        (":opened", '{"status_code": "200", "headers": []}'),
        (":opened", '{"status_code": 200, "headers": [["a"]]}'),
        ("", "half: \ud83d"),
        ("\ud83d", "x"),
    ],
)
def test_the_page_is_told_of_any_row_as_json(tmp_path: Path, row: tuple[str, str]) -> None:
    _, (moment, *_) = sent_to_page(loaded(tmp_path, json.dumps(HEAD), json.dumps([0.1, *row])))
    assert moment["name"] == row[0].replace("\ud83d", "\ufffd")
    assert moment["data"] == row[1].replace("\ud83d", "\ufffd")
    assert "retry" not in moment.get("state", {})


def test_halves_of_surrogate_pairs_in_the_header_are_replaced(tmp_path: Path) -> None:
    half = {"model": "\ud83d", "host": "\ud83d", "request": {"\ud83d": ["\ud83d"]}}
    found = loaded(tmp_path, json.dumps({**HEAD, **half}), json.dumps([0.1, "", TEXT]))
    (track,), _ = sent_to_page(found)
    assert (track["model"], track["host"], track["request"]) == ("\ufffd", "\ufffd", {"\ufffd": ["\ufffd"]})
    found.to_html(tmp_path / "page.html")


def test_of_a_run_that_was_asked_with_half_a_pair_too() -> None:
    header = Header(model="m", request={"messages": "\ud83d"})
    made = replay({"\ud83d": Recording(header, [Row(0.1, "", "x")])}, display=False)
    json.dumps(made._tracks, ensure_ascii=False).encode()


def test_no_damage_to_an_embedded_recording_is_more_than_a_usage_error() -> None:
    packed = base64.b64decode(Recording(Header(model="m"), [Row(0.1, "", "x" * 1_000)]).pack())
    for place in range(len(packed)):
        for bits in (0x01, 0x55, 0xFF):
            damaged = bytearray(packed)
            damaged[place] ^= bits
            with contextlib.suppress(UsageError):
                Recording.unpack(base64.b64encode(damaged).decode())


def test_a_token_that_cannot_be_costs_no_text() -> None:
    event = Text("a", logprobs=(TokenLogprob("a", -math.inf, (("b", math.nan),)),))
    found = written.read(written.write(event) or "")
    assert found == Text("a", logprobs=(TokenLogprob("a", -9999.0, (("b", -9999.0),)),))


def test_the_fingerprint_takes_any_keys_that_json_takes() -> None:
    assert fingerprint("f", "m", {"a": {1: 2, "b": 3}}) == fingerprint("f", "m", {"a": {"b": 3, "1": 2}})
