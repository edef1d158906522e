"""The text of a base URL in, its checked parts out.

What is wrong is told without showing more than the host: a key may stand anywhere else in it.
Knows no provider and opens nothing.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from ..errors import UsageError

_QUERY = re.compile(r"api-version=[\w.-]+")
"""The one query that may stand at the end of a base URL: Azure's. Anything else may be a key."""


def checked_url(text: object, where: str) -> SplitResult:
    """The parts of an http(s) URL.

    Raises:
        UsageError: it cannot be right, or holds what does not belong there; `where` names it.
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
    if (url.query and not _QUERY.fullmatch(url.query)) or url.fragment or text.endswith(("?", "#")):
        raise UsageError(f"{where} must end with its path, without ? or #; give a key as api_key=")
    return url


def is_this_machine(host: str) -> bool:
    """Whether the name or address can only be this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_under(host: str, domain: str) -> bool:
    """Whether the host belongs to the domain."""
    return host == domain or host.endswith(f".{domain}")


def _no_scheme(text: str, where: str) -> UsageError:
    host = re.match(r"(localhost|[\d.]+|\[[\da-fA-F:]+\]|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?=/|$)", text)
    if host is None:
        return UsageError(f'{where} must begin with http:// or https://, e.g. "http://localhost:8080/v1"')
    scheme = "http" if is_this_machine(host[1].strip("[]")) else "https"
    return UsageError(f'{where} needs its scheme: did you mean "{scheme}://{host[0]}/v1"?')
