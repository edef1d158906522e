"""In a terminal: IPython prints a stream as it comes, Ctrl-C stops it; a script has `for` and `result()`."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import demo, show, stream
from notebook_stream.widget import terminal

from .browser.apps import asks, last_closed

pexpect = pytest.importorskip("pexpect", reason="no pseudo-terminal on Windows")

PATIENCE_S = 60
HOSTILE = "a\x1b[2J\x1b]0;title\x07b\r\x9b31mc\x08\x7f\u202ed\u2066e\U000e0041f\tg\nh"
PLAIN = "a[2J]0;titleb31mcdef\tg\nh"


@pytest.fixture
def server() -> Iterator[demo.Server]:
    with demo.Server() as running:
        yield running


@pytest.fixture
def ipython(tmp_path: Path) -> Iterator[Any]:
    """A real IPython in a pseudo-terminal, whose prompt is there."""
    command = ["-m", "IPython", "--simple-prompt", "--no-banner", "--no-confirm-exit", "--quick"]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "TERM": "dumb"}
    child = pexpect.spawn(sys.executable, command, env=environment, timeout=PATIENCE_S, encoding="utf-8")
    child.delaybeforesend = None
    child.expect_exact("In [1]: ")
    yield child
    child.close(force=True)


def printed(source: Any) -> str:
    out = io.StringIO()
    terminal.show(show(source, display=False), out)
    return out.getvalue()


def test_nothing_in_the_text_is_obeyed_by_a_terminal() -> None:
    # Character by character, so that no sequence comes in one piece.
    text, end = printed(list(HOSTILE)).rsplit("[", 1)
    assert text == PLAIN + "\n"
    assert "done" in end


def test_every_control_character_goes_but_tab_and_new_line() -> None:
    controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
    assert [c for c in controls if terminal.plain(c)] == ["\t", "\n"]
    for text in ("é ü 漢字 👩‍👩‍👧 שלום", "~ \xa0"):
        assert terminal.plain(text) == text


def test_an_error_stands_in_one_plain_line_behind_the_text() -> None:
    def fails() -> Iterator[str]:
        yield "so far"
        raise RuntimeError("no\n\x1b[31mmore")

    first, last = printed(fails).splitlines()
    assert first == "so far"
    assert last.startswith("[")
    assert "error" in last
    assert "\x1b" not in last


def test_a_terminal_that_knows_few_characters_gets_what_it_knows() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    terminal.show(show(["naïve"], display=False), out)
    out.seek(0)
    assert out.read().startswith("na?ve\n[")


def test_ipython_prints_it_as_it_comes_and_says_how_it_ended(ipython: Any, server: demo.Server) -> None:
    ipython.sendline("from notebook_stream import stream; s = " + asks(server, tokens=40, pace=10))
    ipython.expect_exact("In [2]: ")
    ipython.sendline("s")
    ipython.expect_exact("t000003 ")
    assert server.requests[-1].ended_at is None  # this word is here while later ones have not been sent
    ipython.expect(r"t000040\s+\[[^\r\n]*done[^\r\n]*40 tokens\]")
    ipython.expect_exact("In [3]: ")
    # Shown again it is the same, at once.
    ipython.sendline("s")
    ipython.expect(r"t000001 .*t000040\s+\[[^\r\n]*done[^\r\n]*\]")


def test_ctrl_c_in_ipython_stops_it_and_says_so(ipython: Any, server: demo.Server) -> None:
    ipython.sendline("from notebook_stream import stream; " + asks(server))
    ipython.expect_exact("t000005 ")
    ipython.sendintr()
    ipython.expect(r"\[[^\r\n]*stopped \(user\)[^\r\n]*\]")
    last_closed(server)
    ipython.expect_exact("In [2]: ")
    ipython.sendline("print(_.status, _.text.split()[0])")
    ipython.expect_exact("stopped t000001")


def test_a_script_prints_the_pieces_and_has_the_result(server: demo.Server) -> None:
    code = f"""
from notebook_stream import stream
s = {asks(server, tokens=20)}
for piece in s.text_stream:
    print(piece, end="", flush=True)
print()
print(s.result().status, s.result().text.split()[-1])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    words, end = done.stdout.strip().splitlines()
    assert (len(words.split()), end) == (20, "done t000020")


def test_the_call_displays_nothing_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    stream("x", model="demo/lorem", tokens=2, pace=0).result()
    assert capsys.readouterr().out == ""
