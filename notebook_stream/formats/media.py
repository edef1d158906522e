"""Where a server says that a picture or a file lies, in; the media event out. Fetches nothing."""

from __future__ import annotations

from ..events import Media


def media_at(kind: str, url: str, index: int = 0) -> Media:
    """The event for a URL; a data: URL in base64 is taken apart."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return Media(kind, url=url, index=index)
    return Media(kind, head[len("data:") :].partition(";")[0], data, index=index)
