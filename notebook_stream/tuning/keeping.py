"""A tuning's template and its runs in, what the notebook keeps of it out: the answer shown, and a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..saved import markdown
from ..saved.html import escape, escape_code, quiet
from ..saved.visible import visible_code, visible_prose, without_controls
from .trial import Trial, label, said, varied

Bundle = tuple[dict[str, Any], dict[str, Any]]

NOT_YET = "No run yet."
_PRE = "white-space:pre-wrap;margin:0 0 .5em;padding:0;background:none"


def bundle_of(template: str, trials: Sequence[Trial], present: Trial | None, answer: Bundle | None) -> Bundle:
    """The output that stands for a tuning: `answer` is the bundle of the `present` run.

    Where that run's prompt is not to be saved (`save_prompt=False`), no template and no setting of any is.
    """
    is_private = any(trial.params.get("save_prompt") is False for trial in trials)
    template = "" if is_private else template
    settings = said(present.settings, present.settings) if present and not is_private else ""
    lines = [label(trial, [] if is_private else varied(trials)) for trial in trials]
    data, metadata = answer or ({}, {})
    return {
        "text/html": _html(template, settings, data.get("text/html", ""), lines),
        "text/markdown": _markdown(template, settings, data.get("text/markdown", ""), lines),
        "text/plain": _plain(template, settings, data.get("text/plain", ""), lines),
    }, metadata


def _html(template: str, settings: str, answer: str, lines: list[str]) -> str:
    parts = [
        f"<pre style='{_PRE}'>{escape_code(visible_code(template))}</pre>" if template else "",
        f"<div>{quiet(visible_prose(settings))}</div>" if settings else "",
        answer or f"<p>{NOT_YET}</p>",
    ]
    if len(lines) > 1:
        items = "".join(f"<li style=list-style:none>{escape(visible_prose(line))}</li>" for line in lines)
        parts.append(
            f"<details><summary>{len(lines)} runs</summary><ul style=padding:0>{items}</ul></details>"
        )
    return f"<div>{''.join(parts)}</div>"


def _markdown(template: str, settings: str, answer: str, lines: list[str]) -> str:
    parts = [
        markdown.fenced(visible_code(template)) if template else "",
        markdown.paragraph(markdown.escape(visible_prose(settings))),
        answer or NOT_YET,
    ]
    if len(lines) > 1:
        parts += [
            f"{len(lines)} runs",
            "\n".join(f"- {markdown.escape(visible_prose(line))}" for line in lines),
        ]
    return "\n\n".join(part for part in parts if part)


def _plain(template: str, settings: str, answer: str, lines: list[str]) -> str:
    parts = [template, settings, answer or NOT_YET]
    if len(lines) > 1:
        parts += [f"{len(lines)} runs", *lines]
    return "\n\n".join(without_controls(part) for part in parts if part)
