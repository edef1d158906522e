"""A demo server that answers at once, and a plain HTTP client to ask it with."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from notebook_stream.demo import Server

from .client import PATIENCE


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(pace=0, first_token_s=0, seed=7) as running:
        yield running


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=PATIENCE, verify=False) as one:
        yield one
