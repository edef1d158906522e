"""Places in bytes to places in characters: each of them, over the edges of blocks, and beyond the end."""

from __future__ import annotations

import random

from notebook_stream.formats.places import BLOCK, Places


def test_every_place() -> None:
    chance = random.Random(7)
    pieces = ["".join(chance.choices("aé€😀", k=chance.randint(0, 900))) for _ in range(20)]
    text = "".join(pieces)
    places = Places()
    for piece in pieces:
        places.add(piece)
    assert places.size == len(text.encode()) > 3 * BLOCK
    bytes_before = 0
    for number, character in enumerate(text):
        assert places.character(bytes_before) == number
        bytes_before += len(character.encode())
    assert places.character(bytes_before) == len(text)


def test_no_such_place() -> None:
    places = Places()
    places.add("é")
    assert (places.character(None), places.character(3)) == (None, None)
    assert places.character(2) == 1


def test_half_a_character_is_one() -> None:
    places = Places()
    places.add("\ud83d")
    assert (places.size, places.character(1)) == (1, 1)
