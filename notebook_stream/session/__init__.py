"""One run: events in; the answer, its state and its end out. Knows no HTTP and no Jupyter."""

from ..events import Event
from .answer import CHARS_PER_TOKEN, Answer, Choice, Metrics, Pieces, Result
from .conditions import Condition
from .cost import PriceOf
from .limits import Limits, check_limits
from .log import Log, Readable, text_of
from .restored import Restored, restored
from .run import Session
from .status import Status
from .verdicts import SOURCE

__all__ = [
    "CHARS_PER_TOKEN",
    "SOURCE",
    "Answer",
    "Choice",
    "Condition",
    "Event",
    "Limits",
    "Log",
    "Metrics",
    "Pieces",
    "PriceOf",
    "Readable",
    "Restored",
    "Result",
    "Session",
    "Status",
    "check_limits",
    "restored",
    "text_of",
]
