"""In: a page and a notebook of the server. Out: what a person does and sees, in JupyterLab or Notebook 7.

Actions go through keyboard and mouse; the application object is asked only for states to wait on and to bring
a cell into view. Nothing here sleeps. `View` reads one `.notebook-stream` host inside its open shadow root.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, Literal

from playwright.sync_api import Locator, Page, TimeoutError, expect

from .jupyter import JupyterServer
from .kernels import DEAF_KERNELS, DEFAULT

FrontEnd = Literal["lab", "notebook"]
FRONT_ENDS: tuple[FrontEnd, ...] = ("lab", "notebook")
WAIT_MS = 30_000
"""How long a condition may take on a loaded machine, in milliseconds; no figure of the product's."""
UNREAD_MS = 3_000
"""How long a cell or an opening page waits for a kernel of `DEAF_KERNELS` (ms) before somebody knocks."""

_names = itertools.count(1)

PANEL = "window.jupyterapp.shell.currentWidget"

# The notebook's kernel, or nothing. Once it has been seen, the page notes which requests it has begun.
_KERNEL_SEEN = f"""() => {{
  const kernel = window.jupyterapp && {PANEL}?.sessionContext?.session?.kernel;
  if (kernel && window.seenKernel !== kernel) {{
    window.seenKernel = kernel;
    window.begunRequests = new Set();
    kernel.iopubMessage.connect((_, message) => {{
      if (message.content.execution_state === 'busy') {{
        window.begunRequests.add(message.parent_header.msg_id);
      }}
    }});
  }}
  return kernel;
}}"""
_OPEN = f"""({_KERNEL_SEEN})()?.connectionStatus === 'connected'
  && {PANEL}.context.isReady && {PANEL}.content.widgets.length > 0"""
READY = f"() => {_OPEN} && ({_KERNEL_SEEN})().status === 'idle'"

# The text of an answer without the renderer's own furniture (language label, buttons).
ANSWER_TEXT = """element => {
  const text = node => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const role = node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('role') : null;
    if (role === 'toolbar' || role === 'status') return '';
    return Array.from(node.childNodes, text).join('');
  };
  return text(element);
}"""


class View:
    """One live view: the host element `.notebook-stream`, read inside its shadow root."""

    def __init__(self, host: Locator) -> None:
        self.host = host

    @property
    def answer(self) -> str:
        """The answer's text, furniture left out."""
        return str(self.part("answer").evaluate(ANSWER_TEXT))

    @property
    def status(self) -> str:
        """The status line's text."""
        return self.part("status").inner_text()

    @property
    def stop_button(self) -> Locator:
        """The button Stop."""
        return self.host.get_by_role("button", name="Stop", exact=True)

    def part(self, name: str) -> Locator:
        """The element with this `part`."""
        return self.host.locator(f"[part~={name}]")

    def wait_for_more(self, than: int) -> int:
        """Wait until the answer is longer than `than` characters; returns its length then."""
        element = self.part("answer").element_handle(timeout=WAIT_MS)
        self.host.page.wait_for_function(
            f"([element, than]) => ({ANSWER_TEXT})(element).length > than",
            arg=[element, than],
            timeout=WAIT_MS,
        )
        return len(self.answer)

    def wait_until(self, status: str) -> None:
        """Wait until the status line holds this text."""
        expect(self.part("status")).to_contain_text(status, timeout=WAIT_MS)

    def wait_for_answer(self, text: str, name: str = "") -> None:
        """Wait until the answer is exactly `text`; fails with what differs, after `name`."""
        element = self.part("answer").element_handle(timeout=WAIT_MS)
        try:
            self.host.page.wait_for_function(
                f"([element, text]) => ({ANSWER_TEXT})(element) === text",
                arg=[element, text],
                timeout=WAIT_MS,
            )
        except TimeoutError as late:
            shown = self.answer
            pairs = enumerate(zip(shown, text, strict=False))
            same = next((i for i, (a, b) in pairs if a != b), min(len(shown), len(text)))
            raise AssertionError(
                f"{name}{len(shown)} characters shown, {len(text)} expected; after {same} equal ones"
                f" {shown[same : same + 40]!r} instead of {text[same : same + 40]!r}; status {self.status!r}"
            ) from late

    def stop(self) -> None:
        """Press Stop as a person does: the pointer comes to the line first, which then holds still."""
        self.part("status").hover()
        self.stop_button.click()


class Notebook:
    """An open notebook. Cells are counted from 0. Waits raise Playwright's `TimeoutError`."""

    def __init__(
        self, page: Page, server: JupyterServer, front_end: FrontEnd, name: str, kernel: str = DEFAULT
    ) -> None:
        self.page = page
        self.kernel = kernel
        self.front_end = front_end
        self.name = name
        self.path = server.root / name
        self._server = server

    @classmethod
    def open(
        cls,
        page: Page,
        server: JupyterServer,
        cells: list[str | dict[str, Any]] | list[str],
        *,
        kernel: str = DEFAULT,
        front_end: FrontEnd = "lab",
    ) -> Notebook:
        """Write a fresh notebook with these cells, open it and wait until its kernel is idle."""
        name = f"test-{next(_names)}.ipynb"
        server.write_notebook(name, cells, kernel)
        notebook = cls(page, server, front_end, name, kernel)
        notebook.visit()
        return notebook

    def visit(self) -> None:
        """Open the notebook's file in this page and wait until its kernel is idle."""
        # A workspace of its own: the page opens this notebook and nothing else, and a reload finds it again.
        tree = f"/lab/workspaces/{self.name[:-6]}/tree" if self.front_end == "lab" else "/notebooks"
        self.page.goto(f"{self._server.url}{tree}/{self.name}?token={self._server.token}")
        self.wait_until_ready()

    # -- running ---------------------------------------------------------------------------------------------

    def run(self, index: int, *, wait: bool = True, raises: str = "") -> None:
        """Run cell `index` with Ctrl+Enter; with `wait` until it has ended.

        A cell that raises fails the test at once, unless it raises the error that `raises` names.
        """
        before = self._request(index)
        self.activate(index)
        self.page.keyboard.press("Control+Enter")
        self._until(f"{_CELL_REQUEST} !== arg[1]", [index, before])
        if wait:
            self.wait_until_cell_ended(index, raises=raises)

    def run_all(self) -> None:
        """Run every cell, one after the other, each until it has ended."""
        for index in range(self.cell_count()):
            self.run(index)

    def wait_until_cell_ended(self, index: int, *, raises: str = "") -> None:
        """Until cell `index` is not running any more; `raises` as in `run`."""
        self._until_kernel(
            "{cell}.model.executionState === 'idle' && {cell}.model.executionCount !== null", index
        )
        outputs = self._ask("{cell}.model.outputs.toJSON()", [index])
        errors = [output for output in outputs if output["output_type"] == "error"]
        told = [f"{error['ename']}: {error['evalue']}" for error in errors]
        assert [error["ename"] for error in errors] == ([raises] if raises else []), f"cell {index}: {told}"

    def wait_until_cell_runs(self, index: int) -> None:
        """Until the kernel is at work on cell `index`."""
        # Not the kernel's own status, which is of whatever it said last: a request for a subshell, answered
        # on the control channel while the cell runs, leaves it idle.
        self._until_kernel(
            f"{{cell}}.model.executionState === 'running' && window.begunRequests.has({_CELL_REQUEST})", index
        )

    def is_cell_running(self, index: int) -> bool:
        """Whether cell `index` still shows `[*]`."""
        return bool(self._ask("{cell}.model.executionState === 'running'", [index]))

    def interrupt(self) -> None:
        """Interrupt the kernel by the notebook's shortcut (I, I)."""
        self._command_mode()
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def restart(self) -> None:
        """Restart the kernel by the notebook's shortcut (0, 0), and wait until the new one is idle."""
        self._command_mode()
        self.page.keyboard.press("0")
        self.page.keyboard.press("0")
        accept = self.page.locator(".jp-Dialog .jp-mod-accept")
        # The kernel object stays the same through a restart; only its status tells that the old one has gone.
        self.page.evaluate(f"""() => {{
          const kernel = {PANEL}.sessionContext.session.kernel;
          window.hasRestarted = false;
          kernel.statusChanged.connect((_, status) => {{
            if (status === 'restarting' || status === 'autorestarting') window.hasRestarted = true;
          }});
        }}""")
        accept.click()
        self.page.wait_for_function("() => window.hasRestarted", timeout=WAIT_MS)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until the notebook is there and its kernel idle."""
        self._until_read(READY, None, "opening")

    # -- keeping ---------------------------------------------------------------------------------------------

    def save(self) -> dict[str, Any]:
        """Save with Ctrl+S, wait until the file has it, and return the notebook read from the disk."""
        before = self.path.stat().st_mtime_ns
        self._command_mode()
        with self.page.expect_response(
            lambda answer: answer.request.method == "PUT" and f"/api/contents/{self.name}" in answer.url,
            timeout=WAIT_MS,
        ) as saved:
            self.page.keyboard.press("Control+s")
        assert saved.value.ok, f"saving failed with {saved.value.status}"
        assert self.path.stat().st_mtime_ns > before
        self.page.wait_for_function(f"() => !{PANEL}.context.model.dirty", timeout=WAIT_MS)
        return self.read_file()

    def read_file(self) -> dict[str, Any]:
        """The notebook as it stands on the disk."""
        document: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        return document

    def reload(self) -> None:
        """Reload the page and wait for notebook and kernel, whatever the kernel does."""
        self.page.reload()
        self.page.wait_for_function(f"() => {_OPEN}", timeout=WAIT_MS)

    # -- looking ---------------------------------------------------------------------------------------------

    def cell(self, index: int) -> Locator:
        """Cell `index`."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """The output area of cell `index`."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def output_text(self, index: int) -> str:
        """What the outputs of cell `index` read."""
        return self.output(index).inner_text()

    def views(self, index: int) -> Locator:
        """The `.notebook-stream` hosts in the output of cell `index`."""
        return self.output(index).locator(".notebook-stream")

    def view(self, index: int) -> View:
        """The only view in the output of cell `index`; waits for it."""
        hosts = self.views(index)
        expect(hosts).to_have_count(1, timeout=WAIT_MS)
        return View(hosts)

    def cell_count(self) -> int:
        """How many cells there are."""
        return int(self.page.evaluate(f"() => {PANEL}.content.widgets.length"))

    def activate(self, index: int) -> None:
        """Select cell `index` in command mode, scrolled into view and focused."""
        self.page.evaluate(
            f"""async index => {{
              const panel = {PANEL};
              panel.content.activeCellIndex = index;
              panel.content.mode = 'command';
              await panel.content.scrollToItem(index);
              panel.content.activate();
              panel.content.activeCell.node.focus();
            }}""",
            index,
        )

    def clear_output(self, index: int) -> None:
        """Clear the output of cell `index`, as the menu's entry does."""
        self.activate(index)
        self.page.evaluate("window.jupyterapp.commands.execute('notebook:clear-cell-output')")
        expect(self.output(index).locator(".jp-OutputArea-child")).to_have_count(0, timeout=WAIT_MS)

    def delete_cell(self, index: int) -> None:
        """Delete cell `index` by the notebook's shortcut (D, D)."""
        before = self.cell_count()
        self.activate(index)
        self.page.keyboard.press("d")
        self.page.keyboard.press("d")
        self._until(f"{PANEL}.content.widgets.length === arg[0]", [before - 1])

    def state_of_cells(self) -> list[Any]:
        """Which cell is selected, then of each its source and its last execution: what shortcuts change."""
        of_each = "[w.model.sharedModel.getSource(), w.outputArea?.future?.msg.header.msg_id ?? null]"
        state: list[Any] = self.page.evaluate(
            f"() => [{PANEL}.content.activeCellIndex, ...{PANEL}.content.widgets.map(w => {of_each})]"
        )
        return state

    def set_theme(self, theme: Literal["light", "dark"]) -> None:
        """Switch the application's theme."""
        name = f"JupyterLab {theme.capitalize()}"
        self.page.evaluate(
            "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name
        )
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name, timeout=WAIT_MS
        )

    def _command_mode(self) -> None:
        self.activate(int(self.page.evaluate(f"() => {PANEL}.content.activeCellIndex")))

    def _request(self, index: int) -> Any:
        return self._ask(_CELL_REQUEST, [index])

    def _ask(self, expression: str, arg: list[Any]) -> Any:
        return self.page.evaluate(f"arg => {expression.replace('{cell}', _CELL)}", arg)

    def _until_kernel(self, expression: str, index: int) -> None:
        self._until_read(f"arg => {expression.replace('{cell}', _CELL)}", [index], f"cell {index}")

    def _until_read(self, function: str, arg: list[Any] | None, what: str) -> None:
        # Knocking delivers nothing: only a request that lies unread in a deaf kernel's socket gains by it.
        patience = UNREAD_MS if self.kernel in DEAF_KERNELS else WAIT_MS
        for _ in range(WAIT_MS // patience - 1):
            try:
                self.page.wait_for_function(function, arg=arg, timeout=patience)
                return
            except TimeoutError:
                if kernel_id := self.page.evaluate(_SILENT_KERNEL):
                    self._server.knock(kernel_id, f"{self.name}, {what}, {self.kernel}")
        self.page.wait_for_function(function, arg=arg, timeout=patience)

    def _until(self, expression: str, arg: list[Any], timeout: float = WAIT_MS) -> None:
        self.page.wait_for_function(f"arg => {expression.replace('{cell}', _CELL)}", arg=arg, timeout=timeout)


# The id of the notebook's kernel if it has a connection and is not at work.
_SILENT_KERNEL = f"""() => {{
  const kernel = ({_KERNEL_SEEN})();
  return kernel?.connectionStatus === 'connected' && kernel.status !== 'busy' ? kernel.id : null;
}}"""
_CELL = f"{PANEL}.content.widgets[arg[0]]"
# Each execution has a message of its own, so that a second run is told from the first.
_CELL_REQUEST = "({cell}.outputArea.future?.msg.header.msg_id ?? null)"
