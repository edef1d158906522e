"""Names of models to targets: which host, which key, and what wrong use is told."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from notebook_stream.errors import Secret, UsageError
from notebook_stream.providers import PROVIDERS, Target, resolve

CANARY = "sk-canary-0123456789abcdef"
KEYS = {provider.key_variable: CANARY for provider in PROVIDERS.values() if provider.key_variable is not None}


def key_of(target: Target) -> str | None:
    return target.key.reveal() if target.key else None


def refused(model: Any, environ: dict[str, str] | None = None, **options: Any) -> str:
    """The message, which is short and holds no key, as does no local variable of the frames below."""
    with pytest.raises(UsageError) as caught:
        resolve(model, environ=environ or {}, **options)
    message = str(caught.value)
    assert len(message.splitlines()) <= 3
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack[1:]
    told = message + "".join(str(frame.locals) for frame in frames)
    assert frames
    assert not [CANARY[n : n + 8] for n in range(len(CANARY) - 7) if CANARY[n : n + 8] in told]
    return message


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name != "demo"])
def test_every_provider_resolves(name: str) -> None:
    provider = PROVIDERS[name]
    target = resolve(f"{name}/some/model", environ=KEYS)
    assert (target.provider, target.model) == (provider.name, "some/model")
    assert target.base_url == provider.base_url
    assert target.wire_format == provider.wire_format
    assert key_of(target) == (CANARY if provider.key_variable else None)


def test_openrouter_keeps_the_rest() -> None:
    assert resolve("openrouter/anthropic/claude-x", environ=KEYS).model == "anthropic/claude-x"


def test_demo_has_no_address_yet() -> None:
    assert resolve("demo/markdown", environ={}) == Target("demo", "markdown", "", "openai-chat", None)


def test_wire_format_may_say_otherwise() -> None:
    assert resolve("openrouter/x", wire_format="anthropic", environ=KEYS).wire_format == "anthropic"
    assert "openai-chat" in refused("openai/gpt-5", KEYS, wire_format="nonsense")


class TestKeys:
    def test_given_beats_the_environment(self) -> None:
        assert key_of(resolve("openai/x", api_key=" own-key \n", environ=KEYS)) == "own-key"
        assert key_of(resolve("openai/x", api_key=Secret("own-key"), environ=KEYS)) == "own-key"

    def test_does_not_show(self) -> None:
        target = resolve("openai/x", environ=KEYS)
        assert CANARY[:8] not in repr(target)
        assert CANARY[-8:] not in str(target)

    def test_missing(self) -> None:
        message = refused("anthropic/claude-x")
        assert "ANTHROPIC_API_KEY" in message
        assert "api_key=" in message
        assert "OPENAI_API_KEY" in refused("openai/x", {"OPENAI_API_KEY": "  "})

    @pytest.mark.parametrize(
        "key",
        [
            f"{CANARY}\nX: y",
            f"{CANARY}\x00",
            f"Bearer {CANARY}",
            f"{CANARY}é",
            f"{CANARY}\u200b",
            f"{CANARY}\x85z",
        ],
    )
    def test_no_header_can_carry_it(self, key: str) -> None:
        assert "api_key" in refused("openai/x", api_key=key)
        assert "api_key" in refused("openai/x", api_key=Secret(key))
        assert "OPENAI_API_KEY" in refused("openai/x", {"OPENAI_API_KEY": key})

    def test_empty(self) -> None:
        assert "empty" in refused("openai/x", KEYS, api_key=" ")


class TestBaseUrl:
    def test_alone_takes_the_name_verbatim(self) -> None:
        target = resolve("openai/gpt-5", base_url="http://localhost:8080/v1/", environ=KEYS)
        assert target == Target(
            "localhost:8080", "openai/gpt-5", "http://localhost:8080/v1", "openai-chat", None
        )

    @pytest.mark.parametrize("url", [
        "http://api.openai.com/v1",
        "https://api.openai.com:8443/v1",
        "https://api.openai.com./v1",
        "https://api.openai.com.evil.example/v1",
        "https://evil.example/api.openai.com/v1",
        "https://eu.api.openai.com/v1",
        "https://127.0.0.1/v1",
        "https://proxy.example/v1",
    ])  # fmt: skip
    def test_no_environment_key_for_another_host(self, url: str) -> None:
        assert resolve("x", base_url=url, environ=KEYS).key is None
        assert resolve("openai/x", environ={**KEYS, "OPENAI_BASE_URL": url}).key is None

    @pytest.mark.parametrize(
        ("url", "provider"),
        [
            ("https://api.openai.com/v1", "openai"),
            ("https://API.openai.com:443/v1", "openai"),
            ("https://api.anthropic.com/v1", "anthropic"),
        ],
    )
    def test_environment_key_for_its_own_host(self, url: str, provider: str) -> None:
        variable = PROVIDERS[provider].key_variable or ""
        others = dict.fromkeys(KEYS, "other-key")
        target = resolve("x", base_url=url, environ={**others, variable: CANARY})
        assert (target.provider, key_of(target)) == (provider, CANARY)
        assert variable in refused("x", base_url=url)

    def test_no_environment_key_of_another_provider(self) -> None:
        target = resolve("openai/x", environ={**KEYS, "OPENAI_BASE_URL": "https://api.x.ai/v1"})
        assert target.key is None

    @pytest.mark.parametrize(
        "host", ["192.168.1.5:8000", "gpu-box", "example.com", "localhost.example.com", "127.0.0.1.nip.io"]
    )
    def test_no_key_in_the_clear(self, host: str) -> None:
        assert "https://" in refused("x", base_url=f"http://{host}/v1", api_key=CANARY)
        assert resolve("x", base_url=f"http://{host}/v1", environ=KEYS).key is None

    @pytest.mark.parametrize(
        "host", ["localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]:8080", "0.0.0.0:8000", "a.localhost"]
    )
    def test_a_key_to_this_machine(self, host: str) -> None:
        assert key_of(resolve("x", base_url=f"http://{host}/v1", api_key=CANARY, environ={})) == CANARY

    @pytest.mark.parametrize(
        ("url", "base_url", "wire_format"),
        [
            ("http://localhost/v1/chat/completions", "http://localhost/v1", "openai-chat"),
            ("http://localhost/v1/chat/completions/", "http://localhost/v1", "openai-chat"),
            ("http://localhost/v1/messages", "http://localhost/v1", "anthropic"),
            ("http://localhost", "http://localhost", "openai-chat"),
            ("HTTP://localhost//", "http://localhost", "openai-chat"),
        ],
    )
    def test_full_path_is_not_doubled(self, url: str, base_url: str, wire_format: str) -> None:
        target = resolve("x", base_url=url, environ={})
        assert (target.base_url, target.wire_format) == (base_url, wire_format)

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("localhost:8080", '"http://localhost:8080/v1"'),
            ("127.0.0.1:8080/v1", '"http://127.0.0.1:8080/v1"'),
            ("api.example.com/v1", '"https://api.example.com/v1"'),
            ("file:///etc/passwd", "http://"),
            ("unix:/run/x.sock", "http://"),
            ("ftp://example.com", "http://"),
            ("javascript:alert(1)", "http://"),
            ("//example.com/v1", "http://"),
            ("http://", "http://"),
            ("", "must be a URL"),
            (f"https://user:{CANARY}@example.com/v1", "api_key="),
            (f"{CANARY}:x@example.com", "api_key="),
            (f"https://example.com/v1?key={CANARY}", "api_key="),
            (f"https://example.com/v1#{CANARY}", "api_key="),
            ("https://example.com/v1?", "?"),
            ("http://localhost:port/v1", "port"),
            ("http://localhost:99999/v1", "port"),
            ("http://[::1/v1", "host"),
            ("https://api.openai.com\\@evil.example/v1", "character"),
            ("http://local host/v1", "character"),
            ("http://localhost/v1\nX-Header: y", "character"),
            ("https://api.openai。com/v1", "character"),
        ],
    )  # fmt: skip
    def test_wrong(self, url: str, told: str) -> None:
        # The URL itself is a local variable of the frames that judge it: only the message is looked at.
        with pytest.raises(UsageError) as caught:
            resolve("x", base_url=url, environ={})
        message = str(caught.value)
        assert told in message
        assert CANARY[:8] not in message
        assert len(message.splitlines()) <= 3


class TestVariables:
    @pytest.mark.parametrize(
        ("model", "variable", "value", "base_url"),
        [
            ("openai/x", "OPENAI_BASE_URL", "http://localhost:1/v1/", "http://localhost:1/v1"),
            ("anthropic/x", "ANTHROPIC_BASE_URL", "https://proxy.example", "https://proxy.example/v1"),
            ("anthropic/x", "ANTHROPIC_BASE_URL", "https://proxy.example/v1/", "https://proxy.example/v1"),
            ("groq/x", "GROQ_BASE_URL", "https://proxy.example", "https://proxy.example/openai/v1"),
            ("together/x", "TOGETHER_BASE_URL", "https://proxy.example/v1", "https://proxy.example/v1"),
            ("ollama/x", "OLLAMA_HOST", "0.0.0.0", "http://localhost:11434/v1"),  # noqa: S104 nothing is bound
            ("ollama/x", "OLLAMA_HOST", ":1234", "http://localhost:1234/v1"),
            ("ollama/x", "OLLAMA_HOST", "gpu-box:1234", "http://gpu-box:1234/v1"),
            ("ollama/x", "OLLAMA_HOST", "https://gpu.example", "https://gpu.example/v1"),
            ("ollama/x", "OLLAMA_HOST", "", "http://localhost:11434/v1"),
        ],
    )
    def test_base_url(self, model: str, variable: str, value: str, base_url: str) -> None:
        assert resolve(model, environ={**KEYS, variable: value}).base_url == base_url

    def test_own_host_keeps_the_key(self) -> None:
        target = resolve("anthropic/x", environ={**KEYS, "ANTHROPIC_BASE_URL": "https://api.anthropic.com"})
        assert key_of(target) == CANARY

    def test_wrong_one_is_named(self) -> None:
        assert "OPENAI_BASE_URL" in refused("openai/x", {**KEYS, "OPENAI_BASE_URL": "localhost:80"})


class TestNames:
    @pytest.mark.parametrize(
        ("model", "told"),
        [
            ("anthropc/claude-x", '"anthropic/claude-x"'),
            ("meta-llama/Llama-3", "base_url="),
            ("nowhere/x", "openai, anthropic"),
            ("gpt-5", '"openai/gpt-5"'),
            ("o3", '"openai/o3"'),
            ("claude-sonnet-4-5", '"anthropic/claude-sonnet-4-5"'),
            ("grok-4", '"xai/grok-4"'),
            ("gpt-oss:20b", '"ollama/gpt-oss:20b"'),
            ("something", "provider/something"),
            ("openai/", "no model"),
            ("openai", "no model"),
            ("", "openai/gpt-5-mini"),
            ("  ", "openai/gpt-5-mini"),
            (None, "openai/gpt-5-mini"),
        ],
    )
    def test_wrong(self, model: Any, told: str) -> None:
        assert told in refused(model, KEYS)

    def test_case_and_spaces_are_forgiven(self) -> None:
        assert resolve(" OpenAI/gpt-5 ", environ=KEYS).model == "gpt-5"
