"""`resume()`: an answer that was cut off goes on, as one answer; who cannot go on says what instead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from notebook_stream import Stream, StreamError, show, stream
from notebook_stream.api.resuming import Begun, planned
from notebook_stream.demo import Server
from notebook_stream.errors import UsageError
from notebook_stream.events import Event, Text
from notebook_stream.providers import resolve

from ..waiting import PATIENCE
from .seen import Seen, at

FORMATS = ("openai-chat", "anthropic")


@pytest.mark.parametrize("wire_format", FORMATS)
@pytest.mark.parametrize("chars", [1, 3, 10, 41, 200, 1000])
def test_a_stopped_answer_goes_on_as_one(server: Server, wire_format: str, chars: int) -> None:
    options = at(server, wire_format=wire_format)
    whole = stream("x", model="markdown", **options).result(PATIENCE)
    first = stream("x", model="markdown", max_chars=chars, **options)
    assert len(first.result(PATIENCE).text) == chars
    second = first.resume(max_chars=None)
    result = second.result(PATIENCE)
    assert (result.status, result.text) == ("done", whole.text)
    # The page and the pieces tell the same, and nothing twice.
    assert second.outbox.snapshot()["text"] == "".join(second.text_stream) == whole.text
    assert next(iter(second.event_stream)) == Text(first.text)
    # Figures are those of the second request.
    assert result.metrics.chars == len(whole.text) - chars
    assert result.usage is not None
    assert whole.usage is not None
    assert 0 < (result.usage.output_tokens or 0) <= (whole.usage.output_tokens or 0)
    assert second.messages == first.messages
    sent = server.requests[-1].body["messages"]
    assert sent[-1] == {"role": "assistant", "content": first.text.rstrip()}
    assert first.text == whole.text[:chars]


def test_an_answer_that_reached_its_token_limit_goes_on(server: Server) -> None:
    first = stream("x", model="markdown", max_tokens=20, **at(server))
    assert first.result(PATIENCE).finish_reason == "length"
    second = first.resume(max_tokens=30)
    assert second.result(PATIENCE).text.startswith(first.text)
    assert second.usage.output_tokens == 30
    third = second.resume(max_tokens=None)
    assert third.result(PATIENCE).text == stream("x", model="markdown", **at(server)).result(PATIENCE).text


@pytest.mark.parametrize(("fault", "status"), [("cut:20", "interrupted"), ("error:20", "error")])
def test_an_answer_that_broke_off_goes_on(server: Server, fault: str, status: str) -> None:
    first = stream("x", model="markdown", retries=0, **at(server, fault=fault))
    with pytest.raises(StreamError):
        first.result(PATIENCE)
    assert first.status == status
    second = first.resume(fault=None)
    assert second.result(PATIENCE).text == stream("x", model="markdown", **at(server)).result(PATIENCE).text


def test_reasoning_that_was_shown_stays(server: Server) -> None:
    first = stream("x", model="reasoning", stop_when=lambda text: len(text) > 30, **at(server, pace=200))
    first.result(PATIENCE)
    second = first.resume()
    result = second.result(PATIENCE)
    assert result.reasoning == first.reasoning != ""
    assert second.outbox.snapshot()["reasoning"] == first.reasoning
    whole = stream("x", model="reasoning", **at(server)).result(PATIENCE)
    assert result.text == whole.text
    units = len((first.reasoning + first.text).encode("utf-16-le")) // 2
    assert second._describe()["asked"] == {"continues": units}


def test_a_condition_that_was_met_is_taken_away(server: Server) -> None:
    first = stream("x", model="lorem", stop_when="t000005", **at(server, tokens=10))
    assert first.result(PATIENCE).text.endswith("t000005")
    assert first.resume().result(PATIENCE).text.endswith("t000010")
    again = first.resume(stop_when="t000007").result(PATIENCE)
    assert again.text.endswith("t000007")


def test_limits_count_anew(server: Server) -> None:
    first = stream("x", model="lorem", max_chars=30, **at(server, tokens=1000))
    first.result(PATIENCE)
    second = first.resume().result(PATIENCE)
    assert (second.stop_reason, len(second.text)) == ("chars", 60)


def test_a_follow_up_goes_on_with_all_that_went_before(server: Server) -> None:
    before = stream("one", model="echo", **at(server))
    before.result(PATIENCE)
    first = stream("two", model="markdown", after=before, max_chars=50, **at(server))
    first.result(PATIENCE)
    first.resume(max_chars=None).result(PATIENCE)
    roles = [message["role"] for message in server.requests[-1].body["messages"]]
    assert roles == ["user", "assistant", "user", "assistant"]


def test_again_asks_the_whole_anew(server: Server) -> None:
    first = stream("x", model="markdown", max_chars=50, **at(server))
    first.result(PATIENCE)
    second = first.resume(max_chars=60)
    second.result(PATIENCE)
    assert len(second.again().result(PATIENCE).text) == 60
    assert [message["role"] for message in server.requests[-1].body["messages"]] == ["user"]


def test_a_run_that_the_notebook_kept_goes_on(server: Server) -> None:
    first = stream("x", model="markdown", max_tokens=20, **at(server))
    first.result(PATIENCE)
    kept = Stream.from_output(first._make_copy()[1])
    second = kept.resume(max_tokens=None, display=False)
    whole = stream("x", model="markdown", **at(server)).result(PATIENCE).text
    assert second.result(PATIENCE).text == whole
    assert Stream.from_output(second._make_copy()[1]).text == whole


def test_the_saved_copy_holds_the_whole(server: Server) -> None:
    first = stream("x", model="cut", **at(server))
    first.result(PATIENCE)
    second = first.resume()
    second.result(PATIENCE)
    data, metadata = second._make_copy()
    assert data["text/plain"].startswith(first.text)
    assert Stream.from_output(metadata).text == second.text


@pytest.mark.parametrize("wire_format", FORMATS)
def test_figures_come_back_as_they_were(server: Server, wire_format: str) -> None:
    first = stream("x", model="lorem", max_chars=300, **at(server, tokens=1000, wire_format=wire_format))
    first.result(PATIENCE)
    second = first.resume()
    assert second.result(PATIENCE).metrics.tokens < 100
    for s in (first, second):
        assert Stream.from_output(s._make_copy()[1]).metrics == s.metrics


def test_what_may_be_a_repetition_is_kept_where_the_connection_ends() -> None:
    begun = Begun([{"role": "user", "content": "x"}], "Here is the beginning of it.", "")
    plan = planned(begun, resolve("groq/any", environ={"GROQ_API_KEY": "k"}), list(begun))

    async def events() -> AsyncIterator[Event]:
        yield Text("Here is")

    async def read() -> list[Event]:
        return [event async for event in plan.joined(events())]

    assert asyncio.run(read()) == [Text("Here is")]


def cut(server: Server, **options: Any) -> Stream:
    s = stream("x", model="markdown", max_chars=50, **{**at(server), **options})
    s.result(PATIENCE)
    return s


def test_what_cannot_go_on_says_so(server: Server) -> None:
    done = stream("x", model="echo", **at(server))
    done.result(PATIENCE)
    with pytest.raises(UsageError, match="cut off; this one is done"):
        done.resume()
    running = stream("x", model="lorem", **at(server, tokens=1000, pace=50))
    with pytest.raises(UsageError, match="still running"):
        running.resume()
    running.stop()
    shown = show(iter(["a"]), display=False)
    shown.result(PATIENCE)
    with pytest.raises(UsageError, match="no request"):
        shown.resume()
    empty = stream("x", model="slow", **at(server, first_token_s=60))
    empty.stop()
    with pytest.raises(UsageError, match="no text yet"):
        empty.resume()
    several = stream("x", model="lorem", n=2, max_chars=100, **at(server))
    several.result(PATIENCE)
    with pytest.raises(UsageError, match="several choices"):
        several.resume()
    private = Stream.from_output(cut(server, save_prompt=False)._make_copy()[1])
    with pytest.raises(UsageError, match="prompt was not saved"):
        private.resume()
    with pytest.raises(UsageError, match=r"belongs to s\.again"):
        cut(server).resume(prompt="y")


def test_a_server_that_cannot_go_on_is_not_asked(server: Server, seen: Seen) -> None:
    first = cut(server)
    with pytest.raises(UsageError, match="not known to go on") as caught:
        first.resume(model="openai/gpt-5-mini", base_url=None, api_key="k", http_client=seen.client)
    assert 'stream("Go on exactly where you stopped.", after=s)' in str(caught.value)
    assert not seen.requests


def test_the_other_way_that_it_names_works(server: Server) -> None:
    first = cut(server)
    first._options["model"] = "echo"
    t = stream("Go on exactly where you stopped.", after=first)
    t.stop()
    assert t.messages[-2] == {"role": "assistant", "content": first.text}
