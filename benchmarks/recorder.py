"""In: a page. Out: when its DOM held which token, what came by websocket, slow frames, presses on buttons.

All times are seconds since the epoch. The recording itself is `recorder.js`. Knows nothing of kernels and
servers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, TimeoutError

SCRIPT = Path(__file__).with_name("recorder.js")


@dataclass(frozen=True, slots=True)
class Frame:
    """A message that a websocket brought: its payload in bytes, uncompressed, and its newest token (0: none).

    `kind` is a kernel message's type, `sent_at` the date in its header; empty and None for other messages.
    """

    at: float
    size: int
    newest: int
    kind: str
    sent_at: float | None


@dataclass(frozen=True, slots=True)
class Recording:
    """What one page saw since `begin`. Times are seconds since the epoch, durations seconds.

    `shown[n]` is when token n + 1 was first in the DOM; `present` counts the tokens that are there now;
    `presses` are those on buttons.
    """

    shown: list[float]
    present: int
    frames: list[Frame]
    slow_frames: list[tuple[float, float]]
    presses: list[float]

    def until(self, end: float) -> Recording:
        """As if the page had been asked at `end`; presses are left as they are.

        What it holds then is known only as far as it is newer: tokens shown later are taken off `present`.
        """
        shown = [at for at in self.shown if at <= end]
        return replace(
            self,
            shown=shown,
            present=self.present - (len(self.shown) - len(shown)),
            frames=[frame for frame in self.frames if frame.at <= end],
            slow_frames=[each for each in self.slow_frames if each[0] <= end],
        )


class Recorder:
    """Records in `page` from its next load on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.add_init_script(path=SCRIPT)

    def begin(self, root: Locator) -> None:
        """Forget what was; from now on look at the answer in `root`, a notebook's cell for example."""
        root.evaluate("element => window.benchmark.begin(element)")

    def wait_for(self, token: int, seconds: float) -> bool:
        """Whether this token comes into the DOM within so many seconds; returns then, 0.1 s later at most."""
        try:
            self._page.wait_for_function(
                "token => window.benchmark.newest() >= token", arg=token, polling=100, timeout=1000 * seconds
            )
        except TimeoutError:
            return False
        return True

    def read(self) -> Recording:
        """Everything since `begin`, on the system's clock."""
        ahead = float(self._page.evaluate("() => window.benchmark.ahead()"))
        raw = self._page.evaluate("() => window.benchmark.read()")
        shown: list[float] = []
        for at, newest in raw["seen"]:
            shown += [(at + ahead) / 1000] * (newest - len(shown))
        return Recording(
            shown=shown,
            present=int(raw["present"]),
            frames=[
                Frame((at + ahead) / 1000, size, newest, kind, _epoch(date))
                for at, size, newest, kind, date in raw["frames"]
            ],
            slow_frames=[((at + ahead) / 1000, duration / 1000) for at, duration in raw["slowFrames"]],
            presses=[(at + ahead) / 1000 for at in raw["presses"]],
        )


def _epoch(date: str) -> float | None:
    return datetime.fromisoformat(date.replace("Z", "+00:00")).timestamp() if date else None
