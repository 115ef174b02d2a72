"""Let the cells and exercises of a page run in the browser: static/ and the files that it loads.

Pyodide's files were fetched by pyodide.py; dlcourse with browser_python/, and the Japanese font, go into archives
beside them.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

from dlcourse.grading.isolation.portable.pyodide import LOCK, closure
from press import ROOT, edition
from press.archive import archive
from press.live import HERE, installed, pyodide
from press.pages import Context
from press.words import copy_static

logger = logging.getLogger(__name__)

NOTICE = """\
Pyodide (Mozilla Public License 2.0) is loaded when a reader runs a cell; its source: https://github.com/pyodide/pyodide
It contains CPython (Python Software Foundation License). Every .whl and .zip holds the licence of its package.
"""


def copy_files(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    # The records of progress.js and review.js do without Python.
    copy_static(app, HERE / "static", "live")
    fetched = pyodide.FOLDER / LOCK.name
    if not fetched.is_file() or fetched.read_bytes() != LOCK.read_bytes():
        try:
            pyodide.fetch()  # `make` has done so; a plain `jupyter-book build .` does it here
        except SystemExit as error:
            logger.info("%s\n本は、ページの中で動くセルなしで作ります。 / the book is built without live cells", error)
            return
    target = Path(app.outdir) / "_static" / "pyodide"
    shutil.copytree(pyodide.FOLDER, target, dirs_exist_ok=True)
    files = [file for file in (ROOT / "dlcourse").rglob("*") if file.is_file() and file.suffix not in (".pyc", ".po")]
    # Grading runs notebooks in processes, which a browser has not.
    files = [ROOT / "LICENSE", *(file for file in files if "grading" not in file.parts)]
    packed: dict[str, Path | bytes] = {str(file.relative_to(ROOT)): file for file in files}
    packed |= {f"browser_python/{file.name}": file for file in (HERE / "browser_python").glob("*.py")}
    packed["dlcourse/data/sections.json"] = edition.sections()  # a notebook's checks link to them
    archive(target / "dlcourse.zip", packed)
    font = [file for file in installed("matplotlib-fontja") if file.parts[0] == "matplotlib_fontja"]
    archive(
        target / "matplotlib_fontja.zip",
        {str(file): Path(file.locate()) for file in font}
        | {"matplotlib_fontja/matplotlibrc": HERE / "lite_settings" / "matplotlibrc"},
    )
    (target / "NOTICE.txt").write_text(NOTICE, "utf-8")


def megabytes(size: int) -> str:
    return str(size // 2**20 + 1)


def wheels(package: str) -> list[str]:
    """The files that Pyodide loads for this package."""
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    return sorted(packages[name]["file_name"] for name in closure(packages, [package]))


def add_script(app: Sphinx, page: str, template: str, context: Context, doctree: nodes.document | None) -> None:
    if 'class="cell ' not in context.get("body", "") and 'class="answer"' not in context.get("body", ""):
        return
    folder = Path(app.outdir) / "_static" / "pyodide"
    if not folder.is_dir():
        return
    python = [*pyodide.CORE, "dlcourse.zip", *wheels("numpy")]
    figures = [name for name in [*wheels("matplotlib"), "matplotlib_fontja.zip"] if name not in python]
    attributes: dict[str, Any] = {
        "data-python": megabytes(sum((folder / name).stat().st_size for name in python)),
        "data-figures": megabytes(sum((folder / name).stat().st_size for name in figures)),
        "data-prefetch": " ".join(figures),
    }
    app.add_js_file("words.js", defer="defer")
    app.add_js_file("live/memory.js", defer="defer")
    app.add_js_file("live/live.js", defer="defer", **attributes)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("builder-inited", copy_files)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
