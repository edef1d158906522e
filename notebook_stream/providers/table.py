"""Who answers, at which address, and which variable holds the key: as each provider's documentation has it.

Data only. Knows no request and reads no variable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Provider:
    """Who answers: its address, the variables that may hold its key, and what it speaks.

    `base_url` is None where it is only known at run time; a `{NAME}` in it is filled in from that variable.
    `local` servers need no key. `url_variable` is the variable in which the provider's own SDK takes another
    base URL, and `url_path` what that SDK adds to it. `paths` has the path of the base URL for wire formats
    that the provider offers elsewhere. `domains` are those under which every customer has a host of its own:
    a key of the environment goes only to the one in `url_variable`. `key_header` is the header for the key
    (name, prefix) where it is not the wire format's.
    """

    name: str
    base_url: str | None
    key_variables: tuple[str, ...] = ()
    wire_format: str = "openai-chat"
    local: bool = False
    url_variable: str | None = None
    url_path: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    key_header: tuple[str, str] | None = None


_OPENAI_STYLE = ("anthropic", "completions", "openai-chat", "openai-responses")

KNOWN = (
    Provider("openai", "https://api.openai.com/v1", ("OPENAI_API_KEY",), url_variable="OPENAI_BASE_URL"),
    Provider(
        "anthropic",
        "https://api.anthropic.com/v1",
        ("ANTHROPIC_API_KEY",),
        "anthropic",
        url_variable="ANTHROPIC_BASE_URL",
        url_path="/v1",
    ),
    Provider(
        "google",
        "https://generativelanguage.googleapis.com/v1beta",
        ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
        "gemini",
        url_variable="GOOGLE_GEMINI_BASE_URL",
        url_path="/v1beta",
        paths={"openai-chat": "/v1beta/openai"},
    ),
    Provider("openrouter", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
    Provider(
        "groq",
        "https://api.groq.com/openai/v1",
        ("GROQ_API_KEY",),
        url_variable="GROQ_BASE_URL",
        url_path="/openai/v1",
    ),
    Provider(
        "deepseek",
        "https://api.deepseek.com/v1",
        ("DEEPSEEK_API_KEY",),
        paths={"anthropic": "/anthropic/v1"},
    ),
    Provider("mistral", "https://api.mistral.ai/v1", ("MISTRAL_API_KEY",), "mistral"),
    Provider(
        "cohere",
        "https://api.cohere.com",
        ("CO_API_KEY", "COHERE_API_KEY"),
        "cohere",
        url_variable="CO_API_URL",
    ),
    Provider(
        "together", "https://api.together.xyz/v1", ("TOGETHER_API_KEY",), url_variable="TOGETHER_BASE_URL"
    ),
    Provider("xai", "https://api.x.ai/v1", ("XAI_API_KEY",)),
    Provider("perplexity", "https://api.perplexity.ai", ("PERPLEXITY_API_KEY", "PPLX_API_KEY")),
    Provider("fireworks", "https://api.fireworks.ai/inference/v1", ("FIREWORKS_API_KEY",)),
    Provider("huggingface", "https://router.huggingface.co/v1", ("HF_TOKEN",)),
    Provider("github", "https://models.github.ai/inference", ("GITHUB_TOKEN",)),
    Provider("cerebras", "https://api.cerebras.ai/v1", ("CEREBRAS_API_KEY",)),
    Provider("nvidia", "https://integrate.api.nvidia.com/v1", ("NVIDIA_API_KEY",)),
    Provider("sambanova", "https://api.sambanova.ai/v1", ("SAMBANOVA_API_KEY",)),
    Provider("moonshot", "https://api.moonshot.ai/v1", ("MOONSHOT_API_KEY",)),
    Provider("zai", "https://api.z.ai/api/paas/v4", ("ZAI_API_KEY",)),
    Provider("alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", ("DASHSCOPE_API_KEY",)),
    Provider(
        "cloudflare",
        "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1",
        ("CLOUDFLARE_API_TOKEN",),
    ),
    Provider(
        "azure",
        None,
        ("AZURE_OPENAI_API_KEY",),
        url_variable="AZURE_OPENAI_ENDPOINT",
        url_path="/openai/v1",
        domains=("openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com"),
        key_header=("api-key", ""),
    ),
    Provider(
        "databricks",
        None,
        ("DATABRICKS_TOKEN",),
        url_variable="DATABRICKS_HOST",
        url_path="/serving-endpoints",
        domains=("cloud.databricks.com", "azuredatabricks.net", "gcp.databricks.com"),
    ),
    Provider("ollama-cloud", "https://ollama.com", ("OLLAMA_API_KEY",), "ollama"),
    # Ollama's own API tells what its /v1 does not: durations, why a model failed, and it takes num_ctx.
    Provider(
        "ollama",
        "http://localhost:11434",
        wire_format="ollama",
        local=True,
        url_variable="OLLAMA_HOST",
        paths=dict.fromkeys(_OPENAI_STYLE, "/v1"),
    ),
    Provider("lmstudio", "http://localhost:1234/v1", local=True),
    Provider("vllm", "http://localhost:8000/v1", local=True),
    Provider("llama.cpp", "http://localhost:8080/v1", local=True, paths={"llama-cpp": ""}),
    Provider("demo", None, local=True),
)

ALIASES = {
    "gemini": "google",
    "llamacpp": "llama.cpp",
    "hf": "huggingface",
    "z.ai": "zai",
    "dashscope": "alibaba",
}

_BEDROCK = (
    "Amazon Bedrock's own stream is binary and is not read here; another address of it speaks OpenAI's:\n"
    'base_url="https://bedrock-runtime.REGION.amazonaws.com/openai/v1", api_key=...'
)
_VERTEX = (
    "Vertex AI has an address for each project, and wants a token in place of a key:\n"
    'base_url="https://aiplatform.googleapis.com/v1/projects/PROJECT/locations/global/publishers/google",\n'
    'wire_format="gemini", extra_headers={"Authorization": "Bearer ..."}'
)
ELSEWHERE = {
    **dict.fromkeys(("bedrock", "aws", "amazon"), _BEDROCK),
    **dict.fromkeys(("vertex", "vertexai", "vertex_ai"), _VERTEX),
}
"""What to do about names that others use for a provider, and that cannot be one here."""

_BY_NAME = {provider.name: provider for provider in KNOWN}
PROVIDERS: Mapping[str, Provider] = _BY_NAME | {alias: _BY_NAME[name] for alias, name in ALIASES.items()}

_FAMILIES = (
    (re.compile(r"[\w.-]+:[\w.-]+$"), "ollama"),  # a tag, as in "qwen3:8b"
    (re.compile(r"(gpt|chatgpt|o\d)(-|$)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"(gemini|gemma)-"), "google"),
    (re.compile(r"(mistral|ministral|magistral|codestral|pixtral|devstral)-"), "mistral"),
    (re.compile(r"(command|c4ai)-"), "cohere"),
    (re.compile(r"deepseek-(chat|reasoner)$"), "deepseek"),
    (re.compile(r"grok-"), "xai"),
    (re.compile(r"sonar(-|$)"), "perplexity"),
    (re.compile(r"(kimi|moonshot)-"), "moonshot"),
    (re.compile(r"glm-"), "zai"),
    (re.compile(r"qw(en|q)\d?-(max|plus|flash|turbo)"), "alibaba"),
)


def family(model: str) -> str | None:
    """Whose model a name without a provider most likely is: for a proposal, nothing is sent on a guess."""
    return next((provider for names, provider in _FAMILIES if names.match(model.lower())), None)
