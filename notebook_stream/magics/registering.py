"""IPython's shell in; `%%stream`, `%stream_models` and their completion registered there, or taken away."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import UsageError
from ..providers import standings
from . import cell as cells
from . import completing, servers
from .table import Models

T = TypeVar("T")

_registered: dict[int, Any] = {}
"""The matcher of each shell, by its id."""


class _Magics:
    """What one shell's magics share: its namespace, and the models last found."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._found: list[str] = []

    def stream(self, line: str, cell: str) -> Any:
        """%%stream [-m model] [-s system] [-o name] [--wait] [param=value ...]: ask what the cell says.

        `{name}`, `{name.attribute}`, `{name["key"]}` and `{name[0]}` in the cell, and in the values of
        options, are the notebook's variables; `{{` and `}}` are braces. Several `-m` make a comparison.
        `-o name` puts the Stream into a variable; `--wait` waits for its end. Values are Python literals
        where they can be, else text: `temperature=0.2 stop=END`; with blanks in quotes.
        """
        __tracebackhide__ = True
        return _plainly(lambda: cells.run(line, cell, self._shell.user_ns))

    def models(self, line: str) -> Models:
        """%stream_models [--all]: the providers, which of them have a key, and the local servers that answer.

        Asks this machine alone. `--all` names every model of a server, not only the first few.
        """
        __tracebackhide__ = True
        return _plainly(lambda: self._models(line))

    def _models(self, line: str) -> Models:
        if line.strip() not in ("", "--all"):
            raise UsageError("%stream_models takes --all, or nothing after it.")
        places = standings()
        table = Models(tuple(places), tuple(servers.find(places)), completing.DEMO_MODELS, bool(line.strip()))
        self._found = table.names()
        return table

    def names(self, typed: str) -> list[str]:
        """The names of models that completion offers."""
        return completing.known_names(typed, self._found, self._shell.user_ns.get("In", ()))


def _plainly(call: Callable[[], T]) -> T:
    """What `call` gives; of wrong use IPython prints the message alone, without a traceback."""
    from IPython.core.error import UsageError as ShellsError

    __tracebackhide__ = True
    try:
        return call()
    except UsageError as exc:
        raise ShellsError(str(exc)) from None


def load(shell: Any) -> None:
    """Register the magics and the completion; once for a shell."""
    from IPython.core.magic import no_var_expand

    unload(shell)
    magics = _Magics(shell)
    # IPython itself would expand {} and $ in the line, by rules of its own.
    stream = no_var_expand(_named(magics.stream))
    shell.register_magic_function(stream, "cell", "stream")
    shell.register_magic_function(_named(magics.models), "line", "stream_models")
    matcher = completing.matcher(magics.names)
    shell.Completer.custom_matchers.append(matcher)
    _registered[id(shell)] = matcher


def unload(shell: Any) -> None:
    """Take away what `load` has registered."""
    matcher = _registered.pop(id(shell), None)
    if matcher is None:
        return
    for kind, name in (("cell", "stream"), ("line", "stream_models")):
        shell.magics_manager.magics[kind].pop(name, None)
    with contextlib.suppress(ValueError):  # somebody else has taken it away
        shell.Completer.custom_matchers.remove(matcher)


def _named(method: Callable[..., Any]) -> Any:
    """A plain function for a method: IPython marks it, and shows its docstring."""

    def magic(*args: Any) -> Any:
        __tracebackhide__ = True
        return method(*args)

    magic.__doc__ = method.__doc__
    return magic
