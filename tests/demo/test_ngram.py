"""The demo's n-gram model: its probabilities, and what settings and prompt do to its answers."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from random import Random
from typing import Any

import pytest

from notebook_stream import stream
from notebook_stream.demo import Server
from notebook_stream.demo.answers import MODELS, _training
from notebook_stream.demo.ngram import (
    END,
    SHARES,
    TOPIC,
    Distribution,
    Ngram,
    paragraphs,
    shaped,
    words,
    write,
)
from notebook_stream.events import Finish, Text, TokenLogprob

from ..waiting import PATIENCE

TEXT = ("the cat sat on the mat", "the cat ran", "the dog sat")
DRAWS = 3_840
"""30 requests of 128 choices."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0) as running:
        yield running


def asked(server: Server, prompt: str = "Tell me about the weather", **fields: Any) -> str:
    s = stream(prompt, model="ngram", base_url=server.base_url, **fields)
    return s.result(PATIENCE).text


def begun(text: str, prompt: str = "Tell me about the weather") -> list[dict[str, Any]]:
    """A request to go on after `text`."""
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": text}]


SEA = begun("The sea is", "hello")
"""A place where many tokens are likely."""


def told(server: Server, prompt: Any = SEA, **fields: Any) -> list[TokenLogprob]:
    options = {"logprobs": True, "top_logprobs": 20, **fields}
    s = stream(prompt, model="ngram", base_url=server.base_url, **options)
    s.result(PATIENCE)
    return [one for event in s.events if isinstance(event, Text) for one in event.logprobs]


def next_tokens(server: Server, **fields: Any) -> Counter[str]:
    """The token after "The sea is" of `DRAWS` answers."""
    drawn: Counter[str] = Counter()
    for seed in range(DRAWS // 128):
        options = {"n": 128, "max_tokens": 1, "seed": seed, **fields}
        s = stream(SEA, model="ngram", base_url=server.base_url, **options)
        drawn.update(choice.text for choice in s.result(PATIENCE).choices)
    assert drawn.total() == DRAWS
    return drawn


def surprise(drawn: Counter[str], expected: dict[str, float]) -> float:
    """How many standard deviations chi-square is above its mean: of true probabilities about 0, rarely 4.

    Tokens that are expected less than five times are one class.
    """
    rare = {token for token, p in expected.items() if p * DRAWS < 5}
    classes = [(p * DRAWS, drawn[token]) for token, p in expected.items() if token not in rare]
    known = sum(e for e, _ in classes), sum(n for _, n in classes)
    classes.append((max(DRAWS - known[0], 1e-9), DRAWS - known[1]))
    assert len(classes) > 3
    chi_square = sum((n - e) ** 2 / e for e, n in classes)
    freedom = len(classes) - 1
    return (chi_square - freedom) / math.sqrt(2 * freedom)


def test_probabilities_are_the_shares_of_the_counts() -> None:
    model = Ngram(TEXT)
    # After "the cat", from a beginning or not: sat and ran, once each.
    assert dict(model.distribution(["\n\n", "the", " cat"])) == {" ran": 0.5, " sat": 0.5}
    # After "the" at a beginning: cat twice, dog once.
    possible = dict(model.distribution(["\n\n", "\n\n", "the"]))
    assert possible == pytest.approx({" cat": 2 / 3, " dog": 1 / 3})
    # After "cat sat" and "the cat sat" comes "on"; after "sat" once "on", once the end.
    possible = dict(model.distribution(["the", " cat", " sat"]))
    _, one, two, three = SHARES
    assert possible == pytest.approx(
        {" on": (one / 2 + two + three) / (1 - SHARES[0]), END: one / 2 / (1 - SHARES[0])}
    )
    assert sum(SHARES) == pytest.approx(1)


def test_after_what_is_not_known_any_token_may_come() -> None:
    possible = dict(Ngram(TEXT).distribution(["x", "y", "z"]))
    assert possible.keys() == {"the", " cat", " sat", " on", " the", " mat", " ran", " dog", END}
    assert sum(possible.values()) == pytest.approx(1)


def test_paragraphs_with_words_of_the_prompt_count_more() -> None:
    possible = dict(Ngram(TEXT, frozenset(words("Why do dogs sit?"))).distribution(["\n\n", "\n\n", "the"]))
    assert possible[" dog"] / possible[" cat"] == pytest.approx((1 + TOPIC) / 2)


def test_the_text_is_in_the_package_small_and_learnt_at_once() -> None:
    primer = (files("notebook_stream.demo") / "training" / "primer.txt").read_bytes()
    assert 10_000 < len(primer) < 60_000
    assert b"licence (MIT)" in primer.splitlines()[0]
    texts = paragraphs(_training())
    assert len(texts) > 150
    assert not any("*" in text or "#" in text[:1] or "import " in text or "def " in text for text in texts)
    began = time.monotonic()
    Ngram(texts)
    assert time.monotonic() - began < 3  # goal: 0.3


def test_the_list_says_what_it_is() -> None:
    assert "n-gram model" in MODELS["ngram"]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5])
def test_tokens_are_drawn_as_often_as_the_told_probabilities_say(server: Server, temperature: float) -> None:
    [first] = told(server, max_tokens=1)
    shares = {token: math.exp(logprob) for token, logprob in first.top}
    powers = {token: p ** (1 / temperature) for token, p in shares.items()}
    assert 0.5 < sum(shares.values()) < 1
    if temperature != 1:  # beyond twenty alternatives nothing is told: only their ratios are known
        drawn = next_tokens(server, temperature=temperature)
        seen = sum(drawn[token] for token in powers) / DRAWS
        expected = {token: seen * p / sum(powers.values()) for token, p in powers.items()}
    else:
        drawn, expected = next_tokens(server, temperature=1), shares
    assert abs(surprise(drawn, expected)) < 4
    wrong = {token: p**1.3 for token, p in expected.items()}
    assert surprise(drawn, {token: p / sum(wrong.values()) for token, p in wrong.items()}) > 4


def test_told_probabilities_are_those_before_temperature_and_top_p(server: Server) -> None:
    plain, *others = (
        told(server, max_tokens=1, seed=1, temperature=temperature, top_p=top_p)[0].top
        for temperature, top_p in ((1, 1), (0, 1), (2, 1), (1, 0.1))
    )
    assert others == [plain] * 3
    assert len(plain) == 20


def test_log_probabilities_are_its_own(server: Server) -> None:
    for seed in range(5):
        s = stream("x", model="ngram", base_url=server.base_url, seed=seed, logprobs=True, top_logprobs=20)
        s.result(PATIENCE)
        logprobs = [one for event in s.events if isinstance(event, Text) for one in event.logprobs]
        assert "".join(one.token for one in logprobs) == s.text
        for one in logprobs:
            chances = dict(one.top) | {one.token: one.logprob}
            assert sum(math.exp(logprob) for logprob in chances.values()) <= 1 + 1e-4  # each is rounded
            assert [p for _, p in one.top] == sorted((p for _, p in one.top), reverse=True)
            assert END not in chances


@pytest.mark.parametrize("top", [0, 1, 5, 20])
def test_as_many_alternatives_are_told_as_were_asked_for(server: Server, top: int) -> None:
    [first] = told(server, max_tokens=1, top_logprobs=top)
    assert len(first.top) == top
    assert first.logprob < 0


def test_no_temperature_takes_the_likeliest(server: Server) -> None:
    logprobs = told(server, temperature=0)
    assert len(logprobs) > 5
    assert all(one.token == one.top[0][0] for one in logprobs)
    assert asked(server, temperature=0, seed=1) == asked(server, temperature=0, seed=2)


def test_top_p_cuts_the_tail(server: Server) -> None:
    [first] = told(server, max_tokens=1)
    kept: list[str] = []
    mass = 0.0
    for token, logprob in first.top:
        kept.append(token)
        mass += math.exp(logprob)
        if mass >= 0.5:
            break
    drawn = next_tokens(server, temperature=1, top_p=0.5)
    assert drawn.keys() == set(kept)
    assert 1 < len(kept) < 20


@pytest.mark.parametrize(("temperature", "top_p"), [(0, 1), (1e-300, 1), (0.3, 0.9), (1, 0), (2, 0.5)])
def test_what_is_drawn_from_is_a_distribution(temperature: float, top_p: float) -> None:
    possible: Distribution = [("a", 0.5), ("b", 0.3), ("c", 0.2)]
    drawn_from = shaped(possible, temperature, top_p)
    assert sum(p for _, p in drawn_from) == pytest.approx(1)
    assert drawn_from[0][0] == "a"


def test_settings_go_through_the_server(server: Server) -> None:
    assert len({asked(server, temperature=1.2) for _ in range(4)}) > 1
    assert asked(server, seed=7) == asked(server, seed=7)
    assert asked(server, seed=7) != asked(server, seed=8)
    assert asked(server, temperature=0) != asked(server, "What does a server send?", temperature=0)


def test_a_limit_of_tokens_is_told_as_the_reason(server: Server) -> None:
    short = stream("x", model="ngram", base_url=server.base_url, seed=1, max_tokens=3)
    whole = stream("x", model="ngram", base_url=server.base_url, seed=1)
    assert short.result(PATIENCE).finish_reason == "length"
    assert whole.result(PATIENCE).finish_reason == "stop"
    assert whole.text.startswith(short.text)
    assert short.usage is not None
    assert short.usage.output_tokens == 3


def test_an_answer_that_goes_round_in_a_circle_ends() -> None:
    circle = Ngram(["a b a b a b"])
    written = write(circle, temperature=0, top_p=1, rng=Random(1))
    assert 0 < len(written) <= 400
    assert len(write(circle, begun="a b a", temperature=0, top_p=1, rng=Random(1), most=7)) <= 7


def test_choices_are_drawn_each_for_itself(server: Server) -> None:
    s = stream("x", model="ngram", base_url=server.base_url, n=3, seed=1, max_tokens=60)
    choices = s.result(PATIENCE).choices
    assert len({choice.text for choice in choices}) == 3
    assert choices[0].text == asked(server, "x", seed=1, max_tokens=60)
    ends = {event.index: event.reason for event in s.events if isinstance(event, Finish)}
    assert ends.keys() == {0, 1, 2}
    whole = stream("x", model="ngram", base_url=server.base_url, n=3, seed=1, max_tokens=60, stream=False)
    assert [one.text for one in whole.result(PATIENCE).choices] == [one.text for one in choices]


def test_it_goes_on_from_any_token(server: Server) -> None:
    logprobs = told(server, temperature=0, prompt="Tell me about cats")
    for at in range(1, len(logprobs)):
        said = "".join(one.token for one in logprobs[:at])
        s = stream(begun(said, "Tell me about cats"), model="ngram", base_url=server.base_url, temperature=0)
        assert said + s.result(PATIENCE).text == "".join(one.token for one in logprobs)


def test_another_token_leads_elsewhere(server: Server) -> None:
    [first] = told(server, "Tell me about the weather", max_tokens=1, temperature=0)
    answers = {
        token: stream(begun(token), model="ngram", base_url=server.base_url, temperature=0)
        .result(PATIENCE)
        .text
        for token, _ in first.top[:4]
    }
    assert all(answers.values())
    assert len(set(answers.values())) > 1


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"temperature": "hot"}, {"top_p": 2}, {"n": 0}])
def test_settings_that_are_none_are_refused(server: Server, wrong: dict[str, Any]) -> None:
    s = stream("x", model="ngram", base_url=server.base_url, **wrong)
    s._session.wait(PATIENCE)
    assert s.error is not None
    assert next(iter(wrong)) in s.error.message
