"""`tune()`: a template and what was said of its controls in, a `Tuning` that asks by `stream()` out."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from .. import hosts
from .. import template as templates
from ..errors import UsageError, brief
from ..tuning import Controls, Tuning
from ..tuning.names import OURS, check_controls
from .asking import check_flags
from .defaults import check_spelling, configured, with_secret
from .public import stream

CONTROLS = frozenset({"model", "system", "max_seconds", "max_chars", "max_cost"})
"""The options of `stream()` that may have a control; the others are given as they are, and are not shown."""


@brief
def tune(template: str, *, model: Any = None, display: bool = True, **controls: Any) -> Tuning:
    """Controls for the variables of a prompt, its model and its settings; Run, Stop, and what was run so far.

    Parameters
    ----------
    template
        The prompt, with `{variables}`; `{{` and `}}` are braces.
    model
        As for `stream()`; a list makes a choice, a text a field.
    display
        Whether to show it here; False for use inside other widgets.
    **controls
        By name, as for ipywidgets' `interact`: a list makes a choice, `(low, high)` or `(low, high, step)` a
        slider, a text a field, True or False a box, a number a slider, a widget itself. Those named as a
        variable fill the template (one that is not named gets a field), the others are parameters of
        `stream()`; of its own options `system`, `max_seconds`, `max_chars` and `max_cost` have controls, and
        the others (`api_key=`, `base_url=`, ...) are passed on.

    Raises
    ------
    UsageError
        A template with a brace that begins no variable, what makes no control, or a control that is nearly a
        variable which has none.
    """
    variables = templates.names(template)
    if not template.strip():
        raise UsageError('The template is empty: give the prompt, e.g. tune("Explain {topic}", topic="SSE").')
    check_flags(display=display)
    given = {**({} if model is None else {"model": model}), **with_secret(controls)}
    own = inspect.signature(stream).parameters
    names = [name for name in given if name not in variables]
    wrong = [name for name in names if name in OURS]
    if wrong:
        raise UsageError(f"tune() takes no {wrong[0]}=: it belongs to a single stream().")
    check_spelling(names, own)
    check_controls(given, variables, own)
    options = {name: given[name] for name in names if name in own and name not in CONTROLS}
    rest = {name: value for name, value in given.items() if name not in options}
    if "save_prompt" in configured:
        options.setdefault(
            "save_prompt", configured["save_prompt"]
        )  # what is kept begins before the first run
    # Another run may be brought back meanwhile: that nobody sees this one does not mean that nobody wants it.
    ask = functools.partial(stream, display=False, keep_running=True)
    tuning = Tuning(template, Controls(variables, rest), options, ask)
    if display and hosts.in_notebook():
        tuning.display()
    return tuning
