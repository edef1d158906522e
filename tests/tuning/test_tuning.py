"""A tuning from Python and by its buttons: run, stop, bring back, compare, code; errors; what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import ipywidgets
import pytest

from notebook_stream import Stream, Tuning, configure, stop_all, streams, tune
from notebook_stream.api import defaults
from notebook_stream.tuning import tuning as module
from notebook_stream.widget import runs

from ..servers import closed_port
from ..waiting import until

KEY = "sk-canary-5566778899aabb"


@pytest.fixture(autouse=True)
def _fast_and_no_leftovers() -> Iterator[None]:
    configure(pace=0, first_token_s=0)
    yield
    stop_all()
    defaults.configured.clear()
    assert streams() == []


Make = Callable[..., Tuning]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Tuning] = []

    def make_one(template: str = "About {topic}", **controls: Any) -> Tuning:
        made.append(tune(template, **{"model": ["demo/echo", "demo/table"], **controls}))
        return made[-1]

    yield make_one
    for each in made:
        each.close()


def finish(stream: Stream | None) -> str:
    """The text of a run once its end has been told."""
    assert stream is not None
    return stream.result(20).text


def settled(t: Tuning) -> bool:
    """Whether the panel has heard of every end."""
    return not t._panel.run.disabled


def test_the_controls_fill_the_template_and_are_parameters(make: Make) -> None:
    t = make("{topic} {{as}} {n:03d}", topic="SSE", n=(1, 9), temperature=(0.0, 2.0), system="")
    stream = t.run()
    assert finish(stream) == "SSE {as} 005"
    assert stream._request is not None
    options = stream._request["options"]
    assert options["temperature"] == 1.0
    assert not options.keys() & {"topic", "n", "system"}  # an empty text is not sent
    t.controls["temperature"].value = 0.25
    t.controls["system"].value = "Briefly."
    again = t.run()._request
    assert again is not None
    assert (again["options"]["temperature"], again["options"]["system"]) == (0.25, "Briefly.")
    assert again["options"].keys() >= {"temperature", "system"}


def test_changes_turn_the_controls_and_others_are_of_this_run_alone(make: Make) -> None:
    t = make(topic="a")
    stream = t.run(topic="b", max_tokens=1)
    finish(stream)
    assert t.settings["topic"] == "b"
    assert stream.usage is not None
    assert stream.usage.output_tokens == 1
    assert finish(t.run()) == "About b"


def test_run_and_stop_by_their_buttons(make: Make) -> None:
    t = make("x", model=["demo/lorem"], tokens=ipywidgets.fixed(100_000), pace=ipywidgets.fixed(100))
    panel = t._panel
    assert (panel.run.disabled, panel.stop.disabled, panel.history.layout.display) == (False, True, "none")
    panel.run.click()
    assert (panel.run.disabled, panel.stop.disabled, panel.history.layout.display) == (True, False, None)
    assert panel.answer.children == (t.stream,)
    panel.stop.click()
    assert t.stream is not None
    assert (t.stream.status, t.stream.stop_reason) == ("stopped", "user")
    until(lambda: settled(t) and panel.stop.disabled)
    assert panel.runs.options[0][0].startswith("1 · stopped")


def test_the_list_says_what_tells_the_runs_apart(make: Make) -> None:
    t = make(topic="a", temperature=ipywidgets.fixed(0.5))
    finish(t.run())
    until(lambda: settled(t))
    assert re.fullmatch(r"1 · \d\.\d s · 2 tokens · About a", t._panel.runs.options[0][0])
    finish(t.run(topic="b"))
    until(lambda: settled(t))
    labels = [label for label, _ in t._panel.runs.options]
    assert re.fullmatch(r"2 · topic: b · \d\.\d s · 2 tokens · About b", labels[0])
    assert re.fullmatch(r"1 · topic: a · \d\.\d s · 2 tokens · About a", labels[1])
    assert t._panel.runs.value == (2,)


def test_a_run_is_brought_back_with_its_answer_its_settings_and_its_code(make: Make) -> None:
    t = make(topic="a")
    first = t.run(model="demo/echo")
    finish(first)
    second = t.run(topic="b", model="demo/table")
    finish(second)
    until(lambda: settled(t))
    t._panel.code.value = True
    assert "'About b'" in t._panel.code_view.code
    t._panel.runs.value = (1,)
    assert t.stream is first
    assert t._panel.answer.children == (first,)
    assert t.settings == {"topic": "a", "model": "demo/echo"}
    assert "'About a'" in t._panel.code_view.code
    assert t.code == t._panel.code_view.code
    t._panel.runs.value = (2,)
    assert t.stream is second
    t._panel.code.value = False
    assert t._panel.code_view.code == ""


def test_a_run_that_goes_on_is_not_stopped_by_looking_at_another(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notebook_stream.widget.shown.ABANDONED_SECONDS", 0.1)
    t = make("x", model=["demo/lorem"], tokens=(1, 100_000, 1), pace=ipywidgets.fixed(200))
    t.run(tokens=1).result(20)
    going = t.run(tokens=100_000)
    going.set_state({"_view_count": 1})
    t._panel.runs.value = (1,)
    assert t.stream is not going
    going.set_state({"_view_count": 0})
    length = len(going.text)
    until(lambda: len(going.text) > length + 400)
    assert going.status == "streaming"
    t._panel.stop.click()
    assert going.status == "stopped"


def test_a_stream_that_is_shown_no_more_lets_go_of_its_comm_and_comes_back(make: Make) -> None:
    t = make(topic="a")
    first = t.run()
    finish(first)
    until(lambda: settled(t))
    assert first.model_id  # a page asks for it
    finish(t.run(topic="b"))
    assert first.comm is None
    until(lambda: settled(t))
    t._panel.runs.value = (1,)
    assert first.model_id
    assert first.comm is not None


def test_two_runs_are_compared_and_a_third_choice_ends_that(make: Make) -> None:
    t = make(topic="a")
    for topic in ("one two", "one three"):
        finish(t.run(topic=topic))
    until(lambda: settled(t))
    panel = t._panel
    assert panel.compare.disabled
    panel.runs.value = (1, 2)
    assert not panel.compare.disabled
    assert panel.comparison.layout.display == "none"
    panel.compare.click()
    assert panel.comparison.layout.display is None
    assert re.findall(r"<(del|ins) [^>]*>(\w+)<", panel.comparison.value) == [
        ("del", "two"),
        ("ins", "three"),
    ]
    assert "Run 1 · topic: one two · " in panel.comparison.value
    panel.runs.value = (1,)
    assert panel.compare.disabled
    assert str(panel.comparison.layout.display) == "none"


def test_an_error_of_the_server_stays_in_its_view(make: Make) -> None:
    t = make("x", model=["demo/fails"])
    t._panel.run.click()
    until(lambda: settled(t))
    assert t.stream is not None
    assert t.stream.status == "error"
    assert t._panel.message.value == ""
    assert t._panel.runs.options[0][0].startswith("1 · error · ")


def test_the_line_of_a_run_with_no_answer_has_no_noughts(make: Make) -> None:
    with closed_port() as port:
        t = make("x", model="m", base_url=f"http://127.0.0.1:{port}/v1", retries=0)
        t._panel.run.click()
        until(lambda: settled(t))
    assert re.fullmatch(r"1 · error( · (?!0\.0)\d+\.\d s)?", t._panel.runs.options[0][0])


def test_the_history_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RUNS", 3)
    t = make(topic="a")
    for number in range(5):
        finish(t.run(topic=str(number)))
    assert [trial.number for trial in t.runs] == [3, 4, 5]
    until(lambda: settled(t) and len(t._panel.runs.options) == 3)
    assert t._panel.runs.value == (5,)


def test_the_code_is_that_of_the_run_shown_and_before_it_that_of_the_controls(make: Make) -> None:
    t = make(topic="a", api_key=KEY, base_url="http://127.0.0.1:1/v1", retries=0)
    assert "'About a'" in t.code
    t.run(topic="b")
    assert "'About b'" in t.code
    assert "retries=0" in t.code
    for text in (t.code, repr(t), repr(t.runs), repr(t._bundle()), repr(t._panel.children)):
        assert KEY not in text
    assert "api_key= as it was given" in t.code
    assert "api_key" not in t.controls


def test_closing_stops_what_runs_and_closes_every_part() -> None:
    before = instances().keys()
    t = tune("x", model=["demo/lorem"], tokens=ipywidgets.fixed(100_000), pace=ipywidgets.fixed(100))
    stream = t.run()
    assert stream.model_id  # a page asks for it
    assert new_since(before) >= {"Tuning", "Stream"}
    t.close()
    assert stream.status == "stopped"
    assert new_since(before) <= {"Core"}  # one for all streams of the kernel


def new_since(before: Iterable[str]) -> set[str]:
    """The kinds of widget that there are besides those `before`."""
    return {type(each).__name__ for key, each in instances().items() if key not in before}


def instances() -> dict[str, Any]:
    from ipywidgets.widgets.widget import _instances

    return dict(_instances)


def test_what_is_kept_is_the_answer_shown_and_the_list(make: Make) -> None:
    t = make("About {topic} {{}}", topic="a")
    assert "No run yet." in t._bundle()[0]["text/html"]
    finish(t.run(topic="<b>one</b>"))
    finish(t.run(topic="two"))
    until(lambda: settled(t))
    data, metadata = t._bundle()
    for text in data.values():
        assert "About {topic} {{}}" in text.replace("\\", "")
        assert "About two {}" in text.replace("\\", "")
        assert "2 runs" in text
    assert "<b>" not in data["text/html"] + data["text/markdown"].replace("```", "")
    assert Stream.from_output(metadata).text == "About two {}"
    t._panel.runs.value = (1,)
    assert Stream.from_output(t._bundle()[1]).text == "About <b>one</b> {}"


def test_a_prompt_that_is_not_to_be_saved_is_nowhere_in_what_is_kept(make: Make) -> None:
    t = make("Secret template {topic}", topic="secret topic", model=["demo/table"], save_prompt=False)
    finish(t.run())
    finish(t.run(topic="other secret"))
    until(lambda: settled(t))
    assert "secret" not in repr(t._bundle()).lower()
    assert "2 runs" in t._bundle()[0]["text/html"]
    shown = t._panel.template.value + t._panel.prompt.value  # the widgets' state may be saved, too
    assert "secret" not in shown.lower()


@pytest.mark.parametrize("is_default", [True, False])
def test_it_is_kept_secret_before_the_first_run_and_by_default_too(make: Make, is_default: bool) -> None:
    if is_default:
        configure(save_prompt=False)
    t = make(
        "Secret template {topic}",
        topic="x",
        model="demo/table",
        **({} if is_default else {"save_prompt": False}),
    )
    assert "secret" not in (repr(t._bundle()) + t._panel.template.value).lower()
    finish(t.run(topic="a secret"))
    assert "secret" not in (repr(t._bundle()) + t._panel.prompt.value).lower()


def test_the_panel_shows_the_template_and_the_prompt_of_the_run_shown(make: Make) -> None:
    t = make("About <b>{topic}</b> $x$", topic="a")
    panel = t._panel
    assert "About &lt;b&gt;{topic}&lt;/b&gt;" in panel.template.value
    assert panel.prompt.layout.display == "none"
    finish(t.run(topic="<img src=x onerror=alert(1)> 'quoted' " + "long " * 30))
    assert "About &lt;b&gt;&lt;img" in panel.prompt.value
    assert panel.prompt.layout.display is None
    (title,) = re.findall(r"title='[^']*'", panel.prompt.value)
    assert "&#39;quoted&#39; long" in title
    assert "<img" not in panel.prompt.value
    finish(t.run(topic="second"))
    assert "second" in panel.prompt.value
    assert "title" not in panel.prompt.value  # it is there as a whole
    until(lambda: settled(t))
    panel.runs.value = (1,)
    assert "quoted" in panel.prompt.value
    assert "second" not in panel.prompt.value


def test_a_template_that_is_long_or_one_variable_alone_is_not_shown_and_a_long_prompt_is_cut(
    make: Make,
) -> None:
    for template in ("{topic}", " {topic}\n", "long " * 100):
        assert make(template)._panel.template.layout.display == "none"
    t = make("{topic}", topic="x\n" * 100_000)
    t.run()
    assert 4_000 < len(t._panel.prompt.value) < 20_000 * 2
    t.stop()


def test_running_its_cell_again_stops_its_runs(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.hosts.current_cell", lambda: "cell-7")
    t = make("x", model=["demo/lorem"], tokens=ipywidgets.fixed(100_000), pace=ipywidgets.fixed(100))
    monkeypatch.setattr("notebook_stream.hosts.current_cell", lambda: None)  # as in a click's callback
    t._panel.run.click()
    runs._at_cell_start("another")
    assert t.stream is not None
    assert t.stream.status in ("connecting", "streaming")
    runs._at_cell_start("cell-7")
    until(lambda: t.stream is not None and t.stream.status == "stopped")
    assert t.stream.stop_reason == "abandoned"


def test_a_run_whose_place_another_took_keeps_no_comm_after_its_end(make: Make) -> None:
    t = make("About {topic}", topic="SSE", model="demo/lorem", tokens=5, pace=50)
    assert t.model_id
    streams = [t.run() for _ in range(3)]
    until(lambda: all(stream.status == "done" for stream in streams))
    until(lambda: [stream.comm is None for stream in streams] == [True, True, False])
