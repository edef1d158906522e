"""A text with `{variables}` and their values in, the filled text out; shared by tune, compare and the magic.

A field is a name, with attributes and items after it (`{row["x"]}`, `{user.name}`, `{xs[0]}`), and may end
in a conversion and a format as in an f-string (`{x!r}`, `{x:.2f}`); `{{` and `}}` stand for braces. No
expression is evaluated, and no private attribute is read. Knows no namespace, no widget and no request.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from .errors import UsageError, quote

BRACES = "For a brace as such, write it twice: {{ and }}."
MAX_SHOWN = 40
"""Characters of a field that a message shows at most."""

_STEP = re.compile(
    r"""\.(?P<attribute>[^\W\d]\w*)
    | \[\s*(?: (?P<index>-?\d+) | "(?P<double>[^"\]]*)" | '(?P<single>[^'\]]*)' )\s*\]""",
    re.VERBOSE,
)
_CONVERSIONS: dict[str, Any] = {"r": repr, "s": str, "a": ascii}


@dataclass(frozen=True, slots=True)
class _Field:
    """One `{...}` of a template. `path` is what follows the name, as `(is an attribute, its name or key)`."""

    source: str
    name: str
    path: tuple[tuple[bool, str | int], ...]
    conversion: str
    spec: str

    @property
    def shown(self) -> str:
        """The field as a message shows it."""
        return "{" + quote(self.source, MAX_SHOWN) + "}"


def names(template: str) -> list[str]:
    """The variables of `template`, each once, in the order in which they come.

    Raises:
        UsageError: a brace that begins no field, such as JSON's; it says how to write one.
    """
    return list(dict.fromkeys(part.name for part in _parts(template) if isinstance(part, _Field)))


def fill(template: str, values: Mapping[str, Any]) -> str:
    """`template` with each field replaced by its value; braces in a value stay as they are.

    Raises:
        UsageError: a brace that begins no field, a variable without a value, an attribute or item that is not
            there, or a value that does not take the format.
    """
    return "".join(part if isinstance(part, str) else _text_of(part, values) for part in _parts(template))


def value_or_text(template: str, values: Mapping[str, Any]) -> Any:
    """As `fill`; but where `template` is one field alone, without a format, the value and not its text."""
    parts = [part for part in _parts(template) if part]
    if len(parts) == 1 and isinstance(parts[0], _Field) and not (parts[0].conversion or parts[0].spec):
        return _value_of(parts[0], values)
    return fill(template, values)


def _parts(template: str) -> Iterator[str | _Field]:
    if not isinstance(template, str):
        raise UsageError(f"A template is a string, not {type(template).__name__}.")
    parsed = iter(string.Formatter().parse(template))
    while True:
        try:
            literal, name, spec, conversion = next(parsed)
        except StopIteration:
            return
        except ValueError:
            raise UsageError(f"A brace of the template has no partner. {BRACES}") from None
        yield literal
        if name is not None:
            yield _field(name, conversion or "", spec or "")


def _field(source: str, conversion: str, spec: str) -> _Field:
    shown = "{" + quote(source + (f":{spec}" if spec else ""), MAX_SHOWN) + "}"
    name = re.match(r"\w*", source.strip())
    found = name.group() if name else ""
    if not found.isidentifier():
        raise UsageError(f"{shown} is no variable: a name must follow the brace. {BRACES}")
    if "{" in spec or (conversion and conversion not in _CONVERSIONS):
        raise UsageError(f"{shown} has a format that is not known here. {BRACES}")
    return _Field(source.strip(), found, tuple(_path(source.strip(), len(found), shown)), conversion, spec)


def _path(source: str, position: int, shown: str) -> Iterator[tuple[bool, str | int]]:
    while position < len(source):
        step = _STEP.match(source, position)
        if step is None:
            raise UsageError(
                f'{shown} is more than a template reads: a name, then .attribute, [0] or ["key"].\n'
                f"Compute it in a variable of its own first. {BRACES}"
            )
        if (attribute := step["attribute"]) is not None:
            if attribute.startswith("_"):
                raise UsageError(f"{shown} names a private attribute, which a template does not read.")
            yield True, attribute
        elif step["index"] is not None:
            yield False, int(step["index"])
        else:
            yield False, step["double"] if step["double"] is not None else step["single"]
        position = step.end()


def _text_of(field: _Field, values: Mapping[str, Any]) -> str:
    value = _value_of(field, values)
    if field.conversion:
        value = _CONVERSIONS[field.conversion](value)
    try:
        return format(value, field.spec)
    except (TypeError, ValueError) as exc:
        raise UsageError(
            f"{field.shown}: {type(value).__name__} does not take the format {field.spec!r} ({exc}). {BRACES}"
        ) from None


def _value_of(field: _Field, values: Mapping[str, Any]) -> Any:
    try:
        value = values[field.name]
    except KeyError:
        raise _missing(field.name, values) from None
    for is_attribute, key in field.path:
        try:
            value = getattr(value, str(key)) if is_attribute else value[key]
        except Exception as exc:  # whatever the notebook's own object raises
            raise UsageError(
                f"{field.shown} could not be read: {type(exc).__name__}: {quote(str(exc), 120)}"
            ) from None
    return value


def _missing(name: str, values: Mapping[str, Any]) -> UsageError:
    known = [
        each for each in values if isinstance(each, str) and (not each.startswith("_") or name[0] == "_")
    ]
    near = get_close_matches(name, known, n=1)
    proposal = f" Did you mean {{{near[0]}}}?" if near else ""
    return UsageError(f"No value for the variable {{{quote(name, MAX_SHOWN)}}}.{proposal}\n{BRACES}")
