"""Markdown with bare addresses comes in at the rules' place, link tokens go out: GFM 0.29, 6.9.

Extended www, URL and e-mail autolinks as cmark-gfm reads it. Departures, both on the side of a link that
leads where it was meant to: an address ends at full-width and CJK punctuation, which no space follows in
Chinese and Japanese, and at a "]" that closes nothing in it. Knows nothing of which targets are safe.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .characters import SPACE, is_alphanumeric, is_space, is_word

# The characters that markdown-it's other rules begin with.
_PLAIN = re.compile(r"[^\n!#$%&*+\-:<=>@\[\\\]^_`{}~]+")
_SCHEME_BEFORE = re.compile(r"https?$", re.IGNORECASE)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_REST = re.compile(rf"[^{SPACE}<\[\]\u3000-\u303F\uFF00-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]*")
_EMAIL_DOMAIN = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+")
_EMAIL_NAME = re.compile(r"[A-Za-z0-9.+_-]")
_MAX_DOMAIN = 253


def autolinks(md: MarkdownIt) -> None:
    """Adds the rules."""
    md.inline.ruler.before("text", "bare_url", _bare_url)
    md.inline.ruler.at("text", _text)
    md.inline.ruler2.push("bare_email", _bare_emails)


def _text(state: StateInline, silent: bool) -> bool:
    """markdown-it's own rule for plain text, but that it stops where a bare address may begin."""
    run = _PLAIN.match(state.src, state.pos, state.posMax)
    if not run:
        return False
    end = _address_in(state.src, state.pos, run.end())
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def _address_in(src: str, start: int, end: int) -> int:
    """Where the first bare address after `start` may begin, or `end`."""
    at = src.find("www.", start + 1, end)
    while at >= 0:
        if _may_begin(src, at):
            return at
        at = src.find("www.", at + 1, end)
    if not src.startswith("://", end):
        return end
    scheme = _SCHEME_BEFORE.search(src[max(start, end - 5) : end])
    at = end - (len(scheme[0]) if scheme else 0)
    return at if at > start and _may_begin(src, at) else end


def _may_begin(src: str, at: int) -> bool:
    """www. begins a line or follows white space or one of *_~( ; a scheme anything but a letter or digit."""
    before = src[at - 1] if at else " "
    if src.startswith("www.", at):
        return is_space(before) or before in "*_~("
    return not is_alphanumeric(before)


def _bare_url(state: StateInline, silent: bool) -> bool:
    # Asked silently, within brackets: what they enclose is found first, and an address may not swallow the
    # "]".
    if silent or state.linkLevel > 0 or state.src[state.pos] not in "hHw":
        return False
    found = _address_at(state.src[: state.posMax], state.pos)
    if not found:
        return False
    address = _without_trailing(found)
    href = state.md.normalizeLink(f"http://{address}" if address.startswith("www.") else address)
    if not state.md.validateLink(href):
        return False
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    opening.info = "auto"
    state.push("text", "", 0).content = state.md.normalizeLinkText(address)
    state.push("link_close", "a", -1).info = "auto"
    state.pos += len(address)
    return True


def _address_at(src: str, at: int) -> str:
    """The address that begins at `at`, punctuation after it included; "" if it has no valid domain."""
    if not _may_begin(src, at):
        return ""
    scheme = None if src.startswith("www.", at) else _SCHEME.match(src, at)
    if scheme is None and not src.startswith("www.", at):
        return ""
    start = scheme.end() if scheme else at
    end = start
    # One more than a domain can have, so that a longer one is seen and none is searched to its end.
    while end < len(src) and end - start <= _MAX_DOMAIN and (src[end] in "-_." or is_word(src[end])):
        end += 1
    if not _is_valid_domain(src[start:end], is_short=scheme is not None):
        return ""
    return src[at : _end_of_address(src, end)]


def _end_of_address(src: str, at: int) -> int:
    """Where the address ends of which all up to `at` is known."""
    depth = 0
    while True:
        rest = _REST.match(src, at)
        at = rest.end() if rest else at
        after = src[at : at + 1]
        if after == "[":
            depth += 1
        elif after != "]" or depth == 0:
            return at
        else:
            depth -= 1
        at += 1


def _is_valid_domain(domain: str, *, is_short: bool) -> bool:
    """At least one period, unless there is a scheme ("http://localhost"), no "_" in the last two segments."""
    segments = domain.rstrip(".").split(".")
    if not domain or len(domain) > _MAX_DOMAIN or len(segments) < (1 if is_short else 2) or segments[0] == "":
        return False
    return not any("_" in segment for segment in segments[-2:])


def _without_trailing(address: str) -> str:
    """Extended autolink path validation: no punctuation, unmatched parentheses or entities at the end."""
    end = len(address)
    surplus = address.count(")") - address.count("(")
    while end > 0:
        last = address[end - 1]
        if last == ";":
            end = _entity_start(address, end)
        elif last == ")" and surplus > 0:
            surplus -= 1
            end -= 1
        elif last in "?!.,:*_~'\"":
            end -= 1
        else:
            break
    return address[:end]


def _entity_start(text: str, end: int) -> int:
    """Where the "&name;" begins that ends at `end`; if there is none, the place of its ";"."""
    at = end - 2
    while at >= 0 and is_alphanumeric(text[at]):
        at -= 1
    return at if at >= 0 and text[at] == "&" and at < end - 2 else end - 1


def _bare_emails(state: StateInline) -> None:
    """Extended e-mail autolinks, in the text that is left when all else has been found."""
    if "@" not in state.src:
        return
    links = 0
    found: list[Token] = []
    for token in state.tokens:
        links += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        is_text = token.type == "text" and links == 0 and "@" in token.content
        found.extend(_with_emails(state, token) if is_text else [token])
    state.tokens[:] = found


def _with_emails(state: StateInline, token: Token) -> list[Token]:
    content = token.content
    tokens: list[Token] = []
    done = 0
    at = content.find("@")
    while at >= 0:
        start, end = _email_around(content, at, done)
        if end:
            if start > done:
                tokens.append(Token("text", "", 0, content=content[done:start], level=token.level))
            tokens += _email_link(state, content[start:end], token.level)
            done = end
        at = content.find("@", at + 1)
    if done == 0:
        return [token]
    if done < len(content):
        tokens.append(Token("text", "", 0, content=content[done:], level=token.level))
    return tokens


def _email_link(state: StateInline, address: str, level: int) -> list[Token]:
    href = state.md.normalizeLink(f"mailto:{address}")
    return [
        Token("link_open", "a", 1, attrs={"href": href}, info="auto", level=level),
        Token("text", "", 0, content=address, level=level + 1),
        Token("link_close", "a", -1, info="auto", level=level),
    ]


def _email_around(text: str, at: int, first: int) -> tuple[int, int]:
    """From and to of the address around the "@" at `at`, beginning at `first` or later; to is 0 if none."""
    start = at
    while start > first and _EMAIL_NAME.match(text[start - 1]):
        start -= 1
    found = _EMAIL_DOMAIN.match(text, at + 1)
    domain = found[0] if found else ""
    end = at + 1 + len(domain)
    # Its last character is a letter.
    is_whole = domain[-1:].isascii() and domain[-1:].isalpha() and text[end : end + 1] != "@"
    if start == at or not is_whole or (start > 0 and text[start - 1] == "@"):
        return 0, 0
    return start, end
