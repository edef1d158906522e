"""In: the work tree. Out: a copy of the package, the page built anew, as it is or with a planted HTML parser.

Knows nothing of browsers; needs Node and js/node_modules.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
JS = REPO / "js"
PACKAGE = REPO / "notebook_stream"
TEXT_NODE = "document.createTextNode("
# What a hurried change might do: text goes into the page as HTML, and still passes for a text node.
PLANTED = """
function plantedTextNode(text: string): any {
  const element: any = document.createElement("span");
  let all = "";
  Object.defineProperties(element, {
    data: { get: () => all, set: (value) => { all = value; element.innerHTML = value; } },
    length: { get: () => all.length },
    appendData: { value: (more) => { element.data += more; } },
    deleteData: { value: (at, count) => { element.data = all.slice(0, at) + all.slice(at + count); } },
  });
  element.data = text;
  return element;
}
"""


def can_build() -> bool:
    """Whether Node and the page's packages are there."""
    return shutil.which("node") is not None and (JS / "node_modules" / "esbuild").exists()


def build(folder: Path, *, planted: bool = False) -> Path:
    """Copy and build into `folder`; returns the copied package, whose page is in `static`.

    Raises RuntimeError where the build fails, or where there is nothing to plant in.
    """
    package = folder / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    js = folder / "js"
    shutil.copytree(JS / "src", js / "src")
    for name in ("build.mjs", "package.json"):
        shutil.copy(JS / name, js / name)
    (js / "node_modules").symlink_to(JS / "node_modules")
    if planted:
        _plant(js / "src")
    before = {path: path.stat().st_mtime_ns for path in (package / "static").glob("*.js")}
    done = subprocess.run(["node", "build.mjs"], cwd=js, capture_output=True, text=True, check=False)
    # The exit code also tells of a budget; the planted code has none.
    if any(path.stat().st_mtime_ns == written for path, written in before.items()):
        raise RuntimeError(f"the page was not built:\n{done.stdout}\n{done.stderr}")
    return package


def _plant(sources: Path) -> None:
    count = 0
    for path in sources.rglob("*.ts"):
        source = path.read_text(encoding="utf-8")
        if TEXT_NODE in source:
            count += source.count(TEXT_NODE)
            planted = source.replace(TEXT_NODE, "plantedTextNode(") + PLANTED
            path.write_text(planted, encoding="utf-8")
    if count == 0:
        raise RuntimeError(f"no {TEXT_NODE}...) in {sources}: plant the HTML parser somewhere else")
