"""The demo server in a process of its own, with the time of each token it writes.

In: nothing. Out: a base URL, and for the last request when each token was written and when the client had
gone, in seconds since the epoch, the clock that pages and processes of one machine share. In a process of its
own, for a real server does not share the kernel's interpreter lock. Knows nothing of Jupyter.
"""

# ruff: noqa: T201  # what it prints is what it is for

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from unittest import mock

from notebook_stream.demo import Server, handler
from notebook_stream.demo.answers import Answer, Piece
from notebook_stream.demo.exchange import Request
from notebook_stream.demo.openai_chat import OpenAIChat
from notebook_stream.demo.request import Asked

REPO = Path(__file__).resolve().parents[1]
PATH = "/v1/chat/completions"
CLOSE_S = 60.0
"""How long to wait for the end of an answer, in seconds; no figure of the product's."""


@dataclass(frozen=True, slots=True)
class Record:
    """The last request. Times are seconds since the epoch.

    `written[n]` is when token n + 1 was about to be written; `ended_at` when the body's last byte was;
    `closed_at` when the client's close was seen.
    """

    written: list[float]
    ended_at: float | None
    closed_at: float | None
    closed_by: str | None


class DemoServer:
    """The demo server as a child process; a context manager. `base_url` is for openai-chat.

    `paragraph`: after how many numbered tokens a new paragraph begins; 0: never.
    """

    def __init__(self, paragraph: int = 0) -> None:
        self._paragraph = paragraph

    def __enter__(self) -> DemoServer:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server", str(self._paragraph)],
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base_url: str = self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(20)

    def last(self) -> Record:
        """The last request, once its client has closed the connection or its answer has ended."""
        if self._process.stdin is None:
            raise RuntimeError("the demo server was started without a pipe")
        self._process.stdin.write("last\n")
        self._process.stdin.flush()
        return Record(**self._answer())

    def _answer(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout is not None else ""
        if not line:
            raise RuntimeError("the demo server has ended; its own words are above")
        return json.loads(line)


class TimedChat(OpenAIChat):
    """Encodes an answer, and notes when which token was ready to be written: the write comes right after."""

    latest: ClassVar[TimedChat | None] = None
    paragraph: ClassVar[int] = 0

    def __init__(self, asked: Asked, answer: Answer, rng: Random) -> None:
        super().__init__(asked, answer, rng)
        self.written: list[float] = []
        TimedChat.latest = self

    def token(self, index: int, piece: Piece) -> bytes:
        """As the base class."""
        if self.paragraph and self.written and len(self.written) % self.paragraph == 0:
            piece = replace(piece, text=f"\n\n{piece.text.lstrip()}")
        encoded = super().token(index, piece)
        self.written.append(time.time())
        return encoded


def _record(request: Request, chat: TimedChat) -> dict[str, Any]:
    to_epoch = time.time() - time.monotonic()

    def epoch(at: float | None) -> float | None:
        return None if at is None else at + to_epoch

    return {
        "written": list(chat.written),
        "ended_at": epoch(request.ended_at),
        "closed_at": epoch(request.closed_at),
        "closed_by": request.closed_by,
    }


def _wait_for_end(request: Request) -> None:
    until = time.monotonic() + CLOSE_S
    while request.ended_at is None and not request.wait_closed(0.01) and time.monotonic() < until:
        pass


def main() -> None:
    """Serve until stdin ends; one line of JSON on stdout for each line there."""
    TimedChat.paragraph = int(sys.argv[1])
    timed = {PATH: replace(handler.ROUTES[PATH], dialect=TimedChat)}
    with mock.patch.dict(handler.ROUTES, timed), Server() as server:
        print(json.dumps(server.base_url), flush=True)
        for _ in sys.stdin:
            request, chat = server.requests[-1], TimedChat.latest
            if chat is None:
                raise RuntimeError("there was no request for an answer")
            _wait_for_end(request)
            print(json.dumps(_record(request, chat)), flush=True)


if __name__ == "__main__":
    main()
