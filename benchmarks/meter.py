"""In: a kernel's process and a page. Out: CPU time and memory of the kernel, its server and the renderers.

Knows nothing of tokens.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil  # type: ignore[import-untyped]  # it comes with ipykernel
from playwright.sync_api import Browser, Page

MEBIBYTE = 2**20
SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU time used so far, user and system, in seconds."""

    kernel: float
    server: float
    renderer: float

    def since(self, before: Cpu) -> Cpu:
        """What was used since `before`."""
        return Cpu(self.kernel - before.kernel, self.server - before.server, self.renderer - before.renderer)


@dataclass(frozen=True, slots=True)
class Memory:
    """In MiB: resident memory of kernel and renderers, and the page's JavaScript heap after collection."""

    kernel: float
    renderer: float
    heap: float

    def since(self, before: Memory) -> Memory:
        """By how much it has grown since `before`."""
        return Memory(self.kernel - before.kernel, self.renderer - before.renderer, self.heap - before.heap)


Sample = tuple[float, Cpu]
"""When, in seconds since the epoch, and the CPU time used by then."""


class Meter:
    """Reads the processes that a page rests on; make one when the page is loaded.

    `has_server`: the kernel is a child of a server; else its process is the server's, too.
    """

    def __init__(self, browser: Browser, page: Page, kernel_pid: int, *, has_server: bool) -> None:
        self._page = page
        self._kernel = kernel_pid
        self._server = psutil.Process(kernel_pid).ppid() if has_server else None
        self._renderers = _renderers(browser)

    def cpu(self) -> Cpu:
        """CPU time so far."""
        return Cpu(
            kernel=_cpu(self._kernel),
            server=0.0 if self._server is None else _cpu(self._server),
            renderer=sum(map(_cpu, self._renderers)),
        )

    @contextmanager
    def sampled(self) -> Iterator[list[Sample]]:
        """A list that grows by a sample every `SAMPLE_S` as long as the block runs."""
        samples = [(time.time(), self.cpu())]
        ended = threading.Event()

        def sample() -> None:
            while not ended.wait(SAMPLE_S):
                samples.append((time.time(), self.cpu()))

        thread = threading.Thread(target=sample, daemon=True)
        thread.start()
        try:
            yield samples
        finally:
            ended.set()
            thread.join()

    def memory(self) -> Memory:
        """Memory now; collects the page's garbage, so not for the midst of a measurement."""
        session = self._page.context.new_cdp_session(self._page)
        try:
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")["usedSize"]
        finally:
            session.detach()
        return Memory(_mib(_rss(self._kernel)), _mib(sum(map(_rss, self._renderers))), _mib(heap))


def _renderers(browser: Browser) -> list[int]:
    session = browser.new_browser_cdp_session()
    try:
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    finally:
        session.detach()
    return [process["id"] for process in processes if process["type"] == "renderer"]


def _cpu(pid: int) -> float:
    if platform.system() == "Linux":
        # clock_getcpuclockid(3): in nanoseconds, where /proc/PID/stat has steps of 10 ms.
        return time.clock_gettime((~pid << 3) | 2)
    times: Any = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _rss(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


def _mib(size: float) -> float:
    return size / MEBIBYTE
