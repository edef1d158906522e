"""Prompts, models, rows and parameters in; the axes of a comparison and the request of each of its cells out.

Pure: asks nothing and knows no stream.
"""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import template
from ..errors import UsageError, quote
from ..saved import encodable

MAX_CELLS = 1_000
"""More would be a batch job, and no comparison that anybody reads."""
LABEL = 60
"""Characters of a label; the whole value is kept beside it."""
DETAIL = 2_000
"""Characters that are kept of a whole value."""
REPEAT = "repeat"
LIST_VALUED = frozenset(
    {
        *("tools", "stop", "stop_sequences", "modalities", "response_modalities", "include"),
        *("safety_settings", "safetySettings", "stopSequences", "responseModalities"),
    }
)
"""Parameters whose value is a list by itself: a list of lists is what varies."""


SECRET = frozenset({"api_key", "extra_headers", "http_client"})
"""Options that may hold a key: their values are counted, and not shown."""
OWN_NAMES = frozenset({"prompt", "row", REPEAT})
"""Axes of ours, whose names no option may bear."""

Choice = tuple[str, Any, str, Mapping[str, Any]]
"""One value of an axis: its label, the value, its text in full, and what it says of the request."""


@dataclass(frozen=True)
class Axis:
    """What varies: its `values` as a table of results has them, short `labels`, and in full as `details`."""

    name: str
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    details: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The axes, the place of each cell on them, and what to ask in each: the options of `stream()`."""

    axes: tuple[Axis, ...]
    points: tuple[tuple[int, ...], ...]
    requests: tuple[Mapping[str, Any], ...]
    note: str = ""
    """A line for the view."""


def plan(
    prompts: Any,
    models: Any,
    *,
    rows: Any = None,
    repeats: int = 1,
    options: Mapping[str, Any],
    saves_texts: bool = True,
) -> Plan:
    """The cells of a comparison: every prompt (and row) with every model and every value of each list.

    Where `saves_texts` is false the axes, which a notebook keeps, have numbers in place of what was asked.

    Raises:
        UsageError: an axis without a value, a template that lacks one, too many cells.
    """
    if not isinstance(repeats, int) or isinstance(repeats, bool) or repeats < 1:
        raise UsageError(f"repeats={repeats!r}: give a whole number from 1 on.")
    for name in OWN_NAMES & options.keys():
        raise UsageError(
            f'{name}= is no option of compare(); for a variable of that name: rows=[{{"{name}": ...}}].'
        )
    asked = _prompts(prompts)
    prompts_asked = [request["prompt"] for *_, request in asked]
    given = None if rows is None else _rows(rows)
    if given is None:
        _check_names(prompts_asked, options)
    else:
        _check_rows(prompts_asked)
    variables = _variables(asked, options)
    varying = {name: _values(name, value) for name, value in options.items()}
    choices = [_named("prompt", asked if saves_texts else _without_texts(prompts, asked))]
    if given is not None:
        told = [_row(row) for row in given]
        choices.append(_named("row", told if saves_texts else _counted("row", told)))
    choices.append(_named("model", _models(models)))
    for name, values in varying.items():
        if values is not None:
            told = [_choice(label_of(v), v, {name: v}) for v in values]
            is_hidden = name in SECRET or not (saves_texts or all(isinstance(v, int | float) for v in values))
            choices.append(_named(name, _counted(name, told) if is_hidden else told))
    if repeats > 1:
        choices.append(_named(REPEAT, [_repeat(n, options.get("cache")) for n in range(1, repeats + 1)]))
    fixed = {name: value for name, value in options.items() if varying[name] is None}
    return _product(choices, fixed, variables)


def _repeat(number: int, cache: Any) -> Choice:
    """Answers to a repeated request are kept apart: from one place all would be the same."""
    folder = {} if cache is None or number == 1 else {"cache": f"{cache}/repeat-{number}"}
    return _choice(str(number), number, folder)


def _product(
    choices: list[tuple[Axis, list[Mapping[str, Any]]]], fixed: Mapping[str, Any], variables: frozenset[str]
) -> Plan:
    count = math.prod(len(given) for _, given in choices)
    if count > MAX_CELLS:
        sizes = " × ".join(f"{len(given)} {axis.name}s" for axis, given in choices if len(given) > 1)
        raise UsageError(f"{count:,} cells ({sizes}) are more than the {MAX_CELLS:,} that a comparison has.")
    points = tuple(itertools.product(*(range(len(given)) for _, given in choices)))
    requests = []
    for point in points:
        merged: dict[str, Any] = dict(fixed)
        for (_, given), at in zip(choices, point, strict=True):
            merged |= given[at]
        requests.append(_request(merged, variables))
    axes = tuple(axis for axis, _ in choices)
    has_values = any(axis.name == "row" for axis in axes) or bool(variables)
    return Plan(axes, points, tuple(requests), "" if has_values else _unfilled(requests))


def _request(merged: dict[str, Any], variables: frozenset[str]) -> Mapping[str, Any]:
    values = {**{name: merged[name] for name in variables if name in merged}, **merged.pop("row", {})}
    rest = {name: value for name, value in merged.items() if name not in variables}
    if values and (_fields(rest["prompt"]) or _names_one(rest["prompt"], values)):
        rest["prompt"] = template.fill(rest["prompt"], values)
    return rest


def _named(name: str, choices: Sequence[Choice]) -> tuple[Axis, list[Mapping[str, Any]]]:
    if not choices:
        raise UsageError(f"{name}: the list is empty; give at least one value.")
    labels, values, details, given = zip(*choices, strict=True)
    return Axis(name, values, tuple(_distinct(labels)), tuple(map(encodable, details))), list(given)


def _counted(name: str, choices: Sequence[Choice]) -> list[Choice]:
    """The same choices, by their numbers."""
    return [(f"{name} {n}", f"{name} {n}", "", request) for n, (*_, request) in enumerate(choices, 1)]


def _without_texts(prompts: Any, asked: Sequence[Choice]) -> list[Choice]:
    """The prompts by their numbers, or by the names that the user has given them."""
    if isinstance(prompts, Mapping):
        return [(label, name, "", request) for label, name, _, request in asked]
    return _counted("prompt", asked)


def _distinct(labels: Sequence[str]) -> Iterator[str]:
    """Labels that differ: the second of two alike has a number."""
    taken: set[str] = set()
    for label in labels:
        numbered = (f"{label} ({n})" for n in itertools.count(2))
        found = next(each for each in itertools.chain([label], numbered) if each not in taken)
        taken.add(found)
        yield found


def label_of(value: Any) -> str:
    """A value as a short label: one line."""
    return quote(_in_full(value), LABEL)


def _in_full(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _choice(label: str, value: Any, request: Mapping[str, Any]) -> Choice:
    return label, value, _in_full(value)[:DETAIL], request


def _prompts(prompts: Any) -> list[Choice]:
    if isinstance(prompts, Mapping):
        return [
            (label_of(str(name)), str(name), _prompt_text(prompt)[:DETAIL], {"prompt": prompt})
            for name, prompt in prompts.items()
        ]
    if isinstance(prompts, str) or _is_messages(prompts):
        prompts = [prompts]
    if not isinstance(prompts, list | tuple):
        raise UsageError(
            "compare() takes a prompt, a list of prompts or a dict of names and prompts, "
            f"not {type(prompts).__name__}."
        )
    for place, prompt in enumerate(prompts):
        if not (isinstance(prompt, str) or _is_messages(prompt)):
            raise UsageError(f"prompts[{place}] is {label_of(prompt)}: give a string, or a list of messages.")
    return [_choice(label_of(text), text, {"prompt": p}) for p in prompts for text in [_prompt_text(p)]]


def _is_messages(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, Mapping) and "role" in item for item in value)
    )


def _prompt_text(prompt: Any) -> str:
    if _is_messages(prompt):
        content = prompt[-1].get("content")
        return content if isinstance(content, str) else "messages"
    return _in_full(prompt)


def _models(models: Any) -> list[Choice]:
    if isinstance(models, Mapping) and "model" not in models:
        return [
            (label_of(str(name)), str(name), _model_name(given), _model(given))
            for name, given in models.items()
        ]
    several = list(models) if isinstance(models, list | tuple) else [models]
    return [_choice(label_of(_model_name(given)), _model_name(given), _model(given)) for given in several]


def _model(given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if isinstance(given, str):
        return {"model": given}
    if isinstance(given, Mapping) and "prompt" not in given:
        return given
    raise UsageError(
        'A model is a name, or a dict of what asks it: {"model": "qwen3:8b", "base_url": "http://..."}; '
        f"not {type(given).__name__}."
    )


def _model_name(given: Any) -> str:
    if isinstance(given, Mapping):
        return str(given.get("model", "model"))
    return "default model" if given is None else _in_full(given)


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    if hasattr(rows, "to_dict"):  # a DataFrame, of pandas or polars alike
        rows = rows.to_dict("records") if hasattr(rows, "iloc") else rows.to_dicts()
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise UsageError("rows= takes a list of dicts or a DataFrame: a value for each {variable}.")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _row(row: Mapping[str, Any]) -> Choice:
    words = ", ".join(f"{name}={value}" for name, value in row.items())
    return label_of(words), row, words[:DETAIL], {"row": row}


def _fields(prompt: object) -> list[str]:
    """The `{variables}` of a prompt, none where its braces are something else."""
    try:
        return template.names(prompt) if isinstance(prompt, str) else []
    except UsageError:
        return []


def _check_rows(prompts: Sequence[object]) -> None:
    if not any(_fields(prompt) for prompt in prompts):
        raise UsageError(
            "rows= gives values for {variables}, and no prompt has one: write e.g. {word} in it."
        )


def _check_names(prompts: Sequence[object], options: Mapping[str, Any]) -> None:
    """An option that is nearly a variable without a value is one."""
    for name in {name for prompt in prompts for name in _fields(prompt)} - options.keys():
        near = difflib.get_close_matches(name, options, 1, 0.75)
        if near:
            raise UsageError(f"{near[0]}= is no variable of the prompt; did you mean {name}=?")


def _unfilled(requests: Sequence[Mapping[str, Any]]) -> str:
    """A line for the view where a variable has no value: it may be meant as it stands, or be forgotten."""
    names = [name for request in requests for name in _fields(request["prompt"])]
    return f"{{{names[0]}}} has no value, and is sent as it stands." if names else ""


def _names_one(prompt: object, names: Iterable[str]) -> bool:
    """Whether a variable of `names` stands in it, whatever else its braces are."""
    return isinstance(prompt, str) and any(f"{{{name}" in prompt for name in names)


def _variables(asked: Sequence[Choice], options: Mapping[str, Any]) -> frozenset[str]:
    """The options that are values for `{variables}` of a prompt, and no parameters of the request.

    Braces mean something only where a value is given for one: any other prompt is sent as it is.
    """
    found: set[str] = set()
    for *_, request in asked:
        prompt = request["prompt"]
        if _names_one(prompt, options):
            found |= set(template.names(prompt)) & options.keys()
    return frozenset(found)


def _values(name: str, value: Any) -> list[Any] | None:
    """What an option varies over, None where it does not."""
    if isinstance(value, range):
        return list(value)
    if not isinstance(value, list | tuple):
        return None
    if name in LIST_VALUED and not any(isinstance(inner, list | tuple) for inner in value):
        return None
    return list(value)
