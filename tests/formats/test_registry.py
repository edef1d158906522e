"""The registry finds formats by itself, and says what there is."""

from __future__ import annotations

import pytest

from notebook_stream import formats
from notebook_stream.errors import UsageError


def test_names() -> None:
    assert set(formats.names()) == {
        "anthropic", "cohere", "completions", "gemini", "gemini-interactions", "llama-cpp", "mistral",
        "ollama", "openai-chat", "openai-responses",
    }  # fmt: skip
    assert [formats.get(name).name for name in formats.names()] == list(formats.names())


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(UsageError, match=r"anthropic, .*openai-chat"):
        formats.get("openai_chat")


@pytest.mark.parametrize("name", formats.names())
def test_each_is_a_whole_format(name: str) -> None:
    wire_format = formats.get(name)
    assert wire_format.path("m").startswith("/")
    body = wire_format.body("m", [{"role": "user", "content": "Hello"}], {})
    assert body.get("stream") is True or ":stream" in wire_format.path("m")
    assert wire_format.decoder() is not wire_format.decoder()
