"""A link's target as the text has it comes in, a safe one or none goes out, and what a reader must see of it.

A browser's reading of addresses (the URL Standard), for http, https and mailto alone: what is shown must be
where a click leads. Where in doubt there is no link. Knows no tokens.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote, unquote, unquote_to_bytes

from .visible import visible_prose

MAX_URL = 8_000
"""Characters; a longer one is no link that anybody follows, and would be twice in the file."""


@dataclass(frozen=True, slots=True)
class Target:
    """What may be clicked, absolute. `host` (of a mailto: the address) must be seen before the click."""

    href: str
    host: str


# White space and controls around an address, and line ends and tabs in it, are not there for a browser.
_AROUND = "".join(map(chr, range(0x21)))
_NOTHING = str.maketrans("", "", "\t\n\r")
_HTTP = re.compile(r"(https?)://[/\\]*([^/\\?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_DOMAIN = re.compile(r"[a-z0-9._~!$&'()*+,;={}`-]+")
_PORTS = {"http": "80", "https": "443"}
# Kept as they are in paths and queries; all else is escaped, for Markdown and HTML have marks of their own.
_SAFE = "/?#:@!$&'()*+,;=-._~%"


def target_of(raw: str) -> Target | None:
    """The target behind `raw`; None when it is relative, malformed or of another scheme."""
    if len(raw) > MAX_URL:
        return None
    url = raw.strip(_AROUND).translate(_NOTHING)
    try:
        if url[:7].lower() == "mailto:":
            return _mail(url[7:])
        # "https:evil" and "https:\\evil" are absolute to a browser though they do not look it.
        found = _HTTP.fullmatch(url) if re.match(r"https?://", raw, re.IGNORECASE) else None
        return _http(found[1].lower(), found[2], found[3]) if found else None
    except ValueError:  # no such port, address or encoding
        return None


def shows_host(text: str, target: Target) -> bool:
    """Whether a link's own text already is its address, so that its host need not be told again."""
    shown = re.sub(r"^(?:https?://|mailto:)", "", text.strip().lower())
    host = target.host.lower()
    return shown.startswith(host) and shown[len(host) : len(host) + 1] in ("", "/", "?", "#")


def _mail(rest: str) -> Target | None:
    address = re.split(r"[?#]", rest, maxsplit=1)[0]
    host = unquote(address)
    return Target("mailto:" + _escaped(rest), visible_prose(host)) if host else None


def _http(scheme: str, authority: str, rest: str) -> Target | None:
    user, _, place = authority.rpartition("@")
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d*))?", place)
    host = _host(found[1]) if found else ""
    if not found or not host:
        return None
    port = (found[2] or "").lstrip("0") or ("0" if found[2] else "")
    if port and int(port) > 65_535:
        return None
    if port and port != _PORTS[scheme]:
        host += f":{port}"
    path, mark, query = re.fullmatch(r"([^?#]*)([?#]?)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    path = path.replace("\\", "/") or "/"
    name = quote(user, safe="!$&'()*+,;=-._~%:", errors="replace") + "@" if user else ""
    return Target(f"{scheme}://{name}{host}{_escaped(path + mark + query)}", host)


def _host(written: str) -> str:
    """As a browser would call it, or "" if it could not be one."""
    if written.startswith("["):
        return f"[{_ipv6(IPv6Address(written[1:-1]))}]"
    host = unquote_to_bytes(written).decode("utf-8")
    if not host.isascii():
        host = _unicode_host(host)
    host = host.lower()
    if not _DOMAIN.fullmatch(host):
        return ""
    labels = host.split(".")
    if not all(_is_label(label) for label in labels):
        return ""
    last = labels[-2] if labels[-1] == "" and len(labels) > 1 else labels[-1]
    return _ipv4(labels) if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last) else host


def _unicode_host(host: str) -> str:
    """Compatibility forms are the plain letters to a browser; what is left gets its ASCII form."""
    return ".".join(_ascii_label(label) for label in re.split("[.\u3002\uff0e\uff61]", host))


def _ascii_label(label: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).lower()).replace("\xad", "")
    # What turns into a mark of addresses, or cannot be seen, has no place in a name.
    if "." in plain or any(unicodedata.category(c)[0] in "CZ" for c in plain):
        raise ValueError(label)
    return plain if plain.isascii() else "xn--" + plain.encode("punycode").decode("ascii")


def _is_label(label: str) -> bool:
    if not label.startswith("xn--"):
        return True
    decoded = label[4:].encode("ascii").decode("punycode")
    is_its_form = decoded.encode("punycode").decode("ascii") == label[4:]
    return not decoded.isascii() and is_its_form and unicodedata.normalize("NFKC", decoded).lower() == decoded


def _ipv4(labels: list[str]) -> str:
    """Numbers, the last of which may stand for all the rest, in the four that a browser shows."""
    parts = labels[:-1] if labels[-1] == "" else labels
    numbers = [_number(part) for part in parts]
    if len(numbers) > 4 or any(n > 255 for n in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return ""
    whole = numbers[-1] + sum(n * 256 ** (3 - place) for place, n in enumerate(numbers[:-1]))
    return ".".join(str(byte) for byte in whole.to_bytes(4, "big"))


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9a-fx]+", text):
        raise ValueError(text)
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") and len(text) > 1 else int(text)


def _ipv6(address: IPv6Address) -> str:
    if address.scope_id:
        raise ValueError("a zone")
    if address.ipv4_mapped is None:
        return address.compressed
    return "::ffff:" + ":".join(f"{int(part, 16):x}" for part in address.exploded.split(":")[-2:])


def _escaped(text: str) -> str:
    # A "%" that begins no escape stays, as a browser leaves it.
    return quote(text, safe=_SAFE, errors="replace")
