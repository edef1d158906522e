"""A provider and a model in, what tokens cost there out: by the list of `genai-prices`, if that is there.

The list is part of that package: nothing is fetched (its updater is never started), and it is as new as the
package. Tokens alone are counted, not what else a provider may charge (searches, pictures, batches).
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from types import ModuleType

from .events import Usage

PACKAGE = "genai_prices"
INSTALL = "pip install notebook-stream[prices]"

PROVIDERS = {
    **{
        name: name
        for name in (
            "anthropic", "azure", "cerebras", "cloudflare", "cohere", "databricks", "deepseek", "fireworks",
            "google", "groq", "mistral", "openai", "openrouter", "perplexity", "together", "zai",
        )
    },
    "moonshot": "moonshotai",
    "xai": "x-ai",
}  # fmt: skip
"""Our names for providers, and those of the list. What is not here has no price: a server of one's own, and a
provider that the list does not know."""

Price = Callable[[Usage], float | None]


def is_installed() -> bool:
    """Whether the list is there."""
    return importlib.util.find_spec(PACKAGE) is not None


def price_of(provider: str, model: str, *, wait: bool) -> Price | None:
    """What a run costs: US dollars for its tokens. None where that is known not to be known.

    Loading the list takes a tenth of a second (measured: 0.15 s), so it is done beside; until then a price is
    None. `wait`: not until it has been loaded, for somebody has to know whether there is one.
    """
    listed = PROVIDERS.get(provider)
    if listed is None or not is_installed():
        return None
    prices = _loading()
    if not wait:
        return lambda usage: _dollars(prices.result(), listed, model, usage) if prices.done() else None
    module = prices.result()
    if _dollars(module, listed, model, Usage(input_tokens=1, output_tokens=1)) is None:
        return None
    return lambda usage: _dollars(module, listed, model, usage)


def listed_models() -> tuple[str, ...]:
    """The models of the list that are not out of use, as `model=` names them; none where there is no list."""
    if not is_installed() or _loading().result() is None:
        return ()
    try:
        listed = importlib.import_module(f"{PACKAGE}.data_snapshot").get_snapshot().providers
        models = {each.id: [model.id for model in each.models if not model.deprecated] for each in listed}
    except (ImportError, AttributeError):  # another version of the list
        return ()
    named = [f"{ours}/{model}" for ours, theirs in PROVIDERS.items() for model in models.get(theirs, ())]
    # Not the beginnings by which it knows fine-tuned models.
    return tuple(name for name in named if "/ft:" not in name and not name.endswith("-"))


def _dollars(module: ModuleType | None, provider: str, model: str, usage: Usage) -> float | None:
    if module is None:
        return None
    written = usage.raw.get("cache_creation_input_tokens")  # Anthropic's, which cost more than others
    counts = {
        "input_tokens": usage.input_tokens,
        "cache_read_tokens": usage.cached_tokens,
        "cache_write_tokens": written if isinstance(written, int) else None,
        "output_tokens": usage.output_tokens,
        "output_reasoning_tokens": usage.reasoning_tokens,
    }
    try:
        told = module.Usage(**{name: count for name, count in counts.items() if count})
        return float(module.calc_price(told, model_ref=model, provider_id=provider).total_price)
    except (LookupError, ValueError):  # a model that is not in the list; counts that contradict each other
        return None


@cache
def _loading() -> Future[ModuleType | None]:
    found: Future[ModuleType | None] = Future()

    def load() -> None:
        try:
            found.set_result(importlib.import_module(PACKAGE))
        except Exception:  # an installation that is broken: no price is known
            found.set_result(None)

    threading.Thread(target=load, name="notebook-stream prices", daemon=True).start()
    return found
