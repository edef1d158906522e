"""Single fields of OpenAI's formats in, parts of our events out: start, usage, logprobs, citations, tools.

Covers what the providers that speak this format add to it (OpenAI, Azure, DeepSeek, Groq, Moonshot,
OpenRouter, Perplexity, xAI). Knows no chunk as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ..errors import StreamError
from ..events import Citation, Event, Start, TokenLogprob, Usage
from .values import cleaned, count, index, mapping, mappings, number, string, strings

INCLUDE_USAGE = {"include_usage": True}
"""`stream_options` that make the server tell the usage of a stream."""

_SOURCES = ("url", "filename", "file_id")
"""An annotation names a source by one of these."""

XAI_TICKS_PER_DOLLAR = 10**10
"""Source: docs.x.ai, "Cost Tracking"."""


class Starts:
    """The name and model of one answer, told when they are new: some servers repeat them with each event."""

    def __init__(self) -> None:
        self._told = False
        self._model = ""

    def is_told(self, model: object) -> bool:
        """Whether nothing is new in an object with that model."""
        return self._told and model == self._model

    def start(self, fields: Mapping[str, Any]) -> list[Event]:
        """What is new in an object with `id` and `model`."""
        if self.is_told(fields.get("model")):  # as with nearly every event
            return []
        model, id = string(fields.get("model")), string(fields.get("id"))
        # Azure's first chunk has neither; a router may tell the model that answers only later.
        if (self._told or not id) and (not model or model == self._model):
            return []
        self._told = True
        self._model = model or self._model
        return [Start(self._model or None, id or None)]


def without_usage_option(body: dict[str, Any], error: StreamError) -> dict[str, Any] | None:
    """The body without our `stream_options`, where the server refused those; else None."""
    refused = error.status_code in (400, 422) and any(
        word in str(error) for word in ("stream_options", "include_usage")
    )
    if not refused or body.get("stream_options") != INCLUDE_USAGE:
        return None
    return {name: value for name, value in body.items() if name != "stream_options"}


def usage_of(chunk: Mapping[str, Any]) -> dict[str, Any]:
    """The usage of a chunk, wherever its provider puts it; empty where it has none.

    At the top (OpenAI), in `x_groq` (Groq), in a choice (Moonshot).
    """
    told = chunk.get("usage") or mapping(chunk.get("x_groq")).get("usage")
    if told:
        return mapping(told)
    return next((mapping(c["usage"]) for c in mappings(chunk.get("choices")) if c.get("usage")), {})


def usage(raw: Mapping[str, Any]) -> Usage:
    """The usage event for the provider's object; chat and Responses name its fields differently."""
    prompt = mapping(raw.get("prompt_tokens_details") or raw.get("input_tokens_details"))
    completion = mapping(raw.get("completion_tokens_details") or raw.get("output_tokens_details"))
    reasoning = _first(count, completion.get("reasoning_tokens"), raw.get("reasoning_tokens"))
    return Usage(
        input_tokens=_input_tokens(raw),
        output_tokens=_output_tokens(raw, reasoning),
        reasoning_tokens=reasoning,
        cached_tokens=_first(
            count,
            prompt.get("cached_tokens"),
            raw.get("prompt_cache_hit_tokens"),  # DeepSeek
            raw.get("cached_tokens"),  # Moonshot
            raw.get("cache_read_input_tokens"),  # Databricks
        ),
        cost=_cost(raw),
        raw=cleaned(raw),
    )


def _input_tokens(raw: Mapping[str, Any]) -> int | None:
    return cast("int | None", _first(count, raw.get("prompt_tokens"), raw.get("input_tokens")))


def _output_tokens(raw: Mapping[str, Any], reasoning: int | None) -> int | None:
    written = cast("int | None", _first(count, raw.get("completion_tokens"), raw.get("output_tokens")))
    total = count(raw.get("total_tokens"))
    # xAI counts the reasoning beside completion_tokens, not in it; its total tells which.
    if written is None or total is None or not reasoning:
        return written
    beside = total == (_input_tokens(raw) or 0) + written + reasoning
    return written + reasoning if beside else written


def _cost(raw: Mapping[str, Any]) -> float | None:
    ticks = number(raw.get("cost_in_usd_ticks"))
    if ticks is not None:
        return ticks / XAI_TICKS_PER_DOLLAR
    cost = raw.get("cost")
    if isinstance(cost, dict):  # Perplexity
        return number(cost.get("total_cost"))
    return cast("float | None", _first(number, cost, raw.get("estimated_cost")))  # the latter: DeepInfra


def _first(read: Any, *values: object) -> Any:
    return next((found for found in map(read, values) if found is not None), None)


def logprobs(tokens: object) -> tuple[TokenLogprob, ...]:
    """The tokens of `logprobs.content` or `logprobs.refusal`, those with a number."""
    if not isinstance(tokens, list):
        return ()
    pairs = ((_token(token), mappings(token.get("top_logprobs"))) for token in mappings(tokens))
    return tuple(
        TokenLogprob(token[0], token[1], tuple(other for other in map(_token, top) if other is not None))
        for token, top in pairs
        if token is not None
    )


def _token(fields: Mapping[str, Any]) -> tuple[str, float] | None:
    logprob = number(fields.get("logprob"))
    return None if logprob is None else (string(fields.get("token")), logprob)


class Citations:
    """The citations of one answer, each told once, however often a server repeats them."""

    def __init__(self) -> None:
        self._seen: set[Citation] = set()
        self._lists: tuple[object, object] = (None, None)

    def annotations(self, values: object, choice: int) -> list[Citation]:
        """The new ones among `delta.annotations` (OpenAI, OpenRouter)."""
        return self._new([found for value in mappings(values) for found in annotation(value, choice)])

    def documents(self, context: object, choice: int) -> list[Citation]:
        """The new ones among the sources of Azure's "On Your Data"; the answer calls them [doc1], [doc2]."""
        told = mappings(mapping(context).get("citations"))
        return self._new([_document(fields, choice) for fields in told])

    def lists(self, chunk: Mapping[str, Any]) -> list[Citation]:
        """The new ones among `citations` and `search_results` (Perplexity), or `web_search` (Z.ai).

        They come in the order in which the answer counts them: [1], [2], ...
        """
        lists = (chunk.get("citations"), chunk.get("search_results") or chunk.get("web_search"))
        if lists == self._lists or lists == (None, None):  # every chunk repeats them: compare before reading
            return []
        self._lists = lists
        results = {string(result.get("url") or result.get("link")): result for result in mappings(lists[1])}
        urls = dict.fromkeys([*strings(lists[0]), *filter(None, results)])
        known = {citation.url for citation in self._seen}
        return self._new([_result(url, results.get(url, {})) for url in urls if url not in known])

    def _new(self, citations: list[Citation]) -> list[Citation]:
        new = [citation for citation in dict.fromkeys(citations) if citation not in self._seen]
        self._seen.update(new)
        return new


def annotation(value: object, choice: int = 0, *, offset: int = 0) -> list[Citation]:
    """The citation in an annotation, if it is one; its characters count from `offset` of the answer on."""
    fields = mapping(mapping(value).get("url_citation")) or mapping(value)
    names = [string(fields.get(name)) for name in _SOURCES]
    if not any(names):
        return []
    start, end = count(fields.get("start_index")), count(fields.get("end_index"))
    placed = start is not None and end is not None and start < end  # OpenRouter writes 0 and 0 for "not told"
    return [
        Citation(
            url=names[0],
            title=next(filter(None, (string(fields.get("title")), *names[1:])), ""),
            quote=string(fields.get("content")),
            start=start + offset if placed and start is not None else None,
            end=end + offset if placed and end is not None else None,
            index=choice,
        )
    ]


def _document(fields: Mapping[str, Any], choice: int) -> Citation:
    title = string(fields.get("title")) or string(fields.get("filepath"))
    return Citation(string(fields.get("url")), title, string(fields.get("content")), index=choice)


def _result(url: str, result: Mapping[str, Any]) -> Citation:
    text = string(result.get("snippet")) or string(result.get("content"))
    return Citation(url=url, title=string(result.get("title")), quote=text)


class ToolPositions:
    """Which call of one choice a piece belongs to, whatever the server does with `index`."""

    def __init__(self) -> None:
        self._of_index: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._named: set[int] = set()

    def place(self, piece: Mapping[str, Any], name: str) -> int:
        """The position of a piece. Raises nothing: what cannot be told goes to the last call."""
        told, id = index(piece.get("index")), string(piece.get("id"))
        position = self._known(told, id, name)
        if position is None:
            position = self._free(told)
            self._ids[position] = ""
        if told is not None:
            self._of_index[told] = position
        return position

    def first_id(self, position: int, id: str) -> str:
        """The id, the first time it is told: some servers repeat it with every piece."""
        if not id or self._ids[position]:
            return ""
        self._ids[position] = id
        return id

    def first_name(self, position: int, name: str) -> str:
        """The name, the first time it is told."""
        if not name or position in self._named:
            return ""
        self._named.add(position)
        return name

    def _known(self, told: int | None, id: str, name: str) -> int | None:
        if told is not None:
            position = self._of_index.get(told)
            # Some servers send whole calls that all say index 0: another id with a name is another call.
            another = position is not None and id and name and self._ids[position] not in ("", id)
            return None if another else position
        if id:
            return next((position for position, known in self._ids.items() if known == id), None)
        return None if name or not self._ids else max(self._ids)

    def _free(self, told: int | None) -> int:
        if told is not None and told not in self._ids:
            return told
        return max(self._ids, default=-1) + 1
