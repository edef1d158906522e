"""Text of a server in, checked JSON values out: nothing that comes from here can break a later stage.

Knows JSON and what of it is dangerous, and no wire format.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import msgspec

from ..errors import ProtocolError, quote

MAX_QUOTE = 200
"""Characters of a bad event that its error shows."""

MAX_DIGITS = 300
"""Digits of a number: with more it may fit no float, and `int()` is quadratic in them."""

MAX_DEPTH = 100
"""Nesting of a value: who serialises it later, from deep in a stack, must not hit the recursion limit."""

MAX_INDEX = 9_999
"""The highest choice, tool call or content block that is believed."""

_STEP = MAX_DIGITS // 3
_MAYBE_LONG = re.compile(r"[-+.0-9eE]{3}")
"""Of every hundredth character, a number of more than `MAX_DIGITS` covers three in a row, text seldom."""

_MSGSPEC = msgspec.json.Decoder()
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(data: str) -> dict[str, Any]:
    """The JSON object that `data` is.

    Raises:
        ProtocolError: no JSON, no object, NaN or infinity, nested too deep, or a number too long.
    """
    try:
        value = _decoded(data)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else "not JSON"
        raise _bad(reason, data) from None
    if not isinstance(value, dict):
        raise _bad(f"a JSON {type(value).__name__}, not an object", data)
    if data.count("{") + data.count("[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise _bad("nested too deep", data)
    return value


def parsed_or_text(data: str) -> object:
    """The JSON object, or the text itself where it is none: an error message may be either."""
    try:
        return parse(data)
    except ProtocolError:
        return data


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """The value if it is a string, fit for UTF-8; else an empty one."""
    return clean(value) if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    """The strings of a list, not empty; nothing where it is no list."""
    return (
        [clean(item) for item in value if isinstance(item, str) and item] if isinstance(value, list) else []
    )


def number(value: object) -> float | None:
    """The value if it is a number, else None."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def count(value: object) -> int | None:
    """The value if it is a whole number of tokens, else None."""
    whole = number(value)
    return int(whole) if whole is not None and 0 <= whole < 2**53 and whole == int(whole) else None


def index(value: object) -> int | None:
    """The value if it can be a place in a list, else None."""
    place = count(value)
    return place if place is not None and place <= MAX_INDEX else None


def dumps(value: object) -> str:
    """JSON text of a value that came from `parse`."""
    return clean(json.dumps(value, ensure_ascii=False))


def clean(text: str) -> str:
    """The text with surrogate pairs joined and each lone half replaced by U+FFFD."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def cleaned(value: Any) -> Any:
    """A value from `parse` with every string in it clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): cleaned(item) for name, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`old` with what `new` tells; a null tells nothing."""
    return {**old, **{name: value for name, value in new.items() if value is not None}}


def _bad(reason: str, data: str) -> ProtocolError:
    return ProtocolError(f"The server sent an event that is {reason}: {quote(data, MAX_QUOTE)}")


def _decoded(data: str) -> Any:
    """What `_JSON` makes of `data`, mostly by msgspec, which takes a quarter of the time.

    What msgspec refuses may be right here (halves of a character, raw control characters): then `_JSON` has
    the word, as it has where there may be a number that is too long, of which msgspec thinks otherwise.
    """
    if len(data) <= MAX_DIGITS or not _MAYBE_LONG.search(data[::_STEP]):
        try:
            return _MSGSPEC.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass
    return _JSON.decode(data)


def _deeper_than(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        level = [item for parent in level for item in _children(parent)]
        if not level:
            return False
    return True


def _children(value: object) -> list[object]:
    inside = list(value.values()) if isinstance(value, dict) else value
    return [item for item in inside if isinstance(item, (dict, list))] if isinstance(inside, list) else []


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        _refuse("integer too long")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        _refuse("number too large")
    return value


# strict=False: a raw control character inside a string is no reason to lose an answer.
_JSON = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer, parse_float=_real, strict=False)
