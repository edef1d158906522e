"""What a comparison may cost: estimates of all its runs count, and reaching the limit stops all of it."""

from __future__ import annotations

import time

import pytest

from notebook_stream import compare, prices
from notebook_stream.events import Usage
from notebook_stream.providers import Target

from ..waiting import PATIENCE, until


@pytest.fixture(autouse=True)
def _priced(monkeypatch: pytest.MonkeyPatch) -> None:
    def price(usage: Usage) -> float:
        return (usage.output_tokens or 0) / 100

    monkeypatch.setattr(prices, "price_of", lambda provider, model, *, wait: price)
    monkeypatch.setattr(Target, "is_local", False)  # the demo server stands for one elsewhere


def test_all_stop_at_the_limit_while_no_server_has_counted() -> None:
    c = compare("x", "demo/lorem", repeats=4, max_cost=1, tokens=100_000, pace=200, first_token_s=0)
    for run in c:
        assert run.result(PATIENCE).usage is None
    assert c.stop_reason == "cost"
    costs = [run.metrics.cost for run in c]
    assert 1 < sum(cost or 0 for cost in costs) < 20
    assert None not in costs
    assert {run._describe()["stop_reason"] for run in c} == {"cost"}
    assert all("cost limit of $1 reached" in run._session.stop_detail for run in c)


def test_the_table_has_the_cost_and_whether_it_is_an_estimate() -> None:
    c = compare("x", "demo/lorem", tokens=50, pace=0, first_token_s=0)
    c.result(PATIENCE)
    frame = c.to_frame()
    assert list(frame["cost"]) == [0.5]
    assert list(frame["cost_estimated"]) == [False]


def test_where_no_price_is_known_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Target, "is_local", True)
    c = compare("x", "demo/echo", repeats=3, max_cost=1, pace=0, first_token_s=0)
    assert "No price is known for 3 of 3 cells" in c._describe()["note"]
    assert compare("x", "demo/echo", pace=0, first_token_s=0)._describe()["note"] == ""


def test_one_that_costs_all_that_the_whole_may_ends_the_whole() -> None:
    c = compare("x", "demo/lorem", tokens=[100_000, 100_001], max_cost=1, pace=[2_000, 1], first_token_s=0)
    c.result(PATIENCE)
    assert {run.stop_reason for run in c} == {"cost"}
    assert c.stop_reason == "cost"


def test_a_limit_of_all_counts_on_while_one_is_asked_again() -> None:
    c = compare("x", "demo/lorem", repeats=2, max_seconds=1.5, tokens=100_000, pace=20, first_token_s=0)
    began = time.monotonic()
    while not c._has_ended and time.monotonic() - began < PATIENCE:
        c.again(lambda run: run is c[0, 0, 0] and run.status == "streaming")
        time.sleep(0.3)
    assert c.stop_reason == "seconds"  # it would never come if it counted anew each time
    assert c[0, 0, 0].status == "stopped"
    c.again()
    c.result(PATIENCE)
    assert c.stop_reason == "seconds"  # counted anew


def test_cost_of_runs_whose_places_others_took_counts_until_all_have_ended() -> None:
    c = compare("x", "demo/lorem", repeats=2, tokens=100_000, pace=20, first_token_s=0, max_cost=1_000)
    until(lambda: all((run.metrics.cost or 0) > 0 for run in c))
    before = c._runs._budget.cost()
    c.again()
    assert c._runs._budget.cost() >= before
    c.stop()
    c.again()
    assert c._runs._budget.cost() < before
    c.stop()
