"""In: a scratch directory. Out: llama.cpp's HTTP server (the wheel xllamacpp) on a free loopback port.

It runs in a process of its own, for it is C++ with threads of its own; run as a module, this file is it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from .model import CONTEXT, NAME, write_model

START_SECONDS = 60


class LlamaServer:
    """llama.cpp with the tiny model; a context manager that starts and stops it."""

    def __init__(self, directory: Path) -> None:
        self.url = ""
        self.model = NAME
        self._model_path = directory / "tiny.gguf"
        self._log_path = directory / "llama.log"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> LlamaServer:
        write_model(self._model_path)
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.llama.server", str(self._model_path)],
                cwd=Path(__file__).resolve().parents[2],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = self._read_address(self._process)
        self._wait_until_healthy()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        # The end of its stdin is the child's word to leave; so it also leaves when this process is killed.
        process, self._process = self._process, None
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    def _read_address(self, process: subprocess.Popen[str]) -> str:
        # A child that hangs before its first line is killed, which ends the read below.
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("http://"):
                    return line.strip()
        finally:
            watchdog.cancel()
        self.__exit__()
        raise RuntimeError(f"llama.cpp did not start:\n{self._log_path.read_text(errors='replace')[-2000:]}")

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            while client.get("/health").status_code != 200:
                if time.monotonic() > deadline:
                    self.__exit__()
                    raise RuntimeError("llama.cpp did not become healthy")
                time.sleep(0.05)


def _serve(model: str) -> None:
    # Only in the child: it loads 200 MB of shared objects. It has no types.
    import xllamacpp  # type: ignore[import-untyped]  # it has no types

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {NAME}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 2 * CONTEXT
    params.n_parallel = 2
    params.cpuparams.n_threads = 1
    params.warmup = False
    # Equal requests, equal text: the seed stands here because /v1/messages passes none on; and a prompt from
    # the cache is computed in other batches, whose rounding may pick another token.
    params.sampling.seed = 7
    params.cache_prompt = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)  # noqa: T201 -- how the parent learns the port
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
