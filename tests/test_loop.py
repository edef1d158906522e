"""The background threads: one of each, a fork gets its own, the process's end closes what runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from notebook_stream import loop

PATIENCE = 20.0
ROOT = Path(__file__).resolve().parents[1]


def python(script: str) -> str:
    run = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "never retrieved" not in run.stderr
    assert "was destroyed" not in run.stderr
    assert "ResourceWarning" not in run.stderr
    return run.stdout


def test_one_background_loop_runs_work_from_any_thread() -> None:
    async def name() -> str:
        return threading.current_thread().name

    assert loop.background() is loop.background()
    assert loop.background().spawn(name()).result(PATIENCE) == "notebook-stream"
    assert not loop.background().is_current()


def test_calls_are_made_in_order_and_errors_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    notifier, seen, done = loop.Notifier(), [], threading.Event()

    def fail() -> None:
        seen.append("failed")
        raise ValueError("mine")

    class Owner:
        pass

    owner = Owner()
    for _ in range(3):
        notifier.post(owner, fail)
    notifier.post(owner, lambda: seen.append("after"))
    notifier.post(owner, done.set)
    assert done.wait(PATIENCE)
    assert seen == ["failed"] * 3 + ["after"]
    assert len(caplog.records) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_has_a_loop_of_its_own() -> None:
    script = """
import os
from notebook_stream import stream
s = stream("parent", model="demo/lorem", tokens=200, pace=200)
next(iter(s.text_stream))
child = os.fork()
if child == 0:
    ok = stream("child", model="demo/echo").result(20).text == "child"
    os._exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), s.result(20).text.split()[-1])
"""
    # Forking with threads is what is tested; Python 3.12 warns of it.
    assert python("import warnings; warnings.simplefilter('ignore', DeprecationWarning)\n" + script) == (
        "0 t000200\n"
    )


def test_the_process_ends_at_once_with_a_stream_still_running_and_closes_it() -> None:
    # What is registered first is called last: after all that the package itself has registered.
    script = """
import atexit
atexit.register(lambda: print(s.status, request.wait_closed(5), request.closed_by))
from notebook_stream import stream
from notebook_stream.demo import Server
server = Server(pace=100)
s = stream("x", model="lorem", base_url=server.base_url, tokens=100_000)
next(iter(s.text_stream))
[request] = server.requests
"""
    assert python(script) == "interrupted True client\n"


def test_work_on_a_closed_background_is_cancelled_not_lost() -> None:
    background = loop.Background()
    ended = threading.Event()

    async def long() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    background.spawn(long())
    background.spawn(asyncio.sleep(0)).result(PATIENCE)
    background.close()
    assert ended.wait(PATIENCE)
    background.thread.join(PATIENCE)
    assert not background.thread.is_alive()
    background.loop.close()
    background.call(print)
