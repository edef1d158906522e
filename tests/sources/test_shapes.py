"""What SDKs and frameworks stream, known by what it offers: objects of the same shape, nothing imported."""

from __future__ import annotations

import enum
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import (
    Citation,
    End,
    Failure,
    Finish,
    Media,
    Reasoning,
    Start,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from notebook_stream.sources import as_events

from ..formats.reading import by_choice
from .loops import collect, run, text_of
from .sdk_streams import ANTHROPIC
from .shapes import AsyncResponse, Response, event, made, message, piece
from .wires import CHAT_CALL, COHERE, GEMINI, MISTRAL, OLLAMA


def events_of(items: list[Any]) -> list[Any]:
    return list(run(collect(as_events(iter(items)))))


def objects(wire: list[bytes]) -> list[dict[str, Any]]:
    """What a wire holds."""
    texts = [part.decode().partition("data: ")[2] or part.decode() for part in wire]
    return [json.loads(text) for text in texts if "[DONE]" not in text]


WIRES = {
    "google.genai.types": GEMINI,
    "mistralai.client.models.completionevent": MISTRAL,
    "cohere.v2.types": COHERE,
    "ollama._types": OLLAMA,
}


@pytest.mark.parametrize("module", WIRES)
def test_items_that_are_the_wires_own(module: str) -> None:
    items = [made(module, **item) for item in objects(WIRES[module])]
    if module.startswith("mistralai"):
        items = [made(module, "CompletionEvent", data=item) for item in items]
    events = events_of(items)
    choice = by_choice(events)[0]
    assert (choice.text, choice.reasoning) == ("Hello", "hm")
    assert choice.tools[0]["name"] == "f"
    assert json.loads(choice.tools[0]["arguments"]) == {"a": 1}
    assert choice.finish is not None
    assert choice.finish.reason == "tool_calls"
    usage = [event for event in events if isinstance(event, Usage)][-1]
    assert (usage.input_tokens, usage.output_tokens) == (3, 6 if module.startswith("google") else 2)
    assert [event for event in events if isinstance(event, End)] == events[-1:] == [End()]


def test_bytes_and_words_become_what_the_wire_had() -> None:
    class Word(enum.Enum):
        STOP = "STOP"

    part = {"inlineData": {"mimeType": "image/png", "data": b"\xfb\xff\xbf"}}
    candidate = {"content": {"parts": [part]}, "finishReason": Word.STOP}
    events = events_of([made("google.genai.types", candidates=[candidate])])
    assert events == [Media("image", "image/png", "+/+/"), Finish("stop", raw="STOP"), End()]


def test_what_is_no_json_is_said() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(SourceError, match="cannot be read"):
        events_of([made("cohere.types", type="content-delta", delta=loop)])


@pytest.mark.parametrize(
    "wire", [CHAT_CALL, OLLAMA, GEMINI, ANTHROPIC], ids=["chat", "ollama", "gemini", "claude"]
)
def test_dicts_in_the_form_of_a_wire(wire: list[bytes]) -> None:
    choice = by_choice(events_of(objects(wire)))[0]
    assert (choice.text, choice.reasoning) == ("Hello", "hm")
    assert choice.finish is not None
    assert choice.finish.reason == "tool_calls"
    assert text_of(run(collect(as_events(objects(wire))))) == "Hello"


def test_a_servers_error_ends_it_and_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "k" * 20)
    items = [made("ollama._types", **objects(OLLAMA)[1]), {"done": False, "message": None, "error": "k" * 20}]
    events = events_of(items)
    failed = [event for event in events if isinstance(event, Failure)]
    assert text_of(events) == "Hel"
    assert "The server reported an error" in str(failed[0].error)
    assert "kkkkkkkk" not in str(failed[0].error)


# LangChain

CITED = {"url": "https://x.test/", "title": "X", "start_index": 0, "end_index": 5}


def test_langchains_messages() -> None:
    into, out = {"cache_read": 1}, {"reasoning": 4}
    events = events_of(
        [
            message(response_metadata={"model_name": "m", "id": "r"}),
            message(additional_kwargs={"reasoning_content": "h"}),
            message([{"type": "thinking", "thinking": "m"}]),
            message("He"),
            message(["l", {"type": "text", "text": "l"}]),
            message([{"type": "text", "text": "o", "annotations": [{"type": "citation", **CITED}]}]),
            message(tool_call_chunks=[piece('{"a"', 0, "k1", "f")]),
            message(tool_call_chunks=[piece(":1}", 0)]),
            message(usage_metadata={"input_tokens": 3, "output_tokens": 2, "input_token_details": into}),
            message(usage_metadata={"input_tokens": 0, "output_tokens": 7, "output_token_details": out}),
            message(response_metadata={"finish_reason": "tool_calls"}),
        ]
    )  # fmt: skip
    choice = by_choice(events)[0]
    assert events[0] == Start("m", "r")
    assert (choice.text, choice.reasoning) == ("Hello", "hm")
    assert choice.citations == [Citation("https://x.test/", "X", start=0, end=5)]
    assert choice.tool_calls == [{"id": "k1", "name": "f", "arguments": '{"a":1}', "kind": "function"}]
    assert choice.finish == Finish("tool_calls", raw="tool_calls")
    usage = [event for event in events if isinstance(event, Usage)][-1]
    assert (usage.input_tokens, usage.output_tokens) == (3, 9)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (1, 4)


@pytest.mark.parametrize(
    ("block", "seen"),
    [
        ({"type": "reasoning", "reasoning": "h"}, Reasoning("h")),
        ({"type": "reasoning", "summary": [{"text": "h"}]}, Reasoning("h")),
        ({"type": "reasoning_content", "reasoning_content": {"text": "h"}}, Reasoning("h")),
        ({"type": "image", "base64": "+/+/", "mime_type": "image/png"}, Media("image", "image/png", "+/+/")),
        ({"type": "image_url", "image_url": {"url": "data:,x"}}, Media("image", url="data:,x")),
        ({"type": "text", "text": "", "citations": [{"cited_text": "so", "document_title": "D"}]},
         Citation("", "D", "so")),
        ({"type": "server_tool_result", "output": {"a": 1}, "tool_call_id": "k"},
         ToolResult('{"a": 1}', id="k", kind="server_tool_result")),
    ],
)  # fmt: skip
def test_langchains_blocks(block: dict[str, Any], seen: object) -> None:
    assert events_of([message([block])]) == [seen, End()]


def test_langchains_calls_however_they_are_numbered() -> None:
    whole = [message(tool_call_chunks=[piece("{}", None, "a", "f")]),
             message(tool_call_chunks=[piece("{}", None, "b", "g"), piece("[]", 0, "c", "h")]),
             message(tool_call_chunks=[piece("[]", 0, "d", "i")])]  # fmt: skip
    assert [c["name"] for c in by_choice(events_of(whole))[0].tool_calls] == ["f", "g", "h", "i"]
    moved = [message(tool_call_chunks=[piece("", 2, "a", "f")]), message(tool_call_chunks=[piece("{}", 3)])]
    assert [c["arguments"] for c in by_choice(events_of(moved))[0].tool_calls] == ["{}"]
    done = message(name="AIMessage", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "k"}])
    assert events_of([done])[0] == ToolCall(0, "k", "f", '{"a": 1}')


def test_langgraphs_pairs_and_the_results_of_tools() -> None:
    asked = (message(tool_call_chunks=[piece("{}", 0, "k", "f")]), {"langgraph_node": "agent"})
    result = message("42", "ToolMessage", type="tool", tool_call_id="k")
    person = message("not the model's", "HumanMessage", type="human")
    calls: tuple[Any, Any] = (message(response_metadata={"finish_reason": "STOP"}), {})
    finish = message("Hi", id="j", response_metadata={"finish_reason": "STOP"})
    events = events_of([(person, {}), asked, calls, (result, {"langgraph_node": "tools"}), (finish, {})])
    assert events[1:3] == [Finish("tool_calls", raw="STOP"), ToolResult("42", 0, "k")]
    assert events[3:] == [Text("Hi"), Finish("stop", raw="STOP"), End()]


@pytest.mark.parametrize("raw", ["completed", "SAFETY", "eccentric"])
def test_langchains_reasons_to_end(raw: str) -> None:
    reason = {"completed": "stop", "SAFETY": "content_filter"}.get(raw, raw)
    events = events_of([message("x", response_metadata={"status": raw})] * 2)
    assert [event for event in events if isinstance(event, Finish)] == [Finish(reason, raw=raw)]


class AddableDict(dict[str, Any]):
    """LangChain's."""


def test_langchains_events_are_refused_with_what_to_pass() -> None:
    told = {"event": "on_chat_model_stream", "data": {"chunk": message("x")}}
    AddableDict.__module__ = "langchain_core.runnables.utils"
    for item in (told, AddableDict(told), made("langchain_core.tracers", "RunLogPatch", ops=[])):
        with pytest.raises(SourceError, match=r"chain\.stream"):
            events_of([item])

    async def _astream_events_v1_v2() -> AsyncIterator[object]:
        yield told

    with pytest.raises(UsageError, match=r"show chain\.astream"):
        as_events(_astream_events_v1_v2())


# LlamaIndex


def test_llamaindexs_deltas_and_what_the_provider_told() -> None:
    module = "llama_index.core.base.llms.types"
    chunks = objects(CHAT_CALL)
    deltas = ["", "Hel", "lo", "", "", "", ""]
    items = [made(module, "ChatResponse", delta=d, raw=raw, additional_kwargs={})
             for d, raw in zip(deltas, chunks, strict=True)]  # fmt: skip
    events = events_of(items)
    choice = by_choice(events)[0]
    assert (choice.text, choice.reasoning) == ("Hello", "hm")
    assert choice.tool_calls == [{"id": "k1", "name": "f", "arguments": '{"a":1}', "kind": "function"}]
    assert choice.finish == Finish("tool_calls", raw="tool_calls")
    assert [e.output_tokens for e in events if isinstance(e, Usage)] == [2]


def test_llamaindexs_deltas_alone() -> None:
    module = "llama_index.core.base.llms.types"
    extras = {"thinking_delta": "hm", "prompt_tokens": 3, "completion_tokens": 2, "id": "x"}
    events = events_of(
        [
            made(module, "CompletionResponse", delta=None, raw={"unheard": "of"}, additional_kwargs={}),
            made(module, "CompletionResponse", delta="Hi", raw=None, additional_kwargs=extras),
        ]
    )
    counts = {"prompt_tokens": 3, "completion_tokens": 2}
    assert events == [Reasoning("hm"), Text("Hi"), Usage(3, 2, raw=counts), End()]


def test_llamaindexs_agents_and_engines() -> None:
    output = made("llama_index.core.tools.types", content="42")
    base = type("Event", (type(output),), {})
    steps = [
        made("llama_index.core.agent", "AgentInput", base, input=[]),
        made(
            "llama_index.core.agent", "ToolCallResult", base, tool_name="f", tool_id="k", tool_output=output
        ),
    ]
    assert events_of(steps) == [ToolResult("42", id="k", name="f"), End()]
    with pytest.raises(SourceError, match="no text"):
        events_of([made("llama_index.core.schema", "Document")])
    with pytest.raises(UsageError, match="response_gen"):
        as_events(made("llama_index.core.base.response", "StreamingResponse", response_gen=iter(["a"])))


# llm and chatlas


def parts() -> list[Any]:
    return [
        event("reasoning", "hm"),
        event("reasoning", "", redacted=True),
        event("text", "Hel"),
        event("text", "lo"),
        event("tool_call_name", "f", tool_call_id="k", part_index=1),
        event("tool_call_args", "{}", tool_call_id="k", part_index=1),
        event("tool_result", "42", tool_call_id="k", tool_name="f", part_index=2),
    ]


@pytest.mark.parametrize("base", [Response, AsyncResponse])
def test_llms_responses_and_their_usage_afterwards(base: type) -> None:
    response = made("llm.models", "Response", base, _events=parts())
    assert run(collect(as_events(response))) == [
        Reasoning("hm"), Text("Hello"), ToolCall(0, "k", "f"), ToolCall(0, "k", "", "{}"),
        ToolResult("42", 0, "k", "f"),
        Start("m"), Usage(3, 2, raw={"input": 3, "output": 2, "details": {"cached": 1}}), End(),
    ]  # fmt: skip


def test_llms_chains_count_together() -> None:
    rounds = [made("llm.models", "R", input_tokens=3, output_tokens=2, resolved_model="m") for _ in "ab"]
    chain = made("llm.models", "ChainResponse", Response, _events=[event("text", "x")], _responses=rounds)
    events = run(collect(as_events(chain)))
    assert [(e.input_tokens, e.output_tokens) for e in events if isinstance(e, Usage)] == [(6, 4)]


def test_chatlass_contents() -> None:
    def content(kind: str, **fields: Any) -> Any:
        return made("chatlas._content", "Content", content_type=kind, **fields)

    request = content("tool_request", id="k", name="f", arguments={"a": 1})
    source = made("chatlas._content", "Source", url="https://x.test/", title="X")
    events = events_of(
        [
            content("thinking_delta", thinking="hm"),
            "Hel",
            "lo",
            request,
            content("tool_result", value={"b": 2}, error=None, request=request),
            content("tool_result", value=None, error=ValueError("no\ud83d"), request=request),
            content("citation", source=source, cited_quote="so"),
            content("web_search_request", query="q"),
            content("web_search_results", sources=[source]),
        ]
    )
    assert events == [
        Reasoning("hm"), Text("Hello"), ToolCall(0, "k", "f", '{"a": 1}'),
        ToolResult('{"b": 2}', 0, "k", "f", "function"),
        ToolResult("ValueError: no\ufffd", 0, "k", "f", "function"),
        Citation("https://x.test/", "X", "so"),
        ToolCall(1, name="web_search", arguments='{"query": "q", "url": null}', kind="web_search_request"),
        Citation("https://x.test/", "X"), End(),
    ]  # fmt: skip


# litellm


class Inner:
    """A provider's stream, of one kind."""

    def __init__(self, items: list[Any]) -> None:
        self.items = iter(items)


class SyncInner(Inner):
    def __iter__(self) -> Iterator[Any]:
        return self.items


class AsyncInner(Inner):
    async def __aiter__(self) -> AsyncIterator[Any]:
        for item in self.items:
            yield item


class Wrapper:
    """As litellm's: it offers both ways, and goes only one."""

    def __init__(self, completion_stream: Any) -> None:
        self.completion_stream = completion_stream

    def __iter__(self) -> Any:
        return self

    def __aiter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return next(self.completion_stream.items)

    async def __anext__(self) -> Any:
        assert isinstance(self.completion_stream, AsyncInner)
        for item in self.completion_stream.items:
            return item
        raise StopAsyncIteration


@pytest.mark.parametrize("inner", [SyncInner, AsyncInner])
def test_litellms_wrapper_is_read_the_way_it_goes(inner: type[Inner]) -> None:
    chunks = [made("litellm.types.utils", "ModelResponseStream", **item) for item in objects(CHAT_CALL)]
    source = made(
        "litellm.litellm_core_utils", "CustomStreamWrapper", Wrapper, completion_stream=inner(chunks)
    )
    choice = by_choice(run(collect(as_events(source))))[0]
    assert (choice.text, choice.reasoning) == ("Hello", "hm")
    assert choice.tools[0]["arguments"] == '{"a":1}'


@pytest.mark.parametrize("module", ["google.genai.types", "langchain_core.messages.ai", "ollama._types"])
def test_whole_answers_are_no_streams(module: str) -> None:
    with pytest.raises(UsageError, match="not a stream"):
        as_events(made(module, "Answer"))
