"""The event that nearly all of an answer consists of, a piece of text and nothing else: read in one step.

A typed decoder tells it from all others in a third of the time that it takes to look; what it refuses goes
the long way, which knows what every field may mean. What it skips is checked as JSON, and not kept.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec

from .values import MAX_INDEX

LONGEST = 2_000
"""Characters of an event that is read here: longer ones may hold the numbers and depths `values` bounds."""

T = TypeVar("T")
_Index = Annotated[int, msgspec.Meta(ge=0, le=MAX_INDEX)]


# A field `None` may be null or absent: anything else in it, and the event is not plain.
class _Delta(msgspec.Struct, forbid_unknown_fields=True):
    content: str
    role: object = None
    refusal: None = None
    reasoning: None = None
    reasoning_content: None = None
    tool_calls: None = None
    function_call: None = None


class _Choice(msgspec.Struct):
    delta: _Delta
    index: _Index
    finish_reason: None = None
    logprobs: None = None
    usage: None = None
    error: None = None


class ChatChunk(msgspec.Struct):
    """A chunk of OpenAI's Chat Completions; a field that is not here tells nothing beside a piece of text."""

    object: Literal["chat.completion.chunk"]
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1, max_length=1)]
    model: str = ""
    usage: None = None
    error: None = None
    type: None = None
    x_groq: None = None
    citations: None = None
    search_results: None = None
    web_search: None = None
    base_resp: None = None


class _TextDelta(msgspec.Struct):
    type: Literal["text_delta"]
    text: str


class BlockDelta(msgspec.Struct):
    """Anthropic's `content_block_delta` with text."""

    type: Literal["content_block_delta"]
    index: _Index
    delta: _TextDelta


CHAT_CHUNK = msgspec.json.Decoder(ChatChunk)
BLOCK_DELTA = msgspec.json.Decoder(BlockDelta)


def read(decoder: msgspec.json.Decoder[T], data: str) -> T | None:
    """The plain event in `data`; None for any other."""
    if len(data) > LONGEST:
        return None
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
