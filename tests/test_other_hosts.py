"""What other hosts than JupyterLab get: Colab its metadata and no buffers, web apps a core for each page."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from notebook_stream import Stream, hosts, show
from notebook_stream.widget import library

from .test_widget import FakeComm, comms
from .waiting import PATIENCE

__all__ = ["comms"]  # a fixture, for every test here: no comm leaves this process

WIDGET = "application/vnd.jupyter.widget-view+json"
MANAGER_URL = "https://manager.example/1"
CODE_AND_FORMULA = "```python\na\n```\n\n$x$\n"


def module(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    """Let a module of that name be there, with this in it."""
    made = ModuleType(name)
    vars(made).update(content)
    monkeypatch.setitem(sys.modules, name, made)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The data and metadata of what is displayed, as in a notebook."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(hosts, "in_notebook", lambda: True)
    monkeypatch.setattr(hosts, "display", lambda data, metadata, **_: found.append((data, metadata)))
    return found


def test_colab_is_told_where_the_manager_of_the_view_is(
    monkeypatch: pytest.MonkeyPatch, shown: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    module(
        monkeypatch,
        "google.colab.output",
        enable_custom_widget_manager=lambda: None,
        _widgets=SimpleNamespace(_installed_url=MANAGER_URL),
    )
    release = threading.Event()

    def source() -> Any:
        release.wait(PATIENCE)
        yield "text"

    s = show(source)
    release.set()
    s.result(PATIENCE)
    data, metadata = shown[0]
    assert data[WIDGET]["model_id"] == s.model_id
    assert metadata[WIDGET]["colab"]["custom_widget_manager"]["url"] == MANAGER_URL


def test_no_message_carries_a_binary_buffer(comms: list[FakeComm], monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    publish = FakeComm.publish_msg

    def watch(self: FakeComm, *args: Any, buffers: Any = None, **options: Any) -> None:
        sent.append(buffers)
        publish(self, *args, **options)

    monkeypatch.setattr(FakeComm, "publish_msg", watch)
    s = show(iter([CODE_AND_FORMULA]), display=False)
    assert s.model_id
    s._from_page({"type": "snapshot"})
    s.result(PATIENCE)
    assert sent
    assert [buffers for buffers in sent if buffers] == []


def cores(comms: list[FakeComm]) -> list[str]:
    """The ids of the cores that were opened."""
    opened = [(each.comm_id, each.published[0][1]["state"]) for each in comms]
    return [comm_id for comm_id, state in opened if state.get("_anywidget_id", "").endswith(".Core")]


def in_page(monkeypatch: pytest.MonkeyPatch, session: Any) -> Stream:
    """A stream of a Shiny app's page: shown by a bridge, which asks for its id."""
    module(monkeypatch, "shiny.session", get_current_session=lambda: session)
    s = show(iter([CODE_AND_FORMULA]), display=False)
    assert s.model_id
    return s


def test_each_page_of_an_app_has_a_core_of_its_own(
    comms: list[FakeComm], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (SimpleNamespace(root_scope=lambda name=name: name) for name in ("one", "other"))
    first, second, third = (in_page(monkeypatch, session) for session in (one, other, one))
    assert len(cores(comms)) == 2
    assert first._core == third._core != second._core
    # The loop's thread belongs to no page: the parts are there from the start.
    assert all(stream._highlight and stream._maths for stream in (first, second, third))


def test_solara_tells_its_page_and_a_kernel_tells_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.session() is None
    context = SimpleNamespace(id="page-1")
    module(
        monkeypatch,
        "solara.server.kernel_context",
        has_current_context=lambda: True,
        get_current_context=lambda: context,
    )
    assert library.session() == "page-1"


def test_the_parts_of_an_ended_session_are_forgotten(
    comms: list[FakeComm], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notebook_stream.marimo.is_here", lambda: True)
    monkeypatch.setattr("notebook_stream.marimo.keep_open", lambda comm: None)
    thread = threading.Thread(target=lambda: library.reference("core"))
    thread.start()
    thread.join(PATIENCE)
    library.reference("core")
    assert list(library._opened) == [(threading.current_thread(), "core")]


STREAMS = """
import sys
from notebook_stream import stream
stream("x", model="demo/echo", first_token_s=0).result()
print([name for name in ("marimo", "shiny", "solara", "panel", "IPython.terminal") if name in sys.modules])
"""


def test_a_stream_imports_no_host_for_its_own_sake() -> None:
    # marimo alone takes half a second, which the first answer would wait for.
    told = subprocess.run([sys.executable, "-c", STREAMS], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
