"""The pictures themselves: what stands in them, that any text can be drawn, that no setting is touched."""

from __future__ import annotations

import builtins
import subprocess
import sys
import time
from typing import Any

import pytest

from notebook_stream import Recording, UsageError, stream
from notebook_stream.demo import Server
from notebook_stream.events import Event, Text, TokenLogprob
from notebook_stream.plotting import plot_timing, plot_tokens
from notebook_stream.recording import Header

from ..waiting import PATIENCE

PNG = b"\x89PNG\r\n\x1a\n"
HOSTILE = (
    "$", "$$", "$x^{2}$", "$\\frac{1", "\\alpha", "100% $5", "_^{}", "\x00", "\x1b[2J", "\r\n", "\t",
    "\u202e", "\u2066", "\ud83d", "\udc00", "\u200d", "👩‍👩‍👧", "🇩🇪", "é", "e\u0301" + "\u0301" * 500,
    "中文", "العربية", "हिन्दी", "\ufffd", "", "\U0010ffff", "<script>",
    "\u2028", "x" * 100_000, "\n" * 50, " ", "&amp;", "\u00ad",
)  # fmt: skip


def told(texts: tuple[str, ...], logprob: float = -0.7) -> list[tuple[float, Event]]:
    tokens = [TokenLogprob(text, logprob, ((text, logprob), ("$other$", -1.5))) for text in texts]
    return [(0.1 * n, Text(token.token, logprobs=(token,))) for n, token in enumerate(tokens, 1)]


def png(figure: Any) -> bytes:
    data, size = figure._repr_png_()
    assert data.startswith(PNG)
    assert size["width"] > 500
    assert isinstance(data, bytes)
    return data


def texts_in(figure: Any) -> str:
    from matplotlib.text import Text as Drawn

    return "\n".join(one.get_text() for one in figure.findobj(Drawn))


@pytest.fixture
def server() -> Any:
    with Server(pace=0, first_token_s=0) as running:
        yield running


def test_a_stream_and_its_recording_draw_the_same(server: Server) -> None:
    s = stream(
        "Tell me about cats", model="ngram", base_url=server.base_url, seed=3, logprobs=True, top_logprobs=5
    )
    s.result(PATIENCE)
    for of_stream, of_recording in (
        (s.plot_tokens, s.recording.plot_tokens),
        (s.plot_timing, s.recording.plot_timing),
    ):
        assert texts_in(of_stream()) == texts_in(of_recording())
        png(of_stream())
    seen = texts_in(s.plot_tokens())
    count = sum(len(event.logprobs) for event in s.events if isinstance(event, Text))
    assert f"{count} tokens" in seen
    assert s.text.split(".")[0][:20] in seen
    assert "less than 5 %" in seen
    assert "entropy" in seen


def test_a_picture_says_in_words_what_it_shows(server: Server) -> None:
    s = stream("one two three", model="echo", base_url=server.base_url)
    s.result(PATIENCE)
    assert repr(s.plot_timing()).startswith("<Figure: timing of ")
    assert "3 tokens · first after 0." in repr(s.plot_timing())
    assert "3 pieces, without probabilities" in repr(s.plot_tokens())


@pytest.mark.parametrize("draw", [plot_timing, plot_tokens])
def test_any_text_can_be_drawn(draw: Any) -> None:
    png(draw(told(HOSTILE), title="".join(HOSTILE[:26])))
    for text in HOSTILE:
        png(draw([(1.0, Text(text))], title=text[:100]))


def test_dollars_stay_dollars() -> None:
    events = told(("$5", " and", " $6"))
    assert "$5 and $6" in texts_in(plot_tokens(events))
    from matplotlib.text import Text as Drawn

    figure = plot_tokens(events, title="model $x$")
    foreign = [one for one in figure.findobj(Drawn) if "$" in one.get_text()]
    assert len(foreign) == 2
    assert not any(one.get_parse_math() or one.get_usetex() for one in foreign)


@pytest.mark.parametrize("draw", [plot_timing, plot_tokens])
def test_nothing_and_one_can_be_drawn(draw: Any) -> None:
    png(draw([]))
    png(draw([(0.0, Text("a"))]))
    png(draw([(0.0, Text("a")), (0.0, Text("b"))]))
    png(draw(told(("a",), logprob=0.0)))


def test_a_long_answer_is_bounded() -> None:
    events = told(tuple(f" word{n}" for n in range(20_000)))
    began = time.monotonic()
    figure = plot_tokens(events)
    assert len(png(figure)) < 10_000_000
    assert "the first 2,000" in repr(figure)
    assert "20,000 tokens" in repr(figure)
    assert figure.get_size_inches()[1] < 60
    png(plot_timing(events))
    assert time.monotonic() - began < 60  # goal: 3


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name="matplotlib")
        return real(name, *args)

    for module in [one for one in sys.modules if one.startswith("notebook_stream.plotting.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    recording = Recording(Header(), [])
    for draw in (recording.plot_timing, recording.plot_tokens):
        with pytest.raises(UsageError, match=r"pip install .notebook-stream\[plots\]"):
            draw()


def test_neither_pyplot_nor_a_setting_is_touched() -> None:
    code = """
import sys, notebook_stream
assert not any(name.startswith("matplotlib") for name in sys.modules), "matplotlib is loaded without need"
from notebook_stream.plotting import plot_timing, plot_tokens
from notebook_stream.events import Text
import matplotlib
before = matplotlib.rcParams.copy()  # which, unlike dict(), does not look for a backend
for draw in (plot_timing, plot_tokens):
    draw([(1.0, Text("a")), (1.5, Text("b"))])._repr_png_()
assert matplotlib.rcParams.copy() == before
assert "matplotlib.pyplot" not in sys.modules
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
