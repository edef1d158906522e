"""In: a command that serves a notebook or an app. Out: it runs on a free port of loopback, and answers.

For what is no Jupyter server: marimo, Voila, Panel, Shiny, Solara. The demo server runs in the test's own
process, so that a test sees a connection close without asking the front end. Knows nothing of the pages.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from notebook_stream import demo

from .jupyter import KEPT_VARIABLES, free_port
from .kernels import REPO

START_SECONDS = 90
STOP_SECONDS = 20
PROBE = "health"
"""Asked until there is an answer, be it "not found"; not the first page, for that may run a notebook."""


@contextmanager
def serve(
    folder: Path,
    command: Sequence[str],
    *,
    environment: dict[str, str] | None = None,
    python: str | Path = sys.executable,
) -> Iterator[str]:
    """Run `python command...` in `folder`, `{port}` replaced, until the block ends; gives its pages' origin.

    Raises RuntimeError with the log where it does not start.
    """
    port = free_port()
    log_path = folder / "server.log"
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    own = {"HOME": str(folder), "PYTHONPATH": str(REPO), "PYTHONUNBUFFERED": "1"}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [python, *(part.format(port=port) for part in command)],
            cwd=folder,
            env={**kept, **own, **(environment or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # so that its kernels end with it
        )
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}/{PROBE}", log_path)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, trust_env=False, timeout=10)
            return
        except httpx.TransportError:
            time.sleep(0.1)  # the port is not open yet: nothing to wait on
    log = log_path.read_text(encoding="utf-8", errors="replace")[-4000:]
    raise RuntimeError(f"it did not answer within {START_SECONDS} s:\n{log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def asks(server: demo.Server, **options: object) -> str:
    """Source of a call of `stream()` to `server` for the model that writes numbered words."""
    given = {"base_url": server.base_url, "model": "demo/lorem", "tokens": 1_000_000, **options}
    return f"stream('x', {', '.join(f'{name}={value!r}' for name, value in given.items())})"


def last_closed(server: demo.Server, number: int = -1, patience_s: float = 20) -> float:
    """When the client closed request `number` of the server's, in seconds of `time.monotonic()`."""
    request = server.requests[number]
    assert request.wait_closed(patience_s), "the connection stays open"
    assert request.closed_by == "client"
    assert request.closed_at is not None
    return request.closed_at
