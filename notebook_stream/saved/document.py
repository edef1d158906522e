"""A record comes in, Markdown and plain text of all of it go out: what a reader without HTML gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..events import Media, ToolCall, ToolResult
from . import markdown
from .json_text import indented, is_json_like
from .markdown import code_span, escape, escape_words, fenced, link, paragraph, quoted
from .media import describe
from .page import MAX_RESULT, MAX_SHOWN
from .record import Answer, Record
from .sources import MAX_SOURCES, Source, sources_of
from .texts import Texts
from .visible import visible_code, visible_prose, without_controls
from .words import finish_sentence, foot


def to_markdown(record: Record, remark: str, texts: Texts) -> str:
    """Markdown of the run, in which nothing can run or load; `remark` is one further line at its foot."""
    is_alone = len(record.answers) == 1
    parts: list[str] = []
    for number, answer in enumerate(record.answers, 1):
        if not is_alone:
            parts.append(f"**Choice {number}**")
        parts += _answer(texts, record, answer, is_alone=is_alone)
    if record.error:
        words = visible_prose(" ".join([record.error.message, record.error.hint]).strip())
        parts.append(f"⚠ {escape(words)}")
    parts += [paragraph(escape(visible_prose(words))) for words in (record.notice, remark) if words]
    parts.append(f"*{escape(foot(record).text)}*")
    return "\n\n".join(part for part in parts if part)


def to_plain(record: Record, remark: str) -> str:
    """The text itself, as a terminal may show it, and the foot line; `remark` is one further line."""
    is_alone = len(record.answers) == 1
    parts: list[str] = []
    for number, answer in enumerate(record.answers, 1):
        if not is_alone:
            parts.append(f"Choice {number}")
        sentence = finish_sentence(answer, is_alone=is_alone)
        parts += [answer.text, f"Refused: {answer.refusal}" if answer.refusal else "", sentence]
    error = f"{record.error.message}\n{record.error.hint}".strip() if record.error else ""
    parts += [error, record.notice, remark, foot(record).text]
    return "\n\n".join(without_controls(part) for part in parts if part)


def _answer(texts: Texts, record: Record, answer: Answer, *, is_alone: bool) -> Iterator[str]:
    if answer.reasoning:
        yield quoted(f"**Reasoning**\n\n{_text(answer.reasoning, texts)}")
    if record.is_json and is_json_like(answer.text):
        yield fenced(visible_code(indented(answer.text).rstrip()), "json")
    else:
        yield _text(answer.text, texts)
    if answer.refusal:
        yield f"**Refused:** {escape(visible_prose(answer.refusal))}"
    for thing in answer.media[:MAX_SHOWN]:
        yield _thing(thing)
    yield from _tools(answer.tool_calls[:MAX_SHOWN], answer.tool_results[:MAX_SHOWN])
    yield "\n".join(_source(n, one) for n, one in enumerate(sources_of(answer.citations)[:MAX_SOURCES], 1))
    yield paragraph(escape(finish_sentence(answer, is_alone=is_alone)))


def _text(text: str, texts: Texts) -> str:
    blocks = texts.blocks(text)
    return fenced(visible_code(text)) if blocks is None else markdown.write(blocks)


def _thing(thing: Media) -> str:
    words, target = describe(thing)
    words = escape_words(words[:1].upper() + words[1:])
    line = link(target.href, words, "") if target else words
    return "\n\n".join(part for part in (line, paragraph(escape(visible_prose(thing.transcript)))) if part)


def _tools(calls: Iterable[ToolCall], results: Iterable[ToolResult]) -> Iterator[str]:
    for call in calls:
        kind = "" if call.kind == "function" else f" {escape(visible_prose(call.kind))}"
        yield f"**Tool call** {code_span(visible_code(call.name or '…'))}{kind}"
        if call.arguments:
            yield fenced(visible_code(indented(call.arguments)))
    for result in results:
        name = visible_code(result.name or result.kind)
        yield f"**Result**{f' of {code_span(name)}' if name else ''}"
        yield fenced(visible_code(indented(result.content[:MAX_RESULT])))


def _source(number: int, source: Source) -> str:
    words = escape_words(" ".join(source.words.split()))
    line = link(source.target.href, words, source.host) if source.target else words
    quote = f" “{escape(' '.join(source.quote.split()))}”" if source.quote else ""
    return f"{number}. {line}{quote}"
