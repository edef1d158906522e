"""The ways to show an answer as it comes: ours, three loops that one writes by hand, three packages.

Sources only: cells of a notebook, or an app with a page of its own. Knows nothing of measuring.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tests.browser.kernels import venv_python

JITTER = 0.1
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer to be asked for: `tokens` numbered ones, `pace` a second."""

    tokens: int
    pace: float

    def fields(self) -> dict[str, float]:
        """What goes into the request's body."""
        return {"tokens": self.tokens, "pace": self.pace, "jitter": JITTER, "seed": SEED}


@dataclass(frozen=True, slots=True)
class InNotebook:
    """Cells of a notebook: `setup` is run once, `source` asks. `needs` a package that need not be there."""

    name: str
    source: str
    setup: str = ""
    needs: str = ""

    def lack(self) -> str:
        """Why it cannot be shown here; empty where it can."""
        return f"{self.needs} is not installed" if self.needs and find_spec(self.needs) is None else ""


@dataclass(frozen=True, slots=True)
class OnPage:
    """An app with a page of its own: `command` serves `program`; the question goes into `box`, a selector."""

    name: str
    file: str
    program: str
    command: tuple[str, ...]
    path: str
    box: str
    environment: Literal["", "panel"] = ""

    def python(self) -> str | Path:
        """The Python that has it; builds its environment. Raises CalledProcessError where that fails."""
        return venv_python(self.environment) if self.environment else sys.executable


Way = InNotebook | OnPage

PIECES = """
import html, json, os
import httpx, ipywidgets
from IPython.display import Markdown, display, update_display
from notebook_stream import stream

BASE_URL = {base_url!r}

def pieces(**fields):
    body = dict(model="demo/lorem", stream=True, messages=[dict(role="user", content="hi")], **fields)
    with httpx.stream("POST", BASE_URL + "/chat/completions", json=body, timeout=None) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {{"):
                for choice in json.loads(line[6:])["choices"]:
                    if piece := choice["delta"].get("content"):
                        yield piece

print(os.getpid())
"""
"""The first cell of each notebook; what it prints is the kernel's process."""

OURS = """
s = stream("hi", base_url=BASE_URL, model="demo/lorem", **{fields})
"""

MARKDOWN = """
text, shown = "", os.urandom(8).hex()
display(Markdown(text), display_id=shown)
for piece in pieces(**{fields}):
    text += piece
    update_display(Markdown(text), display_id=shown)
"""

HTML = """
shown = ipywidgets.HTML()
display(shown)
for piece in pieces(**{fields}):
    shown.value += html.escape(piece)
"""

PRINT = """
for piece in pieces(**{fields}):
    print(piece, end="", flush=True)
"""

CHATLAS_SETUP = """
from chatlas import ChatOpenAICompletions
chat = ChatOpenAICompletions(base_url=BASE_URL, api_key="none", model="demo/lorem")
"""

CHATLAS = """
r = chat.chat("hi", kwargs=dict(extra_body={fields}))
"""

APP_PIECES = """
import json, os
from pathlib import Path
import httpx

async def pieces(**fields):
    body = dict(model="demo/lorem", stream=True, messages=[dict(role="user", content="hi")], **fields)
    async with (
        httpx.AsyncClient(timeout=None, trust_env=False) as client,
        client.stream("POST", os.environ["BASE_URL"] + "/chat/completions", json=body) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                for choice in json.loads(line[6:])["choices"]:
                    if piece := choice["delta"].get("content"):
                        yield piece

Path("pid").write_text(str(os.getpid()))
"""
"""The same for an app: it tells its process in a file, and takes the fields from the question."""

PANEL = (
    APP_PIECES
    + """
import panel as pn

async def answer(contents, user, instance):
    text = ""
    async for piece in pieces(**json.loads(contents)):
        text += piece
        yield text

pn.extension()
pn.chat.ChatInterface(callback=answer).servable()
"""
)

MARIMO = f"""import marimo

app = marimo.App()

with app.setup:
    import marimo as mo
{"".join(f"    {line}" if line.strip() else line for line in APP_PIECES.splitlines(keepends=True))}
@app.cell
def _():
    async def answer(messages, config):
        async for piece in pieces(**json.loads(messages[-1].content)):
            yield piece

    mo.ui.chat(answer)
    return
"""

WAYS: tuple[Way, ...] = (
    InNotebook("stream()", OURS),
    InNotebook("display(Markdown) loop", MARKDOWN),
    InNotebook("ipywidgets.HTML loop", HTML),
    InNotebook("print", PRINT),
    InNotebook("chatlas", CHATLAS, setup=CHATLAS_SETUP, needs="chatlas"),
    OnPage(
        "Panel's ChatInterface",
        file="app.py",
        program=PANEL,
        command=("-m", "panel", "serve", "app.py", "--port", "{port}"),
        path="/app",
        box="textarea",
        environment="panel",
    ),
    OnPage(
        "marimo's chat",
        file="notebook.py",
        program=MARIMO,
        command=("-m", "marimo", "run", "notebook.py", "--headless", "--no-token", "--port={port}"),
        path="/",
        box=".cm-content",
    ),
)
OURS_NAME = WAYS[0].name
LOOP_NAME = WAYS[1].name
"""The loop that the goals are shares of."""
