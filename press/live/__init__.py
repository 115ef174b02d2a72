"""Python in the page: cells and exercises that run in the reader's browser, and the notebooks in JupyterLite.

cells       puts the scripts of static/ and what they load into the site
lite        builds JupyterLite, with lite_settings/
pyodide     fetches the Python, as pyodide-lock.json pins it

static/ runs in the page, browser_python/ in its Python; editor/ is what static/editor.js is made from (make editor).
README.md says how they work together.
"""

from importlib.metadata import PackagePath, files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # fetching Pyodide does without Sphinx
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

HERE = Path(__file__).parent

PARTS = ["cells", "lite"]


def installed(package: str) -> list[PackagePath]:
    """The files of a package."""
    listed = files(package)
    if listed is None:
        raise LookupError(f"{package}: installed without a list of its files")
    return listed


def setup(app: "Sphinx") -> "ExtensionMetadata":
    for part in PARTS:
        app.setup_extension(f"{__name__}.{part}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
