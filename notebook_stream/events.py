"""The vocabulary: what a stream is made of, whatever the wire format.

Formats and sources make these, a session takes them. All are frozen; texts are pieces ("deltas")
in the order they came. `index` is the choice (0 unless the request asked for several answers).
Knows no HTTP, no JSON and no Jupyter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from .errors import StreamError

MAX_UNKNOWN = 10_000
"""Characters kept of an event that nobody here understands."""


@dataclass(frozen=True, slots=True)
class Event:
    """Any event. `is_content`: something of the answer itself came, so no retry is allowed any more."""

    is_content: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Opened(Event):
    """The server has accepted the request: HTTP status and headers are here."""

    status_code: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Start(Event):
    """The answer's own name and model, as the server tells them."""

    model: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token with its log probability and the alternatives that were likely, the likeliest first."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Text(Event):
    """A piece of the answer."""

    is_content: ClassVar[bool] = True
    text: str
    index: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasoning(Event):
    """A piece of the model's reasoning."""

    is_content: ClassVar[bool] = True
    text: str
    index: int = 0


@dataclass(frozen=True, slots=True)
class Refusal(Event):
    """A piece of the model's refusal."""

    is_content: ClassVar[bool] = True
    text: str
    index: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall(Event):
    """A tool call: as an event a piece of it, in `Result.tool_calls` the whole.

    `position` numbers the calls of one choice. `arguments` is as the model wrote it, perhaps cut off: JSON
    text, or for some tools plain text or code. `kind` is "function", "custom" for a tool of the caller's that
    takes text, or the provider's name for a tool that its server runs itself.
    """

    is_content: ClassVar[bool] = True
    position: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    kind: str = "function"
    index: int = 0


@dataclass(frozen=True, slots=True)
class ToolResult(Event):
    """What a tool that the server ran itself gave back: a search, code that it executed, an MCP call.

    `position` is that of its `ToolCall`, None where the call cannot be told. `content` is text, or JSON text
    where the server sent an object. `kind` is the provider's name for it.
    """

    is_content: ClassVar[bool] = True
    content: str
    position: int | None = None
    id: str = ""
    name: str = ""
    kind: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Media(Event):
    """A picture, a sound or a file that the model made: as an event perhaps a piece, in `Result.media` whole.

    `kind` is "image", "audio" or "file". `data` is base64 as it came, empty where there is only a `url`. What
    carries the same `id` is one thing: sounds and their `transcript` come in pieces to be joined; of files,
    and of pictures, which servers send ever sharper, the last counts. Without an `id` each is one of its own.
    """

    is_content: ClassVar[bool] = True
    kind: str
    mime_type: str = ""
    data: str = ""
    url: str = ""
    id: str = ""
    transcript: str = ""
    index: int = 0


@dataclass(frozen=True, slots=True)
class Citation(Event):
    """A source that the answer refers to. `start` and `end` are characters of the answer, where told."""

    is_content: ClassVar[bool] = True
    url: str = ""
    title: str = ""
    quote: str = ""
    start: int | None = None
    end: int | None = None
    index: int = 0


@dataclass(frozen=True, slots=True)
class Usage(Event):
    """What was counted and charged, in tokens; None where the server does not tell.

    `input_tokens` includes the cached ones, `output_tokens` the reasoning. `cost` is in US dollars.
    `raw` is the server's own last word. A later Usage replaces an earlier one.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finish(Event):
    """One choice is complete. `reason` is in our vocabulary, `raw` the provider's own word.

    Vocabulary: stop, length, tool_calls, content_filter, refusal, pause, error, or the raw word itself
    where it means none of these. `detail` may say more, in the provider's words.
    """

    reason: str
    raw: str = ""
    index: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class End(Event):
    """The protocol's own end mark: nothing more belongs to the answer."""


@dataclass(frozen=True, slots=True)
class Failure(Event):
    """The server reports an error in mid-stream."""

    error: StreamError


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """Asking again after `delay_s` seconds; `attempt` counts from 1, of `of`."""

    delay_s: float
    attempt: int
    of: int
    reason: str


@dataclass(frozen=True, slots=True)
class Heartbeat(Event):
    """The connection is alive, and nothing of the answer came: a comment, a ping, a part of an event."""


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """One line for the person who watches, e.g. that a source's own loop is stalled. Empty text clears it."""

    text: str


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """An event that the wire format does not know: never fatal, counted in `Metrics.unknown`.

    `data` is as it came, cut at `MAX_UNKNOWN` characters.
    """

    name: str
    data: str

    def __post_init__(self) -> None:
        if len(self.data) > MAX_UNKNOWN:
            object.__setattr__(self, "data", self.data[: MAX_UNKNOWN - 1] + "…")


def merged(events: Iterable[Event]) -> list[Event]:
    """The same events in fewer: no text is lost, and none changes its place among the others of its choice.

    Pieces of one kind that follow one another in a choice are joined, those of parallel tool calls each for
    itself; of usage, each of which replaces the one before, only the last is kept.
    """
    groups: list[list[Event]] = []
    growing: dict[int, dict[object, list[Event]]] = {}
    usage: list[Event] = []
    for event in events:
        if isinstance(event, Usage):
            usage = [event]
        elif isinstance(event, Text | Reasoning | Refusal | ToolCall | Finish):
            _place(event, growing.setdefault(event.index, {}), groups)
        elif not isinstance(event, Heartbeat):
            groups.append([event])
    return [*map(_joined, groups), *usage]


_ALONE = (Text, Reasoning, Refusal, Finish)


def _place(
    event: Text | Reasoning | Refusal | ToolCall | Finish,
    growing: dict[object, list[Event]],
    groups: list[list[Event]],
) -> None:
    key = (type(event), event.position) if isinstance(event, ToolCall) else type(event)
    if key in growing and not isinstance(event, Finish):
        growing[key].append(event)
        return
    if isinstance(event, ToolCall):  # which other calls do not end: there may be thousands of them
        for kind in _ALONE:
            growing.pop(kind, None)
    else:
        growing.clear()
    growing[key] = [event]
    groups.append(growing[key])


def _joined(group: list[Event]) -> Event:
    first = group[0]
    if len(group) == 1:
        return first
    if isinstance(first, ToolCall):
        calls = [event for event in group if isinstance(event, ToolCall)]
        return replace(
            first,
            id=next((call.id for call in reversed(calls) if call.id), ""),
            name=next((call.name for call in reversed(calls) if call.name), ""),
            arguments="".join(call.arguments for call in calls),
        )
    texts = [event for event in group if isinstance(event, Text | Reasoning | Refusal)]
    text = "".join(event.text for event in texts)
    if isinstance(first, Reasoning):
        return Reasoning(text, first.index)
    logprobs = tuple(p for event in texts if not isinstance(event, Reasoning) for p in event.logprobs)
    return replace(first, text=text, logprobs=logprobs)  # type: ignore[call-arg]  # it is Text or Refusal
