"""Text comes in, text that hides nothing goes out: what the reader cannot see becomes marks that he can.

The same characters as on the page (`js/src/markdown/visible.ts`), in prose and in code. Knows no Markdown.
"""

from __future__ import annotations

import re

# Python's `re` knows no Unicode properties: these are the ranges of Unicode 17.
_PICTOGRAPHIC = (
    r"\xa9\xae\u203C\u2049\u2122\u2139\u2194-\u2199\u21A9\u21AA\u231A\u231B\u2328\u23CF\u23E9-\u23F3"
    r"\u23F8-\u23FA\u24C2\u25AA\u25AB\u25B6\u25C0\u25FB-\u25FE\u2600-\u2604\u260E\u2611\u2614\u2615"
    r"\u2618\u261D\u2620\u2622\u2623\u2626\u262A\u262E\u262F\u2638-\u263A\u2640\u2642\u2648-\u2653"
    r"\u265F\u2660\u2663\u2665\u2666\u2668\u267B\u267E\u267F\u2692-\u2697\u2699\u269B\u269C\u26A0"
    r"\u26A1\u26A7\u26AA\u26AB\u26B0\u26B1\u26BD\u26BE\u26C4\u26C5\u26C8\u26CE\u26CF\u26D1\u26D3"
    r"\u26D4\u26E9\u26EA\u26F0-\u26F5\u26F7-\u26FA\u26FD\u2702\u2705\u2708-\u270D\u270F\u2712\u2714"
    r"\u2716\u271D\u2721\u2728\u2733\u2734\u2744\u2747\u274C\u274E\u2753-\u2755\u2757\u2763\u2764"
    r"\u2795-\u2797\u27A1\u27B0\u27BF\u2934\u2935\u2B05-\u2B07\u2B1B\u2B1C\u2B50\u2B55\u3030\u303D"
    r"\u3297\u3299\U0001F004\U0001F02C-\U0001F02F\U0001F094-\U0001F09F\U0001F0AF\U0001F0B0\U0001F0C0"
    r"\U0001F0CF\U0001F0D0\U0001F0F6-\U0001F0FF\U0001F170\U0001F171\U0001F17E\U0001F17F\U0001F18E"
    r"\U0001F191-\U0001F19A\U0001F1AE-\U0001F1E5\U0001F201-\U0001F20F\U0001F21A\U0001F22F\U0001F232-"
    r"\U0001F23A\U0001F23C-\U0001F23F\U0001F249-\U0001F25F\U0001F266-\U0001F321\U0001F324-\U0001F393"
    r"\U0001F396\U0001F397\U0001F399-\U0001F39B\U0001F39E-\U0001F3F0\U0001F3F3-\U0001F3F5\U0001F3F7-"
    r"\U0001F3FA\U0001F400-\U0001F4FD\U0001F4FF-\U0001F53D\U0001F549-\U0001F54E\U0001F550-\U0001F567"
    r"\U0001F56F\U0001F570\U0001F573-\U0001F57A\U0001F587\U0001F58A-\U0001F58D\U0001F590\U0001F595"
    r"\U0001F596\U0001F5A4\U0001F5A5\U0001F5A8\U0001F5B1\U0001F5B2\U0001F5BC\U0001F5C2-\U0001F5C4"
    r"\U0001F5D1-\U0001F5D3\U0001F5DC-\U0001F5DE\U0001F5E1\U0001F5E3\U0001F5E8\U0001F5EF\U0001F5F3"
    r"\U0001F5FA-\U0001F64F\U0001F680-\U0001F6C5\U0001F6CB-\U0001F6D2\U0001F6D5-\U0001F6E5\U0001F6E9"
    r"\U0001F6EB-\U0001F6F0\U0001F6F3-\U0001F6FF\U0001F7DA-\U0001F7FF\U0001F80C-\U0001F80F\U0001F848"
    r"-\U0001F84F\U0001F85A-\U0001F85F\U0001F888-\U0001F88F\U0001F8AE\U0001F8AF\U0001F8BC-\U0001F8BF"
    r"\U0001F8C2-\U0001F8CF\U0001F8D9-\U0001F8FF\U0001F90C-\U0001F93A\U0001F93C-\U0001F945\U0001F947"
    r"-\U0001F9FF\U0001FA58-\U0001FA5F\U0001FA6E-\U0001FAFF\U0001FC00-\U0001FFFD"
)
_FORMAT_BUT_JOINER = (
    r"\xad\u0600-\u0605\u061C\u06DD\u070F\u0890\u0891\u08E2\u180E\u200B\u200C\u200E\u200F\u202A-"
    r"\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB\U000110BD\U000110CD\U00013430-\U0001343F"
    r"\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0001\U000E0020-\U000E007F"
)
_SPACES_BUT_SPACE = r"\xa0\u1680\u2000-\u200A\u202F\u205F\u3000"

_CONTROLS = r"\x00-\x08\x0B-\x1F\x7F-\x9F"
_TAGS = r"\U000E0000-\U000E007F"

# Controls but \t \n, bidi embeddings and overrides, tags, non-characters, half characters: nowhere of use in
# prose. A black flag and the tags after it are one emoji (a region's flag), found first and left alone.
_PROSE = re.compile(
    rf"(?P<flag>\U0001F3F4[\U000E0020-\U000E007F]{{0,6}}[{_TAGS}])"
    rf"|[{_CONTROLS}\u202A-\u202E\uFFFE\uFFFF\uD800-\uDFFF{_TAGS}]"
)

# In code also: every format character, all spaces but U+0020, the line and paragraph separators, fillers, and
# variation selectors. Joiners and selectors are kept after an emoji, which they belong to.
_CODE = re.compile(
    rf"[{_CONTROLS}\u115F\u1160\u3164\uFFA0\u2800\u2028\u2029\uFFFE\uFFFF\uD800-\uDFFF{_SPACES_BUT_SPACE}"
    r"\U000E0000-\U000E0FFF\u034F\u180B-\u180F\uFE00-\uFE0D"
    rf"{_FORMAT_BUT_JOINER}]"
    rf"|(?<![{_PICTOGRAPHIC}\U0001F3FB-\U0001F3FF\uFE0F])[\u200D\uFE0E\uFE0F]"
)


def visible_prose(text: str) -> str:
    """Prose with marks for controls, overrides and tag characters."""
    return _PROSE.sub(lambda found: found[0] if found["flag"] else _mark(found[0]), text)


def visible_code(text: str) -> str:
    """Code with marks for everything invisible."""
    return _CODE.sub(lambda found: _mark(found[0]), text)


def without_controls(text: str) -> str:
    """`text` for a terminal: no escape sequences, no controls but line ends and tabs, no bidi overrides."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_UNPRINTABLE = re.compile(
    rf"[{_CONTROLS}\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069\u2028\u2029\uD800-\uDFFF{_TAGS}]"
)


def _mark(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"  # half a character: no file can hold it
    return f"\u27e8U+{code:04X}\u27e9"
