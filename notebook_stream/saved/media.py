"""Pictures, sounds and files of a run come in, one line each goes out: no bytes are saved."""

from __future__ import annotations

import re

from ..events import Media
from .links import Target, target_of
from .record import AbsentMedia
from .visible import visible_prose

_NAMES = {"image": "picture", "audio": "sound"}


def describe(thing: Media) -> tuple[str, Target | None]:
    """The words for `thing`, and where it can be found if the server told an address."""
    name = _NAMES.get(thing.kind, "file")
    target = target_of(thing.url)
    if target:
        return f"{name} at {visible_prose(target.host)}", target
    kind = re.match(r"[\w.+-]+/[\w.+-]{1,40}", thing.mime_type, re.ASCII)
    size = thing.size if isinstance(thing, AbsentMedia) else size_of(thing.data)
    parts = [name, kind[0] if kind else "", size_words(size) if size else ""]
    return ", ".join(part for part in (*parts, "not saved") if part), None


def size_of(data: str) -> int:
    """Bytes that base64 stands for."""
    return len(data) * 3 // 4 - data[-2:].count("=")


def size_words(size: int) -> str:
    """As one would say it: 120 kB, 1.4 MB."""
    return f"{max(1, round(size / 1000))} kB" if size < 1_000_000 else f"{size / 1e6:.1f} MB"
