"""The code of a run is Python that asks the same, and holds no key."""

from __future__ import annotations

import ast
from typing import Any

from notebook_stream.errors import Secret
from notebook_stream.tuning.code import code_of

KEY = "sk-canary-77aa66bb55cc"


def call_of(code: str) -> tuple[str, dict[str, Any]]:
    """What the code calls `stream` with."""
    (assigned,) = [each for each in ast.parse(code).body if isinstance(each, ast.Assign)]
    call = assigned.value
    assert isinstance(call, ast.Call)
    named = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    return ast.literal_eval(call.args[0]), named


def test_it_is_the_call_itself() -> None:
    prompt = "a 'quoted' \"text\"\nof two lines, {braces} \\ and é"
    params = {"model": "demo/echo", "temperature": 0.1 + 0.2, "stop": ["a", "\n"], "system": "x", "n": None}
    assert call_of(code_of(prompt, params)) == (prompt, params)


def test_keys_and_what_is_no_literal_are_left_out_and_named() -> None:
    params = {
        "model": "m",
        "base_url": "http://localhost:1/v1",
        "api_key": KEY,
        "extra_headers": {"authorization": KEY},
        "stop_when": len,
        "nan": float("nan"),
        "display": False,
        "keep_running": True,
    }
    code = code_of("x", params)
    assert KEY not in code
    assert call_of(code) == ("x", {"model": "m", "base_url": "http://localhost:1/v1"})
    assert "# and api_key=, extra_headers=, stop_when=, nan= as it was given to tune()" in code
    assert KEY not in code_of("x", {"api_key": Secret(KEY)})
