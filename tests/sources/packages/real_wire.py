"""google-genai, mistralai, cohere and ollama: the packages that parse what the server sent, and no more."""

from __future__ import annotations

import json
from typing import Any

import cohere
import ollama
import pytest
from google import genai
from mistralai.client import Mistral

from notebook_stream.errors import SourceError, UsageError
from notebook_stream.events import Citation, End, Finish, Media
from notebook_stream.sources import as_events

from ...servers import Server, one, sse
from ..loops import collect, run
from ..wires import COHERE, GEMINI, GEMINI_BLOCKED, MISTRAL, NDJSON, OLLAMA, OLLAMA_GENERATE, lines
from .reading import KEY, MESSAGES, Way, check_async, check_stop, check_sync, params, root

# google-genai's own way of using aiohttp.
pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


def google(url: str) -> Any:
    return genai.Client(api_key=KEY, http_options={"base_url": root(url)})


def mistral(url: str) -> Any:
    return Mistral(api_key=KEY, server_url=root(url))


ASK: dict[str, Any] = {"model": "m", "messages": MESSAGES}
NO_MODEL = "call finish reasoning usage"  # Cohere does not tell it
SYNC = {
    "google-genai": Way(
        google, lambda c: c.models.generate_content_stream(model="m", contents="x"), GEMINI
    ),
    "google-genai chat": Way(google, lambda c: c.chats.create(model="m").send_message_stream("x"), GEMINI),
    "mistralai": Way(mistral, lambda c: c.chat.stream(**ASK), MISTRAL),
    "cohere": Way(
        lambda url: cohere.ClientV2(api_key=KEY, base_url=root(url)),
        lambda c: c.chat_stream(**ASK), COHERE, NO_MODEL,
    ),
    "ollama chat": Way(
        lambda url: ollama.Client(host=root(url)),
        lambda c: c.chat(**ASK, stream=True), OLLAMA, headers=NDJSON,
    ),
    "ollama generate": Way(
        lambda url: ollama.Client(host=root(url)),
        lambda c: c.generate("m", "x", stream=True), OLLAMA_GENERATE, "finish model usage", NDJSON,
    ),
}  # fmt: skip
ASYNC = {
    "google-genai": Way(
        google, lambda c: c.aio.models.generate_content_stream(model="m", contents="x"), GEMINI
    ),
    "mistralai": Way(mistral, lambda c: c.chat.stream_async(**ASK), MISTRAL),
    "cohere": Way(
        lambda url: cohere.AsyncClientV2(api_key=KEY, base_url=root(url)),
        lambda c: c.chat_stream(**ASK), COHERE, NO_MODEL,
    ),
    "ollama chat": Way(
        lambda url: ollama.AsyncClient(host=root(url)),
        lambda c: c.chat(**ASK, stream=True), OLLAMA, headers=NDJSON,
    ),
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


def test_google_genai_gives_pictures_and_sources() -> None:
    with Server(sse(GEMINI)) as server:
        client = google(server.url)
        events = run(collect(as_events(SYNC["google-genai"].make(client))))
    assert Media("image", "image/png", "+/+/") in events
    assert Citation("https://x.test/", "X") in events


def test_google_genai_blocks_a_prompt() -> None:
    with Server(sse(GEMINI_BLOCKED)) as server:
        client = google(server.url)
        events = run(collect(as_events(SYNC["google-genai"].make(client))))
    assert [(e.reason, e.raw) for e in events if isinstance(e, Finish)] == [("content_filter", "SAFETY")]
    assert events[-1] == End()


def test_google_genai_whose_client_nobody_keeps() -> None:
    with Server(sse(GEMINI)) as server, pytest.raises(SourceError, match="keep it in a variable"):
        run(collect(as_events(lambda: SYNC["google-genai"].make(google(server.url)))))


def test_cohere_cites() -> None:
    with Server(sse(COHERE)) as server:
        way = SYNC["cohere"]
        events = run(collect(as_events(way.make(way.client(server.url)))))
    assert Citation("https://x.test/", "D", "so", 0, 5) in events


def test_ollama_reports_an_error_in_mid_stream() -> None:
    with Server(sse([OLLAMA[1], *lines({"error": "out of steam"})], NDJSON)) as server:
        way = SYNC["ollama chat"]
        with pytest.raises(SourceError, match="out of steam"):
            run(collect(as_events(way.make(way.client(server.url)))))


@pytest.mark.parametrize("name", ["google-genai", "mistralai", "cohere", "ollama chat"])
def test_a_refused_key_is_not_shown(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", KEY)
    body = json.dumps({"error": {"message": f"Bad key {KEY}", "code": 401}, "message": f"Bad key {KEY}"})
    way = SYNC[name]
    with Server(one(401, {"content-type": "application/json"}, body.encode())) as server:
        client = way.client(server.url)
        with pytest.raises(SourceError, match="the source raised") as caught:
            run(collect(as_events(lambda: way.make(client))))
    assert "kkkkkkkk" not in str(caught.value)


def test_a_whole_answer_is_no_stream() -> None:
    whole = ollama.ChatResponse(message=ollama.Message(role="assistant", content="x"))
    with pytest.raises(UsageError, match="not a stream"):
        as_events(whole)
    with pytest.raises(UsageError, match="not a stream"):
        as_events(genai.types.GenerateContentResponse())
