"""What is known of a recorded run beside what came: the request, without a key; where and when.

Goes into the first line of a file, and comes back checked, for a file may come from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .. import formats
from ..errors import UsageError
from ..formats.values import cleaned

FORMAT = "notebook-stream-recording"
VERSION = 1

MAX_TEXT = 1_000_000


@dataclass(frozen=True)
class Header:
    """`wire_format` is empty where events came from a source of `show()`.

    `recorded_at` is UTC, as ISO 8601 writes it. `request` is the body as it was sent, None where it is not
    kept. `fingerprint` tells requests apart (`fingerprints`). `asked`: the answer is JSON, or there are
    several. `begun`: text and reasoning that were there before the run, and how many characters of the text
    the server got. `times`: "" as they were, else a word for where they are from.
    """

    model: str = ""
    wire_format: str = ""
    host: str = ""
    recorded_at: str = ""
    made_by: str = ""
    request: Mapping[str, Any] | None = None
    fingerprint: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    begun: tuple[str, str, int] | None = None
    times: str = ""
    lost: int = 0

    def to_json(self) -> dict[str, Any]:
        """The first line of a file: what says something."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            "format": FORMAT,
            "version": VERSION,
            **{k: v for k, v in told.items() if v not in ("", None, {}, 0)},
        }


def from_json(given: Any) -> Header:
    """The header. Raises UsageError where `given` is none."""
    if not isinstance(given, Mapping) or given.get("format") != FORMAT:
        raise UsageError(f'its first line is not {{"format": "{FORMAT}", ...}}')
    if given.get("version") != VERSION:
        raise UsageError(f"its version is {str(given.get('version'))[:20]}, and this reads {VERSION}")
    # The page is told of it, and half a surrogate pair cannot be sent.
    told = cleaned(dict(given))
    return Header(
        **{one.name: _checked(one.name, told[one.name]) for one in fields(Header) if one.name in told}
    )


def _checked(name: str, value: Any) -> Any:
    if name in ("request", "asked"):
        fits = isinstance(value, Mapping)
    elif name == "lost":
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    elif name == "begun":
        fits = isinstance(value, list) and [type(part) for part in value] == [str, str, int]
        value = tuple(value) if fits else value
    else:
        fits = isinstance(value, str) and len(value) <= MAX_TEXT
        if name == "wire_format" and fits and value:
            formats.get(value)  # says which there are
    if not fits:
        raise UsageError(f"its first line has a {name} of another kind")
    return value
