"""A run in a process of its own: a handler in; the memory it took, the loop's stalls and its end out.

For floods: the server's own memory would be counted with the client's in one process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..servers import Handler, Server, in_turn
from .asking import KEY, leaked, whole

if TYPE_CHECKING:
    from .conftest import Cost

MAX_MB = 64.0
MAX_STALL_CPU_S = 0.1
"""Of the background loop, in its own processor time, which no other load on the machine disturbs."""

RUN = """
import asyncio, json, sys, time
from pathlib import Path
import comm
from notebook_stream import loop, stream

sent = []

class Page(comm.base_comm.BaseComm):
    def publish_msg(self, msg_type, data=None, **more):
        kind = (data or {}).get("content", {}).get("type") if (data or {}).get("method") == "custom" else None
        sent.append((time.monotonic(), kind))

import ipywidgets.widgets.widget as widget
widget.comm.create_comm = lambda **options: Page(**options)

def status_mb(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024

class Stalls:
    longest = longest_cpu = 0.0
    async def watch(self):
        last, last_cpu = time.monotonic(), time.thread_time()
        while True:
            await asyncio.sleep(0)
            now, cpu = time.monotonic(), time.thread_time()
            self.longest, last = max(self.longest, now - last), now
            self.longest_cpu, last_cpu = max(self.longest_cpu, cpu - last_cpu), cpu

url, key, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
given = {"model": "m", "base_url": url, "api_key": key, "display": False}
stream("warm", **given).result(30)  # imports, the pool, the first connection: all that is there before
Path("/proc/self/clear_refs").write_text("5")
before = status_mb("VmRSS:")
stalls = Stalls()
watching = loop.background().spawn(stalls.watch())
began, cpu = time.monotonic(), time.process_time()
sent.clear()
s = stream("hi", **given, **options)
s.model_id
gap, last = 0.0, time.monotonic()
while not s._session.wait(0.005):
    gap, last = max(gap, time.monotonic() - last), time.monotonic()
    assert last - began < 100, s
seconds, cpu_s = time.monotonic() - began, time.process_time() - cpu
watching.cancel()
appends = [at for at, kind in sent if kind == "append"]
print(json.dumps({
    "mb": status_mb("VmHWM:") - before, "stall_s": stalls.longest, "stall_cpu_s": stalls.longest_cpu,
    "seconds": seconds, "cpu_s": cpu_s, "status": s.status, "stop_reason": s.stop_reason,
    "error": type(s.error).__name__ if s.error else "", "told": str(s.error or ""), "chars": len(s.text),
    "appends": len(appends), "gap_s": gap,
}))
"""


@dataclass(frozen=True)
class Found:
    """`cpu_s` of the whole process, the watching of its loop included; `appends`: messages to the page;
    `gap_s`: the longest time for which the main thread did not get to run.
    """

    mb: float
    stall_s: float
    stall_cpu_s: float
    seconds: float
    cpu_s: float
    status: str
    stop_reason: str | None
    error: str
    told: str
    chars: int
    appends: int
    gap_s: float


def measure(
    handler: Handler, cost: Cost, *, max_stall_cpu_s: float = MAX_STALL_CPU_S, **options: Any
) -> Found:
    """The run's end and what it cost; asserts the bounds that hold for every fault."""
    with Server(in_turn(whole("warm"), handler)) as server:
        url = server.url.replace("/v1/chat", "/v1")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", RUN, url, KEY, json.dumps(options)],
            capture_output=True, text=True, timeout=150, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        cost.requests += len(server.requests) - 1
        assert len(server.requests) == 2
    assert leaked([done.stdout, done.stderr]) == []
    found = Found(**json.loads(done.stdout))
    print(found)  # noqa: T201  the figures, shown by pytest -rP
    cost.mb = max(cost.mb, found.mb)
    assert found.mb < MAX_MB
    assert found.stall_cpu_s < max_stall_cpu_s
    return found
