"""What the page gets beside the first answer's text: all of it in few messages, and bounded."""

from __future__ import annotations

import json
from typing import Any

from notebook_stream import wire
from notebook_stream.events import Finish, Media, Text, ToolResult, Unknown
from notebook_stream.outbox import MAX_CHOICES, MAX_MEDIA, MAX_RESULT, MAX_THINGS, Outbox
from notebook_stream.widget.state import snapshot_traits


def outbox() -> Outbox:
    box = Outbox(lambda: wire.RunState())
    box.flush()
    box.seq = 0
    return box


def test_one_answer_costs_no_byte_more_than_its_text() -> None:
    box = outbox()
    box.take(Text("Hi"))
    box.take(Finish("stop"))
    assert box.flush() == {"type": "append", "seq": 1, "text": "Hi"}
    assert box.snapshot().keys() == {
        *("type", "seq", "text", "reasoning", "refusal", "tools", "citations", "state"),
    }


def test_unknown_events_are_no_message() -> None:
    box = outbox()
    box.take(Unknown("what.is.this", "{}"))
    assert box.flush() is None
    assert not box.is_urgent


def test_each_choice_grows_for_itself_and_tells_its_end() -> None:
    box = outbox()
    for event in (Text("a"), Text("b", 1), Text("c", 2), Text("d", 1)):
        box.take(event)
    first: Any = box.flush()
    assert (first["text"], first["choices"]) == ("a", [{"index": 1, "text": "bd"}, {"index": 2, "text": "c"}])
    box.take(Finish("length", index=1, detail="max_tokens=2"))
    second: Any = box.flush()
    assert second["choices"] == [{"index": 1, "finish_reason": "length", "finish_detail": "max_tokens=2"}]
    whole: Any = box.snapshot()
    assert [choice["text"] for choice in whole["choices"]] == ["bd", "c"]


def test_more_choices_than_anybody_compares_are_not_sent() -> None:
    box = outbox()
    for index in range(1000):
        box.take(Text("x", index))
    message: Any = box.flush()
    assert len(message["choices"]) == MAX_CHOICES - 1


def test_what_is_too_large_for_the_page_is_told_and_not_sent() -> None:
    box = outbox()
    box.take(ToolResult("r" * (MAX_RESULT + 1234), 0))
    box.take(Media("image", "image/png", "x" * (MAX_MEDIA + 1)))
    for _ in range(3):
        box.take(Media("audio", data="y" * (MAX_MEDIA // 2), id="a"))
    message: Any = box.flush()
    assert message["results"][0]["content"].endswith("r… (1,234 more characters)")
    picture, sound = message["media"]
    assert picture == {"slot": 0, "kind": "image", "mime_type": "image/png", "is_too_large": True}
    assert sound["is_too_large"]
    assert sum(map(len, sound["data"])) <= MAX_MEDIA


def test_more_pictures_than_the_page_shows_are_not_sent() -> None:
    box = outbox()
    for _ in range(MAX_THINGS + 10):
        box.take(Media("image", "image/png", "AAAA"))
    message: Any = box.flush()
    assert len(message["media"]) == MAX_THINGS
    box.take(Media("image", "image/png", "AAAA"))
    assert box.flush() is None
    assert not box.is_urgent


def test_each_piece_of_a_sound_is_sent_once_and_of_a_picture_the_sharpest_counts() -> None:
    box = outbox()
    box.take(Media("audio", data="AAAA", id="a"))
    box.take(Media("image", "image/png", "rough", id="i"))
    box.flush()
    box.take(Media("audio", data="BBBB", id="a"))
    box.take(Media("image", "image/png", "sharp", id="i"))
    message: Any = box.flush()
    assert [piece["data"] for piece in message["media"]] == [["BBBB"], ["sharp"]]
    whole: Any = box.snapshot()
    assert [piece["data"] for piece in whole["media"]] == [["AAAA", "BBBB"], ["sharp"]]


def test_a_message_that_waits_to_be_written_does_not_change() -> None:
    box = outbox()
    box.take(Media("audio", data="AAAA", id="a"))
    box.flush()
    whole = box.snapshot()
    before = json.dumps(whole)
    box.take(Media("audio", data="BBBB", id="a"))
    box.flush()
    assert json.dumps(whole) == before


def test_saved_state_holds_no_pictures_and_says_so() -> None:
    box = outbox()
    box.take(Text("a"))
    box.take(Media("image", "image/png", "AAAA"))
    box.take(Media("image", "image/png", "BBBB", index=1))
    box.flush()
    rest = snapshot_traits(box.snapshot(), with_media=False)["_rest"]
    assert "AAAA" not in json.dumps(rest)
    assert "BBBB" not in json.dumps(rest)
    assert rest["lacks_media"]
    assert "AAAA" in json.dumps(snapshot_traits(box.snapshot(), with_media=True))


def test_saved_state_of_an_answer_without_pictures_is_whole() -> None:
    box = outbox()
    box.take(Text("a"))
    box.take(Text("b", 1))
    box.flush()
    snapshot = box.snapshot()
    assert snapshot_traits(snapshot, with_media=False) == snapshot_traits(snapshot, with_media=True)
