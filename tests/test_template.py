"""What a template reads, what it fills in, and what it says of braces that are none of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from notebook_stream import UsageError
from notebook_stream.template import fill, names


def test_names_come_once_and_in_order() -> None:
    assert names("{b} and {a}, {b!r}, {row['x']}, {user.name:>5}") == ["b", "a", "row", "user"]
    assert names("no variable, {{not}} one") == []


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{x}", "3.14159"),
        ("{ x }!", "3.14159!"),
        ("{x:.2f}", "3.14"),
        ("{word!r:>6}", "  'hi'"),
        ("{row[\"k\"]} {row['k']} {xs[0]} {xs[-1]}", "v v 1 3"),
        ('{row["a:b!c"]}', "odd"),
        ("{user.name} {user.tags[1]}", "Ada b"),
        ("{{x}} {{{x:.0f}}}", "{x} {3}"),
        ('{{"a": 1}}', '{"a": 1}'),
        ("{braced}", "{x} {{"),
        ("{été}", "summer"),
        ("", ""),
    ],
)
def test_what_is_filled_in(template: str, text: str) -> None:
    values: dict[str, Any] = {
        "x": 3.14159,
        "word": "hi",
        "row": {"k": "v", "a:b!c": "odd"},
        "xs": [1, 2, 3],
        "user": SimpleNamespace(name="Ada", tags=["a", "b"]),
        "braced": "{x} {{",
        "été": "summer",
    }
    assert fill(template, values) == text


@pytest.mark.parametrize(
    "template", ['{"a": 1}', "{}", "{0}", "{ }", "f() { return 1 }", "{", "}", "{x", "{x:{w}}", "{x!q}"]
)
def test_a_brace_that_begins_no_field_says_to_double_it(template: str) -> None:
    for call in (lambda: names(template), lambda: fill(template, {"x": 1, "w": 2})):
        with pytest.raises(UsageError, match=r"write it twice: \{\{ and \}\}") as caught:
            call()
        assert str(caught.value).count("\n") < 3


@pytest.mark.parametrize("template", ["{x + 1}", "{x()}", "{row[key]}", "{x.}", "{x[0}", "{x if x else y}"])
def test_no_expression_is_evaluated(template: str) -> None:
    with pytest.raises(UsageError):
        fill(template, {"x": 1, "row": {"key": 1}, "key": "key"})


@pytest.mark.parametrize("template", ["{x.__class__}", "{x._private}", "{x.ok.__globals__}"])
def test_private_attributes_are_not_read(template: str) -> None:
    with pytest.raises(UsageError, match="private"):
        fill(template, {"x": SimpleNamespace(_private=1, ok=1)})


def test_an_unknown_variable_is_named_with_its_likeness() -> None:
    with pytest.raises(UsageError, match=r"\{topc\}\. Did you mean \{topic\}\?"):
        fill("About {topc}", {"topic": "SSE", 3: "no name"})  # type: ignore[dict-item]
    with pytest.raises(UsageError, match=r"\{zzz\}\.\n"):
        fill("About {zzz}", {"topic": "SSE"})


@pytest.mark.parametrize(
    "template", ["{row['no']}", "{xs[7]}", "{xs.nothing}", "{xs['k']}", "{xs:.2f}", "{sly.name}"]
)
def test_what_an_object_does_not_have_is_said_in_one_line(template: str) -> None:
    class Sly:
        @property
        def name(self) -> str:
            raise RuntimeError("not today")

    with pytest.raises(UsageError, match=r"^\{"):
        fill(template, {"row": {}, "xs": [1], "sly": Sly()})
