"""`%stream_models`: which providers are ready, which local servers answer, and that nobody else is asked."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from notebook_stream import stream
from notebook_stream.magics import servers
from notebook_stream.magics.completing import known_names
from notebook_stream.magics.servers import MAX_BYTES, MAX_MODELS, LocalServer, find
from notebook_stream.magics.table import Models
from notebook_stream.prices import listed_models
from notebook_stream.providers import PROVIDERS, Standing, standings

from ..llama.server import LlamaServer
from ..servers import Handler, Server, closed_port, one

OLLAMA = {"models": [{"name": "qwen3:8b", "model": "qwen3:8b"}, {"name": "gemma3:4b"}]}
OPENAI = {"object": "list", "data": [{"id": "own-name", "object": "model"}]}
KEY = "sk-canary-0a1b2c3d4e5f"


def local(name: str, base_url: str) -> Standing:
    return Standing(name, (), "", base_url, "", local=True)


def answer(body: Any) -> Handler:
    return one(200, {"content-type": "application/json"}, json.dumps(body).encode())


def at(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def test_local_servers_are_found_with_the_names_that_stream_takes() -> None:
    with Server(answer(OLLAMA)) as ollama, Server(answer(OPENAI)) as other, closed_port() as port:
        found = find(
            [
                local("ollama", at(ollama)),
                local("vllm", f"{at(other)}/v1"),
                local("lmstudio", f"http://127.0.0.1:{port}/v1"),
            ]
        )
    assert [(each.provider, each.models) for each in found] == [
        ("ollama", ("ollama/qwen3:8b", "ollama/gemma3:4b")),
        ("vllm", ("vllm/own-name",)),
    ]
    assert ollama.requests[0].startswith(b"GET /api/tags ")
    assert other.requests[0].startswith(b"GET /v1/models ")


def test_a_real_llama_cpp_server_is_found_and_its_name_is_one_that_stream_takes(tmp_path: Path) -> None:
    with LlamaServer(tmp_path) as llama:
        (found,) = find([local("llama.cpp", f"{llama.url}/v1")])
        (model,) = found.models
        provider, _, name = model.partition("/")
        assert provider == "llama.cpp"
        s = stream("Explain streams.", model=name, base_url=found.base_url, max_tokens=5, display=False)
        assert s.result(60).text


@pytest.mark.parametrize(
    "handler",
    [
        one(200, {}, b"<html>a wiki</html>"),
        one(404, {}, b"{}"),
        one(200, {}, b'{"data": "no list"}'),
        one(200, {}, b'{"data": [' + b'{"id": "x"},' * (MAX_BYTES // 10) + b"{}]}"),
        one(200, {"content-encoding": "gzip"}, b"\x1f\x8b garbage"),
        lambda connection: connection.reset(),
    ],
)
def test_what_is_no_model_server_is_not_listed(handler: Handler) -> None:
    with Server(handler) as server:
        assert find([local("vllm", f"{at(server)}/v1")]) == []
        assert len(server.connections) == 1


def test_a_list_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"data": [{"id": f"m{n}"} for n in range(MAX_MODELS + 50)] + [{"id": "x" * 10_000}]}
    with Server(answer(many)) as server:
        (found,) = find([local("vllm", f"{at(server)}/v1")])
    assert len(found.models) == MAX_MODELS


def test_silent_servers_cost_one_time_limit_not_one_each() -> None:
    with Server(lambda connection: connection.wait_closed(30)) as silent:
        began = time.monotonic()
        assert find([local("vllm", f"{at(silent)}/v1") for _ in range(8)]) == []
        assert time.monotonic() - began < 6  # one limit is 1 s, eight would be 8 s


def test_no_redirect_is_followed_and_no_proxy_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(answer(OPENAI)) as elsewhere:
        moved = one(302, {"location": f"{at(elsewhere)}/v1/models"})
        monkeypatch.setenv("HTTP_PROXY", at(elsewhere))
        monkeypatch.setenv("http_proxy", at(elsewhere))
        with Server(moved) as server:
            assert find([local("vllm", f"{at(server)}/v1")]) == []
            assert len(server.requests) == 1
        assert elsewhere.connections == []


def test_only_local_servers_of_this_machine_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def note(client: httpx.AsyncClient, place: Standing) -> None:
        asked.append(place.base_url)

    monkeypatch.setattr(servers, "_ask", note)
    environ = {
        "OLLAMA_HOST": "gpu.example.org",
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    find(standings(environ))
    assert asked == ["http://localhost:1234/v1", "http://localhost:8000/v1", "http://localhost:8080/v1"]


def test_how_things_stand_with_the_providers() -> None:
    environ = {
        "OPENAI_API_KEY": KEY,
        "GEMINI_API_KEY": KEY,
        "MISTRAL_API_KEY": "  ",
        "OLLAMA_HOST": "127.0.0.1:9",
    }
    by_name = {each.name: each for each in standings(environ)}
    assert by_name["openai"].key_variable == "OPENAI_API_KEY"
    assert by_name["google"].key_variable == "GEMINI_API_KEY"
    assert (by_name["mistral"].key_variable, by_name["mistral"].is_ready) == ("", False)
    assert by_name["ollama"].base_url == "http://127.0.0.1:9"
    assert "AZURE_OPENAI_ENDPOINT" in by_name["azure"].problem
    assert "demo" not in by_name
    assert KEY not in repr(by_name)


def test_the_table_names_variables_never_keys_and_escapes_what_a_server_says() -> None:
    hostile = "<img src=x onerror=alert(1)>\u202e\x1b[31m$x$"
    with Server(answer({"data": [{"id": hostile}]})) as server:
        found = find([local("vllm", f"{at(server)}/v1")])
    table = Models(tuple(standings({"OPENAI_API_KEY": KEY})), tuple(found), ("demo/echo",))
    page, plain = table._repr_html_(), repr(table)
    assert "vllm/&lt;img src=x onerror=alert(1)&gt;" in page
    assert "<img" not in page
    assert not {"\u202e", "\x1b"} & (set(page) | set(plain))
    assert "$x$" not in page  # MathJax finds no pair
    for shown in (page, plain):
        assert "OPENAI_API_KEY" in shown
        assert KEY not in shown
    rows = plain.splitlines()
    assert [row.split("/")[0] for row in rows[1:4]] == ["demo", "openai", "vllm"]  # the ready ones first
    assert table.names() == [f"vllm/{hostile}", "demo/echo"]


def test_many_models_are_cut_with_a_word_how_to_see_them_and_all_are_there_where_asked_for() -> None:
    names = tuple(f"demo/m{number:02d}" for number in range(12))
    many = (
        LocalServer("vllm", "http://127.0.0.1:8000/v1", tuple(f"vllm/m{number:02d}" for number in range(12))),
    )
    table = Models((local("vllm", "http://127.0.0.1:8000/v1"),), many, names)
    for shown in (repr(table), table._repr_html_()):
        assert shown.count("m07 and 4 more: %stream_models --all") == 2
        assert "m08" not in shown
    whole = replace(table, shows_all=True)
    for shown in (repr(whole), whole._repr_html_()):
        assert shown.count("m11") == 2
        assert " more" not in shown


def test_names_known_for_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_MODEL", "groq/default")
    cells = ["%%stream -m openai/older\nx", "stream('x', model='openai/newer')", "x = model_of(1)"]
    names = known_names("", ["ollama/qwen3:8b"], cells)
    assert names[:4] == ["groq/default", "openai/newer", "openai/older", "ollama/qwen3:8b"]
    assert {"demo/echo", "anthropic/", "gemini/"} <= set(names)
    assert len(names) == len(set(names))
    assert known_names("openai/", [], cells)[:2] == ["openai/newer", "openai/older"]
    assert known_names("demo/echo", [], []) == []


def test_once_a_provider_is_typed_the_models_of_the_price_list_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert all("gpt" not in name for name in known_names("o", [], []))
    monkeypatch.setattr("notebook_stream.magics.completing.listed_models", lambda: ("openai/gpt-x", "xai/g"))
    assert known_names("openai/g", [], []) == ["openai/gpt-x"]


def test_the_price_list_names_models_as_stream_does() -> None:
    pytest.importorskip("genai_prices", reason="needs Python 3.11")
    listed = listed_models()
    assert len(listed) > 100
    assert {"openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"} <= set(listed)
    assert {name.split("/")[0] for name in listed} <= set(PROVIDERS)
    assert not [name for name in listed if name.endswith("-") or "/ft:" in name]


def test_without_a_price_list_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notebook_stream.prices.is_installed", lambda: False)
    assert listed_models() == ()
