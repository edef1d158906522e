"""`compare()`: the cells of a comparison, each prepared as `stream()` does, in one widget."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .. import __version__, hosts, marimo
from ..comparison import Comparison, plan
from ..errors import UsageError, brief
from ..session import Limits, check_limits
from ..widget import Stream
from .defaults import check_spelling, configured, with_secret
from .public import stream

prepare = cast(Callable[..., Stream], cast(Any, stream).__wrapped__)
"""`stream()` without the beginning."""

Prompts = str | Sequence[Any] | Mapping[str, Any]
Models = str | Sequence[str | Mapping[str, Any]] | Mapping[str, Any] | None


@brief
def compare(
    prompts: Prompts,
    models: Models = None,
    *,
    rows: Any = None,
    repeats: int = 1,
    concurrency: int = 8,
    max_cost: float | None = None,
    max_seconds: float | None = None,
    keep_running: bool = False,
    display: bool = True,
    **axes: Any,
) -> Comparison:
    """Ask several prompts of several models with several settings, all answers live side by side in one cell.

    Parameters
    ----------
    prompts
        A prompt, a list of them, or a dict of names and prompts. With `rows`, or with keywords that bear the
        names of its `{variables}`, a prompt is a template; `{{` stands for a brace.
    models
        A model as `stream()` takes it, a list, or a dict of names and models. One that needs more than its
        name is a dict of options: `{"model": "qwen3:8b", "base_url": "http://localhost:11434/v1"}`.
    rows
        Values for the templates' `{variables}`: a list of dicts, or a DataFrame.
    repeats
        How often each is asked; how far the answers agree is shown.
    concurrency
        How many run at once; the others wait for their turn.
    max_cost, max_seconds
        Limits of the whole comparison, in US dollars and seconds: what runs or waits then is stopped.
    keep_running
        Whether the runs go on when nobody sees or awaits them any more.
    display
        Whether to show it here.
    **axes
        Anything else that `stream()` takes. A list is an axis: `temperature=[0, 0.7]`, `system=[...]`. For
        parameters that are lists by themselves (`stop`, `tools`) a list of lists is one.

    Raises
    ------
    UsageError
        Wrong use, of any cell: nothing has been asked then.
    """
    made = _prepared(
        prompts,
        models,
        axes,
        rows=rows,
        repeats=repeats,
        concurrency=concurrency,
        limits=Limits(max_seconds=max_seconds, max_cost=max_cost),
        keep_running=keep_running,
    )
    made.begin()
    if display and (hosts.in_notebook() or marimo.is_here()):
        made.display()
    return made


def _prepared(
    prompts: Prompts,
    models: Models,
    axes: dict[str, Any],
    *,
    rows: Any,
    repeats: int,
    concurrency: int,
    limits: Limits,
    keep_running: bool,
) -> Comparison:
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or concurrency < 1:
        raise UsageError(f"concurrency={concurrency!r}: give a whole number from 1 on.")
    check_limits(limits)
    options = with_secret(axes)
    check_spelling(options, (*inspect.signature(compare).parameters, *inspect.signature(stream).parameters))
    if repeats != 1 and "cache" in configured:
        options.setdefault("cache", configured["cache"])
    if "model" in options:
        raise UsageError("compare() takes the models as its second argument: compare(prompts, models).")
    chosen = models if models is not None or "model" not in configured else configured["model"]
    saves_texts = _saves_texts(options, chosen)
    planned = plan(prompts, chosen, rows=rows, repeats=repeats, options=options, saves_texts=saves_texts)
    limit = {} if limits.max_cost is None else {"max_cost": limits.max_cost}  # none may cost more than all
    makers = [functools.partial(_made, with_secret({**request, **limit})) for request in planned.requests]
    return Comparison(
        planned.axes,
        planned.points,
        [maker() for maker in makers],
        makers,
        concurrency=concurrency,
        max_seconds=limits.max_seconds,
        max_cost=limits.max_cost,
        keep_running=keep_running,
        note=planned.note,
        version=__version__,
    )


def _saves_texts(options: Mapping[str, Any], models: Models) -> bool:
    """Whether every cell's prompt may be kept: one axis stands for all of them."""
    given = list(models.values()) if isinstance(models, Mapping) and "model" not in models else models
    several = given if isinstance(given, list | tuple) else [given]
    said = [each.get("save_prompt") for each in several if isinstance(each, Mapping)]
    one = options.get("save_prompt", configured.get("save_prompt"))
    return not any(each is False for each in (*said, *(one if isinstance(one, list | tuple) else [one])))


def _made(request: Mapping[str, Any]) -> Stream:
    return prepare(**request, display=False)
