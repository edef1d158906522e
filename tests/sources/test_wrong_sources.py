"""Sources that raise, give what is no text, or cannot be shown at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import Text
from notebook_stream.sources import as_events

from .loops import async_raising, collect, raising, run


@pytest.mark.parametrize("make", [raising, async_raising])
@pytest.mark.parametrize(
    ("exc", "said"),
    [
        (ValueError("bad\nluck"), "the source raised ValueError: bad luck"),
        (KeyboardInterrupt(), "the source raised KeyboardInterrupt"),
        (SystemExit(3), "the source raised SystemExit: 3"),
        (asyncio.CancelledError(), "the source raised CancelledError"),
        (StopAsyncIteration("x"), "the source raised"),
    ],
)
def test_a_source_that_raises(make: Any, exc: BaseException, said: str) -> None:
    async def main() -> None:
        events = as_events(make(exc))
        assert await anext(events) == Text("so far")
        with pytest.raises(SourceError) as caught:
            await anext(events)
        assert str(caught.value).startswith(said)
        assert caught.value.__cause__ is not None
        with pytest.raises(StopAsyncIteration):
            await anext(events)
        await events.aclose()

    run(main())


def test_a_key_in_the_exception_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop")
    with pytest.raises(SourceError) as caught:
        run(collect(as_events(raising(ValueError("Incorrect key sk-proj-abcdefghij****")))))
    assert "abcdefgh" not in str(caught.value)


def test_what_is_no_text_is_named() -> None:
    with pytest.raises(SourceError, match="type int"):
        run(collect(as_events(iter(["a", 1]))))
    with pytest.raises(SourceError, match="bytes: decode"):
        run(collect(as_events(iter([b"a"]))))
    with pytest.raises(SourceError, match="dict"):
        run(collect(as_events(lambda: {"a": 1})))
    with pytest.raises(SourceError, match="another function"):
        run(collect(as_events(lambda: lambda: ["a"])))


class Whole:
    """As pydantic makes them: iterating gives the fields."""

    model_fields: dict[str, object] = {}  # noqa: RUF012  as pydantic has it

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield ("a", "b")


def needs_an_argument(prompt: str) -> list[str]:
    return [prompt]


@pytest.mark.parametrize(
    "wrong",
    ["text", b"text", bytearray(), {"a": 1}, {"a"}, 7, None, ["a", 1], Whole(), needs_an_argument, Path("x")],
    ids=repr,
)
def test_what_cannot_be_shown_is_said_at_the_call(wrong: object) -> None:
    with pytest.raises(UsageError, match=r"show\(\) takes") as caught:
        as_events(wrong)
    assert len(str(caught.value).splitlines()) <= 3


def test_awaitables_that_are_under_way() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(asyncio.sleep(0))
        with pytest.raises(UsageError, match="under way"):
            as_events(task)
        await task
        coroutine = asyncio.sleep(0)
        await coroutine
        with pytest.raises(UsageError, match="awaited already"):
            as_events(coroutine)

    run(main())
