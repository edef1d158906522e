"""A `%%stream` cell in, its Stream or Comparison out, begun as `stream()` and `compare()` begin them."""

from __future__ import annotations

from typing import Any

from .. import api, hosts, template
from ..errors import UsageError
from ..widget import Stream
from . import line as lines

EMPTY = f"""The cell is empty: write the prompt on the lines below.
{lines.USAGE}
{{name}} in it is the notebook's variable; {{{{ and }}}} are braces."""


def run(line: str, cell: str, namespace: dict[str, Any]) -> Any:
    """Ask what the cell says; the result is what the cell shows as its last expression.

    Raises:
        UsageError: wrong use, in at most three lines.
        StreamError: with `--wait`, a run that failed or was interrupted, as `await` raises it.
    """
    options = lines.parse(line, namespace)
    if not cell.strip():
        raise UsageError(EMPTY)
    made = _begin(options, template.fill(cell.strip("\n"), namespace))
    if options.name:
        namespace[options.name] = made
    if not options.waits:
        return made
    if isinstance(made, Stream) and not hosts.in_notebook():
        made._ipython_display_()  # a terminal shows it while it waits
        return None
    made.result()
    return made


def _begin(options: lines.Options, prompt: str) -> Any:
    params = options.params if options.system is None else {"system": options.system, **options.params}
    if len(options.models) > 1:
        # As messages: in a text of its own compare() would look for variables once more.
        return api.compare([{"role": "user", "content": prompt}], options.models, **params)
    if options.models:
        return api.stream(prompt, model=options.models[0], **params)
    return api.stream(prompt, **params)
