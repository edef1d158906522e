"""Bytes, characters, line ends and JSON (U): read as the specifications say, and nothing breaks later."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from notebook_stream.errors import ProtocolError

from ..servers import Handler
from ..servers import sse as events
from .asking import DONE, FINISH, Ask, answer, delta
from .rows import row

MIXED = "Grüße — 日本語 😀 e\u0301 \u202e end"


def written(text: str) -> bytes:
    """A piece of text whose JSON holds it as it is, without escapes."""
    payload = {"choices": [{"index": 0, "delta": {"content": text}}]}
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode("utf-8", "surrogatepass")


def by_byte(parts: Iterable[bytes]) -> Handler:
    """Each byte in a chunk of its own."""
    body = b"".join(parts)
    return events([body[i : i + 1] for i in range(len(body))])


@row("U1")
@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        (b"\xff", "\ufffd"),
        (b"\xe2\x82", "\ufffd"),  # a maximal subpart is one replacement
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),  # a surrogate written as UTF-8
        (b"\xf0\x9f\x98", "\ufffd"),
        (b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_u1_invalid_utf8(ask: Ask, bad: bytes, shown: str) -> None:
    parts = [written("a#b").replace(b"#", bad), *answer("c")]
    for handler in (events(parts), by_byte(parts)):
        end = ask(handler)
        assert (end.status, end.text) == ("done", f"a{shown}bc")


@row("U2")
def test_u2_a_character_in_pieces(ask: Ask) -> None:
    parts = [written(MIXED), FINISH, DONE]
    assert ask(by_byte(parts)).text == MIXED
    body = b"".join(parts)
    for cut in range(30, 90):  # every split where the characters of more than a byte stand
        assert ask(events([body[:cut], body[cut:]])).text == MIXED


@row("U3")
def test_u3_a_bom(ask: Ask) -> None:
    bom = b"\xef\xbb\xbf"
    assert ask(events([bom, *answer("first")])).text == "first"
    assert ask(by_byte([bom, *answer("first")])).text == "first"
    assert (
        ask(events([bom + bom, *answer("lost")[:1], *answer("second")])).text == "second"
    )  # only one is taken
    assert ask(events(answer("\ufeffkept"))).text == "\ufeffkept"


@row("U4")
def test_u4_control_characters_are_kept_in_the_text(ask: Ask) -> None:
    text = "".join(map(chr, range(32))) + "\x7f\x80\x9b\x9f\x1b]8;;http://x\x1b\\link\x1b[31m"
    end = ask(events(answer(text)))
    assert (end.status, end.text) == ("done", text)
    assert "\x1b" not in repr(end.stream) + repr(end.stream.result())
    unescaped = written("a\x01\x1b\x7fb")  # raw in the JSON, which forbids that: no reason to lose an answer
    assert ask(events([unescaped, FINISH, DONE])).text == "a\x01\x1b\x7fb"


@row("U4")
def test_u4_an_id_with_nul_is_nothing(ask: Ask) -> None:
    assert ask(events([b"id: 1\x002\n" + delta("a"), FINISH, DONE])).text == "a"


@row("U5")
@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_u5_no_line_ends(ask: Ask, character: str) -> None:
    text = f"one{character}two"
    assert (
        ask(events([written(text).replace(character.encode(), character.encode()), FINISH, DONE])).text
        == text
    )
    assert ask(by_byte([written(text), FINISH, DONE])).text == text


@row("U6")
@pytest.mark.parametrize("ends", [b"\r", b"\r\n", b"\n"])
def test_u6_line_ends(ask: Ask, ends: bytes) -> None:
    parts = [part.replace(b"\n", ends) for part in answer("one ", "two")]
    assert ask(events(parts)).text == "one two"
    assert ask(by_byte(parts)).text == "one two"


@row("U6")
def test_u6_mixed_line_ends(ask: Ask) -> None:
    one, two, three, finish, done = answer("one ", "two ", "three")
    body = one.replace(b"\n\n", b"\r\r\n") + two.replace(b"\n\n", b"\n\r") + three.replace(b"\n\n", b"\r\n\n")
    parts = [body, finish.replace(b"\n", b"\r"), done]
    assert ask(events(parts)).text == "one two three"
    assert ask(by_byte(parts)).text == "one two three"


def escaped(json_string: str) -> bytes:
    return b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % json_string.encode()


@row("U7")
@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["\\ud83d", "\\ude00"], "😀"),
        (["a\\ud83d", "\\ude00b"], "a😀b"),
        (["a\\ud83d", "b"], "a\ufffdb"),
        (["\\ude00\\ud83d"], "\ufffd\ufffd"),
        (["a\\ud83d"], "a\ufffd"),
        (["\\ud83d", "", "\\ude00"], "😀"),
    ],
)
def test_u7_halves_of_a_character(ask: Ask, pieces: list[str], text: str) -> None:
    end = ask(events([*map(escaped, pieces), FINISH, DONE]))
    assert (end.status, end.text) == ("done", text)
    assert end.text.encode().decode() == text
    cut = ask(events([*map(escaped, pieces)]))  # and where the end mark is missing
    assert cut.status == "interrupted"
    cut.text.encode()
    repr(cut.stream.events).encode()


HOSTILE = {
    "NaN": '{"choices": NaN}',
    "Infinity": '{"choices": -Infinity}',
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "closed and deep": '{"choices":' + "[" * 900 + "]" * 900 + "}",
    "a long number": '{"a": ' + "9" * 1_000_000 + "}",
    "a huge exponent": '{"a": 1e999999}',
    "a list": "[1]",
    "a string": '"text"',
    "a number": "7",
    "null": "null",
    "no JSON": "hello",
    "half": '{"choices": [',
    "two": '{"choices": []} {"choices": []}',
}


@row("U8")
@pytest.mark.parametrize("name", HOSTILE)
def test_u8_one_bad_event(ask: Ask, name: str) -> None:
    end = ask(events([delta("kept"), f"data: {HOSTILE[name]}\n\n".encode(), *answer("never")]), within=15)
    assert isinstance(end.error, ProtocolError)
    assert (end.status, end.text, len(end.requests)) == ("error", "kept", 1)
    assert HOSTILE[name][:20] in end.error.message
    assert len(end.error.message) < 400


@row("U8")
def test_u8_duplicate_keys_and_odd_types_are_no_reason_to_stop(ask: Ask) -> None:
    twice = b'data: {"choices": 1, "choices": [{"delta": {"content": "x", "content": "a"}}]}\n\n'
    odd = [
        b'data: {"choices": %s}\n\n' % value for value in (b"7", b'"x"', b"[null, 1]", b'{"0": 1}', b"true")
    ]
    end = ask(events([*odd, twice, b'data: {"choices": [{"delta": [], "index": "x"}]}\n\n', *answer("b")]))
    assert (end.status, end.text) == ("done", "ab")


@row("U9")
def test_u9_the_fields_of_the_specification(ask: Ask) -> None:
    one = b'data:{"choices":[{"index":0,\ndata: "delta":{"content":\ndata:"one "}}]}\n\n'
    noise = b"retry: 1\nid: 7\nfoo: bar\nfoo\n: comment\n:\n\n"
    end = ask(events([noise, one, b"id: 8\nretry: 10\n" + delta("two"), b"data\n\n", FINISH, DONE]))
    assert (end.status, end.text) == ("done", "one two")


@row("U9")
def test_u9_retry_and_id_never_ask_again(ask: Ask) -> None:
    end = ask(events([b"retry: 1\nid: 7\n" + delta("half")]))
    assert (end.status, end.text, len(end.requests)) == ("interrupted", "half", 1)
    assert b"last-event-id" not in end.requests[0].lower()


@row("U10")
def test_u10_done_only_as_the_whole_data(ask: Ask) -> None:
    end = ask(events([b"event: nothing\n\n", delta("[DONE] "), delta("data: [DONE]\n\n"), *answer("on")]))
    assert (end.status, end.text) == ("done", "[DONE] data: [DONE]\n\non")
    for mark in (b"data:[DONE]\n\n", b"data:   [DONE]  \n\n", b"data: [DONE]\r\n\r\n"):
        assert ask(events([delta("a"), mark])).status == "done", mark
    for mark in (b"event: [DONE]\n\n", b"[DONE]\n\n", b": [DONE]\n\n"):
        assert ask(events([delta("a"), mark])).status == "interrupted", mark
    end = ask(events([delta("a"), b"data: [DONE] and more\n\n"]))
    assert isinstance(end.error, ProtocolError)
