"""The addresses where local servers usually listen in; those that answer, with their models, out.

Asks this machine alone, all at once, for at most `PATIENCE_S`. What they answer is foreign: bounded here, and
escaped where it is shown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from .. import loop
from ..providers import Standing, is_this_machine

PATIENCE_S = 1.0
"""Seconds for all of them: a local server answers this in milliseconds."""
MAX_BYTES = 1_000_000
MAX_MODELS = 100
MAX_NAME = 200
"""Of one server's answer: bytes, models, characters of a name."""


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server that answers on this machine. `models` are names for `model=`, the provider before them."""

    provider: str
    base_url: str
    models: tuple[str, ...]


def find(places: Iterable[Standing]) -> list[LocalServer]:
    """The local servers among `places` that answer; none of another machine is asked."""
    here = [each for each in places if each.local and is_this_machine(urlsplit(each.base_url).hostname or "")]
    return loop.background().spawn(_ask_all(here)).result()


async def _ask_all(places: list[Standing]) -> list[LocalServer]:
    # Neither a proxy nor a redirect may take the question elsewhere.
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=PATIENCE_S) as client:
        answers = await asyncio.gather(*(_ask(client, place) for place in places))
    return [answer for answer in answers if answer is not None]


async def _ask(client: httpx.AsyncClient, place: Standing) -> LocalServer | None:
    path = "/api/tags" if place.name == "ollama" else "/models"
    try:
        body = await asyncio.wait_for(_read(client, place.base_url.rstrip("/") + path), PATIENCE_S)
        names = _names(json.loads(body))
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        TimeoutError,
        asyncio.TimeoutError,
        ValueError,
        RecursionError,
    ):
        return None  # nobody there, or somebody else
    models = tuple(f"{place.name}/{name}" for name in names)
    return LocalServer(place.name, place.base_url, models)


async def _read(client: httpx.AsyncClient, url: str) -> bytes:
    parts: list[bytes] = []
    async with client.stream("GET", url, headers={"accept-encoding": "identity"}) as response:
        if response.status_code != 200:
            raise ValueError(response.status_code)
        async for part in response.aiter_raw():  # raw, for a packed answer may be any size
            parts.append(part)
            if sum(map(len, parts)) > MAX_BYTES:
                raise ValueError("too long")
    return b"".join(parts)


def _names(answer: Any) -> list[str]:
    """The names in Ollama's list, or in one of OpenAI's form."""
    entries = answer.get("data", answer.get("models")) if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise ValueError("no list of models")
    found = [
        next((value for key in ("id", "name", "model") if isinstance(value := each.get(key), str)), "")
        for each in entries[:MAX_MODELS]
        if isinstance(each, dict)
    ]
    return [name for name in found if name and len(name) <= MAX_NAME]
