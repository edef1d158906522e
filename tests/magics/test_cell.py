"""What a `%%stream` cell asks, and where its answer goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import Comparison, Stream, StreamError, UsageError, configure, stop_all, streams
from notebook_stream.api import defaults
from notebook_stream.magics.cell import run

FAST = "pace=0 first_token_s=0"


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    yield
    stop_all()
    defaults.configured.clear()


def test_the_cell_is_the_prompt_with_the_notebooks_variables() -> None:
    made = run(
        f"-m demo/echo {FAST}", 'About {topic},\n  {row["x"]}, {{}}\n', {"topic": "SSE", "row": {"x": 3}}
    )
    assert isinstance(made, Stream)
    assert made.result(20).text == "About SSE,\n  3, {}"


def test_the_stream_goes_into_the_variable_and_the_cell_shows_it() -> None:
    namespace: dict[str, Any] = {}
    made = run(f"-m demo/lorem -s Briefly tokens=3 -o answer {FAST}", "x", namespace)
    assert namespace["answer"] is made
    assert made._request is not None
    assert made._request["options"]["system"] == "Briefly"
    assert made.result(20).usage.output_tokens == 3


def test_without_an_option_the_notebooks_defaults_count() -> None:
    configure(model="demo/echo", system="from configure", pace=0, first_token_s=0)
    made = run("", "x", {})
    assert made.result(20).text == "x"
    assert made._request["options"]["system"] == "from configure"
    again = run("-s own", "x", {})
    assert again._request["options"]["system"] == "own"


def test_waiting_ends_with_the_run_and_raises_what_await_raises(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {}
    assert run(f"-m demo/echo -o a --wait {FAST}", "as it comes", namespace) is None  # printed: not once more
    assert namespace["a"].status == "done"
    assert capsys.readouterr().out.startswith("as it comes\n[")


def test_in_a_notebook_waiting_raises_what_await_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.hosts.in_notebook", lambda: True)
    namespace: dict[str, Any] = {}
    with pytest.raises(StreamError):
        run(f"-m demo/fails -o a --wait display=False {FAST}", "x", namespace)
    assert namespace["a"].status == "error"
    made = run(f"-m demo/echo --wait display=False {FAST}", "x", namespace)
    assert made.status == "done"


def test_several_models_are_a_comparison_and_a_list_is_an_axis() -> None:
    namespace: dict[str, Any] = {"t": "SSE"}
    line = f"-m demo/echo -m demo/lorem -s Briefly -o c --wait temperature=[0,0.7] tokens=2 {FAST}"
    made = run(line, "About {t} {{temperature}}", namespace)
    assert isinstance(made, Comparison)
    assert namespace["c"] is made
    assert [axis.name for axis in made.axes if len(axis.values) > 1] == ["model", "temperature"]
    assert [each.status for each in made] == ["done"] * 4
    # The braces that were doubled are braces, whatever the parameters are called.
    assert {each.text for each in made} == {"About SSE {temperature}", "t000001 t000002"}
    assert all(each._request["options"]["system"] == "Briefly" for each in made if each._request)


@pytest.mark.parametrize(
    ("line", "cell", "says"),
    [
        ("", " \n\n", "prompt on the lines below"),
        ("", "About {topc}", r"Did you mean \{topic\}"),
        ("", '{"a": 1}', r"write it twice: \{\{ and \}\}"),
        ("-m openai/gpt-5-mini", "x", "OPENAI_API_KEY"),
        ("-m demo/echo max_secnds=3", "x", "did you mean max_seconds="),
    ],
)
def test_wrong_use_starts_nothing_and_leaves_the_variable(line: str, cell: str, says: str) -> None:
    namespace: dict[str, Any] = {"topic": "SSE", "a": 1}
    with pytest.raises(UsageError, match=says) as caught:
        run(f"-o a {line}", cell, namespace)
    assert len(str(caught.value).splitlines()) <= 3
    assert namespace["a"] == 1
    assert streams() == []
