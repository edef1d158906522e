"""The other SDKs and frameworks, as they are installed: each set in a venv of its own, tested there.

They want different versions of the openai package, and none of them is wanted by an ordinary run.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
VENVS = REPO / ".venvs"
PACKAGES = Path(__file__).parent / "packages"
SETS = {"sdks": ("real_wire.py", "real_frameworks.py"), "sdks-openai-2": ("real_openai_2.py",)}
"""Extra of the project -> the tests that run with it."""


@pytest.mark.whole
@pytest.mark.parametrize("extra", SETS)
def test_the_packages_streams(extra: str) -> None:
    python = venv_with(extra)
    files = [str(PACKAGES / name) for name in SETS[extra]]
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=REPO, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]


def venv_with(extra: str) -> Path:
    """The interpreter of a venv that has it; pip looks again when pyproject.toml has changed."""
    folder = VENVS / extra
    python = folder / "bin" / "python"
    made_of = folder / ".made_of"
    wanted = f"{sys.version} {hashlib.sha256((REPO / 'pyproject.toml').read_bytes()).hexdigest()}"
    VENVS.mkdir(exist_ok=True)
    with (VENVS / f".lock-{extra}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = made_of.read_text(encoding="utf-8") if made_of.exists() else ""
        if made != wanted:
            made_of.unlink(missing_ok=True)  # what is broken off here is not to be built upon
            # Half a gigabyte of packages: not all of it anew for each line that changes.
            venv.create(folder, clear=not made.startswith(sys.version), with_pip=True)
            pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
            subprocess.run([*pip, "--editable", f"{REPO}[{extra}]"], check=True)
            made_of.write_text(wanted, encoding="utf-8")
    return python
