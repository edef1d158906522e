"""The demo's texts: right, whole, in the package, and read well by the official SDKs."""

from __future__ import annotations

import doctest
import json
import re
import sys
import types
from collections.abc import Iterator
from importlib.resources import files

import pytest
from markdown_it import MarkdownIt

from notebook_stream.demo import Server
from notebook_stream.demo.answers import MODELS

from .client import PATIENCE

FOLDER = files("notebook_stream.demo") / "answers"
TEXTS = sorted(entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".md"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0) as running:
        yield running


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def fences(name: str, language: str) -> list[str]:
    return [t.content for t in MarkdownIt().parse(read(name)) if t.type == "fence" and t.info == language]


def run(source: str) -> types.ModuleType:
    """The module that a text's Python makes."""
    module = types.ModuleType("notebook_stream_demo_answer")
    sys.modules[module.__name__] = module  # where dataclasses looks for it
    try:
        exec(compile(source, "answer", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own text
    finally:
        del sys.modules[module.__name__]
    return module


def test_the_texts_are_in_the_package() -> None:
    scripted = {f"{model}.md" for model in MODELS} - {"echo.md", "lorem.md", "logprobs.md", "ngram.md"}
    assert set(TEXTS) == scripted | {"reasoning_thoughts.md", "tools_result.md", "cut_rest.md"}
    assert {entry.name for entry in FOLDER.iterdir()} - set(TEXTS) == {"tools.json", "logprobs.json"}


def test_the_shop_window_has_one_of_everything() -> None:
    kinds = {token.type for token in MarkdownIt("commonmark").enable("table").parse(read("markdown.md"))}
    expected = ("heading", "bullet_list", "ordered_list", "table", "blockquote")
    assert kinds >= {f"{kind}_open" for kind in expected} | {"fence"}
    assert "- [x]" in read("markdown.md")
    assert 300 < len(read("markdown.md").split()) < 450


@pytest.mark.parametrize("name", TEXTS)
def test_tables_are_whole(name: str) -> None:
    markdown = MarkdownIt("commonmark").enable("table")
    rows = [line for line in read(name).splitlines() if line.startswith("|")]
    seen = [t for t in markdown.parse(read(name)) if t.type == "tr_open"]
    tables = [t for t in markdown.parse(read(name)) if t.type == "table_open"]
    assert len(seen) == len(rows) - len(tables)  # each table has one line of dashes


@pytest.mark.parametrize("name", TEXTS)
def test_python_in_the_texts_compiles(name: str) -> None:
    for number, source in enumerate(fences(name, "python")):
        compile(source, f"{name}:{number}", "exec")


def test_the_parser_of_the_python_answer_works() -> None:
    module = run(fences("python.md", "python")[0])
    assert doctest.testmod(module).failed == 0
    assert doctest.testmod(module).attempted > 2
    stream = "\ufeff: hi\n\nid: 7\nevent: x\r\ndata: é\r\ndata:  b\r\n\r\ndata\r\rnosuch: 1\n\n".encode()
    expected = [("x", "é\n b", "7"), ("message", "", "7")]
    for size in (1, 2, 3, len(stream)):
        parser = module.EventParser()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        found = [event for piece in pieces for event in parser.feed(piece)]
        assert [(e.type, e.data, e.id) for e in found] == expected


def test_the_reader_of_the_python_answer_reads_this_server(server: Server) -> None:
    module = run("\n".join(fences("python.md", "python")))
    text = "".join(module.answer(f"{server.base_url}/chat/completions", "Hällo, world", "echo"))
    assert text == "Hällo, world"


def test_the_divisions_of_the_reasoning_are_right() -> None:
    lines = re.findall(
        r"^(\d+): \1 × (\d+) = (\d+), remainder (\d+)", read("reasoning_thoughts.md"), re.MULTILINE
    )
    assert len(lines) == 11
    for divisor, factor, product, remainder in lines:
        assert int(divisor) * int(factor) == int(product)
        assert int(product) + int(remainder) == 2027
    primes, remainders = (
        [int(cell) for cell in re.findall(r"\d+", row)]
        for row in re.findall(r"^\| [pr].*", read("reasoning.md"), re.MULTILINE)
    )
    assert [2027 % prime for prime in primes] == remainders


def test_the_probabilities_are_probabilities() -> None:
    for token, likely in json.loads(read("logprobs.json")):
        assert token in dict(likely)
        assert len(dict(likely)) == 6
        assert all(0 < p < 1 for _, p in likely)
        assert sum(p for _, p in likely) <= 1


def test_the_openai_sdk_reads_it(server: Server) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=server.base_url, api_key="none", timeout=PATIENCE, max_retries=0) as client:
        ask = [{"role": "user", "content": "hello there"}]
        with client.chat.completions.create(
            model="reasoning", messages=ask, stream=True, stream_options={"include_usage": True}
        ) as chunks:
            seen = list(chunks)
        assert seen[-1].usage.completion_tokens_details.reasoning_tokens > 100
        assert "prime number" in "".join(c.choices[0].delta.content or "" for c in seen[:-1])
        assert "square root" in "".join(
            getattr(c.choices[0].delta, "reasoning_content", None) or "" for c in seen[:-1]
        )
        with client.chat.completions.stream(model="tools", messages=ask) as stream:
            calls = stream.get_final_completion().choices[0].message.tool_calls
        assert [json.loads(call.function.arguments)["city"] for call in calls] == ["Zürich", "Reykjavík"]
        whole = client.chat.completions.create(model="logprobs", messages=ask)
        assert len(whole.choices[0].logprobs.content[0].top_logprobs) == 6
        assert "markdown" in [model.id for model in client.models.list()]
        with pytest.raises(openai.NotFoundError, match="lorem"):
            client.chat.completions.create(model="nosuch", messages=ask)
        with pytest.raises(openai.APIError, match="on purpose"):
            list(client.chat.completions.create(model="fails", messages=ask, stream=True))


def test_the_anthropic_sdk_reads_it(server: Server) -> None:
    anthropic = pytest.importorskip("anthropic")
    root = server.base_url.removesuffix("/v1")
    with anthropic.Anthropic(base_url=root, api_key="none", timeout=PATIENCE, max_retries=0) as client:
        ask = [{"role": "user", "content": "hello there"}]
        with client.messages.stream(model="reasoning", max_tokens=4_096, messages=ask) as stream:
            thinking, text = stream.get_final_message().content
        assert "square root" in thinking.thinking
        assert thinking.signature
        assert text.text.startswith("**Yes")
        with client.messages.stream(model="tools", max_tokens=4_096, messages=ask) as stream:
            message = stream.get_final_message()
        assert message.stop_reason == "tool_use"
        assert [block.input["city"] for block in message.content[1:]] == ["Zürich", "Reykjavík"]
        assert (
            client.messages.create(model="echo", max_tokens=9, messages=ask).content[0].text == "hello there"
        )
        assert "markdown" in [model.id for model in client.models.list()]
        with pytest.raises(anthropic.NotFoundError, match="lorem"):
            client.messages.create(model="nosuch", max_tokens=9, messages=ask)
        with (
            pytest.raises(anthropic.APIStatusError, match="on purpose"),
            client.messages.stream(model="fails", max_tokens=4_096, messages=ask) as stream,
        ):
            stream.get_final_message()
