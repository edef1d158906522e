"""What the user holds: `Stream`, with its traits, comm and display; and what larger widgets share with it."""

from .displays import Bundle, Displays
from .library import STATIC, reference
from .live import LiveWidget
from .needs import AnswersNeed
from .recorded import Recorded
from .runs import begin_in_cell, belongs_to_cell, displayed, pacer, running, settled
from .state import describe
from .staying import Staying
from .stream import Stream

__all__ = [
    "STATIC",
    "AnswersNeed",
    "Bundle",
    "Displays",
    "LiveWidget",
    "Recorded",
    "Staying",
    "Stream",
    "begin_in_cell",
    "belongs_to_cell",
    "describe",
    "displayed",
    "pacer",
    "reference",
    "running",
    "settled",
]
