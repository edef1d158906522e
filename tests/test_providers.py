"""Names of models to targets: which host, which key, and what wrong use is told."""

from __future__ import annotations

import re
import traceback
from typing import Any

import pytest

from notebook_stream.errors import Secret, UsageError
from notebook_stream.providers import PROVIDERS, Target, resolve

CANARY = "sk-canary-0123456789abcdef"
KEYS = {variable: CANARY for provider in PROVIDERS.values() for variable in provider.key_variables}
ADDRESSES = {
    "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/",
    "CLOUDFLARE_ACCOUNT_ID": "0a1b",
    "DATABRICKS_HOST": "mine.cloud.databricks.com",
}


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
    target = resolve(f"{name}/some/model", environ=KEYS | ADDRESSES)
    assert (target.provider, target.model) == (provider.name, "some/model")
    if provider.name not in ("azure", "cloudflare", "databricks"):
        assert target.base_url == provider.base_url
    assert target.wire_format == provider.wire_format
    assert key_of(target) == (CANARY if provider.key_variables else None)


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
        variable = PROVIDERS[provider].key_variables[0]
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
            ("http://localhost/v1/completions", "http://localhost/v1", "completions"),
            ("http://localhost/v1/responses", "http://localhost/v1", "openai-responses"),
            ("http://localhost/completion", "http://localhost", "llama-cpp"),
            ("http://localhost/api/chat", "http://localhost", "ollama"),
            ("http://localhost/v2/chat", "http://localhost", "cohere"),
            ("http://localhost/v1beta/models/x:streamGenerateContent", "http://localhost/v1beta", "gemini"),
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
            (f"https://example.com/v1?api-version=1&key={CANARY}", "api_key="),
            (f"https://example.com/v1?api-version={CANARY}%20", "api_key="),
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
            ("ollama/x", "OLLAMA_HOST", "0.0.0.0", "http://localhost:11434"),  # noqa: S104 nothing is bound
            ("ollama/x", "OLLAMA_HOST", ":1234", "http://localhost:1234"),
            ("ollama/x", "OLLAMA_HOST", "gpu-box:1234", "http://gpu-box:1234"),
            ("ollama/x", "OLLAMA_HOST", "https://gpu.example", "https://gpu.example"),
            ("ollama/x", "OLLAMA_HOST", "", "http://localhost:11434"),
        ],
    )
    def test_base_url(self, model: str, variable: str, value: str, base_url: str) -> None:
        assert resolve(model, environ={**KEYS, variable: value}).base_url == base_url

    def test_own_host_keeps_the_key(self) -> None:
        target = resolve("anthropic/x", environ={**KEYS, "ANTHROPIC_BASE_URL": "https://api.anthropic.com"})
        assert key_of(target) == CANARY

    def test_wrong_one_is_named(self) -> None:
        assert "OPENAI_BASE_URL" in refused("openai/x", {**KEYS, "OPENAI_BASE_URL": "localhost:80"})


AZURE = {"AZURE_OPENAI_API_KEY": CANARY, "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com"}


class TestAddresses:
    @pytest.mark.parametrize(
        ("model", "wire_format", "url"),
        [
            ("openai/m", None, "https://api.openai.com/v1/chat/completions"),
            ("openai/m", "openai-responses", "https://api.openai.com/v1/responses"),
            ("google/m", None, "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse"),
            ("google/m", "openai-chat", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"),
            ("mistral/m", None, "https://api.mistral.ai/v1/chat/completions"),
            ("cohere/m", None, "https://api.cohere.com/v2/chat"),
            ("deepseek/m", "anthropic", "https://api.deepseek.com/anthropic/v1/messages"),
            ("perplexity/m", None, "https://api.perplexity.ai/chat/completions"),
            ("cloudflare/@cf/m", None, "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/v1/chat/completions"),
            ("azure/m", None, "https://mine.openai.azure.com/openai/v1/chat/completions"),
            ("azure/m", "openai-responses", "https://mine.openai.azure.com/openai/v1/responses"),
            ("databricks/m", None, "https://mine.cloud.databricks.com/serving-endpoints/chat/completions"),
            ("ollama/m", None, "http://localhost:11434/api/chat"),
            ("ollama/m", "openai-chat", "http://localhost:11434/v1/chat/completions"),
            ("llama.cpp/m", "llama-cpp", "http://localhost:8080/completion"),
            ("llama.cpp/m", None, "http://localhost:8080/v1/chat/completions"),
        ],
    )  # fmt: skip
    def test_url(self, model: str, wire_format: str | None, url: str) -> None:
        assert resolve(model, wire_format=wire_format, environ=KEYS | ADDRESSES).url == url

    def test_a_path_beside_the_one_in_the_variable(self) -> None:
        environ = {"OLLAMA_HOST": "https://gpu.example/behind/"}
        target = resolve("ollama/m", wire_format="openai-chat", environ=environ)
        assert target.url == "https://gpu.example/behind/v1/chat/completions"

    @pytest.mark.parametrize("name", ["azure", "databricks", "cloudflare"])
    def test_missing(self, name: str) -> None:
        assert re.search(
            "AZURE_OPENAI_ENDPOINT|DATABRICKS_HOST|CLOUDFLARE_ACCOUNT_ID", refused(f"{name}/m", KEYS)
        )

    @pytest.mark.parametrize("account", ["../../x", "a/b", "a?b", "a b", "a@b"])
    def test_an_account_is_a_name(self, account: str) -> None:
        assert "CLOUDFLARE_ACCOUNT_ID" in refused("cloudflare/m", {**KEYS, "CLOUDFLARE_ACCOUNT_ID": account})

    @pytest.mark.parametrize(
        ("base_url", "url"),
        [
            (
                "https://mine.openai.azure.com/openai/deployments/d?api-version=2024-10-21",
                "https://mine.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
            ),
            (
                "https://mine.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
                "https://mine.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
            ),
        ],
    )
    def test_azures_versions(self, base_url: str, url: str) -> None:
        target = resolve("d", base_url=base_url, api_key="own-key", environ={})
        assert (target.url, target.key_header) == (url, ("api-key", ""))

    def test_two_queries_in_one(self) -> None:
        target = resolve("m", base_url="https://e.example?api-version=1", wire_format="gemini", environ={})
        assert target.url == "https://e.example/models/m:streamGenerateContent?alt=sse&api-version=1"

    def test_any_of_the_variables(self) -> None:
        assert key_of(resolve("gemini/m", environ={"GEMINI_API_KEY": CANARY})) == CANARY
        both = {"GEMINI_API_KEY": "other", "GOOGLE_API_KEY": CANARY}
        assert key_of(resolve("gemini/m", environ=both)) == CANARY
        assert "GOOGLE_API_KEY or GEMINI_API_KEY" in refused("gemini/m")


class TestSharedDomains:
    """Where every customer has a host of its own, the key is that host's, not the domain's."""

    def test_own_host(self) -> None:
        target = resolve("azure/d", environ=AZURE)
        assert (target.provider, key_of(target), target.key_header) == ("azure", CANARY, ("api-key", ""))
        by_url = resolve("d", base_url="https://mine.openai.azure.com/openai/v1", environ=AZURE)
        assert (by_url.provider, key_of(by_url)) == ("azure", CANARY)

    @pytest.mark.parametrize(
        "base_url",
        [
            "https://other.openai.azure.com/openai/v1",
            "https://openai.azure.com/openai/v1",
            "https://mine.openai.azure.com.evil.example/openai/v1",
            "https://mine.openai.azure.com:8443/openai/v1",
            "http://mine.openai.azure.com/openai/v1",
        ],
    )
    def test_no_key_for_another(self, base_url: str) -> None:
        target = resolve("d", base_url=base_url, environ=AZURE)
        assert target.key is None
        assert target.provider != "azure"

    def test_no_key_for_a_proxy(self) -> None:
        environ = {**AZURE, "AZURE_OPENAI_ENDPOINT": "https://proxy.example"}
        target = resolve("azure/d", environ=environ)
        assert (target.key, target.key_header) == (None, None)
        assert target.base_url == "https://proxy.example/openai/v1"

    def test_a_bearer_token_of_ones_own_needs_no_key(self) -> None:
        environ = {"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com"}
        assert resolve("d", base_url="https://mine.openai.azure.com/openai/v1", environ=environ).key is None
        assert "AZURE_OPENAI_API_KEY" in refused("azure/d", environ)

    def test_a_given_key_goes_where_it_is_told(self) -> None:
        target = resolve("d", base_url="https://other.openai.azure.com", api_key="own-key", environ=AZURE)
        assert (key_of(target), target.key_header) == ("own-key", ("api-key", ""))


class TestNames:
    @pytest.mark.parametrize(
        ("model", "told"),
        [
            ("anthropc/claude-x", '"anthropic/claude-x"'),
            ("meta-llama/Llama-3", "base_url="),
            ("nowhere/x", "openai, anthropic"),
            ("bedrock/anthropic.claude-x", "binary"),
            ("vertex_ai/gemini-x", 'wire_format="gemini"'),
            ("gpt-5", '"openai/gpt-5"'),
            ("o3", '"openai/o3"'),
            ("claude-sonnet-4-5", '"anthropic/claude-sonnet-4-5"'),
            ("grok-4", '"xai/grok-4"'),
            ("gpt-oss:20b", '"ollama/gpt-oss:20b"'),
            ("gemini-3-pro", '"google/gemini-3-pro"'),
            ("command-a-03-2025", '"cohere/command-a-03-2025"'),
            ("sonar-pro", '"perplexity/sonar-pro"'),
            ("kimi-k2", '"moonshot/kimi-k2"'),
            ("glm-5", '"zai/glm-5"'),
            ("qwen3-max", '"alibaba/qwen3-max"'),
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
