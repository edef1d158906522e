"""Live LLM output in Jupyter notebook cells: it streams, it stops, it stays."""

from typing import Any

# Before the imports, for what a notebook keeps of an answer names it.
__version__ = "0.1.0"

from .api import compare, configure, replay, show, stop_all, stream, streams, tune
from .comparison import Comparison
from .errors import StreamError, UsageError
from .inspector import Inspector
from .recording import Recording
from .session import Metrics, Result
from .tuning import Tuning
from .widget import Stream

__all__ = [
    "Comparison",
    "Inspector",
    "Metrics",
    "Recording",
    "Result",
    "Stream",
    "StreamError",
    "Tuning",
    "UsageError",
    "__version__",
    "compare",
    "configure",
    "replay",
    "show",
    "stop_all",
    "stream",
    "streams",
    "tune",
]


def load_ipython_extension(ipython: Any) -> None:
    """`%load_ext notebook_stream`: `%%stream` and `%stream_models` (see `notebook_stream.magics`)."""
    from . import magics

    magics.load(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """`%unload_ext notebook_stream`."""
    from . import magics

    magics.unload(ipython)
