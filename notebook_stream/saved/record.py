"""What the notebook may keep of a run that has ended: plain frozen data, no behaviour.

Comes from whoever joins the stages, already masked and without keys. Knows no session and no Jupyter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..events import Citation, Media, ToolCall, ToolResult, Usage


@dataclass(frozen=True, slots=True)
class AbsentMedia(Media):
    """A picture, sound or file whose `size` bytes were not saved; `sha256` is of its base64."""

    sha256: str = ""
    size: int = 0


@dataclass(frozen=True)
class ErrorInfo:
    """What went wrong, in words: `code` is a short word for programs, `hint` says what to do."""

    code: str = ""
    message: str = ""
    hint: str = ""
    host: str = ""


@dataclass(frozen=True)
class Answer:
    """One choice. `finish_reason` is in the vocabulary of `events.Finish`, `_raw` the provider's own word."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    citations: tuple[Citation, ...] = ()
    media: tuple[Media, ...] = ()
    finish_reason: str | None = None
    finish_reason_raw: str | None = None
    finish_detail: str = ""


@dataclass(frozen=True)
class Record:
    """A run that has ended, or one cut off. Times are in seconds since its start, None where not known.

    `cost` is in US dollars. `stop_detail`: words for the limit that stopped it.
    `is_json`: the answer was asked for as JSON. `origin` is "connection" or "source". `notice` is a line that
    stays, may be empty. `request` is what asking again needs, None when it is not kept. `recording`: what
    came and when, packed; empty where that is not kept.
    """

    answers: tuple[Answer, ...] = (Answer(),)
    status: str = "done"
    stop_reason: str | None = None
    stop_detail: str = ""
    model: str = ""
    usage: Usage | None = None
    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    tokens: int = 0
    tokens_per_s: float | None = None
    estimated: bool = True
    chunks: int = 0
    chars: int = 0
    cost: float | None = None
    cost_estimated: bool = False
    error: ErrorInfo | None = None
    is_json: bool = False
    origin: str = "connection"
    notice: str = ""
    request: Mapping[str, Any] | None = None
    version: str = ""
    recording: str = ""
