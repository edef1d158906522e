"""What the user holds: `Stream`, with its traits, comm and display; and what a comparison shares with it."""

from .displays import Bundle
from .library import STATIC
from .live import LiveWidget
from .needs import AnswersNeed
from .runs import begin_in_cell, pacer, running
from .shown import Shown
from .stream import Stream

__all__ = [
    "STATIC",
    "AnswersNeed",
    "Bundle",
    "LiveWidget",
    "Shown",
    "Stream",
    "begin_in_cell",
    "pacer",
    "running",
]
