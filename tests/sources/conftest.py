"""What tests of sources stand on: no thread of a source outlives its test; a loop in the kernel's role."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ..waiting import until
from .loops import OtherLoop, source_threads


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    # What was there before, the SDKs above all, need not be looked at by the collections of this test.
    gc.freeze()
    yield
    gc.collect()
    gc.unfreeze()
    until(lambda: not source_threads())


@pytest.fixture
def kernel() -> Iterator[OtherLoop]:
    with OtherLoop() as other:
        yield other
