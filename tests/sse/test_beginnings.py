"""What the body begins with tells better than its content type whether it is JSON or an event stream."""

from __future__ import annotations

import pytest

from notebook_stream import sse
from notebook_stream.errors import InterruptedStream

from ..servers import one
from .asking import ask, messages, raw, texts

CALLED_JSON = {"content-type": "application/json"}
EVENTS = b': hello\r\nid: 1\nevent: a\ndata: {"x": "\xc3\xbc"}\n\ndata: 2\n\ndata: [DONE]\n\n'


def bodies(items: list[sse.Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, sse.Body)]


@pytest.mark.parametrize("begin", [b"", b" \r\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "first", [b"", b"data: 0\n\n", b"event: z\ndata: 0\n\n", b"retry: 5\n\n", b"id: 5\n\n"]
)
def test_events_that_are_called_json(begin: bytes, first: bytes) -> None:
    content = begin + first + EVENTS
    expected = [*(["0"] if b"0" in first else []), '{"x": "ü"}', "2", "[DONE]"]
    for parts in ([content], [content[i : i + 1] for i in range(len(content))]):
        items, error = ask(raw(*parts, headers=CALLED_JSON))
        assert error is None
        assert texts(items) == expected
        assert bodies(items) == []
    assert messages(items)[-3][0] == "a"


@pytest.mark.parametrize("content", [b'{"error": {"message": "no"}}', b"[1]"])
def test_json_that_is_called_events(content: bytes) -> None:
    for parts in ([content], [content[i : i + 1] for i in range(len(content))]):
        items, error = ask(raw(*parts))
        assert error is None
        assert bodies(items) == ([content.decode()] if content[:1] == b"{" else [])
        assert texts(items) == []


def test_a_bracket_later_in_an_event_stream_is_a_field_that_nobody_knows() -> None:
    items, _ = ask(raw(b"data: 1\n\n{\n\ndata: 2\n\n"))
    assert texts(items) == ["1", "2"]


@pytest.mark.parametrize("text", ['"data"', "null", "-1", "true", "false", '{"data": 1}'])
def test_what_is_json_stays_a_body(text: str) -> None:
    items, _ = ask(one(200, CALLED_JSON, text.encode()))
    assert bodies(items) == [text]


def test_json_lines_that_are_called_json() -> None:
    items, _ = ask(raw(b'{"a": 1}\n{"b"', b': 2}\r\n\n{"c": 3}', headers=CALLED_JSON))
    assert texts(items) == ['{"a": 1}', '{"b": 2}', '{"c": 3}']
    items, _ = ask(raw(b'{"a": 1}\n{"b": 2}\n{"c"', headers=CALLED_JSON))
    assert texts(items) == ['{"a": 1}', '{"b": 2}']
    items, _ = ask(raw(b'{"a": 1,\n"b": {"c": 2}}\n', headers=CALLED_JSON))
    assert len(bodies(items)) == 1


def test_nothing_but_blanks_is_no_answer() -> None:
    items, error = ask(raw(b" \n", b"\n", headers=CALLED_JSON))
    assert isinstance(error, InterruptedStream)
    assert error.code == "empty"
    assert bodies(items) == []
    assert any(isinstance(item, sse.Pulse) for item in items)
