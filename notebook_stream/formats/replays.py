"""Numbered events in; whether one is a repeat out: a proxy that reconnects may send some again."""

from __future__ import annotations

MAX_REMEMBERED = 10_000
"""Events back to which a repeat is known, at least."""


class Replays:
    """The events of one answer by their `sequence_number`, the latest of them."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._counts = True

    def is_one(self, number: object, data: str) -> bool:
        """Whether an event of this number and content has come before.

        The same number with other content tells that the server's numbers are no sequence (some leave them at
        0): from then on nothing is taken for a repeat, for better twice than lost.
        """
        if not isinstance(number, int) or not self._counts:
            return False
        fingerprint = hash(data)
        known = self._seen.get(number)
        if known is not None:
            self._counts = known == fingerprint
            return self._counts
        self._seen[number] = fingerprint
        if len(self._seen) > 2 * MAX_REMEMBERED:
            self._seen = dict(list(self._seen.items())[MAX_REMEMBERED:])
        return False
