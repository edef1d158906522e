"""Content encodings: compressed bytes in, decoded bytes out in small slices, bounded in all.

httpx's own decoders are not used: 286 kB of gzip cost them 905 MB and a loop stalled for 3 s, and they take a
cut-off gzip for a whole one. Knows no HTTP.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from ..errors import InterruptedStream, LimitError, ProtocolError

SLICE = 32 * 1024
"""Bytes handed on at once."""

INFLATED_LIMIT = 64 * 1024 * 1024
"""Bytes that a compressed answer may grow to."""

_INPUT = 4096
_HINT = "The text so far is kept; s.again() asks again. A proxy in between may have compressed it."


class Plain:
    """Identity encoding: the same bytes in small slices."""

    def slices(self, data: bytes) -> Iterator[bytes]:
        """`data` in pieces of at most `SLICE` bytes."""
        for start in range(0, len(data), SLICE):
            yield data[start : start + SLICE]

    def end(self) -> None:
        """Plain bytes are never cut off by themselves."""


class Inflated:
    """gzip or deflate, decoded in slices, refused beyond `INFLATED_LIMIT`.

    Raises `LimitError`, `ProtocolError` (code "decoding") and, from `end()`, `InterruptedStream`.
    """

    def __init__(self, encoding: str, host: str) -> None:
        self._host = host
        self._wbits = zlib.MAX_WBITS + 16 if encoding == "gzip" else 0  # 0: not yet known
        self._inner = zlib.decompressobj(self._wbits) if self._wbits else None
        self._head = b""
        self._total = 0

    def slices(self, data: bytes) -> Iterator[bytes]:
        """The decoded bytes in pieces of at most `SLICE`."""
        if self._inner is None:
            self._head, data = b"", self._head + data
            self._start_deflate(data)
        # zlib copies what it has not consumed at each call: small pieces keep that cheap.
        for start in range(0, len(data), _INPUT):
            yield from self._inflate(data[start : start + _INPUT])

    def end(self) -> None:
        """Raises `InterruptedStream` when the end of the compressed data has not come."""
        if self._inner is None or not self._inner.eof:
            raise InterruptedStream(
                f"{self._host}: the compressed answer is cut off.", hint=_HINT, host=self._host
            )

    def _start_deflate(self, head: bytes) -> None:
        # "deflate" means zlib by the RFC and a raw deflate stream by many servers; two bytes tell.
        if len(head) < 2:
            self._head = head
            return
        is_zlib = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
        self._wbits = zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS
        self._inner = zlib.decompressobj(self._wbits)

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        full = False
        while self._inner is not None and (data or full):
            if self._inner.eof:  # gzip may go on with another member
                self._inner = zlib.decompressobj(self._wbits)
            try:
                piece = self._inner.decompress(data, SLICE)
            except zlib.error:
                raise ProtocolError(
                    f"{self._host}: the compressed answer is damaged.",
                    hint=_HINT,
                    code="decoding",
                    host=self._host,
                ) from None
            self._total += len(piece)
            if self._total > INFLATED_LIMIT:
                raise LimitError(
                    f"{self._host}: the compressed answer grows beyond {INFLATED_LIMIT >> 20} MiB.",
                    hint=_HINT,
                    host=self._host,
                )
            data = self._inner.unconsumed_tail or self._inner.unused_data
            full = len(piece) == SLICE and not self._inner.eof
            yield piece
