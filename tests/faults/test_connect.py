"""No connection (C): refused, unknown, silent, untrusted, unencrypted, by way of a proxy."""

from __future__ import annotations

import socket
import ssl
import warnings
from pathlib import Path

import pytest

from notebook_stream import stream
from notebook_stream.errors import ConnectError, ServerError, UsageError
from notebook_stream.sse import failure
from notebook_stream.sse import request as requesting

from ..servers import Server, closed_port, in_turn, one, self_signed
from .asking import KEY, Ask, every_word_of, leaked, whole
from .certificates import expired
from .rows import row


@row("C1")
def test_c1_refused_is_asked_again_twice(ask: Ask, quick_retries: None) -> None:
    with closed_port() as port:
        end = ask(f"http://127.0.0.1:{port}/v1", within=5)
    assert isinstance(end.error, ConnectError)
    assert (end.status, end.error.code) == ("error", "connect")
    assert f"127.0.0.1:{port}" in str(end.error)
    assert len(end.retried) == 2


@row("C1")
def test_c1_the_waits_double_from_half_a_second(ask: Ask) -> None:
    with closed_port() as port:
        end = ask(f"http://127.0.0.1:{port}/v1", within=20)
    first, second = (event.delay_s for event in end.retried)
    assert 0.375 <= first <= 0.5
    assert 0.75 <= second <= 1.0
    assert end.seconds > first + second


@row("C2")
@pytest.mark.parametrize("name", ["no-such-host.invalid", "x" * 70 + ".invalid"])
def test_c2_an_unknown_name(ask: Ask, quick_retries: None, name: str) -> None:
    end = ask(f"https://{name}/v1", within=20)
    assert isinstance(end.error, ConnectError)
    assert (end.status, end.error.code) == ("error", "dns")
    assert name in str(end.error)
    assert len(end.retried) == 2


@row("C3")
def test_c3_a_connect_that_hangs(ask: Ask, quick_retries: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failure.CONNECT_TIMEOUT_S == 5
    monkeypatch.setattr(failure, "CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(requesting, "CONNECT_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for sock in fill:  # once the queue is full, Linux drops the next SYN
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        end = ask(f"http://127.0.0.1:{port}/v1", within=9)
        for sock in fill:
            sock.close()
    assert isinstance(end.error, ConnectError)
    assert (end.error.code, len(end.retried)) == ("connect", 2)
    assert "within 0.3 s" in str(end.error)
    assert end.seconds > 0.9


def refused_certificate(ask: Ask, context: ssl.SSLContext, says: str, verify: str | bool = True) -> Server:
    server = ask.serve(whole("never"), context)
    end = ask(server, verify=verify, within=10)
    assert isinstance(end.error, ConnectError)
    assert (end.status, end.error.code, end.retried) == ("error", "tls", [])
    assert says in str(end.error)
    assert server.requests == []  # the handshake goes before the headers: no key was sent
    return server


@row("C4")
def test_c4_self_signed(ask: Ask, tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path)
    server = refused_certificate(ask, context, "self-signed")
    assert ask(server, verify=str(cert)).text == "never"  # the only way out is the user's own word


@row("C4")
def test_c4_expired(ask: Ask, tmp_path: Path) -> None:
    context, cert = expired(tmp_path)
    refused_certificate(ask, context, "expired", str(cert))


@row("C4")
def test_c4_for_another_host(ask: Ask, tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path, "127.0.0.2")
    refused_certificate(ask, context, "not valid for '127.0.0.1'", str(cert))


@row("C4")
def test_c4_tls_1_0(ask: Ask, tmp_path: Path) -> None:
    context, cert = self_signed(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # which is why it is refused
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
    refused_certificate(ask, context, "No secure connection", str(cert))


@row("C5")
@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "[2001:db8::1]:8080"])
def test_c5_no_key_goes_unencrypted_to_another_machine(host: str) -> None:
    with pytest.raises(UsageError, match="unencrypted") as caught:
        stream("hi", model="m", base_url=f"http://{host}/v1", api_key=KEY, display=False)
    assert host.split("]")[0] in str(caught.value)
    del host
    assert leaked(every_word_of(caught.value)) == []


@row("C6")
def test_c6_a_proxy_of_the_environment_serves_other_machines_only(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = ask.serve(one(502, {}))
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    from notebook_stream.api import exchange

    monkeypatch.setattr(exchange, "_clients", {})  # a client reads the environment once
    assert ask(whole("direct")).text == "direct"
    assert proxy.requests == []
    end = ask("http://example.invalid/v1", api_key=None, retries=0)
    assert isinstance(end.error, ServerError)
    assert len(proxy.requests) == 1


@row("C6")
def test_c6_netrc_does_not_replace_the_key(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    end = ask(in_turn(whole("a")))
    assert end.status == "done"
    assert f"authorization: bearer {KEY}".encode() in end.requests[0].lower()
    assert b"basic" not in end.requests[0].lower()
