"""The parts of a tuning on the screen, and how they lie: ipywidgets' own, but for the code with Copy.

What they do when they are pressed is said elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets as t

from .. import wire
from ..saved.html import escape, escape_attribute
from ..saved.visible import visible_code, visible_prose
from .controls import WIDE
from .keeping import Bundle

STATIC = Path(__file__).resolve().parents[1] / "static"
MAX_ROWS = 6
"""Runs that the list shows at once."""
HINT = "Choose a run to bring it back, or two (Ctrl or ⌘ and a click) to compare them."


MAX_TEMPLATE = 240
"""Characters of a template that stands above its controls; of a longer one the prompt of a run is enough."""
MAX_PROMPT = 4_000
"""Characters of a run's prompt that the page is given; the code has the whole."""
SURE_TO_FIT = 60
"""Characters that need no second look."""

_QUIET = "margin:4px 0;line-height:1.4;opacity:.75;white-space:pre-wrap;overflow-wrap:anywhere"
_CLAMPED = """<style>
.notebook-stream-prompt:not(:focus) {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden;
}
</style>"""


class CodeView(anywidget.AnyWidget):
    """Python to be read, with a Copy button; empty it is not seen.

    It also tells the page about the panel around it: that keys in there are no shortcuts, that its copy below
    is not to be seen while it is there, and how long (UTF-16 units) the HTML of that copy is by now.
    """

    _esm = t.Unicode((STATIC / "panel.js").read_text(encoding="utf-8")).tag(sync=True)
    code = t.Unicode("").tag(sync=True)
    _kept = t.Dict().tag(sync=True)

    def __init__(self, copy: Callable[[], Bundle]) -> None:
        self._copy = copy
        super().__init__()

    def kept(self, of: str, copy: Bundle) -> None:
        """The copy of the widget `of` is `copy` now: a page that has missed it asks for it."""
        html = copy[0]["text/html"]
        self._kept = {"of": of, "size": len(html.encode("utf-16-le", "surrogatepass")) // 2}

    def _handle_custom_msg(self, content: Any, buffers: Any) -> None:
        if isinstance(content, dict) and content.get("type") == "copy":
            data, metadata = self._copy()
            message: wire.Copy = {"type": "copy", "data": data, "metadata": metadata}
            self.send(message)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Nothing is taken from the page."""


class Panel:
    """The parts. Those that come and go are the `answer`, the `history` and what stands below it."""

    def __init__(self, controls: list[ipywidgets.Widget], copy: Callable[[], Bundle], template: str) -> None:
        self.run = ipywidgets.Button(description="Run", button_style="primary")
        self.stop = ipywidgets.Button(description="Stop", disabled=True)
        self.message = ipywidgets.HTML()
        self.template = ipywidgets.HTML(_template(template), layout={"width": WIDE})
        self.template.layout.display = None if self.template.value else "none"
        self.prompt = ipywidgets.HTML(layout={"width": WIDE})
        self.answer = ipywidgets.VBox(layout={"margin": "8px 0"})
        self.runs = ipywidgets.SelectMultiple(
            description="Runs", layout={"width": "98%"}, style={"description_width": "6ch"}
        )
        self.compare = ipywidgets.Button(description="Compare", disabled=True, tooltip=HINT)
        self.code = ipywidgets.ToggleButton(description="Code", tooltip="Python that repeats the run shown")
        self.hint = ipywidgets.HTML(f"<span style='opacity:.7'>{HINT}</span>")
        self.comparison = ipywidgets.HTML(layout={"width": "98%"})
        self.code_view = CodeView(copy)
        below = ipywidgets.HBox([self.compare, self.code, self.hint])
        self.history = ipywidgets.VBox([self.runs, below])
        self.children = [
            self.template,
            ipywidgets.VBox(controls),
            ipywidgets.HBox([self.run, self.stop, self.message]),
            self.prompt,
            self.answer,
            self.history,
            self.comparison,
            self.code_view,
        ]
        self.show_prompt("")
        self.show_history(0)

    def say(self, words: str) -> None:
        """Show words beside the buttons, and have them read; empty takes them away."""
        lines = "<br>".join(escape(visible_prose(line)) for line in words.splitlines())
        self.message.value = f"<div role=alert style='line-height:1.4'>⚠ {lines}</div>" if words else ""

    def show_prompt(self, prompt: str) -> None:
        """Show what a run has asked, two lines of it and on focus the whole; empty takes it away."""
        self.prompt.value = _prompt(prompt) if prompt else ""
        self.prompt.layout.display = None if prompt else "none"

    def show_history(self, count: int) -> None:
        """There is something to go back to only after the first run."""
        self.history.layout.display = None if count else "none"
        self.runs.rows = min(max(count, 2), MAX_ROWS)

    def show_comparison(self, html: str) -> None:
        """Show it, or with nothing in it take it away."""
        self.comparison.value = html
        self.comparison.layout.display = None if html else "none"


def _template(template: str) -> str:
    """The template where it is short, and more than a single variable, which its control shows."""
    if len(template) > MAX_TEMPLATE or re.fullmatch(r"\s*\{[^{}]*\}\s*", template):
        return ""
    text = escape(visible_code(template.strip()))
    return text and f"<div role=note aria-label=Template style='{_QUIET}'>{text}</div>"


def _prompt(prompt: str) -> str:
    shown = visible_prose(prompt if len(prompt) <= MAX_PROMPT else f"{prompt[:MAX_PROMPT]}…").strip()
    whole = ""
    if len(shown) > SURE_TO_FIT or "\n" in shown:
        whole = f" tabindex=0 title='{escape_attribute(shown)}'"
    return (
        f"{_CLAMPED}<div class=notebook-stream-prompt role=note aria-label=Prompt{whole} style='{_QUIET}'>"
        f"{escape(shown)}</div>"
    )
