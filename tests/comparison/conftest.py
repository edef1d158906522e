"""No run outlives its test, and what would go to a page is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from notebook_stream import stop_all, streams
from notebook_stream.api import defaults
from notebook_stream.widget import library

from ..test_widget import FakeComm


@pytest.fixture(autouse=True)
def comms(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeComm]]:
    opened: list[FakeComm] = []

    def create(**kwargs: Any) -> FakeComm:
        opened.append(FakeComm(**kwargs))
        return opened[-1]

    monkeypatch.delenv("NOTEBOOK_STREAM_MODEL", raising=False)
    monkeypatch.setattr("ipywidgets.widgets.widget.comm.create_comm", create)
    monkeypatch.setattr(library, "_opened", {})
    yield opened
    stop_all()
    defaults.configured.clear()
    assert streams() == []
