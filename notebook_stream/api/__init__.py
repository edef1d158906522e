"""The only place that joins the stages: `stream()`, `show()`, `configure()`, `streams()`, `stop_all()`."""

from .public import configure, show, stop_all, stream, streams

__all__ = ["configure", "show", "stop_all", "stream", "streams"]
