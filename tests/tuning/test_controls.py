"""What makes which control, which of them fill the template, and what they say."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest

from notebook_stream import UsageError
from notebook_stream.tuning.controls import LONG, Controls


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        (["a", "b"], ipywidgets.Dropdown, "a"),
        ({"one": 1, "two": 2}, ipywidgets.Dropdown, 1),
        ((0.0, 2.0), ipywidgets.FloatSlider, 1.0),
        ((0, 10), ipywidgets.IntSlider, 5),
        ((0, 10, 5), ipywidgets.IntSlider, 5),
        ("text", ipywidgets.Text, "text"),
        ("x" * LONG + "x", ipywidgets.Textarea, "x" * LONG + "x"),
        ("two\nlines", ipywidgets.Textarea, "two\nlines"),
        (True, ipywidgets.Checkbox, True),
        (500, ipywidgets.IntSlider, 500),
        (0.5, ipywidgets.FloatSlider, 0.5),
        (ipywidgets.fixed(7), ipywidgets.fixed, 7),
    ],
)
def test_abbreviations_are_those_of_interact(said: Any, kind: Any, value: Any) -> None:
    controls = Controls([], {"x": said})
    control: Any = controls["x"]
    assert type(control) is kind
    assert controls.settings() == {"x": value}
    assert control.description == "x"


def test_a_widget_is_taken_as_it_is() -> None:
    own = ipywidgets.IntText(value=3, description="How many")
    controls = Controls([], {"n": own})
    assert controls["n"] is own
    assert own.description == "How many"
    own.value = 4
    assert controls.settings() == {"n": 4}


def test_variables_without_a_control_get_a_text_field_and_come_first() -> None:
    controls = Controls(["topic", "reader"], {"temperature": (0.0, 1.0), "reader": ["a", "b"]})
    assert list(controls) == ["topic", "reader", "temperature"]
    assert type(controls["topic"]) is ipywidgets.Text
    assert controls.settings()["topic"] == ""


def test_a_system_prompt_has_several_lines_and_a_number_of_a_setting_begins_at_nought() -> None:
    controls = Controls(["n"], {"n": 3, "system": "", "max_tokens": 400, "temperature": 0.5})
    assert type(controls["system"]) is ipywidgets.Textarea
    assert (controls["max_tokens"].min, controls["max_tokens"].max) == (0, 1200)
    assert controls["temperature"].min == 0
    assert controls["n"].min == -3  # of the template's own variables nothing is known


def test_what_is_fixed_has_no_place_on_the_screen() -> None:
    controls = Controls([], {"a": ipywidgets.fixed(1), "b": "x"})
    assert controls.shown == [controls["b"]]


@pytest.mark.parametrize("said", [None, object(), (2, 1), (1, 2, 0), ("a", "b"), []])
def test_what_makes_no_control_is_refused(said: Any) -> None:
    if said == []:
        assert Controls([], {"x": said}).settings() == {"x": None}  # as interact has it
        return
    with pytest.raises(UsageError, match=r"^x=.* makes no control") as caught:
        Controls([], {"x": said})
    assert len(str(caught.value).splitlines()) <= 3


def test_settings_go_back_into_the_controls_and_what_does_not_fit_is_named() -> None:
    controls = Controls(["t"], {"m": ["a", "b"], "n": (0, 10)})
    controls.set({"t": "x", "m": "b", "n": 3})
    assert controls.settings() == {"t": "x", "m": "b", "n": 3}
    with pytest.raises(UsageError, match="m='z'"):
        controls.set({"m": "z", "n": 4, "t": "y"})
    assert controls.settings() == {"t": "y", "m": "b", "n": 4}
