"""Fields of Gemini's answers in, our values out: usage, citations, log probabilities, reasons to end.

Source: ai.google.dev, "GenerateContentResponse", "Grounding with Google Search". Knows no stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from ..errors import quote
from ..events import Citation, Finish, Media, TokenLogprob, Usage
from .places import Places
from .values import MAX_QUOTE, cleaned, count, mapping, mappings, number, string

MAX_CITATIONS = 1000
"""Citations taken from one chunk: a few supports and sources multiply to millions."""

_REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    **dict.fromkeys(
        (
            "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "JAILBREAK",
            "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
        ),
        "content_filter",
    ),
    **dict.fromkeys(
        (
            "LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
            "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "NO_IMAGE", "IMAGE_OTHER",
        ),
        "error",
    ),
}  # fmt: skip


def finish(candidate: dict[str, Any], index: int, has_calls: bool) -> Finish | None:
    """The end of a candidate, or None. Gemini says STOP after tool calls too."""
    raw = string(candidate.get("finishReason"))
    if not raw or raw == "FINISH_REASON_UNSPECIFIED":
        return None
    reason = _REASONS.get(raw, raw)
    if reason == "stop":
        return Finish("tool_calls" if has_calls else "stop", raw, index)
    told = string(candidate.get("finishMessage")) or _blocked(candidate)
    return Finish(reason, raw, index, quote(told, MAX_QUOTE))


def prompt_block(feedback: dict[str, Any]) -> Finish | None:
    """The end of an answer that never began, since the prompt was blocked."""
    raw = string(feedback.get("blockReason"))
    if not raw or raw == "BLOCK_REASON_UNSPECIFIED":
        return None
    told = string(feedback.get("blockReasonMessage")) or _blocked(feedback)
    return Finish("content_filter", raw, detail=quote(told or "the prompt was blocked", MAX_QUOTE))


def _blocked(fields: dict[str, Any]) -> str:
    ratings = mappings(fields.get("safetyRatings"))
    return ", ".join(string(rating.get("category")) for rating in ratings if rating.get("blocked") is True)


def usage(raw: dict[str, Any]) -> Usage:
    """`usageMetadata`; its candidates count without their thoughts, the prompt without what tools read."""
    return Usage(
        input_tokens=_sum(raw, "promptTokenCount", "toolUsePromptTokenCount"),
        output_tokens=_sum(raw, "candidatesTokenCount", "thoughtsTokenCount"),
        reasoning_tokens=count(raw.get("thoughtsTokenCount")),
        cached_tokens=count(raw.get("cachedContentTokenCount")),
        raw=cleaned(raw),
    )


def _sum(raw: dict[str, Any], *names: str) -> int | None:
    told = [tokens for tokens in (count(raw.get(name)) for name in names) if tokens is not None]
    return sum(told) if told else None


def media(part: dict[str, Any], index: int) -> Media | None:
    """The picture, sound or file of a part, or None. Sounds come in pieces: all of a candidate are one."""
    inline, stored = mapping(part.get("inlineData")), mapping(part.get("fileData"))
    mime_type = string((inline or stored).get("mimeType"))
    data, url = string(inline.get("data")), string(stored.get("fileUri"))
    if not data and not url:
        return None
    major = mime_type.partition("/")[0].lower()
    kind = major if major in ("image", "audio") else "file"
    return Media(kind, mime_type, data, url, id="audio" if kind == "audio" and data else "", index=index)


def logprobs(result: dict[str, Any]) -> tuple[TokenLogprob, ...]:
    """The chosen tokens, each with its alternatives."""
    tops = mappings(result.get("topCandidates"))
    found = []
    for place, chosen in enumerate(mappings(result.get("chosenCandidates"))):
        others = mappings(tops[place].get("candidates")) if place < len(tops) else []
        pair = _pair(chosen)
        if pair:
            found.append(TokenLogprob(*pair, tuple(p for p in map(_pair, others) if p)))
    return tuple(found)


def _pair(fields: dict[str, Any]) -> tuple[str, float] | None:
    probability = number(fields.get("logProbability"))
    return None if probability is None else (string(fields.get("token")), probability)


def citations(candidate: dict[str, Any], places: Places, index: int) -> list[Citation]:
    """What a candidate's `groundingMetadata` and `citationMetadata` refer to, at most `MAX_CITATIONS`."""
    metadata = mapping(candidate.get("citationMetadata"))
    sources = mappings(metadata.get("citationSources")) + mappings(metadata.get("citations"))
    cited = chain(
        _grounded(mapping(candidate.get("groundingMetadata"))),
        ((source, "", _span(source)) for source in sources),
    )
    return [
        Citation(
            url=string(source.get("uri")),
            title=string(source.get("title")),
            quote=told,
            start=None if end is None else places.character(start),
            end=places.character(end),
            index=index,
        )
        for source, told, (start, end) in islice(cited, MAX_CITATIONS)
    ]


_Span = tuple[int | None, int | None]


def _grounded(metadata: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, _Span]]:
    """Source, its own words and span of each support, and then the sources that support nothing."""
    chunks = mappings(metadata.get("groundingChunks"))
    sources = [next((mapping(value) for value in chunk.values()), {}) for chunk in chunks]
    used = set()
    for support in mappings(metadata.get("groundingSupports")):
        span = _span(mapping(support.get("segment")))
        places = support.get("groundingChunkIndices")
        for place in map(count, places if isinstance(places, list) else []):
            if place is not None and place < len(sources):
                used.add(place)
                yield sources[place], string(sources[place].get("text")), span
    for place, source in enumerate(sources):
        if place not in used:
            yield source, string(source.get("text")), (None, None)


def _span(fields: dict[str, Any]) -> _Span:
    return count(fields.get("startIndex")) or 0, count(fields.get("endIndex"))
