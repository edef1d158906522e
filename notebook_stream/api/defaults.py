"""What a call leaves unsaid: filled in from `configure()` and from the stream that it follows up."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, cast

from ..errors import Secret, UsageError
from ..widget import Stream

P = ParamSpec("P")

configured: dict[str, Any] = {}

_TARGET = frozenset({"model", "base_url", "api_key", "wire_format"})
"""What says whom to ask: a follow-up that names one of these takes none of them from the stream before."""
_NOT_INHERITED = frozenset({"after", "display", "max_seconds", "max_chars", "max_cost", "stop_when"})


def with_defaults(function: Callable[P, Stream]) -> Callable[P, Stream]:
    """Fill in what `configure()` and `after=` say where the call itself says nothing."""
    parameters = inspect.signature(function).parameters
    subject = next(iter(parameters))
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Stream:
        given = with_secret(cast(dict[str, Any], kwargs))
        about: tuple[Any, ...] = args or ((given.pop(subject),) if subject in given else ())
        known = {**configured, **_inherited(given)}
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


def with_secret(options: dict[str, Any]) -> dict[str, Any]:
    """`options` with the key put away: at once, so that no traceback that shows local variables shows it."""
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
