"""What came in a run, and when: kept while it runs, saved, loaded, and made into the same run again.

A `Recorder` keeps rows (`rows`), a `Recording` is what it kept; `decoding` makes events of rows. No request
is made here.
"""

from ..formats.values import clean, cleaned
from .cache import Cache
from .ending import Ending, ending_of
from .header import Header
from .recorder import Recorder
from .recording import Recording, decoding_of, end_rerun, now_utc, rerun_of
from .rows import END, EVENT, Row

__all__ = [
    "END",
    "EVENT",
    "Cache",
    "Ending",
    "Header",
    "Recorder",
    "Recording",
    "Row",
    "clean",
    "cleaned",
    "decoding_of",
    "end_rerun",
    "ending_of",
    "now_utc",
    "rerun_of",
]
