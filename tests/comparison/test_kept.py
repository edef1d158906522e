"""What stays of a comparison: the table, the file, the frame; and the way back."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Comparison, Stream, UsageError, compare
from notebook_stream.saved import KEY

from ..waiting import PATIENCE

FAST: dict[str, Any] = {"pace": 0, "first_token_s": 0}


def ended(*args: Any, **options: Any) -> Comparison:
    c = compare(*args, **{**FAST, **options})
    c.result(PATIENCE)
    return c


def test_the_frame_has_a_row_for_each_run() -> None:
    pandas = pytest.importorskip("pandas")
    c = ended(
        "Say {word}", "demo/echo", rows=[{"word": "yes"}, {"word": "no"}], fault=[None, "http_500"], retries=0
    )
    frame = c.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["word"]) == ["yes", "yes", "no", "no"]
    assert list(frame["prompt"].unique()) == ["Say {word}"]
    assert list(frame["status"]) == ["done", "error"] * 2
    assert pandas.isna(frame["error"][0])
    assert "500" in frame["error"][1]
    assert list(frame["text"]) == ["Say yes", "", "Say no", ""]
    assert frame["total_s"].notna().all()
    assert list(frame["output_tokens"].notna()) == [True, False] * 2
    assert frame["finish_reason"][0] == "stop"


def test_without_pandas_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    c = ended("x", "demo/echo")
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        c.to_frame()


def test_the_file_brings_it_back(tmp_path: Path) -> None:
    c = ended(
        {"one": "a", "two": "b"},
        ["demo/echo", "demo/lorem"],
        tokens=3,
        fault=[None, "cut:1"],
        repeats=2,
        retries=0,
    )
    path = tmp_path / "kept.json"
    c.save(path)
    back = Comparison.load(path)
    assert [run.text for run in back] == [run.text for run in c]
    assert [run.status for run in back] == [run.status for run in c]
    assert (back.rows, back.columns) == (c.rows, c.columns)
    assert back["one · None", "demo/echo"].text == "a"
    assert [(a.distinct, a.alike) for a in back.agreements] == [(a.distinct, a.alike) for a in c.agreements]
    assert back.to_markdown() == c.to_markdown()
    assert back.result(PATIENCE)[0].text == "a"


def test_what_comes_from_a_file_can_be_asked_again(tmp_path: Path) -> None:
    c = ended(["a", "b"], "demo/echo")
    c.save(tmp_path / "kept.json")
    back = Comparison.load(tmp_path / "kept.json")
    before = list(back)
    assert [result.text for result in back.again().result(PATIENCE)] == ["a", "b"]
    assert not set(back) & set(before)


def test_a_prompt_that_was_not_kept_is_asked_for(tmp_path: Path) -> None:
    c = ended("secret words", "demo/echo", save_prompt=False)
    c.save(tmp_path / "kept.json")
    back = Comparison.load(tmp_path / "kept.json")
    with pytest.raises(UsageError, match="prompt was not saved"):
        back.again()


def test_no_key_is_in_the_file(tmp_path: Path) -> None:
    key = "sk-canary-0123456789"
    c = ended("x", "demo/echo", api_key=key, extra_headers={"authorization": key})
    c.save(tmp_path / "kept.json")
    assert "canary" not in (tmp_path / "kept.json").read_text()
    assert "canary" not in repr(c._make_copy())
    assert "canary" in f"planted {key}"


@pytest.mark.parametrize(
    "change",
    [
        lambda inner: inner.pop("axes"),
        lambda inner: inner["cells"].pop(),
        lambda inner: inner.update(kind="x"),
        lambda inner: inner.update(format=99),
        lambda inner: inner["axes"].pop(0),
        lambda inner: inner["axes"][0].update(name=3),
        lambda inner: inner["axes"][0].update(values=[]),
        lambda inner: inner["axes"][0].update(labels=["x", 3]),
        lambda inner: inner.update(cells=[3, 4]),
        lambda inner: inner["axes"].extend([inner["axes"][0]] * 70),
        lambda inner: inner["cells"][0].update(answers=[]),
    ],
)
def test_a_file_that_is_none_is_refused(change: Any, tmp_path: Path) -> None:
    c = ended(["a", "b"], "demo/echo")
    path = tmp_path / "kept.json"
    c.save(path)
    kept = json.loads(path.read_text())
    change(kept[KEY])
    path.write_text(json.dumps(kept))
    with pytest.raises(UsageError, match="no saved"):
        Comparison.load(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("no json")
    with pytest.raises(UsageError, match="no JSON"):
        Comparison.load(tmp_path / "x.json")
    with pytest.raises(FileNotFoundError):
        Comparison.load(tmp_path / "y.json")


def test_the_output_holds_a_table_and_all_that_brings_it_back() -> None:
    c = ended(["**a**", "<script>alert(1)</script>"], ["demo/echo", "demo/lorem"], tokens=3)
    data, metadata = c._make_copy()
    html = data["text/html"]
    assert html.count("<tr") == 3
    assert html.count("<th scope=col") == 3
    assert "<strong>a</strong>" in html
    assert "<script" not in html
    assert "demo/lorem" in html
    assert data["text/markdown"].count("\n### ") == 4
    assert data["text/plain"].startswith("[**a** · demo/echo]\n**a**")
    assert [run.text for run in Comparison.from_output(metadata)] == [run.text for run in c]
    with pytest.raises(UsageError):
        Stream.from_output(metadata)


def test_an_error_and_what_repeats_have_in_common_are_in_the_table() -> None:
    c = ended("x", "demo/echo", fault=[None, "http_500"], retries=0, repeats=3)
    html = c._make_copy()[0]["text/html"]
    assert "all 3 the same" in html
    assert "answered 500" in html
    assert "2 of 3" in html


def test_markdown_has_a_table_of_figures() -> None:
    c = ended(["a|b", "c"], "demo/echo")
    lines = c.to_markdown().splitlines()
    assert lines[0].startswith("| prompt |")
    assert lines[2].startswith("| a\\|b | demo/echo | done | ")
    assert lines[1].count("|") == lines[0].count("|") == lines[3].count("|")


def test_it_cannot_be_pickled_and_says_what_can() -> None:
    with pytest.raises(TypeError, match=r"c\.save"):
        pickle.dumps(ended("x", "demo/echo"))


def test_frozen_is_for_what_has_ended() -> None:
    c = compare("x", "demo/lorem", pace=10)
    with pytest.raises(UsageError, match="still coming"):
        c.freeze()
    assert repr(c).startswith("<Comparison 1 cells: 1 ")


SECRET = "sk-secret-123"


@pytest.mark.parametrize(
    "axis",
    [
        {"api_key": [SECRET, f"{SECRET}4"]},
        {"extra_headers": [{"Authorization": SECRET}, {}]},
    ],
)
def test_keys_that_vary_are_counted_and_not_shown(axis: dict[str, Any], tmp_path: Path) -> None:
    c = ended("x", "demo/echo", **axis)
    (name,) = axis
    assert c.columns == (f"{name} 1", f"{name} 2")
    c.save(tmp_path / "c.json")
    assert SECRET not in (tmp_path / "c.json").read_text(encoding="utf-8")
    assert SECRET not in json.dumps(c.get_state(), default=str)


def test_no_traceback_shows_a_key() -> None:
    model = {"model": "openai/gpt-5", "api_key": SECRET}
    wrongs: list[dict[str, Any]] = [{"idle_timeuot": 3}, {"temperature": []}]
    for wrong in wrongs:
        with pytest.raises(UsageError) as caught:
            compare("x", [model], **wrong)
        entries = caught.traceback[1:]  # the first is this test's own frame
        assert [entry.name for entry in entries] == ["call"]
        assert SECRET not in repr([entry.frame.f_locals for entry in entries])
    with pytest.raises(UsageError, match="not dict") as caught:
        compare("x", [{"prompt": "x", **model}])
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "prompts", [["private one {what}", "private two"], {"a": "private one {what}", "b": "private two"}]
)
@pytest.mark.parametrize(
    "private", [{"save_prompt": False}, {"models": [{"model": "demo/lorem", "save_prompt": False}]}]
)
def test_texts_that_are_not_to_be_saved_are_not(
    prompts: Any, private: dict[str, Any], tmp_path: Path
) -> None:
    c = ended(
        prompts,
        rows=[{"what": "private row"}],
        system=["private system", "x"],
        tokens=3,
        **{"models": "demo/lorem", **private},
    )
    c.save(tmp_path / "c.json")
    assert "private" not in (tmp_path / "c.json").read_text(encoding="utf-8")
    assert "private" not in json.dumps(c._make_copy())
    assert "private" not in json.dumps(c.get_state(), default=str)
    assert [row[0] for row in c.rows] == (
        ["a", "b"] if isinstance(prompts, dict) else ["prompt 1", "prompt 2"]
    )


def test_half_characters_can_be_saved(tmp_path: Path) -> None:
    c = ended("x\ud800", "demo/echo")
    c.save(tmp_path / "c.json")
    assert Comparison.load(tmp_path / "c.json")[0, 0].text == "x\ufffd"


def test_a_file_of_too_many_places_is_refused_before_they_are_counted_out(tmp_path: Path) -> None:
    c = ended("x", "demo/echo")
    c.save(tmp_path / "c.json")
    value = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    many = {"values": [1] * 1000, "labels": ["x"] * 1000, "details": [""] * 1000}
    value[KEY]["axes"] += [{"name": f"a{n}", **many} for n in range(2)]  # with 20 of them it would never end
    (tmp_path / "c.json").write_text(json.dumps(value), encoding="utf-8")
    tracemalloc.start()
    with pytest.raises(UsageError, match="belong together"):
        Comparison.load(tmp_path / "c.json")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000  # all places would take a hundred


def test_what_was_asked_stands_beside_what_came_of_it() -> None:
    pytest.importorskip("pandas")
    frame = ended("Say {text}", "demo/echo", rows=[{"text": "yes"}, {"text": "no"}], tokens=[3, 4]).to_frame()
    assert list(frame["text_asked"]) == ["yes", "yes", "no", "no"]
    assert list(frame["text"]) == ["Say yes"] * 2 + ["Say no"] * 2
    assert list(frame["tokens_asked"]) == [3, 4, 3, 4]
