"""Each limit closes the connection at once: what the server sees, what is kept, and what is said of it."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from notebook_stream import prices, stream
from notebook_stream.api.costs import price_of
from notebook_stream.demo import Server
from notebook_stream.errors import UsageError
from notebook_stream.events import Usage
from notebook_stream.providers import Target, resolve

from ..waiting import PATIENCE, until
from .seen import at

CENT_A_TOKEN = 0.01


@pytest.fixture
def _priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that knows every model: a cent for each token, of the prompt and of the answer."""

    def price(usage: Usage) -> float:
        return ((usage.input_tokens or 0) + (usage.output_tokens or 0)) * CENT_A_TOKEN

    monkeypatch.setattr(prices, "price_of", lambda provider, model, *, wait: price)
    monkeypatch.setattr(Target, "is_local", False)  # the demo server stands for one elsewhere


LIMITS: dict[str, tuple[dict[str, Any], str, str]] = {
    "seconds": ({"max_seconds": 0.3}, "seconds", "time limit of 0.3 s reached"),
    "chars": ({"max_chars": 100}, "chars", "limit of 100 characters reached"),
    "cost": ({"max_cost": 1}, "cost", "cost limit of $1 reached (estimated)"),
    "a text": ({"stop_when": "t000020"}, "stop_when", "“t000020” was found (stop_when)"),
    "a pattern": ({"stop_when": re.compile("t0+20")}, "stop_when", "/t0+20/ was found (stop_when)"),
    "a function": ({"stop_when": lambda text: "t000020" in text}, "stop_when", "stop_when was met"),
}


@pytest.mark.usefixtures("_priced")
@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_closes_the_connection_and_says_so(server: Server, limit: str) -> None:
    options, reason, words = LIMITS[limit]
    s = stream("x", model="lorem", **at(server, tokens=1_000_000, pace=300), **options)
    result = s.result(PATIENCE)
    assert (result.status, result.stop_reason) == ("stopped", reason)
    until(lambda: server.requests[-1].closed_at)
    ended = time.monotonic()
    request = server.requests[-1]
    assert (request.closed_by, request.ended_at) == ("client", None)
    assert request.closed_at is not None
    assert ended - request.closed_at < PATIENCE
    assert request.tokens_sent < 10_000
    # In the view, in the saved copy, and in what comes back from it.
    assert s._describe()["stop_detail"] == words
    data, metadata = s._make_copy()
    assert f"stopped: {words}" in data["text/plain"]
    assert type(s).from_output(metadata)._describe()["stop_detail"] == words


def test_a_text_that_stops_is_the_last_of_the_answer(server: Server) -> None:
    s = stream("x", model="lorem", stop_when="9 t00", **at(server, tokens=1000, pace=500))
    assert s.result(PATIENCE).text.endswith("t000008 t000009 t00")


@pytest.mark.usefixtures("_priced")
def test_the_estimate_becomes_the_servers_count(server: Server) -> None:
    s = stream("x" * 400, model="lorem", **at(server, tokens=100))
    result = s.result(PATIENCE)
    assert result.usage is not None
    counted = (result.usage.input_tokens or 0) + (result.usage.output_tokens or 0)
    assert result.metrics.cost == pytest.approx(counted * CENT_A_TOKEN)
    assert not result.metrics.cost_estimated
    state = s._describe()
    assert (state["cost"], state["cost_estimated"]) == (float(f"{result.metrics.cost:.2f}"), False)
    data, metadata = s._make_copy()
    assert f"${result.metrics.cost:.2f}" in data["text/plain"]
    back = type(s).from_output(metadata)
    assert back.metrics.cost == result.metrics.cost


@pytest.mark.usefixtures("_priced")
def test_an_estimate_holds_the_prompt_too_and_says_what_it_is(server: Server) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    asked = [{"role": "user", "content": [{"type": "text", "text": "x" * 300}]}]
    s = stream(asked, system="y" * 100, model="lorem", max_chars=40, tools=tools, **at(server, tokens=100))
    metrics = s.result(PATIENCE).metrics
    assert metrics.cost == pytest.approx((round((400 + len(str(tools))) / 4) + 10) * CENT_A_TOKEN, abs=0.02)
    assert metrics.cost_estimated
    assert s._describe()["cost_estimated"]
    data, metadata = s._make_copy()
    assert "≈ $1." in data["text/plain"]
    assert type(s).from_output(metadata).metrics == metrics


def test_a_limit_on_cost_that_cannot_hold_is_told_from_the_beginning(server: Server) -> None:
    s = stream("x", model="lorem", max_cost=0.5, **at(server, tokens=20, pace=20))
    told = "max_cost has no effect unless the server tells a cost: no price known for lorem"
    assert s._describe()["note"] == told
    assert s.status in ("connecting", "streaming")
    assert s.result(PATIENCE).metrics.cost is None
    assert told in s._make_copy()[0]["text/plain"]
    assert not stream("x", model="lorem", **at(server))._describe()["note"]


def test_where_the_list_is_missing_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "is_installed", lambda: False)
    openai = resolve("openai/gpt-5-mini", environ={"OPENAI_API_KEY": "k"})
    price, remark = price_of(openai, "openai/gpt-5-mini", [], None, {}, 0.5)
    assert price is None
    assert remark.endswith("no price known for openai/gpt-5-mini; pip install notebook-stream[prices]")
    assert price_of(openai, "openai/gpt-5-mini", [], None, {}, None) == (None, "")
    here = resolve("ollama/qwen3:8b", environ={})
    assert price_of(here, "ollama/qwen3:8b", [], None, {}, 0.5)[1].endswith("known for ollama/qwen3:8b")


def test_a_server_on_this_machine_has_no_price_whatever_its_name() -> None:
    told = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    target = resolve("openai/gpt-4o-mini", api_key="k", environ=told)
    assert price_of(target, "openai/gpt-4o-mini", [], None, {}, None) == (None, "")


def test_an_empty_text_is_refused_at_the_call() -> None:
    with pytest.raises(UsageError, match="would stop at once"):
        stream("x", model="demo/echo", stop_when="")
