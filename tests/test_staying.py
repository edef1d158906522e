"""In a real kernel without a front end: what is published for a run that has ended, and what comes back."""

from __future__ import annotations

import json
from typing import Any

from .test_kernel import CANARY, ENDLESS, WIDGET, Kernel, kernel, stderr

__all__ = ["kernel", "stderr"]  # fixtures

IMPORTS = "from notebook_stream import stream, Stream\nimport notebook_stream.widget.settling as m\n"
QUICK = (
    f"{IMPORTS}m.NOBODY_SECONDS = 0.2\n"
    "s = stream('hello there', model='demo/echo', temperature=0.5, first_token_s=1)\n"
)
"""Not so quick that it has ended before it is displayed: then it is static from the beginning."""


def updates(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [m["content"] for m in messages if m["msg_type"] == "update_display_data"]


def settled(kernel: Kernel, name: str = "s") -> dict[str, Any]:
    """The last update of a display, once the stream `name` is settled."""
    kernel.until(f"{name}._is_settled")
    kernel.run("pass")
    return updates(kernel.published)[-1]


def test_the_copy_takes_the_place_of_the_view(kernel: Kernel) -> None:
    own = kernel.run(QUICK)
    (shown,) = [m["content"] for m in own if m["msg_type"] == "display_data"]
    update = settled(kernel)
    assert update["transient"]["display_id"] == shown["transient"]["display_id"]
    assert update["data"].keys() == {"text/html", "text/markdown", "text/plain"}
    assert "hello there" in update["data"]["text/html"]
    kept = update["metadata"]["notebook_stream"]
    assert "hello there" in json.dumps(kept)
    # Nobody has seen it: no comm is left, and it is static wherever it is shown from now on.
    assert kernel.printed("print(s.comm)") == "None"
    later = [m["content"] for m in kernel.run("s") if m["msg_type"] in ("display_data", "execute_result")]
    assert [WIDGET in content["data"] for content in later] == [False]
    assert kernel.printed("print(s.comm)") == "None"


def test_what_the_notebook_kept_is_a_run_again(kernel: Kernel) -> None:
    kernel.run(QUICK)
    kept = json.dumps(settled(kernel)["metadata"])
    code = f"import json\nr = Stream.from_output(json.loads({kept!r}))\n"
    assert kernel.printed(code + "print(r.text, r.status, r.model, r.finish_reason)") == (
        "hello there done demo/echo stop"
    )
    same = "r.usage == s.usage, r.metrics == s.metrics, r.citations == s.citations, r.error is None"
    assert kernel.printed(f"print({same})") == "True True True True"
    again = "a = r.again()\nprint(a.result().text, a.messages == s.messages, a._request == s._request)"
    assert kernel.printed(again) == "hello there True True"
    follow = "f = stream('and more', after=r)\nf.result()\nprint(len(f.messages), f.model)"
    assert kernel.printed(follow) == "3 demo/echo"


def test_a_prompt_that_is_not_to_be_saved_is_not(kernel: Kernel) -> None:
    code = (
        "s = stream('a secret question', model='demo/lorem', tokens=40, system='be kind', save_prompt=False)"
    )
    kernel.run(IMPORTS + "m.NOBODY_SECONDS = 0.2\n" + code)
    update = settled(kernel)
    assert "secret" not in json.dumps(update)
    assert "be kind" not in json.dumps(update)
    told = kernel.printed(
        f"import json\nr = Stream.from_output(json.loads({json.dumps(update['metadata'])!r}))\n"
        "try:\n    r.again()\nexcept ValueError as error:\n    print(error)\n"
        "print(r.again(prompt='hi', tokens=7).result().metrics.chars)"
    )
    assert "save_prompt=False" in told.splitlines()[0]
    assert int(told.splitlines()[1]) > 0


def test_no_key_is_in_what_is_kept(kernel: Kernel) -> None:
    kernel.run("import os\nos.environ['MY_KEY'] = '" + CANARY + "'\nfrom notebook_stream import demo")
    kernel.run(
        IMPORTS
        + "m.NOBODY_SECONDS = 0.2\nkey = os.environ['MY_KEY']\n"
        + "url = demo.ensure_server().base_url\n"
        + "s = stream('my key is ' + key, model='echo', api_key=key, base_url=url, first_token_s=1,\n"
        + "    extra_headers={'x-own': key}, extra_body={'user': key}, system='use ' + key)"
    )
    kept = settled(kernel)["metadata"]
    assert "base_url" in json.dumps(kept)
    request = json.dumps(kept["notebook_stream"]["request"])
    assert [CANARY[i : i + 8] for i in range(len(CANARY) - 7) if CANARY[i : i + 8] in request] == []


def test_a_run_that_is_closed_while_it_is_displayed_leaves_its_copy(kernel: Kernel) -> None:
    kernel.run(ENDLESS)
    kernel.until("s.text")
    kernel.run("s.close()")
    update = settled(kernel)
    assert "t000001" in update["data"]["text/plain"]
    assert "stopped" in update["data"]["text/plain"]


def test_a_run_that_ends_while_it_is_being_displayed_leaves_its_copy(kernel: Kernel) -> None:
    kernel.run(
        QUICK.replace("temperature=0.5", "display=False")
        + "show = s._displays.show\n"
        + "def show_late(live):\n    s.result()\n    show(live)\n"
        + "s._displays.show = show_late\ndisplay(s)"
    )
    assert "hello there" in settled(kernel)["data"]["text/html"]


def test_what_cannot_be_shown_is_kept_as_plain_text(kernel: Kernel) -> None:
    broken = "def broken(*a, **k): raise RuntimeError('no')\nsaved.bundle = broken"
    kernel.run(f"from notebook_stream import saved\n{broken}")
    kernel.run(QUICK)
    assert settled(kernel)["data"] == {"text/plain": "hello there"}


def test_freeze_wants_the_end(kernel: Kernel) -> None:
    kernel.run(ENDLESS)
    told = kernel.printed("try:\n    s.freeze()\nexcept ValueError as error:\n    print(error)\ns.stop()")
    assert "await or stop it" in told
