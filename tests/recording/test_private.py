"""What may not be kept is in no recording, whatever the server says again: keys, headers, a prompt."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from notebook_stream import Recording, Stream, stream
from notebook_stream.api.recorded import private_texts
from notebook_stream.recording.hidden import hider

from ..servers import Server
from ..servers import sse as answer_of

SECRET = "my-own-secret-value-98765"
PROMPT = 'my "private" question <b>that nobody may see</b> \u00fc'
RULES = "You are a rule that nobody may see."


def echoing(text: str, *, is_ascii: bool = True) -> list[bytes]:
    said = json.dumps(text, ensure_ascii=is_ascii).encode()
    return [
        b'data: {"choices":[{"delta":{"content":"Hello"}}],"echo":%s}\n\n' % said,
        b": %s\n\n" % text.encode(),
        b'data: {"choices":[{"delta":{"content":" you"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    ]


def asked(server: Server, prompt: str = PROMPT, **options: Any) -> Stream:
    made = stream(prompt, model="m", base_url=f"http://127.0.0.1:{server.port}/v1", display=False, **options)
    made.result(30)
    return made


def all_that_is_kept(run: Stream, folder: Path) -> str:
    """File, page, messages to the page and what the notebook holds, as plain text."""
    run.recording.save(folder / "kept.jsonl")
    blocks = re.findall(r'id="ns-data">([^<]+)<', run.recording.to_html())
    page = gzip.decompress(base64.b64decode(blocks[0])).decode()
    told = run.inspect(display=False)
    record = run._record()
    packed = Recording.unpack(record.recording) if record.recording else None
    parts = [
        (folder / "kept.jsonl").read_text(),
        json.loads(json.dumps(page)),
        str([told._tracks, told._all[0].moments_so_far()]),
        str([packed.header, packed.rows] if packed else ""),
    ]
    return "\n".join(parts)


def test_a_secret_of_the_users_own_headers_is_masked(tmp_path: Path) -> None:
    with Server(answer_of(echoing(SECRET))) as server:
        run = asked(server, extra_headers={"X-Api-Token": SECRET}, record="embed")
    kept = all_that_is_kept(run, tmp_path)
    assert SECRET not in kept
    assert "\u2022\u2022\u2022" in run.recording.rows[1].data
    assert run.recording.text == "Hello you"


@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("text", [PROMPT, RULES])
def test_a_prompt_that_may_not_be_saved_is_masked_where_the_server_says_it(
    tmp_path: Path, text: str, is_ascii: bool
) -> None:
    with Server(answer_of(echoing(text, is_ascii=is_ascii))) as server:
        run = asked(server, system=RULES, save_prompt=False, record="embed")
    kept = all_that_is_kept(run, tmp_path)
    assert "nobody may see" not in kept
    assert run.recording.text == "Hello you"
    assert (run.recording.request, run.recording.header.fingerprint) == (None, "")


def test_where_it_may_be_saved_what_came_is_kept_as_it_came() -> None:
    with Server(answer_of(echoing(RULES))) as server:
        run = asked(server, RULES)
    assert RULES in run.recording.rows[1].data


def test_an_answer_from_the_cache_brings_no_prompt_that_may_not_be_saved(tmp_path: Path) -> None:
    options: dict[str, Any] = {"cache": tmp_path / "runs", "record": "embed"}
    with Server(answer_of(echoing(PROMPT))) as server:
        asked(server, **options)
        run = asked(server, save_prompt=False, **options)
        assert len(server.requests) == 1
    assert "nobody may see" not in all_that_is_kept(run, tmp_path)
    assert run.recording.text == "Hello you"


def test_what_counts_as_a_prompt() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "image", "data": "AAAA"}]},
        {"role": "assistant", "content": "an answer of the model"},
        {"role": "tool", "content": "two"},
    ]
    assert private_texts(messages, "three", None, 0.5, ["four"]) == ["one", "two", "three", "four"]


def test_short_texts_stay_and_the_longer_of_two_goes_first() -> None:
    hide = hider(["Go on", "a question of mine", "a question of mine, and more"])
    assert (
        hide("Go on: a question of mine, and more; a question of mine")
        == "Go on: \u2022\u2022\u2022; \u2022\u2022\u2022"
    )


def test_the_form_of_go_is_one_of_json() -> None:
    assert "secret" not in hider(["<b>secret & more</b>"])(
        r'{"a":"\u003cb\u003esecret \u0026 more\u003c/b\u003e"}'
    )


def test_a_secret_in_the_request_itself_is_masked(tmp_path: Path) -> None:
    tool = {"type": "mcp", "server_url": "https://tools.example", "headers": {"X-Mine": "of-the-tool-123"}}
    with Server(answer_of(echoing("nothing"))) as server:
        run = asked(server, f"why is {SECRET} refused?", api_key=SECRET, extra_body={"tools": [tool]})
    kept = all_that_is_kept(run, tmp_path)
    assert SECRET not in kept
    assert "of-the-tool-123" not in kept
    assert "refused?" in str(run.recording.request)
