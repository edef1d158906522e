"""What a call leaves unsaid: filled in from `configure()` and from the stream that it follows up."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, ParamSpec, cast

from .. import hosts, marimo, widget
from ..errors import Secret, UsageError, brief
from ..widget import Stream

P = ParamSpec("P")

NEAR = 0.8
"""How alike (0 to 1, difflib) a name must be to one of ours to count as misspelt."""
NEARER = 0.88
"""The same for a name of the servers': `max_tokens` and `min_tokens` are 0.8 alike, and both are some."""
SERVERS = (
    *("temperature", "max_tokens", "max_completion_tokens", "top_p", "top_k", "seed", "stop", "logprobs"),
    *("top_logprobs", "presence_penalty", "frequency_penalty", "response_format", "reasoning_effort"),
    *("tools", "tool_choice", "parallel_tool_calls", "thinking", "stop_sequences"),
)
"""Fields that are typed most; others go to the server as they are."""
SERVERS_OWN = frozenset({"models", "prompts", "safe_prompt"})
"""Fields of request bodies that look like options of ours and are none."""

configured: dict[str, Any] = {}

_TARGET = frozenset({"model", "base_url", "api_key", "wire_format"})
"""What says whom to ask: a follow-up that names one of these takes none of them from the stream before."""
_NOT_INHERITED = frozenset({"after", "display", "max_seconds", "max_chars", "max_cost", "stop_when"})


def with_defaults(function: Callable[P, Stream]) -> Callable[P, Stream]:
    """Fill in what `configure()` and `after=` say where the call itself says nothing; then begin the run."""
    prepare = prepared(function)

    @functools.wraps(prepare)  # and so `__wrapped__` is what only prepares it
    def call(*args: P.args, **kwargs: P.kwargs) -> Stream:
        __tracebackhide__ = True  # IPython leaves out frames that say so: the message counts, not our inside
        try:
            return prepare(*args, **kwargs)._begin()
        except UsageError as exc:
            kwargs.clear()  # a key may stand in any of them: in a URL, under a misspelt name
            raise exc.with_traceback(None) from None

    return call


def begin(made: Stream) -> Stream:
    """Start the run, and show it where it is to be."""
    made.start()
    widget.begin_in_cell(made)
    if made._options.get("display", True) and (hosts.in_notebook() or marimo.is_here()):
        made.display()
    return made


def prepared(function: Callable[P, Stream]) -> Callable[P, Stream]:
    """The same for a run that somebody else begins."""
    parameters = inspect.signature(function).parameters
    subject = next(iter(parameters))
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @brief
    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Stream:
        return made_with_defaults(args, cast(dict[str, Any], kwargs))

    def made_with_defaults(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Stream:
        given = with_secret(kwargs)
        if len(args) > 1:
            raise UsageError(f"Only the {subject} goes without a name. Did you mean model={args[1]!r}?")
        check_spelling(given, parameters)
        about: tuple[Any, ...] = args or ((given.pop(subject),) if subject in given else ())
        known = {**configured, **_inherited(given)}
        options = {n: v for n, v in known.items() if takes_any or n in parameters} | given
        made = function(*about, **cast(Any, options))
        made._options = options
        if isinstance(about[0], str | list) or callable(about[0]):
            made._remake = functools.partial(_again, call, subject, about[0], options)
        return made

    return call


def check_spelling(given: Iterable[str], own: Collection[str]) -> None:
    """Raise UsageError for a name that is nearly one of ours: sent to the server it would have no effect."""
    for name in given:
        if name in own or name in SERVERS_OWN or name in SERVERS:
            continue
        near = difflib.get_close_matches(name, own, 1, NEAR)
        near = near or difflib.get_close_matches(name, SERVERS, 1, NEARER)
        if near:
            raise UsageError(
                f"{name}= is no option; did you mean {near[0]}=?\n"
                f'If the server knows it: extra_body={{"{name}": ...}}.'
            )


def _again(
    call: Callable[..., Stream], subject: str, about: object, options: dict[str, Any], **changes: Any
) -> Stream:
    return call(changes.pop(subject, about), **{**options, **changes})


def with_secret(options: dict[str, Any]) -> dict[str, Any]:
    """`options` with the keys put away: at once, so that no traceback that shows local variables shows it."""
    key, headers = options.get("api_key"), options.get("extra_headers")
    if isinstance(key, str):
        options["api_key"] = Secret(key)
    if isinstance(headers, Mapping):
        options["extra_headers"] = PrivateHeaders(headers)
    return options


class PrivateHeaders(dict[str, str]):
    """Headers whose values do not show, for one of them may be a key."""

    def __repr__(self) -> str:
        return f"PrivateHeaders({', '.join(map(str, self))})"


def _inherited(given: Mapping[str, Any]) -> dict[str, Any]:
    before = given.get("after")
    if before is None:
        return {}
    if not isinstance(before, Stream):
        raise UsageError(f"after= takes a Stream, not {type(before).__name__}.")
    left_out = _NOT_INHERITED | (_TARGET if given.keys() & _TARGET else frozenset())
    return {name: value for name, value in before._options.items() if name not in left_out}
