"""What `tune()` and `run()` refuse, in which words, and that the panel says it too."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_stream import UsageError, tune

from .test_tuning import Make, finish
from .test_tuning import _fast_and_no_leftovers as _fast_and_no_leftovers  # a fixture
from .test_tuning import make as make  # a fixture


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": "demo/none"}, "model='demo/none': choose one of 'demo/echo', 'demo/table'"),
        ({"n": 99}, "n=99: its control goes from 0 to 3"),
        ({"topc": "x"}, "no control topc; did you mean topic="),
        ({"max_token": 5}, "no control max_token; did you mean max_tokens="),
        ({"max_secnds": 5}, "no control max_secnds; did you mean max_seconds="),
        ({"nosuch": 1}, "no control nosuch; the controls are topic, model, n"),
        ({"prompt": "x"}, "run.. takes no prompt="),
        ({"display": True}, "run.. takes no display="),
    ],
)
def test_a_change_that_fits_nothing_is_refused(make: Make, changes: dict[str, Any], says: str) -> None:
    t = make(topic="a", n=(0, 3))
    with pytest.raises(UsageError, match=says) as caught:
        t.run(**changes)
    assert len(str(caught.value).splitlines()) <= 3
    assert (t.runs, t.settings["n"]) == ([], 1)


def test_what_the_server_alone_knows_goes_by_extra_body(make: Make) -> None:
    t = make(topic="a")
    stream = t.run(extra_body={"nosuch": 1})
    finish(stream)
    assert stream._request is not None
    assert stream._request["options"]["extra_body"] == {"nosuch": 1}


def test_what_is_wrong_is_said_in_the_panel_not_lost_in_a_log(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    t = make(topic="a", model=["openai/gpt-5-mini", "demo/echo"])
    t._panel.run.click()
    assert "OPENAI_API_KEY" in t._panel.message.value
    assert "role=alert" in t._panel.message.value
    assert (t.runs, t._panel.run.disabled) == ([], False)
    with pytest.raises(UsageError, match="OPENAI_API_KEY"):
        t.run()
    t.controls["model"].value = "demo/echo"
    t._panel.run.click()
    assert t._panel.message.value == ""
    finish(t.stream)


def test_what_is_said_in_the_panel_is_text() -> None:
    t = tune("x", model="<img src=x onerror=alert(1)>")
    t._panel.run.click()
    assert "&lt;img" in t._panel.message.value
    assert "<img" not in t._panel.message.value
    t.close()


@pytest.mark.parametrize(
    ("template", "controls", "says"),
    [
        ("", {}, "template is empty"),
        (7, {}, "template is a string"),
        ('{"a": 1}', {}, r"write it twice"),
        ("x", {"max_secnds": 3}, "max_seconds"),
        ("x", {"after": "s"}, "takes no after="),
        ("x", {"keep_running": True}, "takes no keep_running="),
        ("x", {"display": "no"}, "display='no'"),
        ("x", {"temperature": (2, 1)}, "makes no control: the low end comes first"),
        ("Hi {x}", {"x": []}, "makes no control: a choice has at least one value"),
        ("To {reader}", {"reder": "bob"}, "^reder= is no variable of the template; did you mean reader="),
        ("{a} {reader}", {"a": "x", "readers": ["x"]}, "readers= is no variable"),
    ],
)
def test_wrong_use_raises_at_the_call(template: Any, controls: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        tune(template, **controls)
    assert len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize(
    ("template", "controls"),
    [
        ("To {reader}", {"reader": "x", "reder": "y"}),  # the variable has a control of its own
        ("{temperatures} {token}", {"temperature": 0.5, "tokens": 5}),  # known parameters
        ("{max_second}", {"max_seconds": 5}),
    ],
)
def test_a_control_that_is_meant_is_no_misspelling(
    make: Make, template: str, controls: dict[str, Any]
) -> None:
    assert set(make(template, **controls).controls) >= controls.keys()
