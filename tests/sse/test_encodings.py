"""Compressed answers although none was asked for (E): bounded, not held back, or refused."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest

from notebook_stream import sse
from notebook_stream.errors import InterruptedStream, NotFoundError, ProtocolError

from ..servers import one
from ..servers import sse as stream
from .asking import HELLO, ask, messages, texts


@pytest.mark.parametrize("name", ["gzip", "deflate", "raw deflate", "x-gzip", "two members"])
def test_e1_compressed_although_not_asked_for(name: str) -> None:
    text = b"".join(b"data: %d\n\n" % i for i in range(20_000))
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
        items, error = ask(stream(parts, header))
        assert error is None
        assert texts(items) == [str(i) for i in range(20_000)]


def test_e1_compressed_events_are_not_held_back() -> None:
    packer = zlib.compressobj(wbits=31)
    first = packer.compress(b"data: a\n\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    items, _ = ask(stream([first, packer.flush()], {"content-encoding": "gzip"}))
    assert isinstance(items[1], sse.Message)


def test_e1_a_compressed_error_is_read() -> None:
    _, error = ask(one(404, {"content-encoding": "gzip"}, gzip.compress(b'{"message": "no such model"}')))
    assert isinstance(error, NotFoundError)
    assert "no such model" in str(error)


def test_e3_cut_off_gzip() -> None:
    noise = random.Random(3)
    packed = gzip.compress(b"".join(b"data: %x\n\n" % noise.getrandbits(128) for _ in range(100)))
    items, error = ask(stream([packed[:-400]], {"content-encoding": "gzip"}))
    assert isinstance(error, InterruptedStream)
    assert 10 < len(texts(items)) < 100
    _, error = ask(stream([packed[:-2]], {"content-encoding": "gzip"}))
    assert isinstance(error, InterruptedStream)


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_e4_corrupt(name: str) -> None:
    packed = bytearray(gzip.compress(b"data: a\n\n" * 1000) if name == "gzip" else b"\xff\xff\xff\xff" * 20)
    packed[20] ^= 0xFF
    packed[-6] ^= 0xFF
    _, error = ask(stream([bytes(packed)], {"content-encoding": name}))
    assert isinstance(error, ProtocolError)
    assert error.code == "decoding"


@pytest.mark.parametrize("name", ["br", "zstd", "gzip, gzip", ", ".join(["gzip"] * 100), "compress"])
def test_e5_e6_unsupported(name: str) -> None:
    items, error = ask(stream(HELLO, {"content-encoding": name}))
    assert messages(items) == []
    assert isinstance(error, ProtocolError)
    assert "unsupported encoding" in str(error)
