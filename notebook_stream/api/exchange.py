"""One request to one server and its answer as events, asked again where that is right; the HTTP clients."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from .. import formats, loop, retry, sse
from ..errors import StreamError, UsageError
from ..events import Event, Finish
from ..providers import Target
from ..recording import Recorder

LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "num_predict")
"""What the wire formats call the longest answer, in tokens."""


class Exchange:
    """One request to one server, and its answer as events; asked again where that is right."""

    def __init__(
        self,
        target: Target,
        body: dict[str, Any],
        headers: dict[str, str],
        client: Callable[[], httpx.AsyncClient],
        recorder: Recorder | None = None,
    ) -> None:
        self._target = target
        self._format = formats.get(target.wire_format)
        self._body = body
        self._headers = {**self._format.headers(), **headers}
        self._client = client
        self._keeping: dict[str, Any] = {} if recorder is None else {"keep": recorder.take}
        self.host = urlsplit(target.url).netloc

    async def events(self, retries: int) -> AsyncIterator[Event]:
        """The answer; closing the iterator closes the connection."""
        asking = retry.ask(
            self._send,
            self._format.decoder,
            retries=retries,
            amend=self._amend,
            host=self.host,
            secrets=sse.secrets_of(self._request()),
            **self._keeping,
        )
        async with aclosing(asking) as events:
            async for event in events:
                yield self._with_limit(event) if isinstance(event, Finish) else event

    def _with_limit(self, finish: Finish) -> Finish:
        """Say at how many tokens an answer was cut off: with Anthropic that may be a default of ours."""
        if finish.reason != "length" or finish.detail:
            return finish
        return replace(finish, detail=next(_token_limits(self._body), ""))

    def _send(self) -> AsyncGenerator[sse.Item, None]:
        return sse.read(self._client(), self._request())

    def _request(self) -> sse.Request:
        return sse.Request(
            url=self._target.url,
            body=self._body,
            headers=self._headers,
            key=self._target.key,
            key_header=self._target.key_header or self._format.key_header,
        )

    def _amend(self, error: StreamError) -> bool:
        body = self._format.amend(self._body, error)
        if body is None:
            return False
        self._body = body
        return True


def _token_limits(body: dict[str, Any]) -> Iterator[str]:
    """What the body says of the longest answer: Gemini and Ollama have a place of their own for it."""
    for place in (body, *(body.get(name) for name in ("generationConfig", "generation_config", "options"))):
        fields = place if isinstance(place, dict) else {}
        yield from (f"{name}={fields[name]}" for name in LIMITS if fields.get(name))


_clients: dict[tuple[int, object], httpx.AsyncClient] = {}


def client_maker(
    verify: bool | str | ssl.SSLContext, own: httpx.AsyncClient | None
) -> Callable[[], httpx.AsyncClient]:
    """What gives the client to use: `own`, or one of the process's for that way of verifying.

    Raises UsageError where `own` is no httpx.AsyncClient, or `verify` none of the ways.
    """
    if not isinstance(verify, bool | str | ssl.SSLContext):
        raise UsageError("verify= takes True, False, the path of CA certificates, or an ssl.SSLContext.")
    way = sse.trust(verify) if isinstance(verify, str) else verify
    if own is not None:
        if not isinstance(own, httpx.AsyncClient):
            raise UsageError("http_client= takes an httpx.AsyncClient.")
        return lambda: own

    def client() -> httpx.AsyncClient:
        # One pool for each background loop (a forked child has its own) and way of verifying.
        key = (id(loop.background()), way)
        if key not in _clients:
            _clients[key] = sse.make_client(way)
        return _clients[key]

    return client
