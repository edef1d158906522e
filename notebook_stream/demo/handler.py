"""One connection to the demo server: HTTP's head, the routes, and which fault strikes there.

Requests come in, answers go out by way of `generation`. It tells the wire formats apart only by their path.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from random import Random
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from . import anthropic, openai_chat
from .answers import Answer, answer
from .exchange import Exchange, Gone, Request
from .generation import Dropped, Failed, Generation
from .listener import Listener
from .request import Asked, BadRequest, read
from .wire import FAILED, Dialect, dumps

_log = logging.getLogger(__name__)
_NONE: Mapping[str, str] = MappingProxyType({})

MOST_BODY = 8 * 1024 * 1024
"""Bytes of a request, for a page of another origin may send to loopback as well."""

LOGIN_PAGE = (
    b"<!doctype html><html><head><title>Sign in to the network</title></head>"
    b"<body><h1>Sign in</h1><p>Please sign in to use this network.</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Route:
    """What stands behind a path: the encoder of answers and that of errors."""

    dialect: Callable[[Asked, Answer, Random], Dialect]
    json_error: Callable[[BadRequest], dict[str, Any]]


ROUTES = {
    "/v1/chat/completions": Route(openai_chat.OpenAIChat, openai_chat.json_error),
    "/v1/messages": Route(anthropic.Anthropic, anthropic.json_error),
}
MODELS_PATH = "/v1/models"


class Handler(BaseHTTPRequestHandler):
    """One connection, which may bring several requests."""

    protocol_version = "HTTP/1.1"
    server_version = "notebook-stream-demo"
    sys_version = ""
    disable_nagle_algorithm = True
    raw_requestline: bytes
    server: Listener

    def setup(self) -> None:
        """Begin with an empty list of requests."""
        super().setup()
        self._served: list[Request] = []
        self._route: Route | None = None
        self._left = False

    def handle(self) -> None:
        """Answer one request after the other, then note who closed the connection."""
        try:
            super().handle()
        except OSError:
            self._left = True
        # An empty line is the end of what the client sends, between two requests.
        left = self._left or not self.raw_requestline
        for request in self._served:
            request.close("client" if left and not self.server.closing.is_set() else "server")

    def do_GET(self) -> None:
        """The list of models."""
        self._begin()
        if self._path == MODELS_PATH:
            self._send_json(200, openai_chat.models())
        elif self._path in ROUTES:
            self._refuse(BadRequest("Only POST requests are accepted.", status=405), {"Allow": "POST"})
        else:
            self._refuse(BadRequest(f"Invalid URL (GET {self._path})", status=404))

    def do_POST(self) -> None:
        """An answer, or an error in the words of the path's dialect."""
        self._begin()
        try:
            self._answer()
        except BadRequest as error:
            self._refuse(error)

    @property
    def _path(self) -> str:
        return urlsplit(self.path).path

    def _begin(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._request = Request(self._path, time.monotonic(), headers)
        self._served.append(self._request)
        self.server.requests.append(self._request)
        self._route = ROUTES.get(self._path)

    def _answer(self) -> None:
        body = self._read_body()
        if self._route is None:
            raise BadRequest(f"Invalid URL (POST {self._path})", status=404)
        asked = read(body, self.server.settings)
        self._request.model, self._request.body = asked.model, asked.body
        if self._strikes(asked):
            return
        scripted = answer(asked)
        rng = Random(asked.settings.seed)
        dialect = self._route.dialect(asked, scripted, rng)
        self._generate(asked, scripted, dialect, rng)

    def _strikes(self, asked: Asked) -> bool:
        """Act on the faults that replace the whole answer; whether one did."""
        fault = asked.settings.fault
        if fault is None:
            return False
        if fault.kind == "refuse_stream_options" and "stream_options" in asked.body:
            name = "stream_options"
            raise BadRequest(f"Unknown parameter: '{name}'.", name, code="unknown_parameter")
        if fault.kind == "html":
            self._send(200, "text/html; charset=utf-8", LOGIN_PAGE)
            return True
        same = (self._path, asked.model, asked.settings.seed, asked.last_user_text)
        if fault.kind == "http" and self.server.tally.strikes(fault, same):
            message = f"This demo server answers {fault.status} here on purpose."
            later = {"Retry-After": "1"} if fault.status == 429 else {}
            self._refuse(BadRequest(message, status=fault.status), later)
            return True
        return False

    def _generate(self, asked: Asked, scripted: Answer, dialect: Dialect, rng: Random) -> None:
        exchange = Exchange(self.connection, self._request)
        settings = asked.settings
        if scripted.first_token_s is not None and asked.body.get("first_token_s") is None:
            settings = replace(settings, first_token_s=scripted.first_token_s)
        generation = Generation(exchange, dialect, scripted, settings, rng)
        try:
            if asked.stream:
                self._head(200, "text/event-stream; charset=utf-8", {"Transfer-Encoding": "chunked"})
                generation.stream()
            else:
                generation.wait()
                empty = settings.fault is not None and settings.fault.kind == "empty"
                self._send(200, "application/json", b"" if empty else dumps(dialect.whole()))
        except Gone:
            self._left = self.close_connection = True
        except Failed:
            raise BadRequest(FAILED, status=500) from None
        except Dropped:
            self._drop()
        finally:
            exchange.close()

    def _drop(self) -> None:
        """Close the connection at once; the base class would shut it down first, and say FIN before RST."""
        self.close_connection = True
        self.connection.close()

    def _read_body(self) -> object:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.close_connection = True
            raise BadRequest("A Content-Length is required.", status=411)
        if int(length) > MOST_BODY:
            self._skip(int(length))
            raise BadRequest(f"The request is larger than {MOST_BODY} bytes.", status=413)
        try:
            return json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise BadRequest("We could not parse the JSON body of your request.") from None

    def _skip(self, length: int) -> None:
        """Read a body and forget it; closing with it unread would reset the connection under the answer."""
        while length > 0 and (piece := self.rfile.read(min(length, 65_536))):
            length -= len(piece)

    def _refuse(self, error: BadRequest, headers: Mapping[str, str] = _NONE) -> None:
        json_error = self._route.json_error if self._route else openai_chat.json_error
        self._send_json(error.status, json_error(error), headers)

    def _send_json(self, status: int, value: Mapping[str, Any], headers: Mapping[str, str] = _NONE) -> None:
        self._send(status, "application/json", dumps(value), headers)

    def _send(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] = _NONE) -> None:
        self._head(status, content_type, {**headers, "Content-Length": str(len(body))})
        self._request.first_byte = time.monotonic()
        self.wfile.write(body)
        self._request.ended_at = time.monotonic()

    def _head(self, status: int, content_type: str, headers: Mapping[str, str]) -> None:
        self._request.status = status
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Cache-Control", "no-cache")
        # What `echo` repeats must not become a page of this origin.
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Log it. The base class prints it, and that would appear in somebody's cell."""
        _log.debug(format, *args)
