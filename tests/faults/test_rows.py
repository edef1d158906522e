"""The contract is whole: each of its rows has at least one test, and no test names a row that is none."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from .rows import ROWS


def rows_of_tests() -> set[str]:
    found: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        module = import_module(f"{__package__}.{path.stem}")
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        marks = [mark for test in tests for mark in getattr(test, "pytestmark", []) if mark.name == "row"]
        found |= {id for mark in marks for id in mark.args}
    return found


def test_each_row_has_a_test() -> None:
    assert len(ROWS) == 79
    assert rows_of_tests() == set(ROWS)
