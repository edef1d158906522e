"""A request in, what its tokens cost and an estimate of its prompt out; a remark where no limit can hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .. import prices
from ..events import Usage
from ..providers import Target
from ..session import CHARS_PER_TOKEN, PriceOf


def price_of(
    target: Target,
    name: str,
    messages: Iterable[Mapping[str, Any]],
    system: str | None,
    params: Mapping[str, Any],
    max_cost: float | None,
) -> tuple[PriceOf | None, str]:
    """What tokens cost there, and a line for the view where `max_cost` is given and no price is known.

    `name` is the model as the user wrote it.

    Tokens of a prompt that the server has not counted are estimated from its characters: those of its texts
    and of the descriptions of `tools`. Pictures and files are left out.
    """
    listed = not target.is_local and prices.price_of(target.provider, target.model, wait=max_cost is not None)
    if not listed:
        return None, "" if max_cost is None else _no_price(target, name)
    price = listed
    prompt = round(_chars(messages, system, params) / CHARS_PER_TOKEN)

    def dollars(usage: Usage) -> float | None:
        return price(usage if usage.input_tokens is not None else replace(usage, input_tokens=prompt))

    return dollars, ""


def _no_price(target: Target, name: str) -> str:
    could_be = not target.is_local and target.provider in prices.PROVIDERS and not prices.is_installed()
    return f"max_cost has no effect unless the server tells a cost: no price known for {name}" + (
        f"; {prices.INSTALL}" if could_be else ""
    )


def _chars(messages: Iterable[Mapping[str, Any]], system: str | None, params: Mapping[str, Any]) -> int:
    tools = params.get("tools")
    described = len(json.dumps(tools, default=str)) if tools else 0
    return len(system or "") + described + sum(_text_chars(message.get("content")) for message in messages)


def _text_chars(content: object) -> int:
    if isinstance(content, str):
        return len(content)
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") if isinstance(part, Mapping) else part for part in parts)
    return sum(len(text) for text in texts if isinstance(text, str))
