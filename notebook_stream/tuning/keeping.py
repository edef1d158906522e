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
_BESIDE = "padding-left:calc(var(--jp-code-padding) + 1px)"
"""In line with the answer, which stands where a Markdown cell's text does."""


def bundle_of(
    template: str, trials: Sequence[Trial], present: Trial | None, answer: Bundle | None, is_private: bool
) -> Bundle:
    """The output that stands for a tuning: `answer` is the bundle of the `present` run.

    Where it `is_private` (a run's prompt is not to be saved: `save_prompt=False`), no template and no setting
    of any run is in it.
    """
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
    head = [
        f"<pre style='{_PRE}'>{escape_code(visible_code(template))}</pre>" if template else "",
        f"<div>{quiet(visible_prose(settings))}</div>" if settings else "",
        "" if answer else f"<p>{NOT_YET}</p>",
    ]
    return f"<div><div style='{_BESIDE}'>{''.join(head)}</div>{answer}{_list(lines)}</div>"


def _list(lines: list[str]) -> str:
    if len(lines) < 2:
        return ""
    items = "".join(f"<div>{escape(visible_prose(line))}</div>" for line in lines)
    return f"<details style='{_BESIDE}'><summary>{len(lines)} runs</summary>{items}</details>"


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
