"""In: the name of a kernel that a test wants. Out: its kernelspec, and if need be a venv with only it.

`python3` is the environment that runs the tests. The others are venvs in `.venvs/` with one ipykernel minor
version and our wheel, for the routes of Stop rest on private behaviour that differs between those versions.
Knows nothing of the server or the page.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
VENVS = REPO / ".venvs"

DEFAULT = "python3"
OTHER_VERSIONS = {"ipykernel-7.4": "7.4", "ipykernel-7.3": "7.3", "ipykernel-6.31": "6.31"}
KERNELS = (DEFAULT, *OTHER_VERSIONS)
DEAF_KERNELS = frozenset({"ipykernel-7.3"})
"""Those that may leave a request unread: ipykernel 7.0 to 7.3 send a reply past the stream that reads the
same socket, and so lose the wake-up of a request that comes meanwhile. It, and all that the same client sends
after it, is read only when another client connects (ipython/ipykernel issue 1554, pull request 1529)."""
APPS = {
    "panel": ("panel==1.9.*", "ipywidgets_bokeh==1.8.*"),
    "shiny": ("shiny==1.8.*", "shinywidgets==0.8.*"),
    "solara": ("solara==1.58.2", "solara-assets==1.58.2"),  # newer ones want a CDN
}
"""Web apps that show widgets, and what each needs beside our wheel."""


def write_kernelspec(name: str, data_dir: Path) -> None:
    """Make kernel `name` startable for a Jupyter whose data directory is `data_dir`; builds a stale venv.

    Raises `subprocess.CalledProcessError` when a venv cannot be built; pip's own words are on stderr.
    """
    python = Path(sys.executable) if name == DEFAULT else venv_python(name)
    spec_dir = data_dir / "kernels" / name
    spec_dir.mkdir(parents=True, exist_ok=True)
    spec = {
        # -Xfrozen_modules=off keeps debugpy from writing a warning into every kernel's log.
        "argv": [str(python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "metadata": {"debugger": True},
        # The default kernel runs the working tree; the others must show that the wheel alone is enough.
        "env": {"PYTHONPATH": str(REPO)} if name == DEFAULT else {},
    }
    (spec_dir / "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")


def venv_python(name: str) -> Path:
    """The Python of a venv with that ipykernel or app and our wheel; builds a stale one."""
    # The newest patch of the minor version that pip offers.
    wanted = APPS[name] if name in APPS else (f"ipykernel=={OTHER_VERSIONS[name]}.*",)
    folder = VENVS / name
    python = folder / "bin" / "python"
    with _locked():
        base = f"{sys.version} {' '.join(wanted)} {_digest([REPO / 'pyproject.toml'])}"
        code = _digest(_package_files())
        wheel = _wheel(code)
        if _read(folder / ".base") != base:
            venv.create(folder, clear=True, with_pip=True)
            _pip(python, "install", *wanted, str(wheel))
            (folder / ".base").write_text(base, encoding="utf-8")
            (folder / ".code").write_text(code, encoding="utf-8")
        elif _read(folder / ".code") != code:
            _pip(python, "install", "--no-deps", "--force-reinstall", str(wheel))
            (folder / ".code").write_text(code, encoding="utf-8")
    return python


def _wheel(code: str) -> Path:
    folder = VENVS / "wheel"
    if _read(folder / ".code") != code:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.whl"):
            old.unlink()
        _pip(Path(sys.executable), "wheel", "--no-deps", "--wheel-dir", str(folder), str(REPO))
        (folder / ".code").write_text(code, encoding="utf-8")
    return next(folder.glob("*.whl"))


def _pip(python: Path, *arguments: str) -> None:
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([str(python), "-m", "pip", *arguments, "-qq"], check=True, env=environment)


def _package_files() -> list[Path]:
    package = REPO / "notebook_stream"
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted([*files, REPO / "pyproject.toml"])


def _digest(files: list[Path]) -> str:
    sha = hashlib.sha256()
    for path in files:
        sha.update(path.relative_to(REPO).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@contextmanager
def _locked() -> Iterator[None]:
    # Two test runs in one work tree must not build the same venv at once.
    VENVS.mkdir(exist_ok=True)
    with (VENVS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for version in OTHER_VERSIONS:
        venv_python(version)
