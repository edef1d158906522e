"""The demo's n-gram model: its probabilities, and what settings and prompt do to its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.demo import Server
from notebook_stream.demo.ngram import SHARES, TOPIC, Ngram, write
from notebook_stream.events import Text

from ..waiting import PATIENCE

TEXT = ("the cat sat on the mat", "the cat ran", "the dog sat")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0) as running:
        yield running


def asked(server: Server, prompt: str = "Tell me about streams", **fields: Any) -> str:
    s = stream(prompt, model="ngram", base_url=server.base_url, **fields)
    return s.result(PATIENCE).text


def test_probabilities_are_the_shares_of_the_counts() -> None:
    model = Ngram(TEXT)
    possible = dict(model.distribution(["the", " cat"], frozenset()))
    # After "the cat": sat and ran, once each; after "cat": the same.
    assert possible == {" ran": 0.5, " sat": 0.5}
    possible = dict(model.distribution(["\n\n", "the"], frozenset()))
    # After a beginning and "the": cat twice, dog once; after "the" at the beginning no other.
    assert possible == pytest.approx({" cat": 2 / 3, " dog": 1 / 3})
    possible = dict(model.distribution([" on", " the"], frozenset()))
    assert possible == {" mat": 1.0}
    assert sum(SHARES) == pytest.approx(1)


def test_after_what_is_not_known_any_token_may_come() -> None:
    possible = dict(Ngram(TEXT).distribution(["x", "y"], frozenset()))
    assert possible.keys() == {"the", " cat", " sat", " on", " the", " mat", " ran", " dog", ""}
    assert sum(possible.values()) == pytest.approx(1)


def test_words_of_the_prompt_are_likelier() -> None:
    possible = dict(Ngram(TEXT).distribution(["\n\n", "the"], frozenset({"dog"})))
    assert possible[" dog"] / possible[" cat"] == pytest.approx(TOPIC / 2)


def test_tokens_are_drawn_as_often_as_the_model_says() -> None:
    model = Ngram(TEXT)
    second = Counter(write(model, "", temperature=1, top_p=1, rng=Random(seed))[1][0] for seed in range(3000))
    assert second.keys() == {" cat", " dog"}
    assert second[" cat"] / 3000 == pytest.approx(2 / 3, abs=0.03)


def test_no_temperature_takes_the_likeliest_and_top_p_cuts_the_tail() -> None:
    model = Ngram(TEXT)
    for options in ({"temperature": 0, "top_p": 1}, {"temperature": 1, "top_p": 0.6}):
        drawn = {write(model, "", **options, rng=Random(seed))[1][0] for seed in range(50)}
        assert drawn == {" cat"}


def test_settings_go_through_the_server(server: Server) -> None:
    cold = [asked(server, temperature=0) for _ in range(2)]
    assert cold[0] == cold[1]
    assert len({asked(server, temperature=1.2) for _ in range(4)}) > 1
    assert asked(server, seed=7) == asked(server, seed=7)
    assert asked(server, seed=7) != asked(server, seed=8)
    assert asked(server, temperature=0) != asked(server, "What does a server send?", temperature=0)
    assert len(asked(server, seed=1, max_tokens=3).split()) <= 3


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"temperature": "hot"}, {"top_p": 2}])
def test_settings_that_are_none_are_refused(server: Server, wrong: dict[str, Any]) -> None:
    s = stream("x", model="ngram", base_url=server.base_url, **wrong)
    s._session.wait(PATIENCE)
    assert s.error is not None
    assert next(iter(wrong)) in s.error.message


def test_log_probabilities_are_its_own(server: Server) -> None:
    s = stream("x", model="ngram", base_url=server.base_url, seed=3, logprobs=True, top_logprobs=5)
    s.result(PATIENCE)
    logprobs = [one for event in s.events if isinstance(event, Text) for one in event.logprobs]
    assert "".join(one.token for one in logprobs) == s.text
    assert all(one.logprob <= 0 for one in logprobs)
    assert len({one.logprob for one in logprobs}) > 5
