"""A tuning in a real kernel: shown once, its copy below, also where a program runs the notebook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbclient import NotebookClient

from notebook_stream import Stream

from ..test_headless import PATIENCE_S, notebook_of
from ..test_kernel import QUICK, WIDGET, Kernel
from ..waiting import until

TUNE = "from notebook_stream import tune\nt = tune('About {topic}', topic='SSE', model='demo/echo')"
PLACE = '<div class="notebook-stream-copy">'


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with (tmp_path_factory.mktemp("tuning") / "stderr").open("w+", encoding="utf-8") as stderr:
        running = Kernel(stderr)
        running.run(QUICK)
        yield running
        running.client.stop_channels()
        running.manager.shutdown_kernel(now=True)
        running.manager.cleanup_resources()


def outputs(kernel: Kernel, code: str) -> list[str]:
    """What a cell displays: the live view, or the place of a copy."""
    shown = [
        m["content"]["data"] for m in kernel.run(code) if m["msg_type"] in ("display_data", "execute_result")
    ]
    return ["live" if WIDGET in data else data.get("text/html", "?")[: len(PLACE)] for data in shown]


def test_it_is_shown_at_the_call_not_twice_and_again_in_a_later_cell(kernel: Kernel) -> None:
    assert outputs(kernel, TUNE) == ["live", PLACE]
    assert outputs(kernel, f"{TUNE}\nt") == ["live", PLACE]
    assert outputs(kernel, "t") == ["live", PLACE]
    assert outputs(kernel, f"{TUNE[:-1]}, display=False);") == []


def kept(kernel: Kernel) -> list[str]:
    """The answers that have been put into the copies' places, the last one last."""
    # A message that comes from another thread belongs to no cell, and may be read with any.
    kernel.run("pass")
    updates = [m["content"] for m in kernel.published if m["msg_type"] == "update_display_data"]
    return [Stream.from_output(each["metadata"]).text for each in updates if each["metadata"]]


def wait_until_kept(kernel: Kernel, answer: str) -> None:
    until(lambda: kept(kernel)[-1:] == [answer])


def test_the_copy_is_renewed_with_each_run_and_each_one_brought_back(kernel: Kernel) -> None:
    kernel.run(TUNE)
    kernel.published.clear()
    for code, answer in (
        ("t.run().result()", "About SSE"),
        ("t.run(topic='later').result()", "About later"),
        ("t._panel.runs.value = (1,)", "About SSE"),
    ):
        kernel.run(code)
        wait_until_kept(kernel, answer)
    count = len(kept(kernel))
    kernel.run("t.freeze()")
    assert kept(kernel)[count:] == ["About SSE"]
    assert outputs(kernel, "t") == ["<div><div style='padding-left:calc"[: len(PLACE)]]


@pytest.mark.parametrize(
    "wrong",
    [
        "tune('To {reader}', reder='bob')",
        "t.run(topc='x')",
        "t.run(topic='x', model='nobody/nothing')",
        "t.run(max_seconds=-1)",
        "t.run(display=True)",
        "_ = (t.run(model='demo/lorem', pace=50, tokens=100_000), t.freeze())",
    ],
)
def test_wrong_use_reaches_the_notebook_without_our_inside(kernel: Kernel, wrong: str) -> None:
    kernel.run(f"{TUNE}")
    messages = kernel.run(wrong)
    kernel.run("t.close()")
    (error,) = [m["content"] for m in messages if m["msg_type"] == "error"]
    assert error["ename"] == "UsageError"
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"]))
    assert wrong in traceback
    # IPython keeps the last frame in any case.
    frames = re.findall(r"^File (\S+)", traceback, re.MULTILINE)
    assert [Path(each).name.partition(":")[0] for each in frames] == ["errors.py"]


@pytest.mark.parametrize("waits", [True, False])
def test_where_a_program_runs_the_notebook_the_copy_is_there(
    waits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTEBOOK_STREAM_WAIT", "1" if waits else "0")
    notebook = notebook_of(
        f"{QUICK}\n{TUNE}", "s = t.run(topic='it')" if waits else "s = t.run(topic='it').result()"
    )
    NotebookClient(notebook, timeout=PATIENCE_S, kernel_name="python3").execute()
    plain, copy = notebook.cells[0].outputs
    assert set(plain.data) == {"text/plain"}
    assert PLACE in copy.data["text/html"]
    assert Stream.from_output(copy.metadata).text == "About it"
    assert len(json.dumps(notebook.metadata)) < 100_000  # the controls' state, and no live view's
