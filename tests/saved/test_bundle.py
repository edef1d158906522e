"""One output of a run: every part of it is in each form, bounded in size and time, and always the same."""

from __future__ import annotations

import json
import time
from typing import Any

import nbformat
import pytest

from notebook_stream import saved
from notebook_stream.events import Citation, Media, ToolCall, ToolResult, Usage
from notebook_stream.saved.html import COLOURS

from . import texts

EVERYTHING = saved.Record(
    answers=(
        saved.Answer(
            text="# Title\n\nThe **answer**.",
            reasoning="I *think*.",
            tool_calls=(ToolCall(0, "c1", "search", '{"q":"x"}'),),
            tool_results=(ToolResult('["found"]', 0),),
            citations=(
                Citation("https://a.test/p", "A page", "a quote"),
                Citation("https://a.test/p", "A page"),
            ),
            media=(Media("audio", "audio/wav", "AAAA" * 40_000, transcript="spoken"),),
            finish_reason="stop",
        ),
        saved.Answer(refusal="I can't.", finish_reason="refusal"),
    ),
    status="interrupted",
    model="demo/markdown",
    error=saved.ErrorInfo("interrupted", "api.example.org: cut <off>", "Ask again.", "api.example.org"),
    notice="a notice",
    total_s=3.2,
    usage=Usage(cost=0.5),
)
WORDS = [
    "Choice 1",
    "Choice 2",
    "think",
    "answer",
    "search",
    "found",
    "A page",
    "https://a.test/p",
    "a quote",
    "Sound, audio/wav, 120 kB, not saved",
    "spoken",
    "I can't.",
    "a notice",
    "cut off: the kernel ended",
    "Ask again.",
    "interrupted: connection ended early · 3.2 s · $0.5",
]


def test_html_and_markdown_hold_every_part() -> None:
    data, _ = saved.bundle(EVERYTHING, remark="cut off: the kernel ended")
    html = data["text/html"].replace("<span>$</span>", "$").replace("</span> · ", " · ")
    markdown = data["text/markdown"].replace("\\$", "$")
    assert [words for words in WORDS if words not in html] == []
    assert [words for words in WORDS if words not in markdown] == []
    assert "AAAA" not in json.dumps(data)
    assert html.count("A page") == 1


def test_plain_text_is_the_text_and_its_end() -> None:
    plain = saved.to_plain(EVERYTHING, "cut off: the kernel ended")
    assert plain.startswith("Choice 1\n\n# Title\n\nThe **answer**.\n\nChoice 2\n\nRefused: I can't.")
    assert plain.endswith("interrupted: connection ended early · 3.2 s · $0.50")


def test_the_same_functions_one_by_one() -> None:
    data, _ = saved.bundle(EVERYTHING, remark="r")
    assert data["text/html"] == saved.to_html(EVERYTHING, "r")
    assert data["text/markdown"] == saved.to_markdown(EVERYTHING, "r")
    assert data["text/plain"] == saved.to_plain(EVERYTHING, "r")


def test_json_is_indented_and_prose_in_its_place_is_prose() -> None:
    def html_of(text: str) -> str:
        return saved.to_html(saved.Record(answers=(saved.Answer(text=text),), is_json=True))

    assert '{&#10;  <span style=color:var(--k)>"a"</span>: [&#10;    1,' in html_of('{"a":[1,2]}')
    assert '"b": "cut off' in html_of('{"b":"cut off').replace("</span>", "").replace(
        "<span style=color:var(--s)>", ""
    )
    assert "<p>no JSON" in html_of("no JSON")


def record_of(text: str) -> saved.Record:
    """A run of which everything is known, without its prompt."""
    usage = Usage(40, 2000, cost=0.004, raw={"prompt_tokens": 40, "completion_tokens": 2000})
    answer = saved.Answer(text=text, finish_reason="stop", finish_reason_raw="stop")
    times: dict[str, Any] = {"first_byte_s": 0.4, "ttft_s": 0.42, "total_s": 31.2, "tokens_per_s": 64.1}
    return saved.Record(answers=(answer,), model="openai/gpt-5-mini", usage=usage, tokens=2000, **times)


def added(text: str) -> float:
    """Bytes that a notebook's file grows by, for each of the text."""
    data, metadata = saved.bundle(record_of(text))
    cell = nbformat.v4.new_code_cell("x")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    before = len(nbformat.writes(notebook).encode())
    cell.outputs = [nbformat.v4.new_output("display_data", data=data, metadata=metadata)]
    return (len(nbformat.writes(notebook).encode()) - before) / len(text.encode())


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (("markdown", "maths", "table", "reasoning", "slow"), 6),
        (("markdown",) * 4, 6),
        (("maths",) * 4, 6),
        # Nothing but code or cells: each piece of colour and each cell has a style of its own.
        (("python",) * 2, 6.5),
        (("table",) * 5, 6.5),
        (("reasoning",) * 13, 6.5),
    ],
)
def test_an_answer_of_2000_tokens_adds_six_times_its_text(names: tuple[str, ...], most: float) -> None:
    text = "\n\n".join((texts.ANSWERS / f"{name}.md").read_text(encoding="utf-8") for name in names)
    assert 6500 < len(text) < 9500
    assert added(text) < most


def test_recorded_answers_add_at_most_six_times_their_text(corpus: object) -> None:
    long = [text for text in texts.recorded_answers() if len(text) > 2500]
    assert len(long) > 5
    assert max(map(added, long)) < 6


PATHOLOGICAL = {
    "brackets": "[" * 100_000,
    "images": "![" * 50_000,
    "emphasis": "*a_ " * 25_000,
    "strong": "**_* " * 20_000,
    "half links": "[a](<b" * 16_000,
    "mixed brackets": "[ a_" * 20_000,
    "dollars": "$$ " * 30_000,
    "rows": "|a|b|\n|-|-|\n" + "|c|d|\n" * 16_000,
    "quotes": ">" * 10_000 + "a",
    "code": "```python\n" + "'" * 40_000 + "\n```",
    "lines of code": "```python\n" + "x = '''\n" * 6_000 + "```",
    "2 MB": "word *word* `code`\n\n" * 100_000,
}


@pytest.mark.parametrize("name", PATHOLOGICAL)
def test_nothing_takes_long_and_nothing_is_lost(name: str) -> None:
    text = PATHOLOGICAL[name]
    started = time.process_time()
    data, _ = saved.bundle(record_of(text))
    assert time.process_time() - started < 30  # of a goal of some three seconds; a busy machine is no failure
    assert data["text/plain"].startswith(text.strip()[:1000])
    assert max(len(data["text/html"]), len(data["text/markdown"])) < 40 * len(text) + 5000


def test_an_answer_of_2000_tokens_is_quick() -> None:
    text = texts.answers()[2][:8000]
    saved.bundle(record_of(text))
    started = time.process_time()
    saved.bundle(record_of(text))
    assert time.process_time() - started < 1  # of a goal of 0.1


LIGHT = ("#000000", "#ffffff"), ("#212121", "#f5f5f5")
DARK = ("#ffffff", "#111111"), ("#e0e0e0", "#212121")


@pytest.mark.parametrize("tint", COLOURS.values())
@pytest.mark.parametrize(("text", "paper"), [*LIGHT, *DARK])
def test_colours_of_code_can_be_read_on_light_and_dark(tint: str, text: str, paper: str) -> None:
    mixed = [0.4 * a + 0.6 * b for a, b in zip(_rgb(text), _rgb(tint), strict=True)]
    light, dark = sorted((_luminance(mixed), _luminance(_rgb(paper))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _rgb(colour: str) -> list[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    return [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]


def _luminance(rgb: list[float]) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
