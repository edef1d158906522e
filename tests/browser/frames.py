"""In: frames of the websocket between JupyterLab and its server. Out: counts and kernel messages.

The sub-protocol is v1.kernel.websocket.jupyter.org (jupyter_server, "Websocket protocols"): little-endian
64-bit offsets, then channel, header, parent header, metadata, content and buffers. Can lose chosen messages
on purpose, for loss has to heal. Knows nothing of the page's content.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, WebSocket, WebSocketRoute

CHANNELS = re.compile(r"/api/kernels/[^/]+/channels")

Message = dict[str, Any]
"""`channel`, `header`, `parent_header`, `metadata`, `content`; buffers are left out."""


def parse(frame: bytes) -> Message | None:
    """The kernel message in one binary frame; None when it is not one."""
    if len(frame) < 8:
        return None
    (count,) = struct.unpack_from("<Q", frame)
    if count < 6 or 8 * (count + 1) > len(frame):
        return None
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    parts = [frame[start:end] for start, end in pairwise(offsets[:6])]
    channel, *documents = parts
    names = ("header", "parent_header", "metadata", "content")
    return {"channel": channel.decode(), **dict(zip(names, map(json.loads, documents), strict=True))}


def own_message(message: Message) -> Message | None:
    """The custom message (`{"type": ...}`) that a widget sent in a comm_msg; None for anything else."""
    if message["header"]["msg_type"] != "comm_msg":
        return None
    data = message["content"].get("data", {})
    content = data.get("content") if data.get("method") == "custom" else None
    return content if isinstance(content, dict) else None


@dataclass
class Traffic:
    """What one page received from and sent to its kernels: whole frames, as on the wire."""

    received: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    @property
    def received_bytes(self) -> int:
        """Bytes of all frames that came."""
        return sum(map(len, self.received))

    def clear(self) -> None:
        """Count anew from here."""
        self.received.clear()
        self.sent.clear()

    def messages(self) -> list[Message]:
        """Every kernel message that came, in order."""
        return [message for frame in self.received if (message := parse(frame))]

    def own_messages(self) -> list[Message]:
        """The custom messages that widgets of the kernel sent, in order."""
        return [own for message in self.messages() if (own := own_message(message))]


def count_traffic(page: Page) -> Traffic:
    """Count from now on; call before the page opens its notebook."""
    traffic = Traffic()

    def as_bytes(frame: str | bytes) -> bytes:
        return frame.encode() if isinstance(frame, str) else frame

    def watch(socket: WebSocket) -> None:
        if CHANNELS.search(socket.url):
            socket.on("framereceived", lambda frame: traffic.received.append(as_bytes(frame)))
            socket.on("framesent", lambda frame: traffic.sent.append(as_bytes(frame)))

    page.on("websocket", watch)
    return traffic


def lose_messages(page: Page, is_lost: Callable[[Message], bool]) -> list[Message]:
    """Drop every kernel message for which `is_lost` is true, before the page sees it; returns the list.

    Call before the page opens its notebook. Frames are proxied by the test's own process, and only while it
    waits in a Playwright call. Traffic cannot be counted on the same page: Playwright hides a routed socket.
    """
    lost: list[Message] = []

    def proxy(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def to_page(frame: str | bytes) -> None:
            message = parse(frame) if isinstance(frame, bytes) else None
            if message is not None and is_lost(message):
                lost.append(message)
            else:
                route.send(frame)

        server.on_message(to_page)

    page.route_web_socket(CHANNELS, proxy)
    return lost


Pass = Callable[[Message | None, bytes], list[bytes]]
"""One message (None where it is none) and its frame -> the frames that go on, in order."""


def alter_messages(page: Page, to_page: Pass | None = None, to_kernel: Pass | None = None) -> None:
    """Let `to_page` and `to_kernel` decide which frames go on: lost, doubled, held back or in another order.

    What `lose_messages` says about the time to call and about counting holds here, too.
    """

    def passing(decide: Pass | None, send: Callable[[bytes], None]) -> Callable[[str | bytes], None]:
        def on_frame(frame: str | bytes) -> None:
            data = frame if isinstance(frame, bytes) else frame.encode()
            for each in [data] if decide is None else decide(parse(data), data):
                send(each)

        return on_frame

    def proxy(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(passing(to_page, route.send))
        route.on_message(passing(to_kernel, server.send))

    page.route_web_socket(CHANNELS, proxy)
