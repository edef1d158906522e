"""The house rules: who may import whom, what a file opens with, and what must not be in a committed file."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import notebook_stream

REPO = Path(__file__).resolve().parents[1]
PACKAGE = REPO / "notebook_stream"
ROOT = "notebook_stream"

IMPORTS: dict[str, set[str]] = {
    "errors": set(),
    "wire": set(),
    "events": {"errors"},
    "sse": {"errors"},
    "retry": {"sse", "events", "errors"},
    "formats": {"events", "errors"},
    "providers": {"formats", "errors"},
    "prices": {"events"},
    "sources": {"formats", "events", "errors"},
    "session": {"events", "errors"},
    "loop": set(),
    "outbox": {"events", "wire"},
    "saved": {"events", "errors"},
    "hosts": {"loop"},
    "marimo": set(),
    "template": {"errors"},
    "plotting": {"events", "errors"},
    "recording": {"sse", "formats", "session", "plotting", "events", "errors"},
    "widget": {"recording", "session", "outbox", "wire", "saved", "hosts", "marimo", "loop", "errors"},
    "inspector": {
        "comparison",
        "widget",
        "recording",
        "outbox",
        "saved",
        "events",
        "wire",
        "hosts",
        "marimo",
        "loop",
        "errors",
    },
    "comparison": {"widget", "session", "template", "saved", "wire", "hosts", "marimo", "loop", "errors"},
    "demo": set(),
    "tuning": {"widget", "saved", "template", "wire", "hosts", "errors"},
    "magics": {
        "api",
        "widget",
        "demo",
        "prices",
        "providers",
        "saved",
        "template",
        "hosts",
        "loop",
        "errors",
    },
}
"""Room -> the rooms it may import. `api` and the package's own `__init__` may import all."""

JOINERS = {"api", "__init__"}
STANDARD_LIBRARY_ONLY = {"demo"}


def room_of(path: Path) -> str:
    """The room a module belongs to: `formats` for `formats/anthropic.py`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms() -> set[str]:
    """Every room there is; a folder without a module (`static`, an empty one) is none."""
    return {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}


def imported_modules(source: str, path: Path) -> Iterator[str]:
    """Dotted names of all that a module imports, anywhere in it; relative ones resolved."""
    package = [ROOT, *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            # `from . import errors` names a module, `from .errors import UsageError` something in one.
            yield from (f"{whole}.{alias.name}" for alias in node.names)


def imported_rooms(source: str, path: Path) -> set[str]:
    """The rooms of ours that a module imports; `__init__` for a name that the package itself holds."""
    found = set()
    for name in imported_modules(source, path):
        top, *inner = name.split(".")
        if top == ROOT:
            found.add(inner[0] if inner and inner[0] in rooms() else "__init__")
    return found - {room_of(path)}


def violations(source: str, path: Path) -> list[str]:
    """What a module imports and may not."""
    room = room_of(path)
    if room in JOINERS:
        return []
    wrong = imported_rooms(source, path) - IMPORTS.get(room, set())
    return [f"{path.relative_to(REPO)} must not import {name}" for name in sorted(wrong)]


def test_imports_point_one_way() -> None:
    found = [
        line for path in PACKAGE.rglob("*.py") for line in violations(path.read_text(encoding="utf-8"), path)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("module", "source", "seen"),
    [
        ("errors.py", "from .events import Text", "events"),
        ("errors.py", "from . import events", "events"),
        ("errors.py", "import notebook_stream.events as e", "events"),
        ("errors.py", "from notebook_stream import events", "events"),
        ("errors.py", "from notebook_stream import __version__", "__init__"),
        ("errors.py", "def f():\n    from .events import Text", "events"),
        ("errors.py", "if TYPE_CHECKING:\n    from .events import Text", "events"),
        ("formats/anthropic.py", "from ..wire import Append", "wire"),
        ("formats/anthropic.py", "from .. import wire", "wire"),
    ],
)
def test_a_planted_violation_is_found(module: str, source: str, seen: str) -> None:
    path = PACKAGE / module
    assert violations(source, path) == [f"{ROOT}/{module} must not import {seen}"]


def test_an_allowed_import_is_none() -> None:
    source = "from . import base\nfrom .base import Format\nfrom ..events import Text\nimport json"
    assert violations(source, PACKAGE / "formats" / "anthropic.py") == []


def test_the_table_is_the_house() -> None:
    assert rooms() == {*IMPORTS, *JOINERS} - {"__init__"}


def test_the_demo_needs_the_standard_library_only() -> None:
    for room in STANDARD_LIBRARY_ONLY:
        for path in (PACKAGE / room).rglob("*.py"):
            tops = {name.split(".")[0] for name in imported_modules(path.read_text(encoding="utf-8"), path)}
            assert tops - {ROOT} <= sys.stdlib_module_names, path


def test_no_module_bears_the_name_of_a_public_function() -> None:
    # `import notebook_stream.stream` would put the module where the function was.
    functions = {
        name for name in notebook_stream.__all__ if inspect.isroutine(getattr(notebook_stream, name))
    }
    assert functions >= {"stream", "show", "configure", "streams", "stop_all"}
    assert functions & rooms() == set()


def test_each_file_says_first_what_it_is() -> None:
    silent = [str(path) for path in committed_files(".py") if not ast.get_docstring(ast.parse(read(path)))]
    scripts = [*committed_files(".ts"), *committed_files(".mjs")]
    silent += [str(path) for path in scripts if not read(path).startswith(("//", "/*"))]
    assert silent == []


def test_the_version_stands_in_one_place() -> None:
    assert re.search(r'^__version__ = "\d+\.\d+\.\d+\w*"$', read(PACKAGE / "__init__.py"), re.MULTILINE)
    project = read(REPO / "pyproject.toml").split("[project.optional-dependencies]")[0]
    assert re.search(r'^dynamic = \["version"\]', project, re.MULTILINE)
    assert not re.search(r"^version\s*=", project, re.MULTILINE)
    assert "version" not in json.loads(read(REPO / "js" / "package.json"))


def test_each_runtime_dependency_has_its_reason() -> None:
    block = re.search(
        r"^dependencies = \[\n(.*?)^\]", read(REPO / "pyproject.toml"), re.DOTALL | re.MULTILINE
    )
    assert block is not None
    lines = block[1].splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r'\s*"[^"]+",\s+# \w.+', line)] == []


def test_the_built_page_is_there() -> None:
    names = re.findall(r'\{ name: "(\w+)"', read(REPO / "js" / "build.mjs"))
    assert "markdown" in names
    assert [name for name in names if not (PACKAGE / "static" / f"{name}.js").is_file()] == []


# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "yarn" + "pkg.com",
)
MACHINE_PATHS = (r"/" + r"work\b", r"/" + r"root/", r"/" + r"home/\w", r"/" + r"opt/", r"/" + r"Users/\w")
NOTES = (r"\bfaults" + r"\.md\b", r"\bDES" + r"IGN\b", r"\bSTY" + r"LE\.md\b", r"\bfacts" + r"/\w")
"""Files beside the repository: who reads a comment that refers to them cannot follow it."""


def test_no_committed_file_names_a_registry_a_machine_or_a_note_beside_the_repository() -> None:
    pattern = re.compile("|".join([*map(re.escape, REGISTRIES), *MACHINE_PATHS, *NOTES]))
    found = []
    for path in committed_files():
        text = path.read_bytes().decode(errors="replace")
        found += [f"{path.relative_to(REPO)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def committed_files(suffix: str = "") -> list[Path]:
    """The files git holds whose names end in `suffix`."""
    return [path for path in _git_files() if path.name.endswith(suffix)]


@cache
def _git_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: no telling what is committed")
    paths = [REPO / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]
