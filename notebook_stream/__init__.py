"""Live LLM output in Jupyter notebook cells: it streams, it stops, it stays."""

__version__ = "0.1.0"  # before the imports, for the notebook's outputs name it

from .api import configure, show, stop_all, stream, streams
from .errors import StreamError, UsageError
from .session import Metrics, Result
from .widget import Stream

__all__ = [
    "Metrics",
    "Result",
    "Stream",
    "StreamError",
    "UsageError",
    "__version__",
    "configure",
    "show",
    "stop_all",
    "stream",
    "streams",
]
