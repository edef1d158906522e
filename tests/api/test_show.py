"""show(): strings, functions and generators, and what it says of all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import show
from notebook_stream.errors import SourceError, UsageError

from ..waiting import PATIENCE


def test_show_of_strings_functions_and_generators() -> None:
    assert show(["a", "b"]).result(PATIENCE).text == "ab"
    assert show(lambda: iter(["c", "d"])).result(PATIENCE).text == "cd"

    async def fresh() -> Any:
        yield "e"
        yield "f"

    s = show(fresh)
    assert s.result(PATIENCE).text == "ef"
    assert s.again().result(PATIENCE).text == "ef"


def test_show_of_a_generator_that_raises_keeps_the_text() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise ZeroDivisionError("oops")

    s = show(broken())
    with pytest.raises(SourceError, match="oops") as caught:
        s.result(PATIENCE)
    assert caught.value.result.text == "a"


@pytest.mark.parametrize("wrong", ["text", b"bytes", 7, None, {"a": 1}])
def test_show_says_what_it_takes(wrong: Any) -> None:
    with pytest.raises(UsageError):
        show(wrong)
