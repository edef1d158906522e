"""The only place that joins the stages: `stream()`, `show()`, `compare()` and their company."""

from .comparing import compare
from .public import configure, show, stop_all, stream, streams
from .tuned import tune

__all__ = ["compare", "configure", "show", "stop_all", "stream", "streams", "tune"]
