"""The wire of each SDK stream that the tests serve: chunks of Chat, Completions, Responses and Messages."""

from __future__ import annotations

import json
from typing import Any


def data(*objects: dict[str, Any]) -> list[bytes]:
    return [b"data: " + json.dumps(item).encode() + b"\n\n" for item in objects]


def named(*objects: dict[str, Any]) -> list[bytes]:
    return [
        b"event: %s\ndata: %s\n\n" % (item["type"].encode(), json.dumps(item).encode()) for item in objects
    ]


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    about = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**about, "choices": choices, **fields}


CHAT = [
    *data(
        chunk({"role": "assistant", "content": "", "reasoning_content": "hm"}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk({}, "stop"),
        chunk(usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}),
    ),
    b"data: [DONE]\n\n",
]
COMPLETION = [
    *data(
        {"id": "c1", "object": "text_completion", "created": 1, "model": "m",
         "choices": [{"index": 0, "text": "Hello", "logprobs": None, "finish_reason": None}]},
        {"id": "c1", "object": "text_completion", "created": 1, "model": "m",
         "choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": "length"}]},
    ),
    b"data: [DONE]\n\n",
]  # fmt: skip


def response(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "r1", "object": "response", "created_at": 1, "model": "m", "status": status, "output": [],
            "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], **fields}  # fmt: skip


def part(kind: str, number: int, **fields: Any) -> dict[str, Any]:
    about = {"item_id": "i1", "output_index": 0, "content_index": 0, "sequence_number": number}
    return {"type": f"response.{kind}", **about, **fields}


MESSAGE = {"id": "i1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
CALL = {
    "id": "i2",
    "type": "function_call",
    "call_id": "k1",
    "name": "f",
    "arguments": "",
    "status": "in_progress",
}
PART = {"type": "output_text", "text": "", "annotations": []}
URL = {"type": "url_citation", "url": "https://x.test/", "title": "X", "start_index": 0, "end_index": 5}
COUNTED = {
    "input_tokens": 3, "output_tokens": 9, "total_tokens": 12,
    "input_tokens_details": {"cached_tokens": 1}, "output_tokens_details": {"reasoning_tokens": 4},
}  # fmt: skip
RESPONSES = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    part("reasoning_summary_text.delta", 1, summary_index=0, delta="hm"),
    part("output_item.added", 2, item=MESSAGE),
    part("content_part.added", 3, part=PART),
    part("output_text.delta", 4, delta="Hel", logprobs=[]),
    part("output_text.delta", 5, delta="lo", logprobs=[]),
    part("output_text.annotation.added", 6, annotation_index=0, annotation=URL),
    {**part("output_item.added", 7, item=CALL), "output_index": 1},
    {**part("function_call_arguments.delta", 8, delta='{"a":1}'), "output_index": 1},
    part(
        "output_item.done", 9, item={**MESSAGE, "status": "completed", "content": [{**PART, "text": "Hello"}]}
    ),
    {**part("output_item.done", 10, item={**CALL, "arguments": '{"a":1}'}), "output_index": 1},
    {"type": "response.completed", "sequence_number": 11, "response": response("completed", usage=COUNTED)},
)
FAILED = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    {"type": "response.failed", "sequence_number": 1,
     "response": response("failed", error={"code": "server_error", "message": "out of\nsteam"})},
)  # fmt: skip
REFUSED = named(
    {"type": "response.created", "sequence_number": 0, "response": response("in_progress")},
    part("refusal.delta", 1, delta="no"),
    {"type": "response.incomplete", "sequence_number": 2,
     "response": response("incomplete", incomplete_details={"reason": "max_output_tokens"})},
)  # fmt: skip


def delta(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", **fields}}


def block(index: int, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": fields}


SOURCE = {"type": "char_location", "cited_text": "so", "document_index": 0, "document_title": "D",
          "start_char_index": 0, "end_char_index": 2}  # fmt: skip
ANTHROPIC = named(
    {"type": "message_start", "message": {
        "id": "m1", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}}},
    block(0, type="thinking", thinking="", signature=""),
    delta("thinking", thinking="hm"),
    {"type": "content_block_stop", "index": 0},
    block(1, type="text", text=""),
    delta("text", 1, text="Hel"),
    {"type": "ping"},
    delta("text", 1, text="lo"),
    delta("citations", 1, citation=SOURCE),
    {"type": "content_block_stop", "index": 1},
    block(2, type="tool_use", id="t1", name="f", input={}),
    delta("input_json", 2, partial_json='{"a":'),
    delta("input_json", 2, partial_json="1}"),
    {"type": "content_block_stop", "index": 2},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None},
     "usage": {"output_tokens": 9}},
    {"type": "message_stop"},
)  # fmt: skip
