"""JSON as it comes from servers: the quick decoder must never say anything else than the thorough one."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream.errors import ProtocolError
from notebook_stream.formats import values

LITERALS = [
    "0", "-0", "-0.0", "1e5", "0.1", "1e-400", "18446744073709551616", "9007199254740993.0",
    "1e309", "-1e309", "NaN", "-Infinity", "01", "1.", ".5", "+1", "-",
    "1" * 300, "1" * 301, "-" + "1" * 300, "1" * 5000, "1." + "0" * 298,
    "1." + "0" * 400, "1" * 310 + "e-300",
    "true", "null", "nul", "[1,]", "[", "[" * 99 + "]" * 99, "[" * 120 + "]" * 120, "[" * 9000 + "]" * 9000,
    r'"\ud83d"', r'"\ude00"', r'"\ud83d\ude00"', r'"\u0000"', r'"\x"', r'"\/"',
    '"a\nb\x00\x1fc"', '"\x7f\u2028"',
    '"' + "1" * 400 + '"', '"…"', '{"a": 1, "a": 2}', "/**/1",
]  # fmt: skip


def thorough(data: str) -> Any:
    """What the standard library makes of it, with the bounds of the module."""

    def whole(digits: str) -> int:
        if len(digits) > values.MAX_DIGITS:
            raise ValueError
        return int(digits)

    def real(digits: str) -> float:
        if len(digits) > values.MAX_DIGITS or not math.isfinite(float(digits)):
            raise ValueError
        return float(digits)

    def refuse(word: str) -> None:
        raise ValueError(word)

    decoder = json.JSONDecoder(parse_int=whole, parse_float=real, parse_constant=refuse, strict=False)
    return decoder.decode(data)


def outcome(data: str) -> str:
    try:
        return repr(values.parse(data))
    except ProtocolError:
        return "refused"


def expected(data: str) -> str:
    try:
        value = thorough(data)
    except (ValueError, RecursionError):
        return "refused"
    is_deep = any(bracket * 101 in data for bracket in "[{")
    return repr(value) if isinstance(value, dict) and not is_deep else "refused"


@pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: literal[:20])
@pytest.mark.parametrize("padding", [0, 1, 37, 99, 100, 250])
def test_an_odd_value_is_read_as_the_standard_library_reads_it(literal: str, padding: int) -> None:
    data = json.dumps({"padding": " " * padding})[:-1] + f', "value": {literal}, "more": "{"z" * 200}"}}'
    assert outcome(data) == expected(data)


@pytest.mark.parametrize("digits", range(298, 304))
def test_a_number_is_too_long_wherever_it_begins(digits: int) -> None:
    for before in range(0, 310, 7):
        data = f'{{"a": "{"x" * before}", "b": {"7" * digits}}}'
        assert (outcome(data) == "refused") == (digits > values.MAX_DIGITS)


def damaged(seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    chunk = json.dumps(
        {"id": "é", "choices": [{"index": 0, "delta": {"content": 'a"\\\n\U0001f600'}}], "n": -1.5e3}
    )
    for _ in range(500):
        letters = list(chunk)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(letters))
            letters[place : place + rng.randrange(3)] = rng.choice(
                ["", "\\", '"', "{", "]", "\x01", "e", "9", ",", " "]
            )
        yield "".join(letters)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_json_is_read_or_refused_alike(seed: int) -> None:
    assert [data for data in damaged(seed) if outcome(data) != expected(data)] == []


def test_text_around_the_object_is_refused_and_space_is_not() -> None:
    assert values.parse(' \r\n{"a": 1}\t') == {"a": 1}
    for data in ('\ufeff{"a": 1}', '\u00a0{"a": 1}', '{"a": 1}\x00', '{"a": 1}x', "", "[]", '"text"', "1"):
        with pytest.raises(ProtocolError):
            values.parse(data)
