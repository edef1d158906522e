"""The magics in a real kernel and in IPython at a terminal: loaded, run, completed, interrupted, unloaded."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ..servers import Server, one
from ..test_kernel import PATIENCE, QUICK, WIDGET, Kernel, shown
from ..test_terminal import ipython as ipython  # a fixture

LOAD = f"%load_ext notebook_stream\n{QUICK}"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that has loaded the extension; one for all tests here, each with variables of its own."""
    with (tmp_path_factory.mktemp("magics") / "stderr").open("w+", encoding="utf-8") as stderr:
        running = Kernel(stderr)
        assert running.printed(LOAD) == ""
        yield running
        running.client.stop_channels()
        running.manager.shutdown_kernel(now=True)
        running.manager.cleanup_resources()


def said(messages: list[dict[str, Any]]) -> str:
    """What a cell printed to stderr."""
    texts = [m["content"] for m in messages if m["msg_type"] == "stream"]
    return "".join(each["text"] for each in texts if each["name"] == "stderr")


def completed(kernel: Kernel, code: str) -> dict[str, Any]:
    reply = kernel.client.complete(code, len(code), reply=True, timeout=PATIENCE)
    content = reply["content"]
    assert isinstance(content, dict)
    return content


def test_a_cell_shows_its_stream_once_and_keeps_it(loaded: Kernel) -> None:
    loaded.run("topic = 'SSE'")
    assert shown(loaded.run("%%stream -m demo/echo -o a\nAbout {topic}\n")) == 1
    loaded.until("a.status == 'done'")
    assert loaded.printed("print(a.text, _ is a)") == "About SSE True"


def test_ipython_itself_expands_nothing_in_the_line(loaded: Kernel) -> None:
    loaded.run("topic = 'SSE'")
    loaded.run("%%stream -m demo/echo -s '$topic costs $5, {topic}, {{1 + 1}}' -o e\nx")
    assert loaded.printed("print(e._request['options']['system'])") == "$topic costs $5, SSE, {1 + 1}"


def test_running_the_cell_again_stops_the_run_before(loaded: Kernel) -> None:
    source = "%%stream -m demo/lorem tokens=100000 pace=50 -o b\nx"
    loaded.run(source, cell="one")
    loaded.run("first = b")
    loaded.run(source, cell="one")
    loaded.until("first.status == 'stopped' and b is not first")
    assert loaded.printed("print(first.stop_reason); b.stop()") == "abandoned"


def test_wait_waits_and_an_interrupt_stops_and_keeps(loaded: Kernel) -> None:
    loaded.run("%%stream -m demo/echo --wait -o c\nwaited for")
    assert loaded.printed("print(c.status)") == "done"
    request = loaded.start("%%stream -m demo/lorem tokens=100000 pace=50 --wait -o d\nx")
    # From the display on the cell waits; a second is for the first words.
    while loaded.client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "display_data":
        pass
    time.sleep(1)
    loaded.manager.interrupt_kernel()
    own = loaded.wait(request)
    assert [m["content"]["ename"] for m in own if m["msg_type"] == "error"] == ["KeyboardInterrupt"]
    assert loaded.printed("print(d.status, d.stop_reason, d.text[:7])") == "stopped user t000001"
    assert loaded.printed("from notebook_stream import streams; print(streams())") == "[]"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            "%%stream -m demo/echo\nAbout {tpoic}",
            "UsageError: No value for the variable {tpoic}. Did you mean {topic}?",
        ),
        ("%%stream --model demo/echo\nx", "UsageError: There is no option --model; did you mean -m?"),
        ("%%stream -m demo/echo\n\n ", "UsageError: The cell is empty: write the prompt on the lines below."),
        ("%stream_models please", "UsageError: %stream_models takes --all, or nothing after it."),
    ],
)
def test_wrong_use_is_one_message_without_a_traceback(loaded: Kernel, source: str, says: str) -> None:
    loaded.run("topic = 'SSE'")
    own = loaded.run(source)
    assert said(own).startswith(says)
    assert len(said(own).strip().splitlines()) <= 3
    assert [m for m in own if m["msg_type"] == "error"] == []


def test_stream_models_shows_a_table_and_its_names_are_completed(loaded: Kernel) -> None:
    body = json.dumps({"models": [{"name": "qwen3:8b"}]}).encode()
    with Server(one(200, {}, body)) as server:
        loaded.run(f"import os; os.environ['OLLAMA_HOST'] = '127.0.0.1:{server.port}'")
        assert "ollama/qwen3:8b" not in completed(loaded, "%%stream -m ollama/")["matches"]
        own = loaded.run("%stream_models")
    (data,) = [m["content"]["data"] for m in own if m["msg_type"] == "execute_result"]
    assert "ollama/qwen3:8b" in data["text/html"]
    assert "ollama/qwen3:8b" in data["text/plain"]
    assert WIDGET not in data
    assert "ollama/qwen3:8b" in completed(loaded, "%%stream -m ollama/")["matches"]


def test_stream_models_shows_all_of_them(loaded: Kernel) -> None:
    from notebook_stream.magics.completing import DEMO_MODELS

    assert " more: %stream_models --all" in plain(loaded, "%stream_models")
    whole = plain(loaded, "%stream_models --all")
    assert all(name in whole for name in DEMO_MODELS)
    assert " more" not in whole


def plain(kernel: Kernel, code: str) -> str:
    """The plain text of a cell's result."""
    (data,) = [m["content"]["data"] for m in kernel.run(code) if m["msg_type"] == "execute_result"]
    return str(data["text/plain"])


@pytest.mark.parametrize(
    ("code", "fragment"),
    [("%%stream -m demo/ec", "demo/ec"), ("%%stream -m demo/table -m 'demo/ec", "demo/ec")],
)
def test_models_are_completed_after_m_and_nothing_else_is(loaded: Kernel, code: str, fragment: str) -> None:
    found = completed(loaded, code)
    assert found["matches"] == ["demo/echo"]
    assert code[found["cursor_start"] : found["cursor_end"]] == fragment


def test_a_tag_after_a_colon_is_completed_from_the_models_used(loaded: Kernel) -> None:
    loaded.run("used = 'stream(x, model=\"ollama/llama9:70b\")'")
    code = "%%stream -m ollama/llama9:7"
    found = completed(loaded, code)
    assert found["matches"] == ["ollama/llama9:70b"]
    assert code[found["cursor_start"] :] == "ollama/llama9:7"


def test_elsewhere_ipython_completes_as_always(loaded: Kernel) -> None:
    loaded.run("topic_of_mine = 1")
    assert completed(loaded, "%%stream -m demo/echo\nabout {topic_of")["matches"] == ["topic_of_mine"]
    assert completed(loaded, "len(topic_of")["matches"] == ["topic_of_mine"]
    for code in ("x = 1 -m demo/ec", "x = 1\n%%stream -m demo/ec"):
        assert "demo/echo" not in completed(loaded, code)["matches"]
    assert completed(loaded, "\n%%stream -m demo/ec")["matches"] == ["demo/echo"]


def test_unloading_takes_everything_away(loaded: Kernel) -> None:
    try:
        loaded.run("%unload_ext notebook_stream")
        assert "not found" in said(loaded.run("%%stream -m demo/echo\nx"))
        assert "not found" in said(loaded.run("%stream_models"))
        assert "demo/echo" not in completed(loaded, "%%stream -m demo/ec")["matches"]
    finally:
        loaded.run(LOAD)
    assert completed(loaded, "%%stream -m demo/ec")["matches"] == ["demo/echo"]


def test_in_a_terminal_a_cell_prints_as_it_comes(ipython: Any) -> None:
    ipython.sendline("%load_ext notebook_stream")
    ipython.expect_exact("In [2]: ")
    ipython.sendline("get_ipython().run_cell_magic('stream', '-m demo/lorem tokens=5 pace=50', 'x')")
    ipython.expect(r"t000001 .*t000005\s+\[[^\r\n]*done[^\r\n]*\]")
    ipython.expect_exact("In [3]: ")
    ipython.sendline("%stream_models")
    ipython.expect_exact("set ANTHROPIC_API_KEY")
    ipython.expect_exact("In [4]: ")
