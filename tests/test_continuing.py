"""How each server is asked to go on with an answer, as its documentation has it; and who is not asked."""

from __future__ import annotations

from typing import Any

import pytest

from notebook_stream.providers import Target, continuation, resolve

ASKED = [{"role": "user", "content": "Count."}]
KEYS = {f"{name}_API_KEY": "k" for name in (
    "ANTHROPIC", "OPENAI", "GROQ", "MISTRAL", "DEEPSEEK", "MOONSHOT", "DASHSCOPE", "OPENROUTER", "GOOGLE",
    "COHERE", "XAI", "TOGETHER", "FIREWORKS",
)}  # fmt: skip
LOCAL = {"continue_final_message": True, "add_generation_prompt": False}


def target(model: str, **options: Any) -> Target:
    return resolve(model, environ=KEYS, **options)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("anthropic/claude-sonnet-4-5", {}),
        ("anthropic/claude-sonnet-4-5-20250929", {}),
        ("anthropic/claude-opus-4-20250514", {}),
        ("anthropic/claude-opus-4-1", {}),
        ("anthropic/claude-3-7-sonnet-latest", {}),
        ("groq/llama-3.3-70b-versatile", {}),
        ("mistral/mistral-small-latest", {"prefix": True}),
        ("deepseek/deepseek-chat", {"prefix": True}),
        ("moonshot/kimi-k2.5", {"partial": True}),
        ("alibaba/qwen-plus", {"partial": True}),
        ("openrouter/anthropic/claude-sonnet-4.5", {}),
        ("openrouter/deepseek/deepseek-chat", {}),
        ("openrouter/google/gemini-2.5-flash", {}),
        ("google/gemini-2.5-flash", {}),
        ("google/gemini-3.1-pro-preview", {}),
        ("ollama/llama3.2", {}),
    ],
)
def test_the_beginning_is_the_last_message(model: str, said: dict[str, Any]) -> None:
    found = continuation(target(model), ASKED, "One, two \n")
    assert found is not None
    assert found.messages == [*ASKED, {"role": "assistant", "content": "One, two", **said}]
    assert (found.sent, dict(found.params)) == (8, {})


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("vllm/qwen", {}),
        ("llama.cpp/any", {}),
        ("lmstudio/any", {}),
        ("any", {"base_url": "http://localhost:30000/v1"}),
        ("ollama/llama3.2", {"wire_format": "openai-chat"}),
    ],
)
def test_a_server_of_ones_own_is_told_in_its_own_words(model: str, options: dict[str, Any]) -> None:
    found = continuation(target(model, **options), ASKED, "One")
    assert found is not None
    assert found.messages[-1] == {"role": "assistant", "content": "One"}
    assert found.params == LOCAL


def test_a_local_server_of_anthropics_format_has_models_of_any_name() -> None:
    found = continuation(
        target("tiny", base_url="http://localhost:1/v1", wire_format="anthropic"), ASKED, "One"
    )
    assert found is not None
    assert not found.params


def test_deepseek_goes_on_at_its_beta_address() -> None:
    found = continuation(target("deepseek/deepseek-chat"), ASKED, "One")
    assert found is not None
    assert found.target.url == "https://api.deepseek.com/beta/chat/completions"
    assert found.target.key is not None


@pytest.mark.parametrize("wire_format", ["completions", "llama-cpp"])
def test_an_api_that_continues_a_text_gets_the_whole_of_it(wire_format: str) -> None:
    local = target("any", base_url="http://localhost:1", wire_format=wire_format)
    found = continuation(local, ASKED, " One ")
    assert found is not None
    assert (found.messages, found.sent) == ([{"role": "user", "content": "Count. One "}], 5)


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("openai/gpt-5-mini", {}),
        ("openai/gpt-5-mini", {"wire_format": "openai-responses"}),
        ("anthropic/claude-opus-4-6", {}),
        ("anthropic/claude-sonnet-4-6", {}),
        ("anthropic/claude-opus-4-10", {}),
        ("anthropic/claude-opus-5", {}),
        ("google/gemini-3.5-flash", {}),
        ("google/gemini-2.5-flash", {"wire_format": "gemini-interactions"}),
        ("cohere/command-a-03-2025", {}),
        ("xai/grok-4", {}),
        ("together/any/any", {}),
        ("openrouter/openai/gpt-5", {}),
        ("openrouter/anthropic/claude-opus-4.6", {}),
        ("openrouter/google/gemini-3.5-flash", {}),
        ("any", {"base_url": "https://llm.example.org/v1"}),
    ],
)
def test_who_cannot_go_on_is_not_asked(model: str, options: dict[str, Any]) -> None:
    assert continuation(target(model, **options), ASKED, "One") is None


def test_white_space_alone_is_no_beginning() -> None:
    assert continuation(target("groq/any"), ASKED, " \n") is None
