"""One open response -> `Opened`, then `Message`s (or one `Body`) with `Pulse`s in between, or the error tree.

Checks the status before the content type; httpx-sse parses, `body` guards what it is given. Knows no wire
format, no retry and no time limit: the session counts the time.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import anyio
import httpx
from httpx_sse import EventSource

from ..errors import ProtocolError, Secret, StreamError, mask, quote
from . import body, inflate
from .closing import finished
from .failure import in_answer, stripped
from .json_answer import JsonAnswer
from .request import EVENTS, JSON, Request, open_response, secrets_of
from .status import status_error

ERROR_BODY_LIMIT = 64 * 1024
"""Characters read of the body of an error."""

ERROR_BODY_S = 5.0
"""Seconds for the body of an error: the status already says most."""

TYPE_QUOTE = 200
"""Characters quoted of an answer that is not an event stream."""

_FIELDS = frozenset("deir:")
"""What a line of an event stream begins with that says anything: data, event, error, id, retry, a comment."""

_BRACKETS = frozenset("{[")

_JSON_LINES = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/stream+json"}
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The server accepted the request. Headers by lower-case name, without set-cookie."""

    status_code: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Something came that is no event: a comment, and its text; None: a part of an event."""

    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event; `event` is empty when it has no name of its own."""

    event: str
    data: str


@dataclass(frozen=True, slots=True)
class Body:
    """A whole JSON answer instead of a stream."""

    text: str


Item = Opened | Pulse | Message | Body


async def read(client: httpx.AsyncClient, request: Request) -> AsyncGenerator[Item, None]:
    """Sends `request` and yields what comes back, until the end of the body.

    Closing the generator, or cancelling its task, closes the connection at once. The end of the body is
    no proof of a whole answer: the caller looks for the protocol's own end mark.

    Raises `ConnectError`, `HttpError`, `ProtocolError`, `LimitError`, `InterruptedStream`; and `UsageError`
    when the request's body is not JSON.
    """
    response, host = await open_response(client, request)
    try:
        secrets = secrets_of(request)
        if not response.is_success:
            text = await _beginning(response, host, secrets)
            raise status_error(response.status_code, response.headers, text, host, secrets)
        kind = await _content_type(response, host, secrets)
        yield Opened(response.status_code, _shown_headers(response, secrets))
        async with aclosing(_items(response, kind, host)) as items:
            async for item in items:
                yield item
        await finished(response.aclose())  # read to its end: the connection may serve the next request
    except BaseException:
        await finished(_hang_up(response))
        raise


async def read_text(text: str, name: str) -> AsyncGenerator[Item, None]:
    """What a file holds that an answer was saved into: an event stream, or JSON lines; nothing waits.

    `name` is the file's, for messages. Raises `LimitError`.
    """

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield text.encode("utf-8", "surrogatepass")

    breath = body.Breath()
    framing = body.JsonLines(name) if text.lstrip()[:1] == "{" else body.EventLines(name)
    async with aclosing(body.texts(chunks(), inflate.Plain(), breath, name)) as texts:
        async for item in _event_items("", texts, framing, breath):
            yield item


async def _hang_up(response: httpx.Response) -> None:
    await response.aclose()
    # Where a cancellation broke off the closing that httpcore begins itself at an error, that did nothing.
    connection = response.extensions.get("network_stream")
    if connection is not None:
        await connection.aclose()


async def _items(response: httpx.Response, kind: str, host: str) -> AsyncGenerator[Item, None]:
    breath = body.Breath()
    encoding = _encoding(response, host)
    async with (
        aclosing(_chunks(response, host)) as chunks,
        aclosing(body.texts(chunks, encoding, breath, host)) as texts,
    ):
        first = ""
        if kind not in _JSON_LINES:
            async for text in texts:
                if text is None:
                    yield Pulse()
                elif first := text.lstrip() if kind == JSON else text:
                    break
        if kind == JSON and not first:
            raise body.empty_answer(host)
        if _is_json(first, kind):
            items = _json_items(first, texts, breath, host)
        else:
            framing = body.JsonLines(host) if kind in _JSON_LINES else body.EventLines(host)
            items = _event_items(first, texts, framing, breath)
        async with aclosing(items):
            async for item in items:
                yield item


def _is_json(first: str, kind: str) -> bool:
    """Whether a body is to be read as JSON: what it begins with tells better than its type.

    Some proxies write JSON above an event stream, others an event stream above the JSON of an error; no JSON
    begins with a field of events or a comment, and no field with a bracket.
    """
    if kind == JSON:
        return first[:1] not in _FIELDS
    return kind == EVENTS and first[:1] in _BRACKETS


async def _event_items(
    first: str, texts: AsyncGenerator[str | None, None], framing: body.Framing, breath: body.Breath
) -> AsyncGenerator[Item, None]:
    async with (
        aclosing(body.event_texts(texts, framing, breath, first)) as event_texts,
        aclosing(EventSource(_as_response(event_texts)).aiter_sse()) as events,
    ):
        async for event in events:
            if breath.is_due():
                await breath.take()
            if event.event == body.PULSE:
                yield Pulse(event.data[1:] if event.data else None)
            else:
                yield Message("" if event.event == "message" else event.event, event.data)


async def _json_items(
    first: str, texts: AsyncGenerator[str | None, None], breath: body.Breath, host: str
) -> AsyncGenerator[Item, None]:
    answer = JsonAnswer(host)
    for element in answer.feed(first):
        yield Message("", element)
    async for text in texts:
        if text is None:
            yield Pulse()
            continue
        for element in answer.feed(text):
            if breath.is_due():
                await breath.take()
            yield Message("", element)
    whole = answer.end()
    lines = _lines(whole or "")
    for line in lines:
        yield Message("", line)
    if whole is not None and not lines:
        yield Body(whole)


def _lines(whole: str) -> list[str]:
    """The objects of an answer in JSON lines that is called JSON; nothing of any other."""
    if not re.match(r"\{[^\n]*\}\s*\n\s*\{", whole):
        return []
    lines = [line for line in whole.split("\n") if line.strip()]
    # The last one may have been cut off.
    return lines if lines[-1].rstrip().endswith("}") else lines[:-1]


class _Adapter:
    """The two things that httpx-sse reads of a response, guarded by `body`."""

    headers: Mapping[str, str] = {"content-type": EVENTS}

    def __init__(self, texts: AsyncGenerator[str, None]) -> None:
        self._texts = texts

    def aiter_text(self) -> AsyncGenerator[str, None]:
        return self._texts


def _as_response(texts: AsyncGenerator[str, None]) -> httpx.Response:
    return cast(httpx.Response, _Adapter(texts))


async def _chunks(response: httpx.Response, host: str) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(cast(AsyncGenerator[bytes, None], response.aiter_raw())) as raw:
            async for chunk in raw:
                yield chunk
    except (httpx.HTTPError, httpx.StreamError, OSError) as exc:
        raise in_answer(exc, host) from stripped(exc)


async def _beginning(response: httpx.Response, host: str, secrets: tuple[Secret, ...]) -> str:
    """The first characters of a body that is going to be quoted; what has come when the time is up.

    Masked already here, since a traceback shows the locals of the frames it passes.
    """
    pieces: list[str] = []
    with anyio.move_on_after(ERROR_BODY_S):
        try:
            async with (
                aclosing(_chunks(response, host)) as chunks,
                aclosing(body.texts(chunks, _encoding(response, host), body.Breath(), host)) as texts,
            ):
                async for text in texts:
                    pieces.append(text or "")
                    if sum(map(len, pieces)) >= ERROR_BODY_LIMIT:
                        break
        except StreamError:
            pass  # the status is what counts; its body may be empty, cut off or damaged
    return mask("".join(pieces)[:ERROR_BODY_LIMIT], secrets)


async def _content_type(response: httpx.Response, host: str, secrets: tuple[Secret, ...]) -> str:
    """The media type. Raises `ProtocolError` if we cannot read it, `InterruptedStream` for no body."""
    if response.status_code in (204, 205) or response.headers.get("content-length") == "0":
        raise body.empty_answer(host)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in (EVENTS, JSON) or kind in _JSON_LINES:
        return cast(str, kind)
    text = quote(await _beginning(response, host, secrets), TYPE_QUOTE)
    raise ProtocolError(
        f"{host}: not an event stream but {quote(kind, 80) or 'an answer without content type'}: {text}",
        hint="Check base_url; a login page or a proxy may have answered instead of the server.",
        host=host,
        status_code=response.status_code,
    )


def _encoding(response: httpx.Response, host: str) -> inflate.Plain | inflate.Inflated:
    told = response.headers.get_list("content-encoding", split_commas=True)
    names = [name for name in (word.strip().lower() for word in told) if name not in ("", "identity")]
    if not names:
        return inflate.Plain()
    if names in (["gzip"], ["x-gzip"], ["deflate"]):
        return inflate.Inflated(names[0].removeprefix("x-"), host)
    raise ProtocolError(
        f"{host}: unsupported encoding {quote(', '.join(names), 80)}; we asked for none.",
        hint="A proxy in between may compress: reach the server without it, or switch that off there.",
        code="encoding",
        host=host,
    )


def _shown_headers(response: httpx.Response, secrets: tuple[Secret, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, mask(value, secrets)) for name, value in response.headers.multi_items() if name != "set-cookie"
    )
