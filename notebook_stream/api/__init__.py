"""The only place that joins the stages: `stream()`, `show()`, `compare()` and their company."""

from .comparing import compare
from .inspecting import replay
from .public import configure, show, stop_all, stream, streams
from .tuned import tune

__all__ = ["compare", "configure", "replay", "show", "stop_all", "stream", "streams", "tune"]
