"""In: nothing. Out: `tests/fixtures/llama/*.sse`, recorded anew from llama.cpp; run it as a module.

Ids, dates and timings are the server's own and differ each time; the text is the same on one machine.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from .readers import PATHS, read_body, request_body
from .server import LlamaServer

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "llama"
PROMPT = "Say a few words."
MAX_TOKENS = 24


def record(folder: Path = FIXTURES) -> None:
    """One file for each wire format, as the bytes came, and one with log probabilities."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, LlamaServer(Path(scratch)) as server:
        for wire_format in PATHS:
            body = request_body(wire_format, server.model, PROMPT, MAX_TOKENS)
            (folder / f"{wire_format}.sse").write_bytes(read_body(server.url, wire_format, body))
        body = request_body("openai-chat", server.model, PROMPT, 6)
        extra = {"logprobs": True, "top_logprobs": 2, "stream_options": {"include_usage": True}}
        (folder / "openai-chat-logprobs.sse").write_bytes(
            read_body(server.url, "openai-chat", {**body, **extra})
        )


if __name__ == "__main__":
    record()
