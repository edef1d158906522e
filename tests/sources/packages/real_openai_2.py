"""litellm and LlamaIndex, which want version 2 of the openai package."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core.base.response.schema import StreamingResponse
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai import OpenAI

from notebook_stream.errors import UsageError
from notebook_stream.sources import as_events

from ..wires import CHAT_CALL
from .reading import KEY, MESSAGES, Way, base, check_async, check_stop, check_sync, params

# litellm's own way of using pydantic, and the event loop that it makes and never closes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def lite(url: str) -> Any:
    import litellm  # not before its variable is set

    return litellm, {"model": "openai/m", "messages": MESSAGES, "stream": True, "api_key": KEY,
                     "api_base": base(url), "stream_options": {"include_usage": True}}  # fmt: skip


def index(url: str) -> Any:
    return OpenAI(model="gpt-4o", api_key=KEY, api_base=base(url), max_retries=0)


ASK = [ChatMessage(role="user", content="x")]
SYNC = {
    "litellm": Way(lite, lambda c: c[0].completion(**c[1]), CHAT_CALL),
    "llama-index chat": Way(index, lambda c: c.stream_chat(ASK), CHAT_CALL),
    "llama-index complete": Way(index, lambda c: c.stream_complete("x"), CHAT_CALL),
}
ASYNC = {
    "litellm": Way(lite, lambda c: c[0].acompletion(**c[1]), CHAT_CALL),
    "llama-index chat": Way(index, lambda c: c.astream_chat(ASK), CHAT_CALL),
    "llama-index complete": Way(index, lambda c: c.astream_complete("x"), CHAT_CALL),
}


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


def test_what_llama_indexs_engines_give_is_told() -> None:
    with pytest.raises(UsageError, match="response_gen"):
        as_events(StreamingResponse(response_gen=iter(["a"])))
