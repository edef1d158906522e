"""What few answers have, in a real browser: choices, JSON, tool calls, sources, pictures and sounds.

Alone in a page, where whatever it asks for beyond itself is a finding; in JupyterLab, live and reloaded.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from . import live_page
from .conftest import OpenNotebook
from .frames import Message, Traffic
from .live_page import ORIGIN, LivePage
from .numbered import Complaints
from .page import WAIT_MS
from .test_comfort import THEMES, page_alone

__all__ = ["page_alone"]


def png(width: int, height: int) -> str:
    """A picture in base64, of noise that does not compress: whoever copies it is seen in the traffic."""
    noise = b"".join(struct.pack(">I", (i * 2654435761) % 2**32) for i in range(width * height))[
        : width * height * 3
    ]
    noise = noise.ljust(width * height * 3, b"\x7f")
    rows = b"".join(b"\0" + noise[y * width * 3 : (y + 1) * width * 3] for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    whole = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + whole).decode()


SECOND = base64.b64encode(struct.pack("<24000h", *(i % 2000 for i in range(24000)))).decode()
"""One second of bare samples at 24 kHz."""
TEXT = "Zürich has a *lake* 🎉 and a river.\n\n- one point\n- another"
CITED = {
    "url": "https://example.org/a",
    "title": "A page",
    "quote": "a lake",
    "start": 0,
    "end": len(TEXT[:33]),
}
RICH: dict[str, Any] = {
    "tools": [{"position": 0, "name": "search", "kind": "server_tool_use", "arguments": '{"q": [1, 2]}'}],
    "results": [{"position": 0, "name": "search", "kind": "", "content": '{"found": 3}'}],
    "citations": [CITED],
    "choices": [
        {"index": 1, "text": "Two.", "finish_reason": "length", "finish_detail": "max_tokens=2"},
        {"index": 2, "refusal": "No.", "finish_reason": "stop"},
    ],
    "media": [
        {"slot": 0, "kind": "image", "mime_type": "image/svg+xml", "data": [png(40, 30)]},
        {"slot": 1, "kind": "audio", "data": [SECOND], "transcript": "A tone."},
        {"slot": 2, "kind": "image", "url": "https://pictures.example.org/a.png"},
        {"slot": 3, "kind": "image", "data": [base64.b64encode(b"<svg onload=alert(1)>" * 9).decode()]},
    ],
}


@pytest.mark.parametrize("theme", ["bare", "vscode dark"])
def test_all_of_it_can_be_read_and_asks_for_nothing(page_alone: Page, theme: str) -> None:
    asked: list[str] = []
    page_alone.on("request", lambda request: asked.append(request.url))
    style, body_class = THEMES[theme]
    live = LivePage(page_alone, style=style, body_class=body_class)
    loaded = len(asked)
    live.append(TEXT, **RICH)
    streaming = live.ask("contrasts(root)")
    live.end(finish_reason="content_filter", finish_detail="SAFETY")
    page_alone.wait_for_function("root.querySelector('audio').duration > 0", timeout=WAIT_MS)
    ended = live.ask("contrasts(root)")
    assert streaming["low"] + ended["low"] == []
    assert ended["count"] > 20
    assert live.ask("[root.querySelector('img').naturalWidth, root.querySelectorAll('img').length]") == [
        40,
        1,
    ]
    assert live.ask("Math.round(root.querySelector('audio').duration * 10)") == 10
    assert live.ask("root.querySelector('audio').paused")
    assert [url for url in asked[loaded:] if not url.startswith((f"blob:{ORIGIN}/", f"{ORIGIN}/"))] == []


def test_choices_are_columns_that_wrap_below_500_pixels(page_alone: Page) -> None:
    live = LivePage(page_alone, style="#output { width: 500px } body { margin: 0 }")
    live.append("One.", choices=[{"index": 1, "text": "Two."}])
    rows = "new Set(Array.from(root.querySelectorAll('.choice'), (c) => c.getBoundingClientRect().top)).size"
    assert live.ask(rows) == 1
    page_alone.add_style_tag(content="#output { width: 490px !important }")
    assert live.ask(rows) == 2


def test_a_picture_keeps_its_place_before_it_is_decoded(page_alone: Page) -> None:
    live = LivePage(page_alone)
    measure = "root.querySelector('[part=media]').getBoundingClientRect().height"
    live.append("Look.", media=[{"slot": 0, "kind": "image", "data": [png(64, 48)]}])
    before = live.ask(measure)
    page_alone.wait_for_function("root.querySelector('img').complete", timeout=WAIT_MS)
    assert live.ask(measure) == before >= 48


def test_numbers_of_sources_are_no_text_and_move_no_line(page_alone: Page) -> None:
    live = LivePage(page_alone)
    live.append(TEXT, citations=[CITED])
    height = "root.querySelector('[part=answer]').getBoundingClientRect().height"
    before, shown = live.ask(height), live.ask("answer.innerText")
    live.end()
    assert live.ask("root.querySelectorAll('.ns-cite a').length") == 1
    assert live.ask(height) == before
    selected = live.ask("(getSelection().selectAllChildren(answer), getSelection().toString().trim())")
    assert "1" not in shown + selected


def test_json_grows_with_its_colours(page_alone: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(live_page.STATE, "asked", {"json": True})
    live = LivePage(page_alone)
    value = {"a": [1, {"b": "x"}], "c": None}
    for character in json.dumps(value):
        live.append(character)
    live.end()
    page_alone.wait_for_function("root.querySelector('.ns-number')", timeout=WAIT_MS)
    assert live.ask("answer.querySelector('code').textContent") == json.dumps(value, indent=2)


PICTURE = png(200, 150)
SERVER = f"""
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
picture = "data:image/png;base64,{PICTURE}"
citation = {{"url": "https://example.org/a", "title": "A page", "start_index": 0, "end_index": 17}}
deltas = [
    (0, {{"content": "Zurich has a lake. "}}),
    (1, {{"content": "Second **answer**"}}),
    (0, {{"content": "Truly."}}),
    (0, {{"images": [{{"type": "image_url", "image_url": {{"url": picture}}}}]}}),
    (0, {{"tool_calls": [{{"index": 0, "function": {{"name": "look", "arguments": '{{"a": '}}}}]}}),
    (0, {{"tool_calls": [{{"index": 0, "function": {{"arguments": '[1]}}'}}}}]}}),
    (0, {{"annotations": [{{"type": "url_citation", "url_citation": citation}}]}}),
]
class Answer(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        choices = [{{"index": i, "delta": delta}} for i, delta in deltas]
        choices += [{{"index": 0, "delta": {{}}, "finish_reason": "stop"}}]
        choices += [{{"index": 1, "delta": {{}}, "finish_reason": "length"}}]
        for choice in choices:
            self.wfile.write(f"data: {{json.dumps({{'choices': [choice]}})}}\\n\\n".encode())
        self.wfile.write(b"data: [DONE]\\n\\n")
server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
from notebook_stream import stream
url = f"http://127.0.0.1:{{server.server_port}}/v1"
s = stream("hi", model="m", base_url=url, n=2, max_tokens=7, settle=False)
"""


def comm_messages(traffic: Traffic) -> list[Message]:
    """The cell's own text has the picture, too, and is echoed."""
    return [message for message in traffic.messages() if message["header"]["msg_type"].startswith("comm_")]


def test_all_of_it_in_a_cell_and_after_a_reload(
    open_notebook: OpenNotebook, page: Page, traffic: Traffic
) -> None:
    complaints = Complaints(page)
    notebook = open_notebook([SERVER])
    traffic.clear()
    notebook.run(0)
    for _ in range(2):
        view = notebook.view(0)
        view.wait_until("done: 2 choices")
        expect(view.part("answer")).to_have_text(["Zurich has a lake. Truly.", "Second answer"])
        expect(view.part("finish").locator("visible=true")).to_have_text("⚠Cut off at max_tokens=7.")
        expect(view.part("tools").locator("pre").first).to_have_text('{\n  "a": [\n    1\n  ]\n}')
        expect(view.host.locator(".ns-cite a")).to_have_attribute("data-number", "1")
        picture = view.part("media").locator("img")
        expect(picture).to_have_js_property("naturalWidth", 200)
        # The picture has crossed once, and is not in the notebook's file.
        assert sum(PICTURE[-200:] in json.dumps(message) for message in comm_messages(traffic)) == 1
        assert PICTURE[-200:] not in json.dumps(notebook.save()["metadata"])
        traffic.clear()
        notebook.reload()
    assert complaints.lines == []
