"""The variables of a template and what was said of each control in; ipywidgets' controls, their values out.

Abbreviations are those of ipywidgets' `interact`. Knows no run and no layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ipywidgets

from ..errors import UsageError, quote
from .turning import MAX_SHOWN, turn

LONG = 60
"""From this many characters on, a text gets a field of several lines."""
WIDE = "98%"
_ROWS = 3


class Controls(Mapping[str, Any]):
    """The controls by name: those that fill the template first, then those that are parameters of `stream()`.

    Each has a `value`; those that are `fixed` have no place on the screen.
    """

    def __init__(self, variables: Iterable[str], given: Mapping[str, Any]) -> None:
        self.variables = tuple(variables)
        said = {**{name: given.get(name, "") for name in self.variables}, **given}
        self._widgets = {
            name: _control(name, value, may_be_below_zero=name in self.variables)
            for name, value in said.items()
        }
        self._widen_labels()

    def __getitem__(self, name: str) -> Any:
        return self._widgets[name]

    def __iter__(self) -> Any:
        return iter(self._widgets)

    def __len__(self) -> int:
        return len(self._widgets)

    @property
    def shown(self) -> list[ipywidgets.Widget]:
        """Those that have a place on the screen."""
        return [each for each in self._widgets.values() if isinstance(each, ipywidgets.DOMWidget)]

    def settings(self) -> dict[str, Any]:
        """What each control says now."""
        return {name: each.get_interact_value() for name, each in self._widgets.items()}

    def set(self, settings: Mapping[str, Any]) -> None:
        """Turn the controls to `settings`; of one that cannot take its value the others are turned still.

        Raises:
            UsageError: a control that cannot take its value; it names the first one.
        """
        wrong: list[str] = []
        for name, value in settings.items():
            try:
                turn(self._widgets[name], value)
            except Exception as exc:  # a TraitError, or whatever a widget of the user's raises
                wrong.append(f"{name}={quote(repr(value), MAX_SHOWN)}: {exc}")
        if wrong:
            raise UsageError(wrong[0])

    def _widen_labels(self) -> None:
        width = f"{min(max((len(name) for name in self._widgets), default=0), 24) + 2}ch"
        for each in self.shown:
            if hasattr(each, "style") and hasattr(each.style, "description_width"):
                each.style.description_width = width


def _control(name: str, value: Any, *, may_be_below_zero: bool) -> Any:
    control = _text_area(value) if _is_long(name, value) else _from_abbreviation(name, value)
    if isinstance(control, ipywidgets.Text | ipywidgets.Textarea) and not isinstance(
        value, ipywidgets.Widget
    ):
        control.layout.width = WIDE
    if not may_be_below_zero and isinstance(value, int | float) and hasattr(control, "min") and value > 0:
        control.min = type(value)(0)  # `interact` would go from -value to 3 times it
    if not getattr(control, "description", ""):
        control.description = name
    return control


def _is_long(name: str, value: Any) -> bool:
    return isinstance(value, str) and (name == "system" or len(value) > LONG or "\n" in value)


def _text_area(value: str) -> ipywidgets.Textarea:
    return ipywidgets.Textarea(value=value, rows=min(_ROWS + value.count("\n"), 12))


def _from_abbreviation(name: str, value: Any) -> Any:
    make: Callable[[Any], Any] = ipywidgets.interactive.widget_from_abbrev
    if _is_turned_round(value):
        raise UsageError(f"{name}={value!r} makes no control: the low end comes first.")
    try:
        control = make(value)
    except Exception as exc:  # of an empty range, a step of 0, an option that cannot be one
        raise UsageError(f"{name}={value!r} makes no control: {exc}") from None
    if control is None:
        raise UsageError(
            f"{name}={value!r} makes no control: give a list (choice), (low, high) or (low, high, step) "
            "(slider),\na text, True or False, a number, a widget, or ipywidgets.fixed(...)."
        )
    if isinstance(control, ipywidgets.Dropdown) and control is not value and not control.options:
        raise UsageError(f"{name}={value!r} makes no control: a choice has at least one value to choose.")
    return control


def _is_turned_round(value: Any) -> bool:
    numbers = (
        isinstance(value, tuple) and len(value) in (2, 3) and all(isinstance(v, int | float) for v in value)
    )
    return numbers and value[0] > value[1]
