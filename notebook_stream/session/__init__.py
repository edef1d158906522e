"""One run: events in; the answer, its state and its end out. Knows no HTTP and no Jupyter."""

from ..events import Event
from .answer import CHARS_PER_TOKEN, Answer, Choice, Metrics, Pieces, Result
from .conditions import Condition
from .cost import PriceOf
from .limits import Limits, check_limits
from .log import Log, Readable, text_of
from .rerun import Rerun
from .restored import Restored, error_of, restored
from .run import Session
from .seam import Seam
from .status import Status, Verdict
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
    "Rerun",
    "Restored",
    "Result",
    "Seam",
    "Session",
    "Status",
    "Verdict",
    "check_limits",
    "error_of",
    "restored",
    "text_of",
]
