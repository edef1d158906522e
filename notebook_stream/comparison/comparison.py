"""`Comparison`: what the user holds of prompts × models × settings side by side. Makes no request."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import loop, saved
from ..errors import UsageError, brief
from ..session import Result, Status
from ..widget import Stream
from . import files, static, tables
from .agreement import Agreement
from .grid import Grid
from .runs import Make

if TYPE_CHECKING:
    import pandas as pd

STOP_WAIT_SECONDS = 1.0
"""How long `stop()` waits for all connections to be closed; usually it takes milliseconds."""

STATUSES = tuple(status.value for status in Status)
Only = str | Callable[[Stream], object] | None


class Comparison(Grid):
    """Answers side by side: one cell for each prompt, model and setting, each cell a `Stream`.

    Made by `compare()`. `c[row, column]` is the `Stream` of a cell (`c[row, column, repeat]` of a repeat);
    iterating gives all, in the order of the cells. `await c` and `c.result()` wait for all, and give their
    `Result`s; what went wrong in a cell stays in that cell.
    """

    @brief
    def result(self, timeout: float | None = None) -> list[Result]:
        """Wait for the end of all and return their `Result`s, in the order of the cells; errors stay in them.

        Raises TimeoutError after `timeout` seconds (the runs go on). An interrupt of the cell stops all.
        """
        self._block(self._runs.wait, timeout)
        return self._results()

    def __await__(self) -> Generator[Any, None, list[Result]]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> list[Result]:
        await self._until_ended()
        return self._results()

    def _results(self) -> list[Result]:
        return [run._session.result() for run in self._runs.now]

    def stop(self) -> None:
        """End all runs, those that wait for their turn as well, and keep their texts."""
        self._stop_for("user")
        if not loop.background().is_current():
            self._runs.wait(STOP_WAIT_SECONDS)

    @brief
    def again(self, only: Only = None) -> Comparison:
        """Run cells again, in their places: all, or `only` those of a status, or for which it returns true.

        `c.again(only="error")` is the usual one. Returns this comparison. What still runs is stopped first.
        """
        self._again([c for c, run in enumerate(self._runs.now) if _is_meant(run, only)], in_cell=True)
        return self

    @brief
    def resume(self) -> Comparison:
        """Let all answers that were cut off go on, in their places, where their servers can.

        See `Stream.resume`. Returns this comparison.
        """
        cells = [cell for cell, run in enumerate(self._runs.now) if run.is_resumable]
        self._again(cells, in_cell=True, rest=True)
        return self

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The labels of the rows: for each the values of the axes that are down."""
        return self._arranged.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The labels of the columns."""
        return self._arranged.columns

    @property
    def agreements(self) -> list[Agreement]:
        """How far the answers agree, for each request that was repeated and has at least two; in order."""
        return [agreement for _, agreement in sorted(self._runs.agreements.items(), key=lambda pair: pair[0])]

    @brief
    def __getitem__(self, place: tuple[int | str, ...]) -> Stream:
        cells = self._arranged.cells
        if not isinstance(place, tuple) or len(place) not in (2, 3):
            raise UsageError("A cell is c[row, column], or c[row, column, repeat]: numbers from 0 or labels.")
        rows = [" · ".join(row) for row in self.rows]
        row = _number(place[0], rows, "row")
        column = _number(place[1], self.columns, "column")
        repeats = [str(n) for n in range(1, len(cells[row][column]) + 1)]
        repeat = _number(place[2] if len(place) == 3 else 0, repeats, "repeat")
        return self._runs.now[cells[row][column][repeat]]

    def __iter__(self) -> Iterator[Stream]:
        return iter(list(self._runs.now))

    def __len__(self) -> int:
        return len(self._runs.now)

    @brief
    def to_frame(self) -> pd.DataFrame:
        """One row a run: place on the axes, text, status, times (s), tokens, cost ($), finish reason, error.

        A value that was asked with, and bears the name of one of these, has the column `..._asked`.

        Raises:
            UsageError: pandas is not installed.
        """
        return tables.to_frame(self._saved())

    def to_markdown(self) -> str:
        """The figures as a table, and each answer below a heading; safe to be shown anywhere."""
        return static.to_markdown(self._saved(), self._runs.agreements)

    def save(self, path: str | Path) -> None:
        """Write all answers, figures and requests into a JSON file; never a key. Raises OSError."""
        files.write(Path(path), self._saved())

    @classmethod
    @brief
    def load(cls, path: str | Path) -> Comparison:
        """The comparison that `save` has written: for its answers, `again()`, and to be shown.

        Raises:
            UsageError: it is no such file. OSError: it cannot be read.
        """
        return cls._of(files.read(Path(path)))

    @classmethod
    @brief
    def from_output(cls, metadata: Mapping[str, Any]) -> Comparison:
        """The same of the metadata of a notebook's output. Raises UsageError: it shows no comparison."""
        return cls._of(files.from_metadata(metadata))

    @classmethod
    def _of(cls, kept: files.Saved) -> Comparison:
        runs = [Stream.from_output(saved.to_metadata(record)) for record in kept.records]
        for run in runs:
            run.outbox.opening()  # a page gets what is there with the opening state, and no messages
        makers = [_without_display(run) for run in runs]
        return cls(kept.axes, kept.points, runs, makers, version=kept.version)

    @brief
    def freeze(self) -> None:
        """Leave only the static table, and let go of the widget.

        Raises:
            UsageError: a run has not ended.
        """
        if not self._has_ended:
            raise UsageError("freeze() keeps finished answers; some are still coming: await or stop them.")
        self._freeze()

    def close(self) -> None:
        """Stop all runs and remove the live views; where a copy is displayed, it stays."""
        if getattr(self, "_runs", None) is not None:
            self._stop_for("user")
        if getattr(self, "comm", None) is not None:
            self._close_comm()

    def __repr__(self) -> str:
        counts: dict[str, int] = {}
        for run in self._runs.now:
            counts[run.status] = counts.get(run.status, 0) + 1
        told = ", ".join(f"{count} {status}" for status, count in counts.items())
        return f"<Comparison {len(self._runs.now)} cells: {told}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Comparison cannot be pickled: it holds connections; c.save(path) keeps it.")


def _without_display(run: Stream) -> Make:
    return functools.partial(run.prepare_again, display=False)


def _is_meant(run: Stream, only: Only) -> bool:
    if only is None:
        return True
    if isinstance(only, str) and only not in STATUSES:
        raise UsageError(f"only={only!r} is no status; there are {', '.join(STATUSES)}.")
    return bool(only(run)) if callable(only) else run.status == only


def _number(place: int | str, labels: Sequence[str], what: str) -> int:
    """The number of a row or column that is named by it, or by its label. Raises UsageError."""
    if isinstance(place, str) and place in labels:
        return list(labels).index(place)
    if isinstance(place, int) and -len(labels) <= place < len(labels):
        return place % len(labels)
    shown = ", ".join(map(repr, labels[:6])) + (", …" if len(labels) > 6 else "")
    numbers = f"0 to {len(labels) - 1}" if len(labels) > 1 else "0"
    raise UsageError(f"There is no {what} {place!r}: give {numbers}, or a label: {shown}.")
