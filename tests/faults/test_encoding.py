"""Compressed answers although none was asked for (E): decoded within bounds, or refused."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from notebook_stream.errors import InterruptedStream, NotFoundError, ProtocolError

from ..servers import SSE_HEADERS, one
from ..servers import sse as events
from .asking import Ask, answer, delta, whole
from .conftest import Cost
from .measured import measure
from .rows import row

NUMBERS = [f"{i} " for i in range(2000)]


@row("E1")
@pytest.mark.parametrize("name", ["gzip", "deflate", "raw deflate", "x-gzip", "two members"])
def test_e1_compressed_although_not_asked_for(ask: Ask, name: str) -> None:
    text = b"".join(answer(*NUMBERS))
    raw_deflate = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text),
        "x-gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw deflate": raw_deflate.compress(text) + raw_deflate.flush(),
        "two members": gzip.compress(text[:1000]) + gzip.compress(text[1000:]),
    }[name]
    header = {"content-encoding": {"raw deflate": "deflate", "two members": "GZIP"}.get(name, name)}
    for parts in ([packed], [packed[:1], packed[1:2], packed[2:]]):
        end = ask(events(parts, header))
        assert (end.status, end.text) == ("done", "".join(NUMBERS))
        assert b"accept-encoding: identity" in end.requests[0].lower()


@row("E1")
def test_e1_a_compressed_refusal_is_read(ask: Ask) -> None:
    end = ask(one(404, {"content-encoding": "gzip"}, gzip.compress(b'{"message": "no such model"}')))
    assert isinstance(end.error, NotFoundError)
    assert "no such model" in end.error.message


@row("E2")
def test_e2_a_bomb(cost: Cost) -> None:
    packed = gzip.compress(delta("x" * 9000) * 100) * 330  # member after member
    assert len(packed) < 1_500_000  # and 300 MB of it
    found = measure(one(200, {**SSE_HEADERS, "content-encoding": "gzip"}, packed), cost)
    assert (found.status, found.stop_reason, found.chars) == ("stopped", "chars", 2_000_000)


@row("E2")
def test_e2_a_bomb_of_comments(cost: Cost) -> None:
    packed = gzip.compress(b":" * 1_000_000) * 300
    assert len(packed) < 400_000
    found = measure(one(200, {**SSE_HEADERS, "content-encoding": "gzip"}, packed), cost)
    assert (found.status, found.error) == ("interrupted", "LimitError")


@row("E3")
@pytest.mark.parametrize("lost", [2, 400])
def test_e3_truncated(ask: Ask, lost: int) -> None:
    noise = random.Random(3)
    pieces = [f"{noise.getrandbits(128):x} " for _ in range(100)]
    packed = gzip.compress(b"".join(map(delta, pieces)))
    end = ask(events([packed[:-lost]], {"content-encoding": "gzip"}))
    assert isinstance(end.error, InterruptedStream)
    assert end.status == "interrupted"
    assert len(end.text) > 10
    assert "".join(pieces).startswith(end.text)
    assert "cut off" in end.error.message


@row("E4")
@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_e4_corrupt(ask: Ask, name: str) -> None:
    packed = bytearray(gzip.compress(b"".join(answer(*NUMBERS))) if name == "gzip" else b"\xff" * 80)
    packed[20] ^= 0xFF
    packed[-6] ^= 0xFF
    end = ask(events([bytes(packed)], {"content-encoding": name}))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.error.code) == ("error", "decoding")


@row("E5")
@pytest.mark.parametrize("name", ["br", "zstd", "compress", "aws-chunked"])
def test_e5_an_encoding_that_nobody_here_reads(ask: Ask, name: str) -> None:
    end = ask(whole("never", headers={"content-encoding": name}))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.text, end.error.code) == ("error", "", "encoding")
    assert f"unsupported encoding {name}" in end.error.message


@row("E6")
@pytest.mark.parametrize("name", ["gzip, gzip", "gzip,deflate", ", ".join(["gzip"] * 100)])
def test_e6_more_than_one(ask: Ask, name: str) -> None:
    packed = b"".join(answer("never"))
    for _ in name.split(","):
        packed = gzip.compress(packed)
    end = ask(one(200, {**SSE_HEADERS, "content-encoding": name}, packed))
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.text, end.error.code) == ("error", "", "encoding")
