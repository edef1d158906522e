"""Events in, messages out, at a pace that the page and the process can bear.

An `Outbox` belongs to one stream, the `Pacer` to the process. Knows no comm and no session.
"""

from .messages import Outbox
from .pacer import (
    BEAT_S,
    BURST,
    FAST_INTERVAL_S,
    MANY,
    MAX_PER_SECOND,
    SLOW_INTERVAL_S,
    Pacer,
    Sender,
)
from .parts import MAX_CHOICES, MAX_MEDIA, MAX_RESULT, MAX_THINGS, Parts, Slots

__all__ = [
    "BEAT_S",
    "BURST",
    "FAST_INTERVAL_S",
    "MANY",
    "MAX_CHOICES",
    "MAX_MEDIA",
    "MAX_PER_SECOND",
    "MAX_RESULT",
    "MAX_THINGS",
    "SLOW_INTERVAL_S",
    "Outbox",
    "Pacer",
    "Parts",
    "Sender",
    "Slots",
]
