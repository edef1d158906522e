"""LangChain, `llm` and chatlas: packages that make the streams of others their own."""

from __future__ import annotations

from typing import Any

import chatlas
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.output_parsers import StrOutputParser
from langchain_openai import ChatOpenAI
from llm.default_plugins.openai_models import AsyncChat, Chat

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import Citation, End
from notebook_stream.sources import as_events

from ...servers import Server, sse
from ..loops import collect, run
from ..sdk_streams import ANTHROPIC, CHAT, RESPONSES
from ..wires import CHAT_CALL
from .reading import KEY, Way, base, check_async, check_stop, check_sync, params, root

# langchain-anthropic looks at a block of the anthropic package that is of a newer class than it knows.
pytestmark = pytest.mark.filterwarnings("ignore:Received unexpected tool content block:UserWarning")


def chat(url: str) -> Any:
    return ChatOpenAI(model="m", api_key=KEY, base_url=base(url), max_retries=0, stream_usage=True)


def responses(url: str, **fields: Any) -> Any:
    return ChatOpenAI(
        model="m", api_key=KEY, base_url=base(url), max_retries=0, use_responses_api=True, **fields
    )


def claude(url: str, **fields: Any) -> Any:
    return ChatAnthropic(model="m", api_key=KEY, base_url=root(url), max_retries=0, **fields)


def atlas(url: str) -> Any:
    return chatlas.ChatOpenAICompletions(model="m", api_key=KEY, base_url=base(url))


def willison(url: str) -> Any:
    return Chat("m", model_name="m", api_base=base(url))


# langchain-openai drops the thoughts that others put beside OpenAI's fields.
SEEN = "call finish model usage"
LANGCHAIN = {
    "chat": (chat, CHAT_CALL, SEEN),
    "chain": (lambda url: chat(url) | StrOutputParser(), CHAT_CALL, ""),
    "responses": (responses, RESPONSES, "call finish model reasoning usage"),
    "responses v1": (lambda url: responses(url, output_version="v1"), RESPONSES, SEEN + " reasoning"),
    "anthropic": (claude, ANTHROPIC, SEEN + " reasoning"),
    "anthropic v1": (lambda url: claude(url, output_version="v1"), ANTHROPIC, SEEN + " reasoning"),
}
SYNC = {
    **{
        f"langchain {name}": Way(client, lambda c: c.stream("x"), parts, has)
        for name, (client, parts, has) in LANGCHAIN.items()
    },
    "llm": Way(willison, lambda c: c.prompt("x", key=KEY), CHAT_CALL, "call model usage"),
    "llm events": Way(willison, lambda c: c.prompt("x", key=KEY).stream_events(), CHAT_CALL, "call"),
    "chatlas": Way(atlas, lambda c: c.stream("x", echo="none"), CHAT, ""),
    "chatlas all": Way(atlas, lambda c: c.stream("x", echo="none", content="all"), CHAT, ""),
}
ASYNC = {
    **{
        f"langchain {name}": Way(client, lambda c: c.astream("x"), parts, has)
        for name, (client, parts, has) in LANGCHAIN.items()
    },
    "llm": Way(
        lambda url: AsyncChat("m", model_name="m", api_base=base(url)),
        lambda c: c.prompt("x", key=KEY), CHAT_CALL, "call model usage",
    ),
    "chatlas": Way(atlas, lambda c: c.stream_async("x", echo="none"), CHAT, ""),
}  # fmt: skip


@pytest.mark.parametrize("way", params(SYNC))
def test_sync(way: Way) -> None:
    check_sync(way)


@pytest.mark.parametrize("way", params(ASYNC))
def test_async(way: Way) -> None:
    check_async(way)


@pytest.mark.parametrize("way", params(SYNC))
def test_stop_of_sync(way: Way) -> None:
    check_stop(way)


@pytest.mark.parametrize("way", params(ASYNC))
def test_stop_of_async(way: Way) -> None:
    check_stop(way)


@pytest.mark.parametrize(
    ("name", "cited"),
    [
        ("responses", Citation("https://x.test/", "X", start=0, end=5)),
        ("responses v1", Citation("https://x.test/", "X", start=0, end=5)),
        ("anthropic", Citation("", "D", "so")),
    ],
)
def test_langchain_cites(name: str, cited: Citation) -> None:
    client, parts, _ = LANGCHAIN[name]
    with Server(sse(parts)) as server:
        events = run(collect(as_events(client(server.url).stream("x"))))
    assert cited in events


def test_langchain_events_are_not_messages() -> None:
    model = chat("http://127.0.0.1:9/v1/chat")
    for make in (model.astream_events, model.astream_log):
        with pytest.raises(UsageError, match="astream"):
            as_events(make("x"))
    with pytest.raises(UsageError, match="not a stream"):
        as_events(model)
    with Server(sse(CHAT)) as server:
        client = chat(server.url)
        with pytest.raises(SourceError, match=r"show chain\.astream"):
            run(collect(as_events(lambda: client.astream_events("x"))))


def test_a_response_of_llm_that_has_ended_is_shown_again() -> None:
    with Server(sse(CHAT)) as server:
        response = willison(server.url).prompt("x", key=KEY)
        response.text()
        events = run(collect(as_events(response)))
    assert "".join(getattr(event, "text", "") for event in events) == "Hello"
    assert events[-1] == End()
