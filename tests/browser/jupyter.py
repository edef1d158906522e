"""In: a scratch directory. Out: one running JupyterLab server (which serves Notebook 7 too) on loopback.

Its configuration, data and kernels are its own, and no key or setting of the person who runs the tests
reaches it. Knows nothing of the page.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import zmq

from .kernels import DEFAULT, write_kernelspec

START_SECONDS = 90
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
"""Of the environment only these reach the server: a key in a developer's shell must not."""

LAB_SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Saving is what some tests look at, so nothing saves on its own.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


def code_cell(source: str) -> dict[str, Any]:
    """A code cell in notebook format 4.5, without its id."""
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}


class JupyterServer:
    """A JupyterLab server under `directory`; `start()` and `stop()` it, or use it as a context manager."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "notebooks"
        self.log_path = directory / "jupyter.log"
        self.knocks: list[str] = []
        """What `knock` was called for, one entry a call."""
        self._directory = directory
        self._data = directory / "data"
        self._token = secrets.token_hex(16)
        self._specs: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Origin, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def client(self) -> httpx.Client:
        """A new client of the server's own REST API; close it."""
        headers = {"Authorization": f"token {self._token}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)

    @property
    def token(self) -> str:
        """What the page sends to be let in."""
        return self._token

    def __enter__(self) -> JupyterServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it answers; raises `RuntimeError` with the log when it does not."""
        self.root.mkdir(parents=True)
        self._write_settings()
        self.add_kernel(DEFAULT)
        self._port = free_port()
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *self._options()],
                cwd=self.root,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        self._wait_until_it_answers(self._process)

    def stop(self) -> None:
        """End the kernels, then the server."""
        process = self._process
        if process is None:
            return
        self._process = None
        if process.poll() is None:
            self.shut_down_kernels()
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def add_kernel(self, name: str) -> None:
        """Make the kernelspec `name` known; the server reads the folder anew whenever a page asks."""
        if name not in self._specs:
            write_kernelspec(name, self._data)
            self._specs.add(name)

    def shut_down_kernels(self) -> None:
        """End every session and kernel."""
        with self.client as client:
            for session in client.get("/api/sessions").json():
                client.delete(f"/api/sessions/{session['id']}")
            for kernel in client.get("/api/kernels").json():
                client.delete(f"/api/kernels/{kernel['id']}")

    def knock(self, kernel_id: str, reason: str) -> None:
        """Connect to the kernel's shell socket and say nothing: so it wakes (see `DEAF_KERNELS`)."""
        self.knocks.append(reason)
        connection = json.loads((self._directory / "runtime" / f"kernel-{kernel_id}.json").read_text("utf-8"))
        with zmq.Context() as context, context.socket(zmq.DEALER) as client:
            client.setsockopt(zmq.LINGER, 0)
            client.setsockopt(zmq.IMMEDIATE, 1)  # ready to send means connected
            client.connect(f"tcp://{connection['ip']}:{connection['shell_port']}")
            assert client.poll(10_000, zmq.POLLOUT), "the kernel's shell socket takes no connection"

    def write_notebook(
        self, name: str, sources: Sequence[str | dict[str, Any]], kernel: str = DEFAULT
    ) -> Path:
        """Write notebook `name` (a file name) with code cells of these sources; a dict is a cell as it is."""
        self.add_kernel(kernel)
        cells = [code_cell(item) if isinstance(item, str) else item for item in sources]
        notebook = {
            "cells": [{"id": f"cell-{number}", **cell} for number, cell in enumerate(cells)],
            "metadata": {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.root / name
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
        return path

    def log(self, last: int = 4000) -> str:
        """The last characters of what the server and its kernels printed."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")[-last:]

    def _options(self) -> list[str]:
        return [
            "--no-browser",
            "--allow-root",  # a test machine is often a container
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self._port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            "--ServerApp.open_browser=False",
            "--ServerApp.answer_yes=True",
            f"--IdentityProvider.token={self._token}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.news_url=None",
            "--LabApp.extension_manager=readonly",
            # `window.jupyterapp`, by which the helpers ask for states instead of sleeping.
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        folders = {
            "HOME": "home",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        own = {variable: str(self._directory / folder) for variable, folder in folders.items()}
        for folder in own.values():
            Path(folder).mkdir(parents=True, exist_ok=True)
        # Else a venv's own kernelspec would go before ours of the same name.
        return {**kept, **own, "JUPYTER_PREFER_ENV_PATH": "0", "PYTHONUNBUFFERED": "1"}

    def _write_settings(self) -> None:
        for plugin, settings in LAB_SETTINGS.items():
            path = self._directory / "settings" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings), encoding="utf-8")

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        with self.client as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    if client.get("/api/status").status_code == 200:
                        return
                except httpx.TransportError:
                    time.sleep(0.1)  # the port is not open yet: nothing to wait on
        self.stop()
        raise RuntimeError(f"JupyterLab did not start within {START_SECONDS} s:\n{self.log()}")


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
