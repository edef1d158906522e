"""The openai package's stream items -> our events: chat chunks, legacy completions, Responses events.

Also those of its helpers `chat.completions.stream()` and `responses.stream()`, which wrap or repeat them.
Sources: OpenAI API reference, "The chat completion chunk object" and "Streaming events" (Responses).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import SourceError, quote
from ..events import (
    Citation,
    Event,
    Finish,
    Reasoning,
    Refusal,
    Start,
    Text,
    TokenLogprob,
    ToolCall,
    Usage,
)
from .fields import get, int_of, list_of, logprobs_of, plain, text_of

FINISH = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "max_output_tokens": "length",
    "error": "error",
}
"""The provider's word -> ours; any other word stands for itself."""

REASONING_EVENTS = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
CALLS_OF_OURS = {"function_call", "custom_tool_call"}
"""Types of calls that the caller is to run; those of the other ..._call items run on the server."""
ARGUMENT_EVENTS = (
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta",
    "response.code_interpreter_call_code.delta",
)


@dataclass
class _Call:
    """A tool call of a response. `is_told`: something of its arguments has come."""

    position: int
    kind: str
    is_told: bool = False


class OpenAIItems:
    """Reads the items of one stream."""

    def __init__(self) -> None:
        self._started = False
        self._calls: dict[int, _Call] = {}  # output_index -> the call there
        self._cited: set[str] = set()

    def __call__(self, item: object) -> Sequence[Event]:
        """The events in an item; raises SourceError for one in which the server reports an error."""
        kind = text_of(get(item, "type"))
        if kind == "chunk":  # of the chat helper; its other events repeat what its chunks say
            return list(self._chunk(get(item, "chunk")))
        if kind.startswith("response.") or kind == "error":
            return list(self._response_event(kind, item))
        return list(self._chunk(item)) if isinstance(get(item, "choices"), list) else ()

    # Chat completions, and the legacy completions with `text` in place of `delta`

    def _chunk(self, chunk: object) -> Iterator[Event]:
        yield from self._start(chunk)
        for choice in list_of(get(chunk, "choices")):
            yield from _choice(choice)
        yield from self._cited_by(chunk)
        yield from _usage(get(chunk, "usage"))

    def _start(self, thing: object) -> Iterator[Event]:
        model, name = text_of(get(thing, "model")), text_of(get(thing, "id"))
        if (model or name) and not self._started:  # Azure's first chunk has neither
            self._started = True
            yield Start(model=model or None, id=name or None)

    def _cited_by(self, chunk: object) -> Iterator[Event]:
        """Perplexity repeats the whole list in each chunk; the answer counts [1], [2], ... in its order."""
        titles = {text_of(get(found, "url")): found for found in list_of(get(chunk, "search_results"))}
        for url in [*list_of(get(chunk, "citations")), *titles]:
            if text_of(url) and url not in self._cited:
                self._cited.add(url)
                yield Citation(url, text_of(get(titles.get(url), "title")))

    # Responses

    def _response_event(self, kind: str, event: object) -> Iterator[Event]:
        if kind == "response.created":
            yield from self._start(get(event, "response"))
        elif kind == "response.output_text.delta":
            yield from _text(get(event, "delta"), 0, logprobs_of(get(event, "logprobs")))
        elif kind == "response.refusal.delta":
            yield from _refusal(get(event, "delta"), 0, ())
        elif kind in REASONING_EVENTS:
            yield from _reasoning(get(event, "delta"), 0)
        elif kind == "response.output_item.added":
            yield from self._item(event)
        elif kind in ARGUMENT_EVENTS:
            yield from self._arguments(event, get(event, "delta"))
        elif kind == "response.output_item.done":
            yield from self._item_done(event)
        elif kind == "response.output_text.annotation.added":
            yield _citation(get(event, "annotation"))
        elif kind in ("response.completed", "response.incomplete"):
            yield from self._completed(get(event, "response"))
        elif kind in ("response.failed", "error"):
            raise _server_error(get(get(event, "response"), "error") or get(event, "error") or event)

    def _item(self, event: object) -> Iterator[Event]:
        item = get(event, "item")
        kind = text_of(get(item, "type"))
        if not kind.endswith("_call"):
            return
        kind = "function" if kind in CALLS_OF_OURS else kind
        call = self._calls.setdefault(_place(event), _Call(len(self._calls), kind))
        name = text_of(get(item, "name"))
        yield ToolCall(
            call.position, id=text_of(get(item, "call_id")) or text_of(get(item, "id")), name=name, kind=kind
        )

    def _arguments(self, event: object, arguments: object) -> Iterator[Event]:
        call = self._calls.get(_place(event))
        if call is not None and text_of(arguments):
            call.is_told = True
            yield ToolCall(call.position, arguments=text_of(arguments), kind=call.kind)

    def _item_done(self, event: object) -> Iterator[Event]:
        """LM Studio tells a call's arguments only here."""
        call = self._calls.get(_place(event))
        if call is not None and not call.is_told:
            item = get(event, "item")
            yield from self._arguments(event, get(item, "arguments") or get(item, "input"))

    def _completed(self, response: object) -> Iterator[Event]:
        yield from _usage(get(response, "usage"))
        raw = text_of(get(get(response, "incomplete_details"), "reason"))
        if not raw:
            kinds = [text_of(get(item, "type")) for item in list_of(get(response, "output"))]
            raw = "tool_calls" if CALLS_OF_OURS & set(kinds) else "stop"
        yield Finish(FINISH.get(raw, raw), raw=raw)


def _place(event: object) -> int:
    return int_of(get(event, "output_index")) or 0


def _choice(choice: object) -> Iterator[Event]:
    index = int_of(get(choice, "index")) or 0
    logprobs = get(choice, "logprobs")
    delta = get(choice, "delta")
    if delta is None:
        yield from _text(get(choice, "text"), index, ())
    else:
        # DeepSeek has the one, OpenRouter the other (and repeats it in `reasoning_details`).
        yield from _reasoning(get(delta, "reasoning_content") or get(delta, "reasoning"), index)
        yield from _content(get(delta, "content"), index, logprobs_of(get(logprobs, "content")))
        yield from _refusal(get(delta, "refusal"), index, logprobs_of(get(logprobs, "refusal")))
        yield from _tool_calls(delta, index)
        for note in list_of(get(delta, "annotations")):
            yield _citation(get(note, "url_citation") or note)
    raw = text_of(get(choice, "finish_reason"))
    if raw:
        yield Finish(FINISH.get(raw, raw), raw=raw, index=index)


def _content(content: object, index: int, logprobs: tuple[TokenLogprob, ...]) -> Iterator[Event]:
    yield from _text(content, index, logprobs)
    for part in list_of(content):  # Mistral: a list of text and thinking parts
        yield from _text(get(part, "text"), index, ())
        for thought in list_of(get(part, "thinking")):
            yield from _reasoning(get(thought, "text"), index)


def _text(text: object, index: int, logprobs: tuple[TokenLogprob, ...]) -> Iterator[Event]:
    if text_of(text) or logprobs:
        yield Text(text_of(text), index, logprobs)


def _refusal(text: object, index: int, logprobs: tuple[TokenLogprob, ...]) -> Iterator[Event]:
    if text_of(text) or logprobs:
        yield Refusal(text_of(text), index, logprobs)


def _reasoning(text: object, index: int) -> Iterator[Event]:
    if text_of(text):
        yield Reasoning(text_of(text), index)


def _tool_calls(delta: object, index: int) -> Iterator[Event]:
    for place, call in enumerate(list_of(get(delta, "tool_calls"))):
        position = int_of(get(call, "index"))  # some servers leave it out
        yield _tool_call(call, get(call, "function"), place if position is None else position, index)
    legacy = get(delta, "function_call")
    if legacy is not None:
        yield _tool_call(None, legacy, 0, index)


def _tool_call(call: object, function: Any, position: int, index: int) -> ToolCall:
    return ToolCall(
        position,
        id=text_of(get(call, "id")),
        name=text_of(get(function, "name")),
        arguments=text_of(get(function, "arguments")),
        index=index,
    )


def _citation(note: object) -> Citation:
    return Citation(
        url=text_of(get(note, "url")),
        title=text_of(get(note, "title")) or text_of(get(note, "filename")),
        quote=text_of(get(note, "content")),
        start=int_of(get(note, "start_index")),
        end=int_of(get(note, "end_index")),
    )


def _usage(usage: object) -> Iterator[Event]:
    if usage is None:
        return
    into = get(usage, "prompt_tokens_details") or get(usage, "input_tokens_details")
    out = get(usage, "completion_tokens_details") or get(usage, "output_tokens_details")
    cost = get(usage, "cost")
    yield Usage(
        input_tokens=_first(usage, "prompt_tokens", "input_tokens"),
        output_tokens=_first(usage, "completion_tokens", "output_tokens"),
        reasoning_tokens=_first(usage if out is None else out, "reasoning_tokens"),
        cached_tokens=int_of(get(into, "cached_tokens")),
        cost=float(cost) if isinstance(cost, int | float) else None,
        raw=plain(usage),
    )


def _first(thing: object, *names: str) -> int | None:
    return next((value for name in names if (value := int_of(get(thing, name))) is not None), None)


def _server_error(error: object) -> SourceError:
    said = ": ".join(part for name in ("code", "message") if (part := text_of(get(error, name))))
    return SourceError(f"the server reports an error: {quote(said) or 'without a message'}")
