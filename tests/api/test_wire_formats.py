"""stream() in Gemini's, Cohere's, Ollama's and Mistral's formats, over HTTP: what is asked, how it ends."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from notebook_stream import Stream, stream
from notebook_stream.errors import InterruptedStream, ServerError, StreamError
from notebook_stream.events import Finish

from ..servers import Connection, Handler, Server
from ..waiting import PATIENCE

KEY = "sk-canary-0815-abcdefgh"
SSE = "text/event-stream"
LINES = "application/x-ndjson"

PART = '{"candidates": [{"content": {"parts": [{"text": "Hel"}]}, "index": 0}]}'
LAST = '{"candidates": [{"content": {"parts": [{"text": "lo"}]}, "finishReason": "STOP", "index": 0}]}'
COHERE_PART = '{"type": "content-delta", "delta": {"message": {"content": {"text": "%s"}}}}'
COHERE_LAST = '{"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}'
V1_PART = '{"is_finished": false, "event_type": "text-generation", "text": "%s"}'
V1_LAST = '{"is_finished": true, "event_type": "stream-end", "finish_reason": "COMPLETE"}'
OLLAMA_PART = '{"model": "m", "message": {"role": "assistant", "content": "%s"}, "done": false}'
OLLAMA_LAST = '{"model": "m", "message": {"content": ""}, "done": true, "done_reason": "stop"}'
MISTRAL_PART = '{"choices": [{"index": 0, "delta": {"content": "%s"}}]}'

ANSWERS = [
    # wire format, content type, the beginning of an answer, its end
    ("gemini", SSE, f"data: {PART}\r\n\r\n", f"data: {LAST}\r\n\r\n"),
    ("gemini", "application/json; charset=UTF-8", f"[{PART}\r\n", f",\r\n{LAST}]"),
    (
        "cohere",
        SSE,
        f"event: content-delta\ndata: {COHERE_PART % 'Hel'}\n\n",
        f"event: content-delta\ndata: {COHERE_PART % 'lo'}\n\nevent: message-end\ndata: {COHERE_LAST}\n\n",
    ),
    ("cohere", "application/stream+json", f"{V1_PART % 'Hel'}\n", f"{V1_PART % 'lo'}\n{V1_LAST}"),
    ("ollama", LINES, f"{OLLAMA_PART % 'Hel'}\n", f"{OLLAMA_PART % 'lo'}\n{OLLAMA_LAST}\n"),
    ("mistral", SSE, f"data: {MISTRAL_PART % 'Hel'}\n\n", f"data: {MISTRAL_PART % 'lo'}\n\ndata: [DONE]\n\n"),
]
IDS = [f"{name}-{kind.partition(';')[0]}" for name, kind, _, _ in ANSWERS]


def sends(kind: str, body: str) -> Handler:
    def handle(connection: Connection) -> None:
        connection.head(200, {"content-type": kind})
        connection.send(body.encode())

    return handle


def ask(handler: Handler, wire_format: str, **params: Any) -> tuple[Stream, bytes]:
    with Server(handler) as server:
        base_url = f"http://127.0.0.1:{server.port}/base"
        options: dict[str, Any] = {"model": "m", "api_key": KEY, "retries": 0, "display": False, **params}
        s = stream("Hi", base_url=base_url, wire_format=wire_format, **options)
        assert s._session.wait(PATIENCE)
        return s, server.requests[0]


@pytest.mark.parametrize(("wire_format", "kind", "begin", "end"), ANSWERS, ids=IDS)
def test_whole(wire_format: str, kind: str, begin: str, end: str) -> None:
    s, _ = ask(sends(kind, begin + end), wire_format)
    result = s.result(PATIENCE)
    assert (result.text, result.status) == ("Hello", "done")
    assert result.metrics.unknown == 0


@pytest.mark.parametrize(("wire_format", "kind", "begin", "end"), ANSWERS, ids=IDS)
def test_cut_off(wire_format: str, kind: str, begin: str, end: str) -> None:
    """EOF without the end mark of the protocol is no end, in the middle of an event or between two."""
    for rest in ("", end[:9]):
        s, _ = ask(sends(kind, begin + rest), wire_format)
        assert (s.text, s.status) == ("Hel", "interrupted")
        with pytest.raises(InterruptedStream):
            s.result(PATIENCE)


@pytest.mark.parametrize(
    ("wire_format", "path", "header"),
    [
        ("gemini", "/base/models/m:streamGenerateContent?alt=sse", "x-goog-api-key: "),
        ("cohere", "/base/v2/chat", "authorization: Bearer "),
        ("ollama", "/base/api/chat", "authorization: Bearer "),
        ("mistral", "/base/chat/completions", "authorization: Bearer "),
        ("openai-responses", "/base/responses", "authorization: Bearer "),
    ],
)
def test_request(wire_format: str, path: str, header: str) -> None:
    _, request = ask(sends(SSE, ""), wire_format, system="Short.", temperature=0.5)
    head, _, body = request.decode().partition("\r\n\r\n")
    first, *fields = head.split("\r\n")
    assert first == f"POST {path} HTTP/1.1"
    assert [field.lower() for field in fields if KEY in field] == [(header + KEY).lower()]
    assert KEY not in body
    assert "Short." in body
    assert 0.5 in values(json.loads(body))


def values(body: dict[str, Any]) -> list[Any]:
    places = (body, body.get("generationConfig", {}), body.get("options", {}))
    return [place.get("temperature") for place in places]


def test_azure_gets_its_own_header_and_version() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(httpx.Request(request.method, request.url, headers=request.headers))
        body = f"data: {MISTRAL_PART % 'Hello'}\n\ndata: [DONE]\n\n"
        return httpx.Response(200, headers={"content-type": SSE}, stream=httpx.ByteStream(body.encode()))

    base_url = "https://mine.openai.azure.com/openai/deployments/d?api-version=2024-10-21"
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    s = stream("Hi", model="d", base_url=base_url, api_key=KEY, http_client=client, display=False)
    assert s.result(PATIENCE).text == "Hello"
    assert str(asked[0].url) == base_url.replace("?", "/chat/completions?")
    assert [name for name, value in asked[0].headers.items() if KEY in value] == ["api-key"]


def test_the_error_line_of_ollama() -> None:
    line = '{"error": "an error was encountered while running the model: unexpected EOF"}\n'
    s, _ = ask(sends(LINES, f"{OLLAMA_PART % 'Hel'}\n{line}"), "ollama")
    assert (s.text, s.status) == ("Hel", "error")
    with pytest.raises(ServerError, match="unexpected EOF"):
        s.result(PATIENCE)


def test_an_error_in_the_array_of_gemini() -> None:
    error = '{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}'
    s, _ = ask(sends("application/json", f"[{PART},{error}]"), "gemini")
    assert (s.text, s.status) == ("Hel", "error")
    with pytest.raises(StreamError, match="overloaded"):
        s.result(PATIENCE)


def test_a_blocked_prompt_is_an_answer_without_text() -> None:
    s, _ = ask(sends(SSE, 'data: {"promptFeedback": {"blockReason": "SAFETY"}}\n\n'), "gemini")
    result = s.result(PATIENCE)
    assert (result.text, result.status, result.finish_reason) == ("", "done", "content_filter")


@pytest.mark.parametrize(
    ("wire_format", "kind", "body", "detail"),
    [
        ("gemini", SSE, "data: " + LAST.replace("STOP", "MAX_TOKENS") + "\n\n", "maxOutputTokens=5"),
        ("ollama", LINES, OLLAMA_LAST.replace("stop", "length"), "num_predict=5"),
    ],
)
def test_the_cut_off_says_at_how_many_tokens(wire_format: str, kind: str, body: str, detail: str) -> None:
    s, _ = ask(sends(kind, body), wire_format, max_tokens=5)
    assert [event.detail for event in s.events if isinstance(event, Finish)] == [detail]


def test_what_the_server_says_of_the_cut_off_counts() -> None:
    last = LAST.replace('"STOP"', '"MAX_TOKENS", "finishMessage": "too long"')
    s, _ = ask(sends(SSE, f"data: {last}\n\n"), "gemini", max_tokens=5)
    assert [event.detail for event in s.events if isinstance(event, Finish)] == ["too long"]


def test_after_goes_on_in_the_same_format() -> None:
    with Server(sends(SSE, f"data: {PART}\n\ndata: {LAST}\n\n")) as server:
        base_url = f"http://127.0.0.1:{server.port}"
        first = stream("Hi", model="m", base_url=base_url, wire_format="gemini", display=False)
        first.result(PATIENCE)
        stream("And?", after=first, display=False).result(PATIENCE)
        body = json.loads(server.requests[1].partition(b"\r\n\r\n")[2])
    said = [(turn["role"], turn["parts"][0]["text"]) for turn in body["contents"]]
    assert said == [("user", "Hi"), ("model", "Hello"), ("user", "And?")]
