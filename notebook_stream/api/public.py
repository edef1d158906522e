"""The public functions, and the only place that joins the stages.

`stream()`: prompt → request → sse → format → session → widget. `show()`: what already streams → session →
widget. Nothing here parses, waits or knows a message type.
"""

from __future__ import annotations

import functools
import inspect
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from .. import __version__, formats, loop, sources, sse, widget, wire
from ..errors import Secret, UsageError
from ..inspector import Inspector
from ..providers import continuation
from ..recording import Recording
from ..session import Condition, Limits, Session, check_limits
from ..widget import Stream
from . import asking, inspecting, resuming
from .costs import price_of
from .defaults import begin, check_spelling, configured, with_defaults, with_secret
from .exchange import Exchange, client_maker
from .kept import again_from, options_from, request_of
from .recorded import (
    Clock,
    Record,
    check_record,
    check_speed,
    from_cache,
    header_of,
    of_source,
    private_texts,
    recorded_as,
)
from .shape import asked_of


@with_defaults
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
    stop_when: Condition | None = None,
    settle: bool = True,
    record: Record = True,
    cache: str | Path | None = None,
    cache_speed: float | None = None,
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
        Limits that stop the run, close its connection at once, and keep the text. Seconds, characters, US
        dollars (of an estimate until the server has counted); `stop_when`: a text that the answer comes to
        contain (the answer ends with it, however it was cut in pieces), a `re.Pattern` to be searched in it,
        or a function of it. The last two are asked at most 20 times a second, beside the stream, so what has
        come meanwhile is kept as well. A pattern must not backtrack without end: Python's `re` lets nothing
        else run while it searches, and so it would hold up the kernel.
    settle
        Whether the view becomes ordinary output when the run has ended; False keeps the live view, and writes
        the copy that the notebook's file needs to a second output below.
    save_prompt
        Whether that output's metadata keep the messages, for `Stream.from_output`. Keys are never kept.
    record
        Whether what comes is kept with its times, as `s.recording` (bounded); "embed" keeps it in the saved
        notebook as well, where it is not too large.
    cache, cache_speed
        A folder of recordings: a request whose answer is there is answered from it, and asks nobody; the
        answer to another is kept there when it is done. Key, time and host do not count. At once, or at
        `cache_speed` times its own pace. The view says "From cache".
    keep_running
        Whether the run goes on when nobody sees or awaits it any more.
    display
        Whether to show it here; False for use inside other widgets.
    **params
        Everything else goes into the request body as given: `temperature=0.2`, `max_tokens=500`, ...; where
        the API has another place or name for it (Gemini's `generationConfig`, Ollama's `options`), there.

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
    asking.check_retries(retries)
    asking.check_flags(settle=settle, save_prompt=save_prompt, keep_running=keep_running, display=display)
    check_record(record)
    check_speed(cache_speed)
    messages = asking.messages_of(prompt, after)
    chosen, note = asking.chosen_model(model, base_url)
    target = asking.target_of(chosen, base_url, api_key, wire_format)
    plan = resuming.planned(prompt, target, messages)
    spoken = formats.get(target.wire_format)
    body = asking.body_of(spoken, plan.target, plan.messages, {**params, **plan.params}, system, extra_body)
    price, remark = price_of(target, chosen, plan.messages, system, params, max_cost)
    asked: wire.Asked = {**asked_of(body), **plan.asked}
    host = urlsplit(target.url).netloc
    headers = asking.headers_of(extra_headers)
    secrets = sse.secrets_of(sse.Request(target.url, body, headers, target.key))
    header = header_of(plan.target, chosen, plan, body, host, asked, secrets=secrets, save_prompt=save_prompt)
    answered = from_cache(cache, header, cache_speed)
    private = None if save_prompt else private_texts(plan.messages, system, *params.values())
    clock = Clock()
    recorded = recorded_as(record, header, cache, answered, clock, secrets, private)
    exchange = Exchange(
        plan.target,
        body,
        headers,
        client_maker(verify, http_client),
        recorded.recorder,
    )

    made = Stream(
        make_session=lambda on_event, on_end: Session(
            chosen,
            origin=exchange.host,
            limits=limits,
            on_event=on_event,
            on_end=on_end,
            defer=_on_notifier,
            price_of=price,
            begins_with=plan.begins_with,
            clock=clock if answered else time.monotonic,
        ),
        messages=messages,
        note=" ".join(filter(None, (note, remark, answered.note if answered else ""))),
        goes_on=lambda text: continuation(target, messages, text) is not None,
        asked=asked,
        keep_running=keep_running,
        settle=settle,
        request=request_of(
            chosen,
            messages,
            {"system": system, "extra_body": extra_body},
            params,
            {"base_url": base_url, "wire_format": wire_format, "max_cost": max_cost},
            secret=target.key,
            save_prompt=save_prompt,
        ),
        version=__version__,
        recorded=recorded,
    )
    made.prepare(
        answered.events(clock, recorded.recorder) if answered else plan.joined(exchange.events(retries))
    )
    return made


@with_defaults
def show(
    source: object,
    *,
    max_seconds: float | None = None,
    max_chars: int | None = 2_000_000,
    stop_when: Condition | None = None,
    settle: bool = True,
    record: Record = True,
    keep_running: bool = False,
    display: bool = True,
) -> Stream:
    """Show what already streams: the same view, the same Stop, the same `Stream` object.

    `source`: an iterable or async iterable of str, what an SDK or a framework streams (openai, anthropic,
    google-genai, mistralai, cohere, ollama, LangChain, LlamaIndex, llm, chatlas, litellm), or a function that
    makes one (then it is made and read in the background, which is the safe form for
    asynchronous sources: a blocking cell stalls one that is connected on the notebook's own loop).
    Raises UsageError for anything else.
    """
    limits = Limits(None, None, None, max_seconds, max_chars, None, stop_when)
    check_limits(limits)
    asking.check_flags(settle=settle, keep_running=keep_running, display=display)
    check_record(record)
    if isinstance(source, Recording):
        raise UsageError("show() takes what streams; a recording is shown again by replay(recording).")
    events = sources.as_events(source)
    made = Stream(
        make_session=lambda on_event, on_end: Session(
            limits=limits, on_event=on_event, on_end=on_end, defer=_on_notifier
        ),
        messages=[],
        keep_running=keep_running,
        settle=settle,
        version=__version__,
        recorded=of_source(record, type(source).__name__),
    )
    made.prepare(events)
    return made


def configure(**defaults: Any) -> None:
    """Set defaults of `stream()` for this notebook, e.g. `configure(model="...", temperature=0)`.

    None takes a default away again. Raises UsageError for what belongs to a single call, or is misspelt.
    """
    wrong = defaults.keys() & {"prompt", "after"}
    if wrong:
        raise UsageError(f"configure() takes no {wrong.pop()}=: it belongs to a single stream().")
    check_spelling(defaults, inspect.signature(stream).parameters)
    configured.update(with_secret(defaults))
    for name in [name for name, value in configured.items() if value is None]:
        del configured[name]


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


def _on_notifier(call: Callable[[], None]) -> None:
    loop.notifier().post(None, call)


Stream._begin = begin
Stream.ask_again = functools.partial(again_from, cast(Any, stream).__wrapped__)
Stream.ask_rest = resuming.resumed
Stream.ask_branch = staticmethod(resuming.branched)
Stream.branch_at = staticmethod(inspecting.branch_at)
Stream.inspected = staticmethod(inspecting.inspected)
Recording.as_page = staticmethod(inspecting.page_of)
Inspector.as_page = staticmethod(inspecting.page_of)
Stream.options_kept = functools.partial(options_from, stream)
