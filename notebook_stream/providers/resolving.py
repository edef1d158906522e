"""A model's name, and what the caller and the environment say about its server, in; the `Target` out.

Opens nothing, and shows no key: not in a message, not in the local variables of a frame that raises.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import SplitResult, urlsplit

from .. import formats
from ..errors import Secret, UsageError, quote
from .table import ELSEWHERE, KNOWN, PROVIDERS, Provider, family
from .urls import checked_url, is_this_machine, is_under


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes. `provider` is a name of `PROVIDERS`, or the host of a `base_url`.

    `base_url` has no slash at its end; it is empty for the demo, whose address its server knows. `query` is
    what the URL of the request ends in besides the wire format's own. `key_header` (name, prefix) is the
    provider's, None where the wire format's holds.
    """

    provider: str
    model: str
    base_url: str
    wire_format: str
    key: Secret | None
    query: str = ""
    key_header: tuple[str, str] | None = None

    @property
    def url(self) -> str:
        """The address of the request."""
        path, _, query = formats.get(self.wire_format).path(self.model).partition("?")
        queries = "&".join(filter(None, (query, self.query)))
        return f"{self.base_url}{path}{f'?{queries}' if queries else ''}"

    @property
    def is_local(self) -> bool:
        """Whether it is a server of one's own: of a kind that one runs oneself, or on this machine."""
        known = PROVIDERS.get(self.provider)
        return bool(known and known.local) or is_this_machine(urlsplit(self.base_url).hostname or "")


OLLAMA_PORT = 11434


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
    of the URL, says otherwise. It may end in Azure's `?api-version=...`.

    An environment key goes only to its provider's own host, over https. A key goes nowhere over plain
    http but to this machine: refused rather than warned about, since by then it would have been sent.

    Raises:
        UsageError: unknown provider, no model, no key, or a URL that cannot be right; it says what to do.
    """
    # From here on no raw key is a local variable: verbose tracebacks print those.
    api_key = Secret(api_key) if isinstance(api_key, str) else api_key
    variables = _Variables(environ)
    del environ
    if api_key is not None and not isinstance(api_key, Secret):
        raise UsageError(f"api_key must be a string, not {type(api_key).__name__}")
    key = None if api_key is None else _checked_key(api_key, "api_key")
    model = _checked_model(model)
    if base_url is None:
        return _known(model, key, wire_format, variables)
    url = checked_url(base_url, "base_url")
    wire_format = wire_format or _format_of_path(url.path, model)
    return _target(_of_host(url), _place(url), model, url, key, wire_format or "openai-chat", variables)


class _Variables:
    """Environment variables that do not show themselves."""

    __slots__ = ("get",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.get: Callable[[str], str] = lambda name: environ.get(name, "").strip()


def _known(model: str, key: Secret | None, wire_format: str | None, variables: _Variables) -> Target:
    provider, name = _provider(model)
    wire_format = formats.get(wire_format or provider.wire_format).name
    if provider.base_url is None and provider.url_variable is None:
        return Target(provider.name, name, "", wire_format, key)
    url = _with_path(_address(provider, variables), provider, wire_format)
    target = _target(provider, provider.name, name, url, key, wire_format, variables)
    if target.key is None and provider.domains and _is_own(provider, url, variables):
        raise _no_key(provider)
    return target


def _address(provider: Provider, variables: _Variables) -> SplitResult:
    """Where the provider is: what its own variable says, or else the address that everybody knows."""
    told = variables.get(provider.url_variable) if provider.url_variable else ""
    if told:
        return _from_variable(provider, told)
    if provider.base_url is None:
        raise UsageError(
            f"No address for {provider.name}: set the environment variable {provider.url_variable}, "
            "or give base_url="
        )
    return checked_url(_filled(provider, provider.base_url, variables), provider.name)


def _filled(provider: Provider, base_url: str, variables: _Variables) -> str:
    for name in re.findall(r"\{(\w+)\}", base_url):
        value = variables.get(name)
        if not re.fullmatch(r"[\w-]+", value):
            raise UsageError(f"No address for {provider.name}: set the environment variable {name}")
        base_url = base_url.replace(f"{{{name}}}", value)
    return base_url


def _with_path(url: SplitResult, provider: Provider, wire_format: str) -> SplitResult:
    """The URL with the path that the provider has for this wire format."""
    path = provider.paths.get(wire_format)
    usual = urlsplit(provider.base_url or "").path
    if path is None or not url.path.endswith(usual):
        return url
    return url._replace(path=url.path.removesuffix(usual) + path)


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
    base_url = url._replace(query="").geturl().rstrip("/").removesuffix(path).rstrip("/")
    own = provider is not None and _is_own(provider, url, variables)
    if key is None and provider is not None and provider.key_variables and own:
        key = _environment_key(provider, variables, needed=not provider.domains)
    if key is not None and url.scheme == "http" and not is_this_machine(url.hostname or ""):
        raise UsageError(
            f"A key would go unencrypted to http://{url.netloc}\n"
            "Use https://, or an SSH tunnel to localhost; or leave api_key out if the server needs none."
        )
    name = provider.name if provider and own else place
    header = provider.key_header if provider and _of_host(url) is provider else None
    return Target(name, model, base_url, wire_format, key, url.query, header)


def _provider(model: str) -> tuple[Provider, str]:
    name, slash, rest = model.partition("/")
    provider = PROVIDERS.get(name.strip().lower())
    if provider is not None and rest.strip():
        return provider, rest.strip()
    if provider is not None:
        raise UsageError(f'model={quote(model, 60)!r} names a provider, but no model: "{provider.name}/..."')
    if not slash:
        raise _without_provider(model)
    if name.lower() in ELSEWHERE:
        raise UsageError(ELSEWHERE[name.lower()])
    near = get_close_matches(name.lower(), list(PROVIDERS), n=1)
    proposal = f'Did you mean "{near[0]}/{quote(rest, 60)}"? ' if near else ""
    raise UsageError(
        f"Unknown provider {quote(name, 40)!r} in model={quote(model, 80)!r}; known: {_names()}\n"
        f"{proposal}Any other server that speaks OpenAI's API: base_url=."
    )


def _without_provider(model: str) -> UsageError:
    shown = quote(model, 80)
    likely = family(model)
    what = f'Did you mean "{likely}/{shown}"?' if likely else f'Write "provider/{shown}"; known: {_names()}'
    return UsageError(
        f"model={shown!r} names no provider\n{what}\nWith base_url= the name is taken as it is."
    )


def _names() -> str:
    return ", ".join(provider.name for provider in KNOWN)


def _checked_model(model: object) -> str:
    if not isinstance(model, str) or not model.strip():
        raise UsageError('model must be a name such as "openai/gpt-5-mini"')
    return model.strip()


def _environment_key(provider: Provider, variables: _Variables, *, needed: bool) -> Secret | None:
    for variable in provider.key_variables:
        found = Secret(variables.get(variable))
        if found.reveal():
            return _checked_key(found, variable)
    if not needed:
        return None
    raise _no_key(provider)


def _no_key(provider: Provider) -> UsageError:
    return UsageError(
        f"No key for {provider.name}: set the environment variable {' or '.join(provider.key_variables)}, "
        'or give api_key=\nWithout any key: model="demo/markdown".'
    )


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


def _from_variable(provider: Provider, text: str) -> SplitResult:
    """The base URL in a provider's variable, as its own SDK reads it."""
    variable = provider.url_variable or ""
    if provider.name == "ollama":
        text = _ollama_url(text)
    if provider.name == "databricks" and "://" not in text:
        text = f"https://{text}"
    url = checked_url(text, variable)
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
    return max(found, key=lambda name: (len(ends[name]), name == "openai-chat"), default=None)


def _of_host(url: SplitResult) -> Provider | None:
    """The provider whose host this is, over https and on the usual port."""
    if url.scheme != "https" or url.port not in (None, 443):
        return None
    host = url.hostname or ""
    return next((provider for provider in KNOWN if _has_host(provider, host)), None)


def _has_host(provider: Provider, host: str) -> bool:
    fixed = None if provider.local else urlsplit(provider.base_url or "").hostname
    return host == fixed or any(is_under(host, domain) for domain in provider.domains)


def _is_own(provider: Provider, url: SplitResult, variables: _Variables) -> bool:
    """Whether the provider's key may go there: under a shared domain, only to the customer's own host."""
    if _of_host(url) is not provider:
        return False
    if not provider.domains:
        return True
    told = variables.get(provider.url_variable or "")
    return bool(told) and _from_variable(provider, told).hostname == url.hostname


def _place(url: SplitResult) -> str:
    return url.netloc.lower()
