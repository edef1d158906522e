"""How the tests ask: a server's address as keywords, and a client that notes what went out."""

from __future__ import annotations

import json
from typing import Any

import httpx

from notebook_stream.demo import Server

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}


class Seen:
    """What went out, read from a client of the test's own on its way to the server."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.headers: list[dict[str, str]] = []
        self.client = httpx.AsyncClient(event_hooks={"request": [self._note]}, timeout=60)

    async def _note(self, request: httpx.Request) -> None:
        self.requests.append(request)
        self.headers.append(dict(request.headers))

    @property
    def body(self) -> dict[str, Any]:
        found = json.loads(self.requests[-1].content)
        assert isinstance(found, dict)
        return found


def at(server: Server, **kwargs: Any) -> dict[str, Any]:
    return {"base_url": server.base_url, **kwargs}
