"""In: a path. Out: there, a tiny llama model in GGUF with random, seeded weights, about half a megabyte.

It babbles in lower-case ASCII words, whatever the endpoint (llama.cpp obeys a request's `grammar` at some of
them only): one dimension of its state never changes, and the output layer holds a bias against every other
token there. The tokenizer has one token a character, so that text comes in small pieces.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

Weights = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SEED = 20261122
NAME = "tiny-random"

EMBEDDING = 64
HEADS = 4
BLOCKS = 2
FEED_FORWARD = 144
CONTEXT = 2048

CONSTANT = 0
"""The dimension of the state that every token sets to the same value and no block writes to."""
CONSTANT_VALUE = 3.0
FORBIDDEN = -8.0
"""Output weight at `CONSTANT` for a token that must not be written: far below the others as a logit."""

UNKNOWN, BEGIN, END = 0, 1, 2
SPACE = "▁"  # how SentencePiece writes a space
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant:"
)


def write_model(path: Path) -> None:
    """Write the model file; the same bytes every time."""
    writer = GGUFWriter(path, "llama")
    writer.add_name(NAME)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(BLOCKS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(EMBEDDING // HEADS)
    _add_tokenizer(writer)
    for name, shape in _tensors().items():
        writer.add_tensor(name, _weights(name, shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary() -> list[tuple[str, float, TokenType]]:
    special = [
        ("<unk>", 0.0, TokenType.UNKNOWN),
        ("<s>", 0.0, TokenType.CONTROL),
        ("</s>", 0.0, TokenType.CONTROL),
    ]
    every_byte = [(f"<0x{value:02X}>", 0.0, TokenType.BYTE) for value in range(256)]
    characters = [SPACE, *(chr(code) for code in range(0x21, 0x7F))]
    return [*special, *every_byte, *((character, -1.0, TokenType.NORMAL) for character in characters)]


def _add_tokenizer(writer: GGUFWriter) -> None:
    tokens, scores, types = zip(*_vocabulary(), strict=True)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_chat_template(CHAT_TEMPLATE)


def _tensors() -> dict[str, tuple[int, ...]]:
    words = len(_vocabulary())
    tensors: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (words, EMBEDDING),
        "output_norm.weight": (EMBEDDING,),
        "output.weight": (words, EMBEDDING),
    }
    for block in range(BLOCKS):
        tensors |= {
            f"blk.{block}.attn_norm.weight": (EMBEDDING,),
            f"blk.{block}.attn_q.weight": (EMBEDDING, EMBEDDING),
            f"blk.{block}.attn_k.weight": (EMBEDDING, EMBEDDING),
            f"blk.{block}.attn_v.weight": (EMBEDDING, EMBEDDING),
            f"blk.{block}.attn_output.weight": (EMBEDDING, EMBEDDING),
            f"blk.{block}.ffn_norm.weight": (EMBEDDING,),
            f"blk.{block}.ffn_gate.weight": (FEED_FORWARD, EMBEDDING),
            f"blk.{block}.ffn_up.weight": (FEED_FORWARD, EMBEDDING),
            f"blk.{block}.ffn_down.weight": (EMBEDDING, FEED_FORWARD),
        }
    return tensors


def _weights(name: str, shape: tuple[int, ...]) -> Weights:
    if name.endswith("norm.weight"):
        return np.ones(shape, dtype=np.float32)
    # A generator for each tensor, so that a change of one leaves the others as they were.
    weights = np.random.default_rng([SEED, *name.encode()]).normal(0.0, 0.15, shape).astype(np.float32)
    if name.endswith(("attn_output.weight", "ffn_down.weight")):
        weights[CONSTANT, :] = 0.0
    elif name == "token_embd.weight":
        weights[:, CONSTANT] = CONSTANT_VALUE
    elif name == "output.weight":
        weights[:, CONSTANT] = [_bias(index, token) for index, (token, _, _) in enumerate(_vocabulary())]
    return weights


def _bias(index: int, token: str) -> float:
    if token == SPACE:
        return 1.0  # words of a few letters
    if index == END:
        return -1.3  # a few hundred letters
    return 0.0 if len(token) == 1 and "a" <= token <= "z" else FORBIDDEN
