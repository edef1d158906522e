"""No run, default or setting outlives its test; a demo server, and a client that notes what it sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notebook_stream import loop, stop_all, streams
from notebook_stream.api import defaults
from notebook_stream.demo import Server

from ..waiting import PATIENCE
from .seen import Seen


@pytest.fixture(autouse=True)
def _no_leftovers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NOTEBOOK_STREAM_MODEL", raising=False)
    yield
    stop_all()
    defaults.configured.clear()
    assert streams() == []


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0) as running:
        yield running


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen()
    yield found
    loop.background().spawn(found.client.aclose()).result(PATIENCE)
