"""Reading foreign objects: a field that may be missing, or not what its type promises.

SDKs build their objects without validation, so a server decides what stands in a field.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from ..events import TokenLogprob
from .surrogates import whole


def get(thing: object, name: str) -> Any:
    """A field of an object or a dict; None where there is none."""
    if isinstance(thing, Mapping):
        return thing.get(name)
    return getattr(thing, name, None)


def text_of(value: object) -> str:
    """`value` where it is a str, else nothing."""
    return value if isinstance(value, str) else ""


def int_of(value: object) -> int | None:
    """`value` where it is an int (and no bool), else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def list_of(value: object) -> list[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def plain(thing: object) -> dict[str, Any]:
    """An SDK's object as a dict of plain values: what the server set, and no more."""
    if isinstance(thing, Mapping):
        return dict(thing)
    dump = getattr(thing, "model_dump", None)
    # What a server sends need not be of the declared type, of which pydantic would warn.
    dumped = dump(exclude_unset=True, warnings=False) if callable(dump) else {}
    return {name: _whole(value) for name, value in dumped.items()}


def wire_json(thing: object) -> str:
    """An SDK's object, or a dict, as the JSON text that the server may have sent for it.

    Raises:
        ValueError: it refers to itself, or a name in it is no string.
    """
    dump = getattr(thing, "model_dump", None)
    fields = dump(by_alias=True, exclude_unset=True, warnings=False) if callable(dump) else thing
    # Not pydantic's own JSON: that has bytes in the alphabet for URLs, and refuses halves of surrogate pairs.
    return json.dumps(fields, default=_wire_value)


def _wire_value(value: object) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    dump = getattr(value, "model_dump", None)
    return dump(by_alias=True, exclude_unset=True, warnings=False) if callable(dump) else None


def json_text(value: object) -> str:
    """`value` as JSON text for a person to read; what JSON does not know by its own text."""
    return value if isinstance(value, str) else whole(json.dumps(value, ensure_ascii=False, default=str))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {whole(str(name)): _whole(inner) for name, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def logprobs_of(tokens: object) -> tuple[TokenLogprob, ...]:
    """OpenAI's list of tokens with `logprob` and `top_logprobs`."""
    return tuple(
        TokenLogprob(
            text_of(get(token, "token")),
            get(token, "logprob"),
            tuple(
                (text_of(get(other, "token")), get(other, "logprob"))
                for other in list_of(get(token, "top_logprobs"))
                if isinstance(get(other, "logprob"), int | float)
            ),
        )
        for token in list_of(tokens)
        if isinstance(get(token, "logprob"), int | float)
    )
