"""Events with their times in, figures of their timing out."""

from __future__ import annotations

import pytest

from notebook_stream.events import Event, Finish, Heartbeat, Opened, Reasoning, Text, TokenLogprob, Usage
from notebook_stream.plotting.arrivals import Arrivals, arrivals_of, percentile


def steady(count: int, gap_s: float, first_s: float = 1.0) -> list[tuple[float, Event]]:
    return [(first_s + n * gap_s, Text(f" {n}")) for n in range(count)]


def test_first_token_gaps_and_rate() -> None:
    events: list[tuple[float, Event]] = [(0.1, Opened(200)), *steady(101, 0.02), (3.1, Finish("stop"))]
    found = arrivals_of(events)
    assert (found.opened_s, found.ttft_s, found.end_s, found.tokens) == (0.1, 1.0, 3.1, 101)
    assert found.gaps_s == pytest.approx([0.02] * 100)
    edges, rates = found.rates
    assert (edges[0], edges[-1]) == pytest.approx((1.0, 3.0))
    assert sum(rate * (later - edge) for rate, edge, later in zip(rates, edges, edges[1:], strict=False)) == (
        pytest.approx(100)
    )
    assert rates == pytest.approx([50] * len(rates), abs=4.1)  # one token of a bin of a quarter of a second
    assert found.told() == "101 pieces · first after 1.00 s · then 50 pieces/s · longest gap 0.02 s"


def test_what_is_no_answer_is_not_counted() -> None:
    events: list[tuple[float, Event]] = [
        (0.1, Heartbeat()), (0.5, Reasoning("hm")), (1.0, Text("a")), (1.1, Text("b", index=1)),
        (1.2, Text("")),
    ]  # fmt: skip
    assert [(one.at_s, one.kind) for one in arrivals_of(events).all] == [(0.5, "reasoning"), (1.0, "text")]


def test_several_tokens_of_one_event_count_as_such() -> None:
    told = tuple(TokenLogprob(word, -0.5) for word in ("a", "b", "c"))
    found = arrivals_of([(1.0, Text("abc", logprobs=told)), (2.0, Text("abc", logprobs=told))])
    assert (found.tokens, found.unit) == (6, "tokens")
    assert found.rates == ([1.0, 2.0], [3.0])  # the first three took the time before


def test_pieces_are_called_tokens_only_where_the_server_counted_as_many() -> None:
    pieces = steady(10, 0.1)
    assert arrivals_of([*pieces, (3, Usage(output_tokens=10))]).unit == "tokens"
    assert arrivals_of([*pieces, (3, Usage(output_tokens=14))]).unit == "pieces"
    assert arrivals_of(pieces).unit == "pieces"


def test_a_stall_is_long_and_unusual() -> None:
    events = [*steady(20, 0.05), *[(at + 3.0, event) for at, event in steady(20, 0.05)]]
    [(at_s, seconds)] = arrivals_of(events).stalls
    assert at_s == pytest.approx(1.95)
    assert seconds == pytest.approx(2.05)
    assert arrivals_of(steady(10, 2.0)).stalls == []  # slow throughout
    assert arrivals_of([*steady(20, 0.001), (1.9, Text("x"))]).stalls == []  # unusual, and short


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_have_no_rate(count: int) -> None:
    found = arrivals_of(steady(count, 1))
    assert (found.gaps_s, found.rates, found.stalls) == ([], ([], []), [])


def test_a_rate_is_of_several_arrivals() -> None:
    edges, rates = arrivals_of(steady(11, 1.0)).rates
    assert edges == [1.0, 6.0, 11.0]
    assert rates == pytest.approx([0.8, 1.2])  # an edge belongs to the later
    edges, _ = arrivals_of(steady(10_000, 0.01)).rates
    assert len(edges) == 61


def test_all_at_once_have_no_rate() -> None:
    found = arrivals_of(steady(5, 0.0))
    assert found.rates == ([], [])
    assert found.told() == "5 pieces · first after 1.00 s"
    assert Arrivals([], None, 0.0, "tokens").told() == "nothing came"


def test_percentiles() -> None:
    values = [4.0, 1.0, 3.0, 2.0]  # the page's own test has the same
    assert [percentile(values, share) for share in (0.5, 0.9, 1)] == pytest.approx([2.5, 3.7, 4])
    assert percentile([7.0], 0.99) == 7
