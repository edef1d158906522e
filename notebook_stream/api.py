"""The public functions, and the only place that joins the stages.

`stream()`: prompt → request → sse → format → session → widget. `show()`: what already streams → session →
widget. Nothing here parses, waits or knows a message type.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, ParamSpec, cast
from urllib.parse import urlsplit

import httpx

from . import demo, formats, hosts, loop, providers, retry, sources, sse, widget
from .errors import Secret, StreamError, UsageError
from .events import Event, Finish
from .formats import WireFormat
from .providers import Target
from .session import Limits, Session, check_limits
from .widget import Stream

P = ParamSpec("P")

MODEL_VARIABLE = "NOTEBOOK_STREAM_MODEL"
DEMO_MODEL = "demo/markdown"
DEMO_NOTE = 'No model given: this is the built-in demo. Name one, e.g. model="openai/gpt-5-mini".'

_defaults: dict[str, Any] = {}

_TARGET = frozenset({"model", "base_url", "api_key", "wire_format"})
"""What says whom to ask: a follow-up that names one of these takes none of them from the stream before."""
_NOT_INHERITED = frozenset({"after", "display", "max_seconds", "max_chars", "max_cost", "stop_when"})


def _with_defaults(function: Callable[P, Stream]) -> Callable[P, Stream]:
    """Fill in what `configure()` and `after=` say where the call itself says nothing."""
    parameters = inspect.signature(function).parameters
    subject = next(iter(parameters))
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Stream:
        given = _with_secret(cast(dict[str, Any], kwargs))
        about: tuple[Any, ...] = args or ((given.pop(subject),) if subject in given else ())
        known = {**_defaults, **_inherited(given)}
        options = {n: v for n, v in known.items() if takes_any or n in parameters} | given
        made = function(*about, **cast(Any, options))
        made._options = options
        if isinstance(about[0], str | list) or callable(about[0]):
            made._restart = functools.partial(_again, call, subject, about[0], options)
        return made

    return call


def _again(
    call: Callable[..., Stream], subject: str, about: object, options: dict[str, Any], **changes: Any
) -> Stream:
    return call(changes.pop(subject, about), **{**options, **changes})


def _with_secret(options: dict[str, Any]) -> dict[str, Any]:
    # At once, so that no traceback that shows local variables shows the key.
    key = options.get("api_key")
    if isinstance(key, str):
        options["api_key"] = Secret(key)
    return options


def _inherited(given: Mapping[str, Any]) -> dict[str, Any]:
    before = given.get("after")
    if before is None:
        return {}
    if not isinstance(before, Stream):
        raise UsageError(f"after= takes a Stream, not {type(before).__name__}.")
    left_out = _NOT_INHERITED | (_TARGET if given.keys() & _TARGET else frozenset())
    return {name: value for name, value in before._options.items() if name not in left_out}


@_with_defaults
def stream(
    prompt: str | list[dict[str, Any]],
    *,
    model: str | None = None,
    system: str | None = None,
    after: Stream | None = None,
    base_url: str | None = None,
    api_key: str | Secret | None = None,
    wire_format: str | None = None,
    extra_headers: Mapping[str, str] | None = None,
    extra_body: Mapping[str, Any] | None = None,
    verify: bool | str | ssl.SSLContext = True,
    http_client: httpx.AsyncClient | None = None,
    retries: int = 2,
    first_byte_timeout: float | None = 600,
    idle_timeout: float | None = 120,
    content_timeout: float | None = 600,
    max_seconds: float | None = 1800,
    max_chars: int | None = 2_000_000,
    max_cost: float | None = None,
    stop_when: Callable[[str], object] | None = None,
    settle: bool = True,
    record: bool = True,
    keep_running: bool = False,
    display: bool = True,
    save_prompt: bool = True,
    **params: Any,
) -> Stream:
    """Ask a model; the answer runs into the cell as the server sends it. Returns at once.

    Parameters
    ----------
    prompt
        The question, or a list of `{"role": ..., "content": ...}` messages.
    model
        "provider/model", e.g. "anthropic/claude-sonnet-4-5"; with `base_url` the server's own name for it.
        Without: `configure(model=...)`, `$NOTEBOOK_STREAM_MODEL`, else the built-in demo.
    system, after
        The system prompt; an earlier stream whose messages and answer go before.
    base_url, api_key, wire_format
        Any other server (OpenAI-compatible unless `wire_format` says otherwise); the key, where it is not in
        the provider's environment variable.
    extra_headers, extra_body
        Further HTTP headers; fields that go into the request body as they are.
    verify, http_client
        TLS verification as httpx takes it; an `httpx.AsyncClient` of your own.
    retries
        How often to ask again before the first content.
    first_byte_timeout, idle_timeout, content_timeout
        Seconds: until the answer begins; of silence; of heartbeats without content. None: no limit.
    max_seconds, max_chars, max_cost, stop_when
        Limits that stop the run and keep the text: seconds, characters, US dollars, a function of the text.
    settle, record, save_prompt
        Whether the view becomes static at the end, the run is recorded, the prompt is saved with the output.
    keep_running
        Whether the run goes on when nobody sees or awaits it any more.
    display
        Whether to show it here; False for use inside other widgets.
    **params
        Everything else goes into the request body as given: `temperature=0.2`, `max_tokens=500`, ...

    Raises
    ------
    UsageError
        Wrong use: no key, unknown provider, bad URL, empty prompt, malformed messages. What the network or
        the server does is not raised here: it goes into the view and into `error`.
    """
    limits = Limits(
        first_byte_timeout, idle_timeout, content_timeout, max_seconds, max_chars, max_cost, stop_when
    )
    check_limits(limits)
    _check_retries(retries)
    messages = _messages(prompt, after)
    chosen, note = _chosen_model(model, base_url)
    target = _target(chosen, base_url, api_key, wire_format)
    exchange = Exchange(
        target,
        _body(formats.get(target.wire_format), target, messages, params, system, extra_body),
        _headers(extra_headers),
        _client_maker(verify, http_client),
    )

    made = Stream(
        make_session=lambda on_event, on_end: Session(
            target.model,
            origin=exchange.host,
            limits=limits,
            on_event=on_event,
            on_end=on_end,
            defer=_on_notifier,
        ),
        messages=messages,
        note=note,
        keep_running=keep_running,
    )
    return _begin(made, exchange.events(retries), display)


@_with_defaults
def show(
    source: object,
    *,
    max_seconds: float | None = None,
    max_chars: int | None = 2_000_000,
    stop_when: Callable[[str], object] | None = None,
    settle: bool = True,
    record: bool = True,
    keep_running: bool = False,
    display: bool = True,
) -> Stream:
    """Show what already streams: the same view, the same Stop, the same `Stream` object.

    `source`: an iterable or async iterable of str, a stream object of the openai or anthropic SDK, or a
    function that makes one (then it is made and read in the background, which is the safe form for
    asynchronous sources: a blocking cell stalls one that is connected on the notebook's own loop).
    Raises UsageError for anything else.
    """
    limits = Limits(None, None, None, max_seconds, max_chars, None, stop_when)
    check_limits(limits)
    events = sources.as_events(source)
    made = Stream(
        make_session=lambda on_event, on_end: Session(
            origin="the source", limits=limits, on_event=on_event, on_end=on_end, defer=_on_notifier
        ),
        messages=[],
        keep_running=keep_running,
    )
    return _begin(made, events, display)


def configure(**defaults: Any) -> None:
    """Set defaults of `stream()` for this notebook, e.g. `configure(model="...", temperature=0)`.

    None takes a default away again. Raises UsageError for what belongs to a single call.
    """
    wrong = defaults.keys() & {"prompt", "after"}
    if wrong:
        raise UsageError(f"configure() takes no {wrong.pop()}=: it belongs to a single stream().")
    _defaults.update(_with_secret(defaults))
    for name in [name for name, value in _defaults.items() if value is None]:
        del _defaults[name]


def streams() -> list[Stream]:
    """The streams that are running."""
    return widget.running()


def stop_all() -> None:
    """Stop all running streams and keep their texts."""
    running = widget.running()
    for each in running:
        each._session.stop("user")
    for each in running:
        each.stop()


def _begin(made: Stream, events: AsyncIterator[Event], display: bool) -> Stream:
    made.start(events)
    widget.begin_in_cell(made)
    if display and hosts.in_notebook():
        made.display()
    return made


def _on_notifier(call: Callable[[], None]) -> None:
    loop.notifier().post(call, call)


# The request


class Exchange:
    """One request to one server, and its answer as events; asked again where that is right."""

    def __init__(
        self,
        target: Target,
        body: dict[str, Any],
        headers: dict[str, str],
        client: Callable[[], httpx.AsyncClient],
    ) -> None:
        self._target = target
        self._format = formats.get(target.wire_format)
        self._body = body
        self._headers = {**self._format.headers(), **headers}
        self._client = client
        self._url = _joined(target.base_url, self._format.path())
        self.host = urlsplit(self._url).netloc

    async def events(self, retries: int) -> AsyncIterator[Event]:
        """The answer; closing the iterator closes the connection."""
        asking = retry.ask(
            self._send,
            self._format.decoder,
            retries=retries,
            amend=self._amend,
            secrets=sse.secrets_of(self._request()),
        )
        async with aclosing(asking) as events:
            async for event in events:
                yield self._with_limit(event) if isinstance(event, Finish) else event

    def _with_limit(self, finish: Finish) -> Finish:
        """Say at how many tokens an answer was cut off: with Anthropic that may be a default of ours."""
        name = next((n for n in ("max_tokens", "max_completion_tokens") if self._body.get(n)), None)
        if finish.reason != "length" or finish.detail or name is None:
            return finish
        return replace(finish, detail=f"{name}={self._body[name]}")

    def _send(self) -> AsyncGenerator[sse.Item, None]:
        return sse.read(self._client(), self._request())

    def _request(self) -> sse.Request:
        return sse.Request(
            url=self._url,
            body=self._body,
            headers=self._headers,
            key=self._target.key,
            key_header=self._format.key_header,
        )

    def _amend(self, error: StreamError) -> bool:
        body = self._format.amend(self._body, error)
        if body is None:
            return False
        self._body = body
        return True


def _joined(base_url: str, path: str) -> str:
    return base_url if base_url.endswith(path) else base_url.rstrip("/") + path


def _chosen_model(model: str | None, base_url: str | None) -> tuple[str, str]:
    """The model to ask, and a line for the view where it was nobody's choice."""
    if model:
        return model, ""
    if base_url:
        raise UsageError('base_url= needs the server\'s name for the model, e.g. model="qwen3:8b".')
    from_environment = os.environ.get(MODEL_VARIABLE)
    return (from_environment, "") if from_environment else (DEMO_MODEL, DEMO_NOTE)


def _target(
    model: str, base_url: str | None, api_key: str | Secret | None, wire_format: str | None
) -> Target:
    if base_url is None and model.partition("/")[0] == "demo":
        base_url = demo.ensure_server().base_url
        model = model.partition("/")[2] or "markdown"
    return providers.resolve(model, base_url=base_url, api_key=api_key, wire_format=wire_format)


def _messages(prompt: object, after: Stream | None) -> list[dict[str, Any]]:
    if isinstance(prompt, str):
        if not prompt.strip():
            raise UsageError("The prompt is empty: say what to ask.")
        new = [{"role": "user", "content": prompt}]
    elif isinstance(prompt, list):
        if not prompt:
            raise UsageError(
                'The list of messages is empty: give at least {"role": "user", "content": "..."}.'
            )
        new = prompt
    else:
        raise UsageError(f"The prompt must be a string or a list of messages, not {type(prompt).__name__}.")
    return [*_before(after), *new] if after is not None else list(new)


def _before(after: Stream) -> Iterable[dict[str, Any]]:
    if not after._session.has_ended:
        raise UsageError("after=: that stream is still running. `await` it (or stop it) first.")
    if not after.text:
        raise UsageError(f"after=: that stream has no answer to follow up (its status is {after.status!r}).")
    return [*after.messages, {"role": "assistant", "content": after.text}]


def _body(
    wire_format: WireFormat,
    target: Target,
    messages: list[dict[str, Any]],
    params: Mapping[str, Any],
    system: str | None,
    extra_body: Mapping[str, Any] | None,
) -> dict[str, Any]:
    body = {**wire_format.body(target.model, messages, params, system=system), **(extra_body or {})}
    try:
        json.dumps(body, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as exc:
        raise UsageError(f"The request cannot be written as JSON: {exc}.") from None
    return body


def _headers(extra: Mapping[str, str] | None) -> dict[str, str]:
    headers = dict(extra or {})
    for name, value in headers.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise UsageError(f"extra_headers= takes strings; {name!r} is not one.")
    return headers


def _check_retries(retries: object) -> None:
    if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
        raise UsageError(f"retries={retries!r}: give a whole number from 0 on.")


_clients: dict[tuple[int, object], httpx.AsyncClient] = {}


def _client_maker(
    verify: bool | str | ssl.SSLContext, own: httpx.AsyncClient | None
) -> Callable[[], httpx.AsyncClient]:
    if own is not None:
        if not isinstance(own, httpx.AsyncClient):
            raise UsageError("http_client= takes an httpx.AsyncClient.")
        return lambda: own

    def client() -> httpx.AsyncClient:
        # One pool for each background loop (a forked child has its own) and way of verifying.
        key = (id(loop.background()), verify)
        if key not in _clients:
            _clients[key] = sse.make_client(verify)
        return _clients[key]

    return client
