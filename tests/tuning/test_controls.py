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


@pytest.mark.parametrize("said", [None, object(), (2, 1), (1, 2, 0), ("a", "b"), [], (), {}, set()])
def test_what_makes_no_control_is_refused(said: Any) -> None:
    with pytest.raises(UsageError, match=r"^x=.* makes no control") as caught:
        Controls([], {"x": said})
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize("said", [(9, 1), (9, 1, 2), (2.0, 0.5)])
def test_a_range_that_is_turned_round_says_so(said: Any) -> None:
    with pytest.raises(UsageError, match="the low end comes first"):
        Controls([], {"x": said})


def test_a_choice_widget_of_the_users_own_may_be_filled_later() -> None:
    assert Controls([], {"x": ipywidgets.Dropdown(options=[])}).settings() == {"x": None}


@pytest.mark.parametrize(
    ("said", "value", "says"),
    [
        ((1, 9), 99, "n=99: its control goes from 1 to 9."),
        ((1, 9), 0, "n=0: its control goes from 1 to 9."),
        ((1, 9), 2.5, "n=2.5: its control takes whole numbers."),
        ((0.0, 2.0), float("nan"), "n=nan: its control goes from 0.0 to 2.0."),
        (ipywidgets.IntRangeSlider(min=1, max=9), (0, 5), "n=(0, 5): its control goes from 1 to 9."),
        (ipywidgets.FloatLogSlider(min=-2, max=2), 200, "n=200: its control goes from 0.01 to 100.0."),
        (["a child", "a 'programmer'"], "dog", "n='dog': choose one of 'a child', \"a 'programmer'\"."),
        ({"one": 1, "two": 2}, "one", "n='one': choose one of 1, 2."),
        (list(range(50)), 99, "n=99: choose one of 0, 1, 2, 3, 4, 5, 6, 7 and 42 more."),
    ],
)
def test_a_value_that_a_control_does_not_take_is_refused_and_what_it_takes_is_said(
    said: Any, value: Any, says: str
) -> None:
    controls = Controls([], {"n": said})
    before = controls.settings()
    with pytest.raises(UsageError) as caught:
        controls.set({"n": value})
    assert str(caught.value) == says
    assert controls.settings() == before


@pytest.mark.parametrize(
    ("said", "value"), [((1, 9), 9), ((1, 9), 2.0), ((0.0, 2.0), 1), (500, 1000), (True, False), ("a", "b")]
)
def test_a_value_at_the_end_of_a_range_or_of_another_kind_is_taken(said: Any, value: Any) -> None:
    controls = Controls([], {"n": said})
    controls.set({"n": value})
    assert controls.settings() == {"n": value}


def test_settings_go_back_into_the_controls_and_what_does_not_fit_is_named() -> None:
    controls = Controls(["t"], {"m": ["a", "b"], "n": (0, 10)})
    controls.set({"t": "x", "m": "b", "n": 3})
    assert controls.settings() == {"t": "x", "m": "b", "n": 3}
    with pytest.raises(UsageError, match="m='z'"):
        controls.set({"m": "z", "n": 4, "t": "y"})
    assert controls.settings() == {"t": "y", "m": "b", "n": 4}
