"""JSON text to elements: an array as it grows, cut anywhere; anything else whole at its end; both bounded."""

from __future__ import annotations

import json

import pytest

from notebook_stream import sse
from notebook_stream.errors import LimitError
from notebook_stream.sse.body import EVENT_LIMIT
from notebook_stream.sse.json_answer import JsonAnswer

from .asking import ask, raw, texts

ELEMENTS = [{"a": ['}]"', "\\", '\\"', "ü,"]}, {"b": {"c": [[]]}}, {}]
ARRAY = f" \n{json.dumps(ELEMENTS, indent=1, ensure_ascii=False)}\n"


def read(pieces: list[str]) -> tuple[list[object], str | None]:
    answer = JsonAnswer("host")
    found = [json.loads(element) for piece in pieces for element in answer.feed(piece)]
    return found, answer.end()


def test_an_array_however_it_is_cut() -> None:
    assert read([ARRAY]) == (ELEMENTS, None)
    assert read(list(ARRAY)) == (ELEMENTS, None)
    for cut in range(len(ARRAY)):
        assert read([ARRAY[:cut], ARRAY[cut:]]) == (ELEMENTS, None)


def test_an_element_comes_when_it_is_whole() -> None:
    answer = JsonAnswer("host")
    assert list(answer.feed('[{"a": 1')) == []
    assert list(answer.feed("}")) == ['{"a": 1}']
    assert list(answer.feed(', {"b": "}"} , {"c"')) == ['{"b": "}"}']
    assert answer.end() is None


@pytest.mark.parametrize("text", ["", "  ", ' {"a": [1]}', '"x"', "nonsense"])
def test_anything_else_is_whole(text: str) -> None:
    assert read(list(text)) == ([], text.lstrip())


@pytest.mark.parametrize("text", ["[]", "[1, 2]", "[", "]]]]{}[{]", "[{]}]{{"])
def test_what_is_no_list_of_objects_gives_no_object(text: str) -> None:
    answer = JsonAnswer("host")
    assert [element for element in answer.feed(text) if element.startswith("{}")] == []


def test_one_element_is_bounded_and_many_are_not() -> None:
    answer = JsonAnswer("host")
    element = '{"a": "' + "x" * (EVENT_LIMIT // 2) + '"}'
    assert len(answer.feed(f"[{element},{element},{element}")) == 3
    with pytest.raises(LimitError):
        answer.feed(',{"a": "' + "x" * EVENT_LIMIT)


def test_many_small_pieces_are_no_larger_than_their_text() -> None:
    size = 280_000
    element = '{"a": "' + "é" * size + '"}'
    for text in (f"[{element}]", element):
        answer = JsonAnswer("host")
        found: list[str | None] = [each for character in text for each in answer.feed(character)]
        assert (found or [answer.end()]) == [element]
        assert len(answer._pieces) < size / 1000


def test_over_http_each_element_is_a_message() -> None:
    kind = {"content-type": "application/json; charset=UTF-8"}
    items, error = ask(raw(b'[{"a": "\xc3', b'\xbc"}\r\n,\r\n', b'{"b": 2}', b"]", headers=kind))
    assert error is None
    assert texts(items) == ['{"a": "ü"}', '{"b": 2}']
    assert not any(isinstance(item, sse.Body) for item in items)
