"""The line of `%%stream` and the notebook's namespace in, the options it means out. Runs nothing."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from .. import template
from ..errors import UsageError, quote

USAGE = (
    "%%stream [-m model] [-s system] [-o name] [--wait] [param=value ...], and the prompt on the lines below."
)
FLAGS = {"-m": "model", "-s": "system", "-o": "name", "--wait": ""}
"""The options, with what follows each; nothing where it is empty."""
LIKELY = {
    **dict.fromkeys(("--model", "--models", "-M"), "-m"),
    **dict.fromkeys(("--system", "-S"), "-s"),
    **dict.fromkeys(("--output", "--out", "--name", "--var", "-O"), "-o"),
    **dict.fromkeys(("-w", "--block", "--await"), "--wait"),
}
"""What others call ours."""

_NAMED = re.compile(r"([^\W\d]\w*)=")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_BRACKETS = {"[": "]", "{": "}", "(": ")"}


@dataclass(slots=True)
class Options:
    """What a line says. Several `models` are a comparison, none is the notebook's default."""

    models: list[str] = field(default_factory=list)
    system: str | None = None
    name: str = ""
    waits: bool = False
    params: dict[str, Any] = field(default_factory=dict)


def parse(line: str, namespace: Mapping[str, Any]) -> Options:
    """The options of `line`; `{variables}` in their values are taken from `namespace`.

    Raises:
        UsageError: an option that is not known, has no value or comes twice; it proposes another.
    """
    options = Options()
    words = _words(line)
    for word in words:
        if word in FLAGS:
            _take_flag(options, word, next(words, "") if FLAGS[word] else "", namespace)
        elif named := _NAMED.match(word):
            _take_param(options, named[1], word[named.end() :], namespace)
        else:
            raise _stray(word)
    return options


def _words(line: str) -> Iterator[str]:
    """The words of a line; blanks within a quoted or bracketed value do not part it."""
    position = 0
    while blank := re.compile(r"\s*(?=\S)").match(line, position):
        start = blank.end()
        named = _NAMED.match(line, start)
        position = _end_of_value(line, named.end() if named else start)
        yield line[start:position]


def _end_of_value(line: str, start: int) -> int:
    position = start
    if line[start : start + 1] in ('"', "'"):
        quoted = _QUOTED.match(line, start)
        if quoted is None:
            raise UsageError(f"A quote is not closed: {quote(line[start:], 40)}")
        position = quoted.end()
    elif line[start : start + 1] in _BRACKETS:
        position = _end_of_brackets(line, start)
    while position < len(line) and not line[position].isspace():
        position += 1
    return position


def _end_of_brackets(line: str, start: int) -> int:
    open_: list[str] = []
    position = start
    while position < len(line):
        if quoted := _QUOTED.match(line, position):
            position = quoted.end()
            continue
        character = line[position]
        position += 1
        if character in _BRACKETS:
            open_.append(_BRACKETS[character])
        elif open_ and character == open_[-1]:
            open_.pop()
            if not open_:
                return position
    raise UsageError(f"A bracket is not closed: {quote(line[start:], 40)}")


def _take_flag(options: Options, flag: str, raw: str, namespace: Mapping[str, Any]) -> None:
    if not FLAGS[flag]:
        options.waits = True
        return
    if not raw or raw in FLAGS:
        raise UsageError(f"{flag} wants a {FLAGS[flag]} after it.\n{USAGE}")
    if flag == "-m":
        options.models += _models(_text(raw, namespace))
    elif flag == "-s":
        if options.system is not None:
            raise UsageError("-s is given twice: there is one system prompt.")
        options.system = str(_text(raw, namespace))
    elif options.name:
        raise UsageError("-o is given twice: the answer goes into one variable.")
    elif not raw.isidentifier() or keyword.iskeyword(raw):
        raise UsageError(f"-o {quote(raw, 40)}: that is no name for a variable.")
    else:
        options.name = raw


def _take_param(options: Options, name: str, raw: str, namespace: Mapping[str, Any]) -> None:
    if name in options.params:
        raise UsageError(f"{name}= is given twice.")
    if name == "prompt":
        raise UsageError("The prompt stands on the lines below, not in prompt=.")
    if name in ("model", "system"):
        raise UsageError(f"{name}= is -{name[0]} here: -{name[0]} {quote(raw, 60)}")
    if name == "api_key" and not re.fullmatch(r"\{.*\}", raw):
        raise UsageError("A key on this line would stay in the notebook's file: api_key={variable}")
    options.params[name] = _value(name, raw, namespace)


def _text(raw: str, namespace: Mapping[str, Any]) -> Any:
    """A value that is text, quoted or not; of one field alone what the variable holds."""
    text = ast.literal_eval(raw) if _QUOTED.fullmatch(raw) else raw
    return template.value_or_text(text, namespace)


def _value(name: str, raw: str, namespace: Mapping[str, Any]) -> Any:
    """A Python literal where it is one, else text."""
    if not raw:
        raise UsageError(f"{name}= has no value; there are no blanks around the equals sign.")
    if not _QUOTED.fullmatch(raw):
        try:
            return ast.literal_eval(raw)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    if raw[0] in _BRACKETS and not _is_template(raw):
        variable = f"{name}={{variable}}"
        raise UsageError(f"{name}={quote(raw, 40)} is no Python literal. Put it into a variable: {variable}")
    return _text(raw, namespace)


def _is_template(raw: str) -> bool:
    try:
        return bool(template.names(raw))
    except UsageError:
        return False


def _models(found: Any) -> list[str]:
    models = list(found) if isinstance(found, list | tuple) else [found]
    wrong = [each for each in models if not isinstance(each, str) or not each.strip()]
    if wrong or not models:
        raise UsageError("-m takes a model's name, or {variable} with one or with a list of them.")
    return models


def _stray(word: str) -> UsageError:
    if word.startswith("-"):
        flag = word.partition("=")[0]
        near = LIKELY.get(flag) or next(iter(get_close_matches(flag, FLAGS, n=1, cutoff=0.7)), "")
        proposal = f"; did you mean {near}?" if near else "."
        return UsageError(f"There is no option {quote(flag, 40)}{proposal}\n{USAGE}")
    if "/" in word:
        return UsageError(f"{quote(word, 60)} stands alone; did you mean -m {quote(word, 60)}?\n{USAGE}")
    return UsageError(f"{quote(word, 60)} stands alone: a value with blanks wants quotes.\n{USAGE}")
