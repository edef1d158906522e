"""Recordings of finished answers by their request, in a folder: the same request is answered from there."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .recording import Recording


def fingerprint(wire_format: str, model: str, body: Mapping[str, Any]) -> str:
    """What two requests have in common that ask the same: 32 digits. Key, time and host do not count."""
    # Through JSON: the keys of a user's own field may be of several kinds, which cannot be sorted.
    plain = json.loads(json.dumps([wire_format, model, body]))
    asked = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Cache:
    """One folder of recordings. Raises UsageError where `folder` is none and cannot be made."""

    def __init__(self, folder: str | Path) -> None:
        if not isinstance(folder, str | os.PathLike) or not str(folder):
            raise UsageError(f"cache= takes the path of a folder, not {type(folder).__name__}.")
        self.folder = Path(folder)
        if self.folder.exists() and not self.folder.is_dir():
            raise UsageError(f"cache={str(folder)!r} is a file; give a folder.")

    def path(self, fingerprint: str) -> Path:
        """Where the answer to that request is, or would be."""
        return self.folder / f"{fingerprint}.jsonl"

    def find(self, fingerprint: str) -> Recording | None:
        """The recording of a whole answer to that request; None where there is none."""
        path = self.path(fingerprint)
        try:
            found = Recording.load(path)
        except FileNotFoundError:
            return None
        except (UsageError, OSError) as exc:
            raise UsageError(f"The cache holds a damaged file, {path.name}: {exc}\nDelete it.") from None
        is_whole = found.ending is not None and found.ending.status == "done" and not found.lost
        return found if is_whole else None

    def keep(self, fingerprint: str, recording: Recording) -> None:
        """Keep a finished answer: at once whole, for another process may look for it. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{uuid.uuid4().hex}.part"
        try:
            recording.save(beside)
            beside.replace(self.path(fingerprint))
        finally:
            beside.unlink(missing_ok=True)
