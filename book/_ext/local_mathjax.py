"""Serve MathJax from the site itself, so that formulas need no network.

Sphinx loads it from a public server. The package sphinx-mathjax-offline holds the same files (24 MB, other
output formats and all); the site gets the one script that contains every TeX extension, and its fonts.
"""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from sphinx.errors import ExtensionError

SCRIPT = "tex-chtml-full.js"
FONTS = "output/chtml/fonts/woff-v2"


def use_local_files(app, config):
    config.mathjax_path = f"mathjax/{SCRIPT}"
    # The formula menu fetches its speech rules from a public server when it is used.
    config.mathjax3_config = {"options": {"enableMenu": False}}


def copy_files(app):
    if app.builder.format != "html":
        return
    try:
        # The package's folder has hyphens in its name and cannot be imported.
        source = Path(distribution("sphinx-mathjax-offline").locate_file("sphinx-mathjax-offline/static/mathjax"))
    except PackageNotFoundError:
        raise ExtensionError(
            "sphinx-mathjax-offline がありません。pip install -r requirements.txt を実行してください。"
        ) from None
    target = Path(app.outdir) / "_static" / "mathjax"
    shutil.copytree(source / FONTS, target / FONTS, dirs_exist_ok=True)
    shutil.copy(source / SCRIPT, target)


def setup(app):
    app.connect("config-inited", use_local_files)
    app.connect("builder-inited", copy_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
