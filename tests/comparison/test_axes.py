"""What is asked in each cell, and where the cells stand."""

from __future__ import annotations

import re
from typing import Any

import pytest

from notebook_stream import UsageError
from notebook_stream.comparison.arrangement import arrange, layout_of
from notebook_stream.comparison.axes import MAX_CELLS, Plan, plan


def planned(prompts: Any, models: Any = "demo/echo", **options: Any) -> Plan:
    rows, repeats = options.pop("rows", None), options.pop("repeats", 1)
    return plan(prompts, models, rows=rows, repeats=repeats, options=options)


def test_every_prompt_meets_every_model_and_every_value() -> None:
    found = planned(["a", "b"], ["m", "n"], temperature=[0, 0.7], max_tokens=5)
    asked = [(r["prompt"], r["model"], r["temperature"], r["max_tokens"]) for r in found.requests]
    assert asked == [(p, m, t, 5) for p in "ab" for m in "mn" for t in (0, 0.7)]
    assert found.points[:3] == ((0, 0, 0), (0, 0, 1), (0, 1, 0))
    assert [axis.name for axis in found.axes] == ["prompt", "model", "temperature"]


def test_names_stand_for_prompts_and_models() -> None:
    found = planned(
        {"short": "Say hi.", "long": "Explain."}, {"ours": "m", "local": {"model": "q", "base_url": "u"}}
    )
    assert [axis.labels for axis in found.axes] == [("short", "long"), ("ours", "local")]
    assert found.axes[0].details == ("Say hi.", "Explain.")
    assert found.requests[1] == {"prompt": "Say hi.", "model": "q", "base_url": "u"}


def test_rows_fill_the_template() -> None:
    found = planned("Say {word} in {language}. {{no}}", rows=[{"word": "yes", "language": "Latin"}])
    assert found.requests[0]["prompt"] == "Say yes in Latin. {no}"
    assert found.axes[1].labels == ("word=yes, language=Latin",)


def test_a_frame_gives_rows() -> None:
    pandas = pytest.importorskip("pandas")
    found = planned("Say {word}.", rows=pandas.DataFrame({"word": ["yes", "no"]}))
    assert [request["prompt"] for request in found.requests] == ["Say yes.", "Say no."]


def test_a_keyword_of_a_variable_fills_it_and_is_not_sent() -> None:
    found = planned("Say {word}.", word=["yes", "no"], temperature=0)
    assert [dict(r) for r in found.requests] == [
        {"prompt": "Say yes.", "model": "demo/echo", "temperature": 0},
        {"prompt": "Say no.", "model": "demo/echo", "temperature": 0},
    ]


def test_braces_mean_nothing_where_no_value_is_given() -> None:
    prompt = 'Answer as {"a": 1}.'
    assert planned(prompt, temperature=[0, 1]).requests[0]["prompt"] == prompt


def test_of_several_prompts_only_templates_are_filled() -> None:
    plain = 'Return {"a": 1}'
    for options in ({"topic": ["x"]}, {"rows": [{"topic": "x"}]}):
        asked = [request["prompt"] for request in planned(["Say {topic}", plain], **options).requests]
        assert asked == ["Say x", plain]


def test_messages_are_one_prompt() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert planned(messages).requests[0]["prompt"] == messages
    assert len(planned([messages, "b"]).requests) == 2


def test_a_parameter_that_is_a_list_varies_as_a_list_of_lists() -> None:
    assert planned("a", stop=["x", "y"]).requests[0]["stop"] == ["x", "y"]
    assert [r["stop"] for r in planned("a", stop=[["x"], ["y", "z"]]).requests] == [["x"], ["y", "z"]]


def test_equal_labels_are_told_apart() -> None:
    same = [{"model": "q", "base_url": "one"}, {"model": "q", "base_url": "two"}]
    assert planned("a", same).axes[1].labels == ("q", "q (2)")
    assert planned(["a", "a", "a (2)"]).axes[0].labels == ("a", "a (2)", "a (2) (2)")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"prompts": []}, "empty"),
        ({"prompts": 3}, "not int"),
        ({"prompts": "a", "models": []}, "empty"),
        ({"prompts": "a", "models": [3]}, "A model is a name"),
        ({"prompts": "a", "temperature": []}, "temperature: the list is empty"),
        ({"prompts": "a", "repeats": 0}, "repeats=0"),
        ({"prompts": "a", "repeats": True}, "repeats=True"),
        ({"prompts": "a", "rows": ["x"]}, "list of dicts"),
        ({"prompts": "a", "rows": [{"word": 1}]}, "no prompt has one"),
        ({"prompts": "Say {thing}", "thng": ["x"]}, "did you mean thing="),
        ({"prompts": ["a", 5]}, "prompts[1] is 5"),
        ({"prompts": "Say {wrod}", "rows": [{"word": 1}]}, "Did you mean {word}"),
        ({"prompts": "Say {row}", "row": ["x", "y"]}, 'rows=[{"row": ...}]'),
        ({"prompts": "Say {repeat}", "repeat": ["x", "y"]}, 'rows=[{"repeat": ...}]'),
        ({"prompts": "a", "prompt": ["b"]}, "prompt= is no option"),
        ({"prompts": ["a"] * 20, "seed": range(MAX_CELLS)}, "20,000 cells"),
    ],
)
def test_wrong_use_says_what_is_wrong(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        planned(**wrong)


def test_models_are_across_and_repeats_share_a_place() -> None:
    found = planned(["a", "b"], ["m", "n"], temperature=[0, 1], repeats=2)
    table = arrange(found.axes)
    assert (table.down, table.across) == (("prompt", "temperature"), "model")
    assert table.rows == (("a", "0"), ("a", "1"), ("b", "0"), ("b", "1"))
    assert table.columns == ("m", "n")
    for row, (prompt, temperature) in enumerate(table.rows):
        for column, model in enumerate(table.columns):
            for cell in table.cells[row][column]:
                asked = found.requests[cell]
                assert (asked["prompt"], str(asked["temperature"]), asked["model"]) == (
                    prompt,
                    temperature,
                    model,
                )
    assert sorted(c for row in table.cells for group in row for c in group) == list(range(16))


def test_without_several_models_the_last_setting_is_across() -> None:
    assert arrange(planned("a", system=["s", "t"], temperature=[0, 1]).axes).across == "temperature"
    alone = arrange(planned(["a", "b"], "m").axes)
    assert (alone.across, alone.columns, alone.rows) == ("model", ("m",), (("a",), ("b",)))


def test_a_variable_without_a_value_is_told() -> None:
    assert planned("Say {thing}.").note == "{thing} has no value, and is sent as it stands."
    for plain in (planned("Say."), planned("Say {thing}.", thing="x"), planned('{"a": 1}')):
        assert plain.note == ""


def test_the_page_gets_the_axes_that_vary() -> None:
    long = "x" * 100
    found = planned([long, "b"], "m", temperature=[0, 1], repeats=3)
    layout = layout_of(found.axes, found.points)
    assert [axis["name"] for axis in layout["axes"]] == ["prompt", "model", "temperature", "repeat"]
    assert (layout["across"], layout["repeats"]) == (2, 3)
    assert layout["axes"][0]["details"] == [long, ""]
    assert len(layout["axes"][0]["labels"][0]) == 60
    assert layout["points"][4] == [0, 0, 1, 1]
