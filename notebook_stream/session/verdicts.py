"""Why a run is over in, how it ends out: the rule of what counts as done, interrupted or an error.

Knows no task, no timer and no HTTP.
"""

from __future__ import annotations

from ..errors import (
    BadRequestError,
    InterruptedStream,
    LimitError,
    SourceError,
    StreamError,
    UsageError,
    quote,
)
from .answer import Answer
from .status import Status, Verdict

SOURCE = "the source"
"""The origin of events that come from no server of ours: what was given to `show()`."""

_KEPT = "The text so far is kept."
_AGAIN = "s.again() asks again."


class Verdicts:
    """The verdicts on one run. `accepted`: the server has accepted the request."""

    def __init__(self, origin: str, answer: Answer) -> None:
        self.accepted = False
        self._origin = origin
        self._answer = answer

    def at_eof(self) -> Verdict:
        """The source has ended without an end mark: done if every answer has its finish reason."""
        if self._answer.chunks:
            came, hint = "without an end mark", f"{_KEPT[:-1]}; {_AGAIN}"
        else:
            came, hint = "before any content", f"Is it the right address and wire format? {_AGAIN}"
        return self.of(
            InterruptedStream(f"the connection to {self._origin} ended {came}", hint=hint, host=self._origin)
        )

    def at_exit(self) -> Verdict:
        """The process is exiting, and nobody has asked for the end."""
        said = f"the process ended before the answer of {self._origin} did"
        error = InterruptedStream(said, hint=_KEPT, host=self._origin)
        return Verdict(Status.INTERRUPTED, error=error)

    def of_exception(self, exc: Exception) -> Verdict:
        """What the source raised."""
        if isinstance(exc, StreamError):
            return self.of(exc)
        if isinstance(exc, UsageError):
            # What only sending shows to be wrong use: the call has returned, so it is told in the view.
            return self.of(BadRequestError(str(exc), code="usage"))
        error = SourceError(f"{type(exc).__name__} while reading: {quote(str(exc))}")
        error.__cause__ = exc
        return self.of(error)

    def of(self, error: StreamError) -> Verdict:
        """What an error means: an answer that has all its finish reasons is done, however it breaks off."""
        error.__traceback__ = None  # its frames hold the buffers of the connection, up to megabytes
        if not error.host and self._origin != SOURCE:  # found here, and not where the host is known
            error.host = self._origin
            error.message = f"{self._origin}: {error.message}"
            error.args = (error.message,)
            error.hint = error.hint or _AGAIN
        # Too large in mid-answer is an end before the end mark like any other.
        too_large = isinstance(error, LimitError) and self.accepted
        if isinstance(error, InterruptedStream) or too_large:
            return self.of_interruption(error)
        return Verdict(Status.ERROR, error=error)

    def of_interruption(self, error: StreamError) -> Verdict:
        """An end before the end mark."""
        if self._answer.all_finished:
            return Verdict(Status.DONE)
        return Verdict(Status.INTERRUPTED, error=error)
