"""The price list: what its package says, without a network; unknown is unknown, and never zero."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from notebook_stream import prices
from notebook_stream.events import Usage
from notebook_stream.providers import PROVIDERS

listed = pytest.mark.skipif(not prices.is_installed(), reason="genai-prices needs Python 3.11")
KNOWN = ("openai", "gpt-4o-mini")
USAGE = Usage(input_tokens=1000, output_tokens=500)


def dollars(provider: str, model: str, usage: Usage = USAGE) -> float:
    price = prices.price_of(provider, model, wait=True)
    assert price is not None
    found = price(usage)
    assert found is not None
    return found


@listed
def test_the_list_is_asked_as_its_own_package_asks_it() -> None:
    package = importlib.import_module("genai_prices")
    asked = package.Usage(input_tokens=1000, output_tokens=500)
    told = package.calc_price(asked, model_ref=KNOWN[1], provider_id=KNOWN[0]).total_price
    assert dollars(*KNOWN) == float(told) > 0


@listed
def test_cached_and_written_tokens_have_prices_of_their_own() -> None:
    plain = dollars("anthropic", "claude-sonnet-4-5")
    cached = Usage(1000, 500, cached_tokens=800)
    written = Usage(1000, 500, raw={"cache_creation_input_tokens": 800})
    assert dollars("anthropic", "claude-sonnet-4-5", cached) < plain
    assert dollars("anthropic", "claude-sonnet-4-5", written) > plain


@listed
@pytest.mark.parametrize(
    "model",
    [("xai", "grok-4"), ("moonshot", "kimi-k2-0905-preview"), ("google", "gemini-2.5-flash"),
     ("openrouter", "openai/gpt-5-mini"), ("mistral", "mistral-small-latest"), ("zai", "glm-4.5")],
)  # fmt: skip
def test_providers_go_by_the_names_of_the_list(model: tuple[str, str]) -> None:
    assert dollars(*model) > 0


@listed
def test_our_names_are_providers_and_theirs_are_in_the_list() -> None:
    assert prices.PROVIDERS.keys() <= PROVIDERS.keys()
    snapshot = importlib.import_module("genai_prices.data_snapshot").get_snapshot()
    assert set(prices.PROVIDERS.values()) <= {provider.id for provider in snapshot.providers}


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("ollama", "llama3.2"),
        ("llama.cpp", "gpt-4o-mini"),
        ("demo", "markdown"),
        ("127.0.0.1:8080", "gpt-4o-mini"),
        ("openai", "no-such-model"),
    ],
)
def test_without_a_price_there_is_none(provider: str, model: str) -> None:
    assert prices.price_of(provider, model, wait=True) is None


@listed
def test_counts_that_contradict_each_other_have_no_price() -> None:
    price = prices.price_of(*KNOWN, wait=True)
    assert price is not None
    assert price(Usage(input_tokens=10, output_tokens=1, cached_tokens=20)) is None


def test_without_the_package_there_is_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "is_installed", lambda: False)
    assert prices.price_of(*KNOWN, wait=True) is None


@listed
def test_nothing_waits_for_the_list_unless_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    never: Future[None] = Future()
    monkeypatch.setattr(prices, "_loading", lambda: never)
    price = prices.price_of(*KNOWN, wait=False)
    assert price is not None
    assert price(USAGE) is None
    never.set_result(importlib.import_module("genai_prices"))  # type: ignore[arg-type]  # what it waits for
    assert price(USAGE)


@listed
def test_no_price_ever_asks_the_network() -> None:
    code = (
        "import sys\n"
        "def refuse(event, args):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'network: {event}')\n"
        "from notebook_stream import prices\n"
        "from notebook_stream.events import Usage\n"
        "sys.addaudithook(refuse)\n"
        f"price = prices.price_of(*{KNOWN!r}, wait=True)\n"
        "print(price(Usage(1000, 500)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) > 0
