"""A record comes in, what the notebook keeps of it goes out as JSON-able data; and back.

Empty fields are left out. A notebook may come from anywhere, so what is read is checked field by field, and
anything else is said to be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from ..errors import UsageError
from ..events import Citation, Media, ToolCall, ToolResult, Usage
from .binaries import digest_of, encodable, kept_json
from .media import size_of
from .record import AbsentMedia, Answer, ErrorInfo, Record

KEY = "notebook_stream"
FORMAT = 1
"""The number of this way to write a record down."""

MAX_TEXT = 50_000_000
"""Characters of one text."""
MAX_ITEMS = 100_000
"""Of one list or mapping."""
MAX_DEPTH = 64
MAX_INT = 2**53

_LISTS: dict[str, type[Any]] = {
    "tool_calls": ToolCall,
    "tool_results": ToolResult,
    "citations": Citation,
}
_STATUSES = ("connecting", "streaming", "done", "stopped", "interrupted", "error")


def to_metadata(record: Record) -> dict[str, Any]:
    """What output metadata holds of the run, under `KEY`."""
    kept = {"format": FORMAT, **_compact(record), "answers": [_answer(answer) for answer in record.answers]}
    if record.usage is not None:
        kept["usage"] = _compact(record.usage)
        if record.usage.raw:
            kept["usage"]["raw"] = kept_json(record.usage.raw)
    if record.error is not None:
        kept["error"] = _compact(record.error)
    if record.request is not None:
        kept["request"] = kept_json(record.request)
    return {KEY: kept}


def from_metadata(value: Mapping[str, Any]) -> Record:
    """The record that `to_metadata` wrote down, with or without the outer key.

    Raises:
        UsageError: it is none; the message says what is wrong.
    """
    inner = _mapping(value, "metadata")
    inner = _mapping(inner[KEY], KEY) if KEY in inner else inner
    if "answers" not in inner:
        raise _wrong(f"there is no {KEY!r} with answers in it; it takes the .metadata of an output")
    if inner.get("format") != FORMAT:
        told = str(inner.get("format"))[:20] if isinstance(inner.get("format"), int | str) else "none"
        raise _wrong(f"its format is {told}, and this version of notebook-stream reads {FORMAT}")
    answers = tuple(_read_answer(item) for item in _list(inner["answers"], "answers"))
    if not answers:
        raise _wrong("there is no answer in it")
    given = _read(Record, inner, "the run")
    if given.get("status", "done") not in _STATUSES:
        raise _wrong("its status is none that a run can have")
    if given.get("origin", "source") not in ("connection", "source"):
        raise _wrong("its origin is neither connection nor source")
    usage, error, request = inner.get("usage"), inner.get("error"), inner.get("request")
    return Record(
        **given,
        answers=answers,
        usage=None if usage is None else _read_usage(usage),
        error=None if error is None else ErrorInfo(**_read(ErrorInfo, error, "error")),
        request=None if request is None else _read_request(request),
    )


# -- writing ----------------------------------------------------------------------------------------------


def _compact(thing: Any) -> dict[str, Any]:
    """The plain fields of a dataclass that are not what they are by default."""
    found = {}
    for one in fields(thing):
        value = getattr(thing, one.name)
        if one.type in _READERS and value != one.default and not _is_endless(value):
            found[one.name] = encodable(value) if isinstance(value, str) else value
    return found


def _is_endless(value: Any) -> bool:
    """No JSON has such numbers."""
    return isinstance(value, float) and not math.isfinite(value)


def _answer(answer: Answer) -> dict[str, Any]:
    found = _compact(answer)
    for name in _LISTS:
        items = getattr(answer, name)
        if items:
            found[name] = [_compact(item) for item in items]
    if answer.media:
        found["media"] = [_media(thing) for thing in answer.media]
    return found


def _media(thing: Media) -> dict[str, Any]:
    found = _compact(thing)
    found.pop("data", None)
    if thing.data:
        found |= {"sha256": digest_of(thing.data), "size": size_of(thing.data)}
    return found


# -- reading ----------------------------------------------------------------------------------------------


def _wrong(what: str) -> UsageError:
    return UsageError(f"this is no saved run of notebook-stream: {what}")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _wrong(f"{name} is no text" if not isinstance(value, str) else f"{name} is too long")
    return encodable(value)


def _int(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INT:
        raise _wrong(f"{name} is no whole number")
    return value


def _float(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_INT:
        raise _wrong(f"{name} is no number")
    return float(value)


def _bool(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(f"{name} is neither true nor false")
    return value


def _or_none(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, name: None if value is None else read(value, name)


# By the annotations of the dataclasses: fields of other types are read one by one.
_READERS: dict[object, Callable[[Any, str], Any]] = {
    "str": _text,
    "int": _int,
    "bool": _bool,
    "str | None": _or_none(_text),
    "int | None": _or_none(_int),
    "float | None": _or_none(_float),
}


def _read(kind: type[Any], value: Any, name: str) -> dict[str, Any]:
    """The plain fields of `kind`, as far as they are there; what else is there is left out."""
    given = _mapping(value, name)
    found = {}
    for one in fields(kind):
        if one.type not in _READERS:
            continue
        if one.name in given:
            found[one.name] = _READERS[one.type](given[one.name], one.name)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise _wrong(f"{one.name} is missing in {name}")
    return found


def _read_answer(value: Any) -> Answer:
    given = _mapping(value, "an answer")
    lists: dict[str, Any] = {
        name: tuple(kind(**_read(kind, item, name)) for item in _list(given.get(name, []), name))
        for name, kind in _LISTS.items()
    }
    media = tuple(_read_media(item) for item in _list(given.get("media", []), "media"))
    return Answer(**_read(Answer, given, "an answer"), **lists, media=media)


def _read_media(value: Any) -> Media:
    found = {**_read(AbsentMedia, value, "media"), "data": ""}
    if found.get("sha256"):
        return AbsentMedia(**found)
    return Media(**{name: part for name, part in found.items() if name not in ("sha256", "size")})


def _read_usage(value: Any) -> Usage:
    raw = _mapping(value, "usage").get("raw", {})
    return Usage(**_read(Usage, value, "usage"), raw=_mapping(_checked(raw, "usage"), "usage"))


def _read_request(value: Any) -> Mapping[str, Any]:
    found = _mapping(_checked(value, "request"), "request")
    _mapping(found.get("options") or {}, "options")
    for message in _list(found.get("messages") or [], "messages"):
        _mapping(message, "a message")
    return found


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if (
        not isinstance(value, Mapping)
        or len(value) > MAX_ITEMS
        or not all(isinstance(key, str) for key in value)
    ):
        raise _wrong(f"{name} is no mapping")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
        raise _wrong(f"{name} is no list")
    return list(value)


def _checked(value: Any, name: str, depth: int = 0) -> Any:
    """A copy of JSON-able data."""
    if depth > MAX_DEPTH:
        raise _wrong(f"{name} is too deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int):
        return _int(value, name)
    if isinstance(value, float):
        return _float(value, name)
    if isinstance(value, Mapping):
        return {_text(k, name): _checked(v, name, depth + 1) for k, v in _mapping(value, name).items()}
    return [_checked(item, name, depth + 1) for item in _list(value, name)]
