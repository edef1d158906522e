"""No connection (C): refused, unknown, silent, untrusted, by way of a proxy."""

from __future__ import annotations

import asyncio
import socket
import time
from pathlib import Path

import pytest

from notebook_stream import sse
from notebook_stream.errors import ConnectError, ServerError, UsageError
from notebook_stream.sse import failure
from notebook_stream.sse import request as requesting

from ..servers import Server, closed_port, one, self_signed
from ..servers import sse as stream
from .asking import HELLO, collect, request, texts


def test_c1_refused() -> None:
    with closed_port() as port:
        _, error = asyncio.run(collect(request(f"http://127.0.0.1:{port}/v1")))
    assert isinstance(error, ConnectError)
    assert (error.code, error.retryable) == ("connect", True)
    assert f"127.0.0.1:{port}" in str(error)
    assert "refused" in str(error).lower()
    assert "running?" in error.hint


@pytest.mark.parametrize("name", ["no-such-host.invalid", "x" * 70 + ".invalid"])
def test_c2_unknown_name(name: str) -> None:
    _, error = asyncio.run(collect(request(f"http://{name}/v1")))
    assert isinstance(error, ConnectError)
    assert (error.code, error.retryable) == ("dns", True)
    assert name in str(error)


def test_c3_connect_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure, "CONNECT_TIMEOUT_S", 0.2)
    monkeypatch.setattr(requesting, "CONNECT_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for sock in fill:  # once the queue is full, Linux drops the next SYN
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        _, error = asyncio.run(collect(request(f"http://127.0.0.1:{port}/v1")))
        for sock in fill:
            sock.close()
    assert isinstance(error, ConnectError)
    assert "within" in str(error)
    assert time.monotonic() - started < 3


def test_c4_self_signed(tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path)
    with Server(stream(HELLO), context) as server:
        _, error = asyncio.run(collect(request(server.url)))
        assert isinstance(error, ConnectError)
        assert (error.code, error.retryable) == ("tls", False)
        assert "self-signed" in str(error)
        assert server.requests == []
        items, error = asyncio.run(collect(request(server.url), verify=str(cert)))
    assert error is None
    assert texts(items) == ["hello", "[DONE]"]


def test_c6_no_proxy_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(stream(HELLO)) as server, Server(one(502, {})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        _, error = asyncio.run(collect(request(server.url)))
        assert error is None
        assert proxy.requests == []
        _, error = asyncio.run(collect(request("http://example.invalid/v1")))
        assert isinstance(error, ServerError)
        assert len(proxy.requests) == 1


def test_verify_that_is_no_file_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no CA certificates"):
        sse.make_client("/no/such/file.pem")


def test_certificates_of_the_environment_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        sse.make_client()
