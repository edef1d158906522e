"""Wrong use raises at the call, says what to do in at most three lines, and nothing is sent."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from notebook_stream import configure, formats, stream
from notebook_stream.demo import Server
from notebook_stream.errors import UsageError

from .seen import at

USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": 5}, "model must be a name"),
        ({"wire_format": ["openai-chat"]}, "wire_format is one of"),
        ({"api_key": 5}, "api_key must be a string, not int"),
        ({"api_key": b"sk-123"}, "api_key must be a string, not bytes"),
        ({"system": 5}, "system= takes a string"),
        ({"system": ["be brief"]}, "system= takes a string"),
        ({"extra_body": "x"}, "extra_body= takes a dict, not str"),
        ({"extra_body": [1]}, "extra_body= takes a dict, not list"),
        ({"extra_headers": "x"}, "extra_headers= takes a dict, not str"),
        ({"extra_headers": [("a", "b")]}, "extra_headers= takes a dict, not list"),
        ({"extra_headers": {"a": "b\nc"}}, "value is not printable ASCII"),
        ({"extra_headers": {"a": "é"}}, "value is not printable ASCII"),
        ({"extra_headers": {"": "b"}}, "no header can have that name"),
        ({"extra_headers": {"a b": "c"}}, "no header can have that name"),
        ({"messages": [USER]}, "messages= would replace the prompt"),
        ({"max_chars": 1.5}, "give a whole number"),
        ({"max_chars": float("inf")}, "give a whole number"),
        ({"verify": 5}, "verify= takes"),
        ({"verify": []}, "verify= takes"),
        ({"verify": "/no/such/file.pem"}, "no CA certificates there"),
        ({"options": "x", "wire_format": "ollama"}, "options= takes a dict"),
        ({"generationConfig": "x", "wire_format": "gemini"}, "generationConfig= takes a dict"),
        ({"generation_config": [1], "wire_format": "gemini-interactions"}, "generation_config= takes a dict"),
    ],
)
def test_a_wrong_option(server: Server, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        stream("x", **{"model": "echo", **at(server), **options})
    assert says in str(caught.value)
    assert str(caught.value).count("\n") <= 2
    assert not server.requests


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize("wire_format", sorted(set(formats.names()) - {"completions", "llama-cpp"}))
@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"role": "user", "content": [5]}, "messages[0].content[0] is a int"),
        ({"role": "user", "content": ["x", None]}, "messages[0].content[1] is a NoneType"),
        ({"role": "assistant", "tool_calls": CALL}, "messages[0].tool_calls is a dict, not a list"),
        ({"role": "assistant", "tool_calls": "f"}, "messages[0].tool_calls is a str, not a list"),
        ({"role": "assistant", "tool_calls": [CALL, None]}, "messages[0].tool_calls[1] is a NoneType"),
        ("hi", "messages[0] is a str"),
        ({"role": ["user"], "content": "x"}, "messages[0] has no role"),
    ],
)
def test_a_malformed_message_in_every_format(wire_format: str, message: Any, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        formats.get(wire_format).body("m", [message, USER], {})
    assert says in str(caught.value)


@pytest.mark.parametrize("wire_format", ["gemini", "gemini-interactions", "ollama"])
@pytest.mark.parametrize(
    "part", [{"type": "text"}, {"type": "text", "text": None}, {"type": "text", "text": 5}]
)
def test_a_part_without_its_text(wire_format: str, part: dict[str, Any]) -> None:
    message = {
        "role": "user",
        "content": [part, {"type": "image_url", "image_url": "data:image/png;base64,AA"}],
    }
    with pytest.raises(UsageError, match="needs its text"):
        formats.get(wire_format).body("m", [message], {})


def test_the_other_ways_of_verifying_are_right(server: Server) -> None:
    context = ssl.create_default_context()
    assert stream("x", model="echo", **at(server, verify=context)).result(10).text == "x"
    assert stream("x", model="echo", **at(server, verify=False)).result(10).text == "x"


def test_configured_wrongly_it_is_told_at_the_call() -> None:
    configure(model=5)
    with pytest.raises(UsageError, match="model must be a name"):
        stream("x", display=False)


@pytest.mark.parametrize("name", ["settle", "save_prompt", "keep_running", "display"])
def test_a_switch_that_is_no_switch_is_told(name: str) -> None:
    options: dict[str, Any] = {name: "no"}
    with pytest.raises(UsageError, match=f"{name}='no'"):
        stream("x", model="demo/echo", **options)
