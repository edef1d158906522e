"""A model's name in, where to ask for it and with which key out: "anthropic/claude-..." -> `Target`.

Reads environment variables, opens nothing. No key appears in a message, in a `repr`, or in the local
variables of a frame that raises (faults.md L1).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from . import formats
from .errors import Secret, UsageError, quote


@dataclass(frozen=True, slots=True)
class Provider:
    """Who answers: its address, the variable that holds its key, and what it speaks.

    `base_url` is None where it is only known at run time (demo). `local` servers need no key.
    `url_variable` is the variable in which the provider's own SDK takes another base URL, and `url_path`
    what that SDK adds to it.
    """

    name: str
    base_url: str | None
    key_variable: str | None
    wire_format: str = "openai-chat"
    local: bool = False
    url_variable: str | None = None
    url_path: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes. `provider` is a name of `PROVIDERS`, or the host of a `base_url`.

    `base_url` has no slash at its end; it is empty for the demo, whose address its server knows.
    """

    provider: str
    model: str
    base_url: str
    wire_format: str
    key: Secret | None


_KNOWN = (
    Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", url_variable="OPENAI_BASE_URL"),
    Provider(
        "anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "anthropic",
        url_variable="ANTHROPIC_BASE_URL",
        url_path="/v1",
    ),
    Provider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    Provider(
        "groq",
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        url_variable="GROQ_BASE_URL",
        url_path="/openai/v1",
    ),
    Provider("deepseek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    Provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    Provider("together", "https://api.together.xyz/v1", "TOGETHER_API_KEY", url_variable="TOGETHER_BASE_URL"),
    Provider("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
    Provider(
        "ollama", "http://localhost:11434/v1", None, local=True, url_variable="OLLAMA_HOST", url_path="/v1"
    ),
    Provider("lmstudio", "http://localhost:1234/v1", None, local=True),
    Provider("vllm", "http://localhost:8000/v1", None, local=True),
    Provider("llama.cpp", "http://localhost:8080/v1", None, local=True),
    Provider("demo", None, None, local=True),
)

PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _KNOWN} | {
    "llamacpp": next(provider for provider in _KNOWN if provider.name == "llama.cpp")
}

OLLAMA_PORT = 11434

_FAMILIES = (
    (re.compile(r"[\w.-]+:[\w.-]+$"), "ollama"),  # a tag, as in "qwen3:8b"
    (re.compile(r"(gpt|chatgpt|o\d)(-|$)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"(mistral|ministral|magistral|codestral|pixtral|devstral)-"), "mistral"),
    (re.compile(r"deepseek-(chat|reasoner)$"), "deepseek"),
    (re.compile(r"grok-"), "xai"),
)
"""Whose model a name without a provider most likely is. Only for a proposal: nothing is sent on a guess."""


def resolve(
    model: str,
    *,
    base_url: str | None = None,
    api_key: str | Secret | None = None,
    wire_format: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Target:
    """Where to ask for `model`.

    Without `base_url` the model is "provider/model", split at the first slash. With it the name is taken
    as it is, and the server speaks OpenAI's Chat Completions unless `wire_format`, or the path at the end
    of the URL, says otherwise.

    An environment key goes only to its provider's own host, over https. A key goes nowhere over plain
    http but to this machine: refused rather than warned about, since by then it would have been sent.

    Raises:
        UsageError: unknown provider, no model, no key, or a URL that cannot be right; it says what to do.
    """
    # From here on no raw key is a local variable: verbose tracebacks print those.
    api_key = Secret(api_key) if isinstance(api_key, str) else api_key
    variables = _Variables(environ)
    del environ
    key = None if api_key is None else _checked_key(api_key, "api_key")
    model = _checked_model(model)
    if base_url is None:
        return _known(model, key, wire_format, variables)
    url = _checked_url(base_url, "base_url")
    wire_format = wire_format or _format_of_path(url.path, model)
    return _target(_owner(url), _place(url), model, url, key, wire_format or "openai-chat", variables)


class _Variables:
    """Environment variables that do not show themselves."""

    __slots__ = ("get",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.get: Callable[[str], str] = lambda name: environ.get(name, "").strip()


def _known(model: str, key: Secret | None, wire_format: str | None, variables: _Variables) -> Target:
    provider, name = _provider(model)
    wire_format = wire_format or provider.wire_format
    if provider.base_url is None:
        return Target(provider.name, name, "", formats.get(wire_format).name, key)
    url = _checked_url(provider.base_url, provider.name)
    told = variables.get(provider.url_variable) if provider.url_variable else ""
    if told:
        url = _from_variable(provider, told)
    return _target(provider, provider.name, name, url, key, wire_format, variables)


def _target(
    provider: Provider | None,
    place: str,
    model: str,
    url: SplitResult,
    key: Secret | None,
    wire_format: str,
    variables: _Variables,
) -> Target:
    path = formats.get(wire_format).path(model).partition("?")[0]
    base_url = url.geturl().rstrip("/").removesuffix(path).rstrip("/")
    own = provider is not None and _owner(url) is provider
    if key is None and provider is not None and provider.key_variable and own:
        key = _environment_key(provider, variables)
    if key is not None and url.scheme == "http" and not _is_this_machine(url.hostname or ""):
        raise UsageError(
            f"A key would go unencrypted to http://{url.netloc}\n"
            "Use https://, or an SSH tunnel to localhost; or leave api_key out if the server needs none."
        )
    return Target(provider.name if provider and own else place, model, base_url, wire_format, key)


def _provider(model: str) -> tuple[Provider, str]:
    name, slash, rest = model.partition("/")
    provider = PROVIDERS.get(name.strip().lower())
    if provider is not None and rest.strip():
        return provider, rest.strip()
    if provider is not None:
        raise UsageError(f'model={quote(model, 60)!r} names a provider, but no model: "{provider.name}/..."')
    if not slash:
        raise _without_provider(model)
    near = get_close_matches(name.lower(), list(PROVIDERS), n=1)
    proposal = f'Did you mean "{near[0]}/{quote(rest, 60)}"? ' if near else ""
    raise UsageError(
        f"Unknown provider {quote(name, 40)!r} in model={quote(model, 80)!r}; known: {_names()}\n"
        f"{proposal}Any other server that speaks OpenAI's API: base_url=."
    )


def _without_provider(model: str) -> UsageError:
    shown = quote(model, 80)
    family = next((provider for names, provider in _FAMILIES if names.match(model.lower())), None)
    what = f'Did you mean "{family}/{shown}"?' if family else f'Write "provider/{shown}"; known: {_names()}'
    return UsageError(
        f"model={shown!r} names no provider\n{what}\nWith base_url= the name is taken as it is."
    )


def _names() -> str:
    return ", ".join(provider.name for provider in _KNOWN)


def _checked_model(model: object) -> str:
    if not isinstance(model, str) or not model.strip():
        raise UsageError('model must be a name such as "openai/gpt-5-mini"')
    return model.strip()


def _environment_key(provider: Provider, variables: _Variables) -> Secret:
    variable = provider.key_variable or ""
    found = Secret(variables.get(variable))
    if not found.reveal():
        raise UsageError(
            f"No key for {provider.name}: set the environment variable {variable}, or give api_key=\n"
            'Without any key: model="demo/markdown".'
        )
    return _checked_key(found, variable)


def _checked_key(key: Secret, where: str) -> Secret:
    """The key without the white space around it. A header can carry printable ASCII, nothing else."""
    stripped = Secret(key.reveal().strip())
    if not stripped.reveal():
        raise UsageError(f"{where} is empty")
    if not re.fullmatch(r"[!-~]+", stripped.reveal()):
        raise UsageError(
            f"{where} holds a space, a line break or another character that no key has; copy it again"
        )
    return stripped


def _checked_url(text: object, where: str) -> SplitResult:
    """The parts of an http(s) URL.

    What is wrong is named without showing more than the host: a key may stand anywhere else in it.
    """
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f'{where} must be a URL such as "http://localhost:8080/v1"')
    text = text.strip()
    if re.search(r"[^!-~]|\\", text):
        raise UsageError(f"{where} holds a character that no URL has")
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise UsageError(f"{where} is no URL: its host or its port cannot be read") from None
    if "@" in url.netloc or "@" in text.partition("/")[0]:
        raise UsageError(f"{where} holds a user name or a password; give the key as api_key=")
    if url.scheme not in ("http", "https") or not host:
        raise _no_scheme(text, where)
    if url.query or url.fragment or text.endswith(("?", "#")):
        raise UsageError(f"{where} must end with its path, without ? or #; give a key as api_key=")
    return url


def _no_scheme(text: str, where: str) -> UsageError:
    host = re.match(r"(localhost|[\d.]+|\[[\da-fA-F:]+\]|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?=/|$)", text)
    if host is None:
        return UsageError(f'{where} must begin with http:// or https://, e.g. "http://localhost:8080/v1"')
    scheme = "http" if _is_this_machine(host[1].strip("[]")) else "https"
    return UsageError(f'{where} needs its scheme: did you mean "{scheme}://{host[0]}/v1"?')


def _from_variable(provider: Provider, text: str) -> SplitResult:
    """The base URL in a provider's variable, as its own SDK reads it."""
    variable = provider.url_variable or ""
    if provider.name == "ollama":
        text = _ollama_url(text)
    url = _checked_url(text, variable)
    path = url.path.rstrip("/")
    return url._replace(path=path if path.endswith(provider.url_path) else path + provider.url_path)


def _ollama_url(text: str) -> str:
    """OLLAMA_HOST may be a host, a port, both, or a URL; 0.0.0.0 there means "listen everywhere"."""
    if "://" not in text:
        host, _, port = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", str(OLLAMA_PORT))
        text = f"http://{host or 'localhost'}:{port}"
    return text.replace("://0.0.0.0", "://localhost", 1)


def _format_of_path(path: str, model: str) -> str | None:
    """The wire format whose path the URL already ends in; OpenAI's own where several share it."""
    ends = {name: formats.get(name).path(model).partition("?")[0] for name in formats.names()}
    found = [name for name, end in ends.items() if path.rstrip("/").endswith(end)]
    return "openai-chat" if "openai-chat" in found else next(iter(found), None)


def _owner(url: SplitResult) -> Provider | None:
    """The provider whose own host this is, over https and on the usual port."""
    if url.scheme != "https" or url.port not in (None, 443):
        return None
    return next((provider for provider in _KNOWN if _host(provider) == url.hostname), None)


def _host(provider: Provider) -> str | None:
    return None if provider.local or provider.base_url is None else urlsplit(provider.base_url).hostname


def _place(url: SplitResult) -> str:
    return url.netloc.lower()


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
