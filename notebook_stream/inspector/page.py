"""Tracks in, one HTML page out that shows them with no kernel and no network: our code, and data it reads.

Nothing of a recording stands in the page as HTML or as script: it is one packed, base64-encoded block.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..widget import STATIC, AnswersNeed
from .track import Track

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; media-src data: blob:; base-uri 'none'; form-action 'none'"
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 1100px; margin: 24px auto; padding: 0 24px; background: Canvas; color: CanvasText; }}
.question {{ margin: 0 0 16px; font: 600 16px/24px system-ui, sans-serif; }}
.question {{ white-space: pre-line; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main id="ns-root"></main>
<noscript>This page replays an answer by its own script, which is switched off here.</noscript>
{blocks}
<script type="module">
{script}
</script>
</body>
</html>
"""


def to_html(tracks: Sequence[Track], options: Mapping[str, Any]) -> str:
    """The page."""
    moments = [track.moments_so_far() for track in tracks]
    data = {"tracks": [track.about for track in tracks], "moments": moments, "options": dict(options)}
    blocks = {"data": gzip.compress(json.dumps(data).encode(), 9, mtime=0)}
    for name in ("core", "inspect", "inspector", *sorted(_needed(tracks))):
        blocks[name] = gzip.compress((STATIC / f"{name}.js").read_bytes(), 9, mtime=0)
    return PAGE.format(
        policy=POLICY,
        title=html.escape(" · ".join(track.label for track in tracks)),
        blocks="\n".join(_block(name, packed) for name, packed in blocks.items()),
        script=(STATIC / "page.js").read_text(encoding="utf-8"),
    )


def _block(name: str, packed: bytes) -> str:
    return (
        f'<script type="application/octet-stream" id="ns-{name}">{base64.b64encode(packed).decode()}</script>'
    )


def _needed(tracks: Sequence[Track]) -> set[str]:
    """The parts of the page that the texts need: highlight, maths."""
    found: set[str] = set()
    for track in tracks:
        needs = AnswersNeed(is_json=track.run.is_json)
        for moment in track.moments_so_far():
            found |= needs.take(moment.get("piece", {}))
        found |= needs.end()
    return found
