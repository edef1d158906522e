"""One run: events in; the answer, its state and its end out. Knows no HTTP and no Jupyter."""

from ..events import Event
from .answer import Answer, Choice, Metrics, Pieces, Result
from .limits import Limits, check_limits
from .log import Log, Readable, text_of
from .restored import Restored, restored
from .run import Session
from .status import Status
from .verdicts import SOURCE

__all__ = [
    "SOURCE",
    "Answer",
    "Choice",
    "Event",
    "Limits",
    "Log",
    "Metrics",
    "Pieces",
    "Readable",
    "Restored",
    "Result",
    "Session",
    "Status",
    "check_limits",
    "restored",
    "text_of",
]
