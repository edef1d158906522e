"""A control and a value in; the control turned to exactly that, or an error that says what it takes.

ipywidgets' own sliders go to the nearest value that they can, in silence.
"""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..errors import UsageError, quote

MAX_SHOWN = 40
"""Characters of a value that a message shows."""
MAX_CHOICES = 8


def turn(control: Any, value: Any) -> None:
    """Set the control's value.

    Raises:
        UsageError: the value is out of its range or none of its choices.
        Exception: whatever else the control itself says.
    """
    _check_numbers(control, value)
    try:
        control.value = value
    except Exception as exc:
        choices = getattr(control, "_options_values", None)
        if choices is not None:
            raise UsageError(f"choose one of {_listed(choices)}.") from None
        raise UsageError(f"its control does not take that ({exc}).") from exc


def _check_numbers(control: Any, value: Any) -> None:
    low, high = _range(control)
    for number in value if isinstance(value, tuple) else (value,):
        if not isinstance(number, int | float):
            continue
        if low is not None and high is not None and not low <= number <= high:
            raise UsageError(f"its control goes from {low} to {high}.")
        if type(control.value) is int and isinstance(number, float) and not number.is_integer():
            raise UsageError("its control takes whole numbers.")


def _range(control: Any) -> tuple[Any, Any]:
    low, high = getattr(control, "min", None), getattr(control, "max", None)
    if isinstance(control, ipywidgets.FloatLogSlider):
        return control.base**low, control.base**high
    return low, high


def _listed(choices: tuple[Any, ...]) -> str:
    hidden = len(choices) - MAX_CHOICES
    shown = ", ".join(quote(repr(choice), MAX_SHOWN) for choice in choices[:MAX_CHOICES])
    return shown + (f" and {hidden} more" if hidden > 0 else "")
