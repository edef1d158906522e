"""A record comes in, Markdown and plain text of all of it go out: what a reader without HTML gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..events import Media, ToolCall, ToolResult
from . import markdown
from .json_text import indented, is_json_like
from .markdown import code_span, escape, fenced, link, quoted
from .media import describe
from .page import MAX_MARKDOWN, MAX_RESULT, MAX_SHOWN
from .parser import TooMuch
from .record import Answer, Record
from .render import render
from .sources import MAX_SOURCES, Source, sources_of
from .visible import visible_code, visible_prose, without_controls
from .words import finish_sentence, foot


def to_markdown(record: Record, remark: str = "") -> str:
    """Markdown of the run, in which nothing can run or load; `remark` is one further line at its foot."""
    is_alone = len(record.answers) == 1
    parts: list[str] = []
    for number, answer in enumerate(record.answers, 1):
        if not is_alone:
            parts.append(f"**Choice {number}**")
        parts += _answer(record, answer, is_alone=is_alone)
    if record.error:
        words = visible_prose(" ".join([record.error.message, record.error.hint]).strip())
        parts.append(f"⚠ {escape(words, at_line_start=False)}")
    parts += [escape(visible_prose(words)) for words in (record.notice, remark) if words]
    parts.append(f"*{escape(foot(record).text, at_line_start=False)}*")
    return "\n\n".join(part for part in parts if part)


def to_plain(record: Record, remark: str = "") -> str:
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


def _answer(record: Record, answer: Answer, *, is_alone: bool) -> Iterator[str]:
    if answer.reasoning:
        yield quoted(f"**Reasoning**\n\n{_text(answer.reasoning)}")
    if record.is_json and is_json_like(answer.text):
        yield fenced(visible_code(indented(answer.text).rstrip()), "json")
    else:
        yield _text(answer.text)
    if answer.refusal:
        yield f"**Refused:** {escape(visible_prose(answer.refusal), at_line_start=False)}"
    for thing in answer.media[:MAX_SHOWN]:
        yield _thing(thing)
    yield from _tools(answer.tool_calls[:MAX_SHOWN], answer.tool_results[:MAX_SHOWN])
    yield "\n".join(_source(n, one) for n, one in enumerate(sources_of(answer.citations)[:MAX_SOURCES], 1))
    yield escape(finish_sentence(answer, is_alone=is_alone))


def _text(text: str) -> str:
    try:
        if len(text) > MAX_MARKDOWN:
            raise TooMuch
        return markdown.write(render(text))
    except (TooMuch, RecursionError):
        return fenced(visible_code(text))


def _thing(thing: Media) -> str:
    words, target = describe(thing)
    words = escape(words[:1].upper() + words[1:])
    line = link(target.href, words, "") if target else words
    return "\n\n".join(part for part in (line, escape(visible_prose(thing.transcript))) if part)


def _tools(calls: Iterable[ToolCall], results: Iterable[ToolResult]) -> Iterator[str]:
    for call in calls:
        kind = "" if call.kind == "function" else f" {escape(visible_prose(call.kind), at_line_start=False)}"
        yield f"**Tool call** {code_span(visible_code(call.name or '…'))}{kind}"
        if call.arguments:
            yield fenced(visible_code(indented(call.arguments)))
    for result in results:
        name = visible_code(result.name or result.kind)
        yield f"**Result**{f' of {code_span(name)}' if name else ''}"
        yield fenced(visible_code(indented(result.content[:MAX_RESULT])))


def _source(number: int, source: Source) -> str:
    words = escape(" ".join(source.words.split()))
    line = link(source.target.href, words, source.host) if source.target else words
    quote = f" “{escape(' '.join(source.quote.split()), at_line_start=False)}”" if source.quote else ""
    return f"{number}. {line}{quote}"
