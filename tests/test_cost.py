"""What a run costs: the server's word before any list, an estimate until it has counted; the limit on it."""

from __future__ import annotations

import pytest

from notebook_stream.events import End, Event, Finish, Reasoning, Text, Usage
from notebook_stream.session import Limits, Session, Status
from notebook_stream.session.answer import Answer
from notebook_stream.session.cost import STEP, Cost

from .test_session import run


def price(usage: Usage) -> float | None:
    """A dollar for a thousand tokens of prompt (told to be 100), ten dollars for a thousand of the answer."""
    prompt = 100 if usage.input_tokens is None else usage.input_tokens
    return prompt / 1000 + (usage.output_tokens or 0) / 100


def metrics(*events: Event, price_of: object = price) -> tuple[float | None, bool]:
    session, _ = run(*events, End(), price_of=price_of)
    return session.result().metrics.cost, session.result().metrics.cost_estimated


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((Text("x" * 40), Usage(10, 20, cost=0.5)), (0.5, False)),
        ((Text("x" * 40), Usage(10, 20)), (0.21, False)),
        ((Text("x" * 40), Usage(None, 20)), (0.3, True)),
        ((Text("x" * 40),), (0.2, True)),
        ((Reasoning("x" * 20), Text("x" * 20)), (0.2, True)),
        # Counted at the start, and then written on (Anthropic's, where the end does not come).
        ((Usage(10, 1), Text("x" * 40)), (0.12, True)),
        ((Usage(10, 1), Text("x" * 40), Usage(10, 12)), (0.13, False)),
        ((Usage(cost=0.5), Text("x" * 40)), (0.5, True)),
        ((), (None, False)),
    ],
)
def test_where_the_cost_comes_from(events: tuple[Event, ...], expected: tuple[float | None, bool]) -> None:
    found = metrics(*events)
    assert (found[0] and pytest.approx(found[0]), found[1]) == expected


def test_without_a_price_the_cost_is_unknown_and_not_zero() -> None:
    assert metrics(Text("x" * 40), Usage(10, 20), price_of=None) == (None, False)
    assert metrics(Text("x" * 40), Usage(10, 20), price_of=lambda usage: None) == (None, False)
    assert metrics(Text("x" * 40), Usage(cost=0.5), price_of=None) == (0.5, False)


def test_the_limit_acts_on_the_estimate() -> None:
    texts = [Text("x" * 40) for _ in range(1000)]
    session, source = run(*texts, 60.0, price_of=price, limits=Limits(max_cost=20.1))
    assert (session.status, session.stop_reason) == (Status.STOPPED, "cost")
    assert session.stop_detail == "cost limit of $20.1 reached (estimated)"
    assert source.closed
    # 20 dollars are 8,000 characters; looked at every 200, and beyond 10,000 at every fiftieth.
    assert 8_000 < len(session.result().text) <= 8_000 + STEP + 40
    assert session.result().metrics.cost == pytest.approx(20.1, rel=0.05)


def test_the_limit_acts_on_what_the_server_has_counted() -> None:
    limits = Limits(max_cost=0.15)
    session, _ = run(Text("a"), Usage(10, 20), Finish("stop"), 60.0, price_of=price, limits=limits)
    assert (session.stop_reason, session.stop_detail) == ("cost", "cost limit of $0.15 reached")
    assert (
        run(Text("a"), Usage(10, 10), Finish("stop"), price_of=price, limits=limits)[0].status is Status.DONE
    )
    assert run(Text("a"), Usage(cost=0.6), 60.0, limits=limits)[0].stop_reason == "cost"


def test_an_event_costs_no_price() -> None:
    asked = 0

    def counted(usage: Usage) -> float | None:
        nonlocal asked
        asked += 1
        return 0.0

    answer = Answer("m")
    cost = Cost(answer, counted, 1.0)
    for _ in range(100_000):
        answer.take(Text("word "))
        assert not cost.is_over()
    # 500,000 characters: 50 looks up to 10,000, then each 2 % more.
    assert 100 < asked < 400


def test_figures_between_two_looks_ask_for_no_price() -> None:
    asked = 0

    def counted(usage: Usage) -> float | None:
        nonlocal asked
        asked += 1
        return 1.0

    answer = Answer("m")
    cost = Cost(answer, counted, None)
    answer.take(Text("word "))
    for _ in range(100):
        assert cost.now() == (1.0, True)
    assert asked == 1


def test_a_price_that_is_known_later_counts_from_then_on() -> None:
    known: list[float] = []
    answer = Answer("m")
    cost = Cost(answer, lambda usage: known[0] if known else None, None)
    answer.take(Text("word "))
    assert cost.now() == (None, False)
    known.append(0.25)
    assert cost.now() == (0.25, True)


def test_what_was_there_before_costs_nothing() -> None:
    session = Session(price_of=price, begins_with=[Text("x" * 4000)])
    assert session.metrics().cost is None
    assert (session.answer.text, session.answer.chars, session.metrics().tokens) == ("x" * 4000, 0, 0)
