"""A record comes in, its static HTML goes out: every answer with all it holds, and the foot line.

Styles are inline, few and short, and the words make sense without them. Looks like the live view, in whose
place it is put.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..events import Citation, Media, ToolCall, ToolResult
from . import html
from .html import escape, escape_code, link, quiet
from .json_text import indented, is_json_like
from .media import describe
from .nodes import Code
from .record import Answer, ErrorInfo, Record
from .sources import MAX_SOURCES, Source, sources_of
from .texts import Texts
from .visible import visible_code, visible_prose
from .words import Foot, finish_sentence, foot, is_calm

MAX_RESULT = 20_000
"""Characters of a tool's result, as in the live view."""
MAX_SHOWN = 100
"""Tool calls, results, and things that are shown one by one."""

# Where the live view was: JupyterLab leaves room at the right and the foot of HTML output, none at its left.
# In other hosts its variable is not there, and these lines are void.
_PLACE = (
    "overflow:auto;overflow-wrap:anywhere;margin-bottom:0;margin-right:calc(var(--jp-code-padding)*-4);"
    "padding-left:calc(var(--jp-code-padding) + 1px)"
)
_SMALL = "font-size:13px;opacity:.75"
_SUMMARY = "font-size:13px;line-height:1.5;padding:2px 0;cursor:pointer;opacity:.75"
_HEADING = "height:24px;margin-bottom:6px;border-bottom:1px solid #8884;font-size:13px;font-weight:600"
_BAR = "border-left:2px solid #8884;padding:2px 0 2px 12px;margin:2px 0 "
_BOX = f";{_BAR}8px 4px;font-size:13px;line-height:1.5;max-height:20em;overflow:auto"
_TONES = {"error": "#e00", "warning": "#b60"}
"""Mixed with the text's own colour, so that they can be read wherever that can."""
_ICONS = {"stopped": "■ ", "warning": "⚠ ", "error": "⚠ "}


def to_html(record: Record, remark: str, texts: Texts) -> str:
    """Static HTML of the run; `remark` is one further line at its foot."""
    content = content_html(record, remark, texts) + _foot(foot(record))
    style = f"style='{_PLACE}{html.tints(content)}'"
    return f"<div class='ns-saved {html.IGNORE}' {style}>{content}</div>"


def content_html(record: Record, remark: str, texts: Texts) -> str:
    """The same without its foot, for a place in which the colours of code are defined."""
    is_alone = len(record.answers) == 1
    parts = [
        _answer(texts, record, answer, "" if is_alone else f"Choice {number}")
        for number, answer in enumerate(record.answers, 1)
    ]
    parts.append(_error(record.error))
    parts += [_line(words) for words in (record.notice, remark) if words]
    return "".join(parts)


def markdown_html(text: str, texts: Texts) -> str:
    """A text of the model's; as it was written, where reading it as Markdown would take too long."""
    blocks = texts.blocks(text)
    return _pre(visible_code(text)) if blocks is None else html.write(blocks)


def _answer(texts: Texts, record: Record, answer: Answer, title: str) -> str:
    parts = [
        f"<div style='{_HEADING}'>{title}</div>" if title else "",
        _reasoning(answer.reasoning, texts),
        _text(answer.text, texts, is_json=record.is_json),
        _refusal(answer.refusal),
        *map(_thing, answer.media[:MAX_SHOWN]),
        _tools(answer.tool_calls, answer.tool_results),
        _citations(answer.citations),
        _finish(answer, is_alone=title == ""),
    ]
    return "".join(parts)


def _text(text: str, texts: Texts, *, is_json: bool) -> str:
    if is_json and is_json_like(text):
        return html.write_code(Code("json", visible_code(indented(text).rstrip())))
    return markdown_html(text, texts)


def _reasoning(text: str, texts: Texts) -> str:
    if not text:
        return ""
    return _details(
        "Reasoning",
        f"<div style='{_BAR}4px 4px;max-height:15em;overflow:auto'>{markdown_html(text, texts)}</div>",
    )


def _details(summary: str, content: str, *, is_open: bool = False) -> str:
    attributes = f"{' open' if is_open else ''} style=margin-bottom:4px"
    return f"<details{attributes}><summary style='{_SUMMARY}'>{summary}</summary>{content}</details>"


def _pre(text: str, style: str = "") -> str:
    return f"<pre style='white-space:pre-wrap{style}'>{escape_code(text)}</pre>"


def _refusal(text: str) -> str:
    if not text:
        return ""
    words = escape(visible_prose(text))
    return f"<p style='margin:.5em 0;white-space:pre-wrap'><strong>Refused: </strong>{words}</p>"


def _thing(thing: Media) -> str:
    words, target = describe(thing)
    words = words[:1].upper() + words[1:]
    line = link(target.href, escape(words)) if target else quiet(words)
    transcript = f"<p>{escape(visible_prose(thing.transcript))}</p>" if thing.transcript else ""
    return f"<div>{line}</div>{transcript}"


def _tools(calls: tuple[ToolCall, ...], results: tuple[ToolResult, ...]) -> str:
    parts = []
    positions = {call.position for call in calls[:MAX_SHOWN]}
    for call in calls[:MAX_SHOWN]:
        own = [result for result in results[:MAX_SHOWN] if result.position == call.position]
        # The last one is open in the live view too: nothing has come after it.
        parts.append(_call(call, own, is_open=call is calls[-1]))
    parts += [_result(result) for result in results[:MAX_SHOWN] if result.position not in positions]
    hidden = max(0, len(calls) - MAX_SHOWN) + max(0, len(results) - MAX_SHOWN)
    if hidden:
        parts.append(_line(f"and {hidden:,} more calls and results"))
    return "".join(parts)


def _call(call: ToolCall, results: list[ToolResult], *, is_open: bool) -> str:
    kind = "" if call.kind == "function" else f" {escape(visible_prose(call.kind))}"
    name = f"<code>{escape_code(visible_code(call.name or '…'))}</code>"
    inner = _pre(visible_code(indented(call.arguments)), _BOX)
    inner += "".join(_result(result, is_own=True) for result in results)
    return _details(f"Tool call {name}{kind}", inner, is_open=is_open)


def _result(result: ToolResult, *, is_own: bool = False) -> str:
    what = visible_code(result.name or result.kind)
    name = f" of <code>{escape_code(what)}</code>" if what and not is_own else ""
    size = len(result.content)
    content = result.content[:MAX_RESULT]
    more = f"… ({size - MAX_RESULT:,} more characters)" if size > MAX_RESULT else ""
    summary = f"Result{name} {size:,} character{'' if size == 1 else 's'}"
    return _details(summary, _pre(visible_code(indented(content) + more), _BOX))


def _citations(citations: Iterable[Citation]) -> str:
    sources = sources_of(citations)
    if not sources:
        return ""
    items = "".join(f"<li>{_source(source)}</li>" for source in sources[:MAX_SOURCES])
    hidden = len(sources) - MAX_SOURCES
    return f"<ol style=font-size:.93em>{items}</ol>" + (_line(f"and {hidden:,} more") if hidden > 0 else "")


def _source(source: Source) -> str:
    words = escape(source.words)
    line = link(source.target.href, words) if source.target else words
    host = quiet(f" {source.host}") if source.host else ""
    return line + host + (f" <q>{escape(source.quote)}</q>" if source.quote else "")


def _finish(answer: Answer, *, is_alone: bool) -> str:
    words = finish_sentence(answer, is_alone=is_alone)
    return (
        f"<div style='margin:4px 0'>{'' if is_calm(answer) else '⚠ '}{escape(words)}</div>" if words else ""
    )


def _error(error: ErrorInfo | None) -> str:
    if error is None:
        return ""
    hint = f"<br>{quiet(visible_prose(error.hint))}" if error.hint else ""
    return f"<div style='margin:4px 0'>⚠ {escape(visible_prose(error.message))}{hint}</div>"


def _line(words: str) -> str:
    return f"<div style={_SMALL}>{escape(visible_prose(words))}</div>"


def foot_words(line: Foot) -> str:
    """The line's words as HTML, coloured by its tone."""
    tone = _TONES.get(line.tone)
    state = _ICONS.get(line.tone, "") + escape(line.state)
    if tone:
        state = f"<span style='color:color-mix(in srgb,currentColor 40%,{tone})'>{state}</span>"
    rest = [escape(part) for part in line.metrics]
    return " · ".join(part for part in (escape(line.model), state, *rest) if part)


def _foot(line: Foot) -> str:
    return f"<div style='{_SMALL};line-height:32px'>{foot_words(line)}</div>"
