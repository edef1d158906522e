"""What a request was made of comes in, what the notebook keeps of it goes out: no binaries, only JSON.

In place of a picture or sound stands {"sha256", "mime_type", "bytes"}: enough to tell whether it is the same
one.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from typing import Any

MIN_BINARY = 512
"""Characters of base64 from which on it is no word that happens to have no spaces."""

MAX_DEPTH = 60

_DATA_URL = re.compile(r"data:([\w.+/-]{0,80})[^,]{0,200};base64,(.*)", re.DOTALL | re.IGNORECASE)
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{MIN_BINARY},}}={{0,2}}")
_FIELDS = frozenset(("data", "bytes", "image", "images", "image_bytes", "audio", "file_data", "b64_json"))
"""Where binaries are, in any provider's messages; elsewhere it may be a signature to be sent again."""
_TYPES = ("mime_type", "media_type", "mimeType", "format")


def kept_json(value: Any, name: str = "", mime_type: str = "", depth: int = 0) -> Any:
    """`value` as JSON that any file can hold, binaries as hash and type; `name` is the field it stands in."""
    if isinstance(value, str):
        return _kept_text(value, name, mime_type)
    if isinstance(value, bytes | bytearray | memoryview):
        return _absent(bytes(value), mime_type)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, Mapping):
        kind = next((str(value[key]) for key in _TYPES if isinstance(value.get(key), str)), mime_type)
        return {encodable(str(k)): kept_json(v, str(k), kind, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [kept_json(item, name, mime_type, depth + 1) for item in value]
    return None


def digest_of(data: str) -> str:
    """The SHA-256 of base64's own text."""
    return hashlib.sha256(data.encode("utf-8", "replace")).hexdigest()


def encodable(text: str) -> str:
    """Without half characters, which no file can hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text


def _kept_text(text: str, name: str, mime_type: str) -> Any:
    url = _DATA_URL.fullmatch(text)
    if url:
        return _absent_base64(url[2], url[1])
    if name in _FIELDS and _BASE64.fullmatch(text):
        return _absent_base64(text, mime_type)
    return encodable(text)


def _absent_base64(data: str, mime_type: str) -> dict[str, Any]:
    size = len(data) * 3 // 4 - data[-2:].count("=")
    return {"sha256": digest_of(data), "mime_type": mime_type, "bytes": size}


def _absent(data: bytes, mime_type: str) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "mime_type": mime_type, "bytes": len(data)}
