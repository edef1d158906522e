"""What a line of `%%stream` means, and what is said of one that means nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from notebook_stream import UsageError
from notebook_stream.magics.line import Options, parse

NAMESPACE: dict[str, Any] = {
    "language": "French",
    "cool": 0.25,
    "tools": [{"type": "function"}],
    "model": "demo/echo",
    "several": ["demo/echo", "demo/table"],
    "row": {"m": "demo/maths"},
    "key": SimpleNamespace(of="sk-1"),
}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("", Options()),
        ("  -m demo/echo  ", Options(models=["demo/echo"])),
        ("-m demo/echo -m 'demo/table'", Options(models=["demo/echo", "demo/table"])),
        ("-m {model}", Options(models=["demo/echo"])),
        ("-m {several} -m {row['m']}", Options(models=["demo/echo", "demo/table", "demo/maths"])),
        ("-m demo/{language}", Options(models=["demo/French"])),
        ('-s "Answer in {language}." --wait -o a', Options(system="Answer in French.", waits=True, name="a")),
        ("-s don't", Options(system="don't")),
        (r'-s "say \"no\""', Options(system='say "no"')),
        (
            "temperature=0.2 stop=END n=2 stream_options=None logprobs=True",
            Options(
                params={"temperature": 0.2, "stop": "END", "n": 2, "stream_options": None, "logprobs": True}
            ),
        ),
        ('stop=["a b", "]"] user="x y"', Options(params={"stop": ["a b", "]"], "user": "x y"})),
        (
            'response_format={"type": "json_object"} temperature={cool}',
            Options(params={"response_format": {"type": "json_object"}, "temperature": 0.25}),
        ),
        ("tools={tools}", Options(params={"tools": NAMESPACE["tools"]})),
        ("base_url=http://localhost:8080/v1", Options(params={"base_url": "http://localhost:8080/v1"})),
        ("api_key={key.of}", Options(params={"api_key": "sk-1"})),
        ('a="1" b=1', Options(params={"a": "1", "b": 1})),
    ],
)
def test_what_a_line_means(line: str, options: Options) -> None:
    assert parse(line, NAMESPACE) == options


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--model demo/echo", "did you mean -m"),
        ("--output a", "did you mean -o"),
        ("--wiat", "did you mean --wait"),
        ("--nothing-like-it", r"no option --nothing-like-it\."),
        ("demo/echo", "did you mean -m demo/echo"),
        ("temperature = 0.2", "temperature stands alone"),
        ("temperature= 0.2", "temperature= has no value"),
        ("-m", "-m wants a model"),
        ("-m --wait", "-m wants a model"),
        ("-m {cool}", "-m takes a model's name"),
        ("-m {tools}", "-m takes a model's name"),
        ("-s a -s b", "-s is given twice"),
        ("-o a -o b", "-o is given twice"),
        ("-o 1a", "no name for a variable"),
        ("-o class", "no name for a variable"),
        ("n=1 n=2", "n= is given twice"),
        ("prompt=x", "lines below"),
        ("model=demo/echo", "-m demo/echo"),
        ('-s "open', "quote is not closed"),
        ("stop=['a'", "bracket is not closed"),
        ("tools=[{'a': tools}]", "no Python literal"),
        ("temperature={col}", r"\{col\}\. Did you mean \{cool\}"),
        ("-s {lang}", r"No value for the variable \{lang\}"),
    ],
)
def test_what_is_said_of_a_wrong_line(line: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        parse(line, NAMESPACE)
    assert len(str(caught.value).splitlines()) <= 3


def test_a_key_on_the_line_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse("api_key=sk-canary-1234567890", NAMESPACE)
    assert "{variable}" in str(caught.value)
    assert "canary" not in str(caught.value)
