"""The key (L): a canary that occurs in nothing that is shown, logged, raised, pickled or saved.

`ask` searches after every test of this folder; here are the places that need more, and proof that it finds.
"""

from __future__ import annotations

import io
import json
import logging
import pickle
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from notebook_stream import configure, stream
from notebook_stream.errors import AuthError, StreamError, UsageError

from ..servers import SSE_HEADERS, Connection, Handler, Server, one
from ..servers import sse as events
from .asking import JSON_HEADERS, KEY, PIECES, Ask, answer, delta, every_word_of, held, leaked, shown, whole
from .rows import row


@row("L1")
def test_l1_what_would_show_it_is_found(ask: Ask) -> None:
    end = ask(whole("a"))
    assert leaked(shown(end.stream)) == []
    assert leaked([f"planted {KEY}"]) == list(PIECES)
    assert leaked([f"planted {KEY[3:11]}"]) == [KEY[3:11]]
    end.stream.__dict__["planted"] = KEY
    assert leaked(shown(end.stream)) != []
    del end.stream.__dict__["planted"]
    assert f"bearer {KEY}" in end.requests[0].decode().lower()  # it was sent


WRONG: tuple[dict[str, Any], ...] = (
    {"model": "m", "base_url": "nonsense"},
    {"model": "m", "base_url": f"http://{KEY}@127.0.0.1/v1"},
    {"model": "m", "base_url": f"http://127.0.0.1/v1?key={KEY}"},
    {"model": "m", "base_url": f"ftp://{KEY}.example"},
    {"model": "m", "base_url": "http://127.0.0.1:1/v1", "api_key": KEY + "\n x"},
    {"model": "m", "base_url": "http://127.0.0.1:1/v1", "retries": -1},
    {"model": "nosuch/m"},
    {"model": "m", "base_url": "http://127.0.0.1:1/v1", "temprature": 1, "api_kye": KEY},
)


@row("L1")
@pytest.mark.parametrize("number", range(len(WRONG)))
@pytest.mark.parametrize("wire_format", ["openai-chat", "anthropic"])
def test_l1_wrong_use_shows_none(number: int, wire_format: str) -> None:
    given = {"api_key": KEY, "wire_format": wire_format, "display": False, **WRONG[number]}
    with pytest.raises(UsageError) as caught:
        stream("hi", **given)
    del given  # the caller's own variables; ours are searched
    assert leaked(every_word_of(caught.value)) == []


@row("L1")
def test_l1_configured_and_from_the_environment(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ask.serve(whole("a"))
    given: dict[str, Any] = {"model": "m", "base_url": server.url.replace("/chat", ""), "display": False}
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for _ in range(2):
        ask.streams.append(stream("hi", **given))
        assert ask.streams[-1].result(20).text == "a"
        configure(api_key=KEY)
    foreign, configured = server.requests
    assert KEY not in str(foreign)  # an environment key goes to its provider's own host only
    assert KEY in str(configured)


@row("L1")
def test_l1_debug_logs_of_every_library(ask: Ask) -> None:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    logging.getLogger().addHandler(handler)
    try:
        ask(whole("a"))
        ask(one(401, JSON_HEADERS, b"{}"))
        ask(whole("a"), wire_format="anthropic")
    finally:
        logging.getLogger().removeHandler(handler)
    assert "HTTP Request: POST" in told.getvalue()
    assert leaked([told.getvalue()]) == []


@row("L1")
def test_l1_headers_of_ones_own(ask: Ask) -> None:
    headers = {"X-Api-Key": KEY, "Cookie": f"session={KEY}"}
    end = ask(
        one(403, JSON_HEADERS, json.dumps({"error": KEY}).encode()), api_key=None, extra_headers=headers
    )
    assert isinstance(end.error, AuthError)
    assert "•••" in end.error.message


@row("L1")
def test_l1_a_pickled_result_and_error(ask: Ask) -> None:
    end = ask(one(401, JSON_HEADERS, json.dumps({"error": {"message": f"bad {KEY}"}}).encode()))
    result = end.stream._session.result()
    assert leaked([pickle.dumps(result).decode("latin-1")]) == []
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(end.stream)


NOTEBOOK = """
from notebook_stream import stream
s = stream("hi", model="m", base_url={url!r}, api_key=open({file!r}).read(), retries=0)
s._session.wait(20)
s
---
%xmode Verbose
---
s.result()
---
print(s, repr(s), s.error, s.events, vars(s)); s
---
raise ValueError("on purpose")
---
stream("hi", model="nosuch/m", api_key=open({file!r}).read())
---
import ipywidgets
live = stream("hi", model="m", base_url={url!r}, api_key=open({file!r}).read(), retries=0, display=False)
live._session.wait(20)
ipywidgets.VBox([live])
"""


@row("L1", "L2")
@pytest.mark.parametrize("fault", ["none", "refused"])
def test_l1_l2_the_saved_notebook_and_its_html(ask: Ask, tmp_path: Path, fault: str) -> None:
    message = json.dumps({"error": {"message": f"bad key {KEY}: {KEY[:8]}***{KEY[-8:]}"}}).encode()
    server = ask.serve(whole("an answer") if fault == "none" else one(401, JSON_HEADERS, message))
    (tmp_path / "key").write_text(KEY)
    code = NOTEBOOK.format(url=server.url.replace("/chat", ""), file=str(tmp_path / "key"))
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in code.split("---")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True, store_widget_state=True
    ).execute()
    saved = nbformat.writes(notebook)
    assert "on purpose" in saved
    assert "names a provider" in saved or "Unknown provider" in saved
    if fault == "refused":
        assert "bad key •••" in saved
    (state,) = notebook.metadata["widgets"].values()  # of the one in a layout; the other is ordinary output
    assert any("status" in widget["state"] for widget in state["state"].values())
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert leaked([saved, page]) == []
    assert f"bearer {KEY}" in str(server.requests).lower()


ECHOES: dict[str, Handler] = {
    "whole": one(401, JSON_HEADERS, json.dumps({"error": {"message": f"bad key {KEY}"}}).encode()),
    "both ends": one(
        401, JSON_HEADERS, json.dumps({"error": {"message": f"{KEY[:9]}***{KEY[-9:]}"}}).encode()
    ),
    "escaped": one(401, {}, b'{"message": "%s"}' % "".join(f"\\u{ord(c):04x}" for c in KEY).encode()),
    "as code": one(400, JSON_HEADERS, json.dumps({"error": {"message": "no", "code": KEY}}).encode()),
    "beyond the quote": one(400, {}, b"x" * 492 + KEY.encode()),
    "a login page": one(200, {"content-type": "text/html"}, f"<p>{KEY}".encode()),
    "a content type": one(200, {"content-type": f"text/{KEY}"}, b"x"),
    "an encoding": one(200, {**SSE_HEADERS, "content-encoding": KEY}, b"x"),
    "a redirect": one(302, {"location": f"https://{KEY}.example/"}),
    "no HTTP": lambda connection: connection.send(f"{KEY} NOT HTTP\r\n\r\n".encode()),
    "a bad chunk": lambda connection: bad_chunk(connection),
    "an error event": events([delta("a"), b'data: {"error": {"message": "%s"}}\n\n' % KEY.encode()]),
    "a bad event": events([delta("a"), f"data: {{{KEY}\n\n".encode()]),
    "a bad body": one(200, JSON_HEADERS, f'{{"{KEY}'.encode()),
    "an odd body": one(200, JSON_HEADERS, json.dumps({"odd": KEY}).encode()),
    "a retry": one(503, {**JSON_HEADERS, "retry-after-ms": "20"}, json.dumps({"message": KEY}).encode()),
}


def bad_chunk(connection: Connection) -> None:
    connection.head(200, {**SSE_HEADERS, "transfer-encoding": "chunked"})
    connection.chunk(delta("a"))
    connection.send(f"{KEY}\r\n".encode())


@row("L2")
@pytest.mark.parametrize("name", ECHOES)
@pytest.mark.parametrize("wire_format", ["openai-chat", "anthropic"])
def test_l2_a_server_that_echoes_the_key(
    ask: Ask, caplog: pytest.LogCaptureFixture, name: str, wire_format: str
) -> None:
    # httpcore writes the headers of an answer into its DEBUG log, as the server sent them.
    caplog.set_level(logging.INFO, "httpcore")
    end = ask(ECHOES[name], wire_format=wire_format)
    assert isinstance(end.error, StreamError)
    assert leaked(shown(end.stream)) == []  # which `ask` does again, with the log


@row("L2")
def test_l2_a_header_that_echoes_the_key(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "httpcore")
    end = ask(whole("a", headers={"x-echo": KEY, "set-cookie": KEY}))
    assert end.status == "done"
    assert "•••" in repr(end.stream.events)


@row("L2")
def test_l2_the_model_may_say_what_it_likes(ask: Ask) -> None:
    server: Server = ask.serve(held(*answer("no key here")))
    assert ask(server).text == "no key here"
