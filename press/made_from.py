"""What the site is made from: the one list, which make, the preview and Sphinx go by.

Run as a program it prints the files, for the Makefile; so it needs nothing but Python.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from press import ROOT

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata

# Each line is a kind of input, and what has to be done again when one of its files changes.
CELLS = ["dlcourse/**/*", "rehearsal/**/*.py", "requirements.txt"]  # run the pages: what their cells import
READING = [  # read the pages: what makes their trees
    "press/*.py",
    "press/directives/**/*",
    "press/exercises/**/*",
    "press/japanese/markdown.py",
    "press/locale/**/*",
    "press/practice/*.py",
    "press/rules/**/*",
]
WRITING = [  # write the pages: what makes HTML of their trees, and the wheel beside them
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "press/japanese/**/*",
    "press/live/*",
    "press/live/browser_python/*",
    "press/live/lite_settings/*",
    "press/live/static/*",  # editor.js among them, which make editor makes
    "press/look/**/*",
    "press/practice/static/*",  # scheduler.js among them, which make editor makes
    "press/search/**/*",
    "press/site/**/*",
]
TEXTS = [  # Sphinx itself compares them; the tests of the equations are counted on a page
    "book/**/*",
    "solutions/*/*.md",
    "exercises/**/*.ipynb",  # those in other languages lie deeper
    "tests/dlcourse/equations/*.py",
    "CITATION.cff",
    "_config.yml",
    "_toc.yml",
]
BUILDING = ["press/commands/build.py"]
ALL = CELLS, READING, WRITING, TEXTS, BUILDING
MADE_BY_OTHERS = {"__pycache__", ".ipynb_checkpoints"}


def files(*kinds: list[str], root: Path = ROOT) -> list[Path]:
    """The files of these kinds of input, of all without any."""
    patterns = [pattern for kind in kinds or ALL for pattern in kind]
    found = {file for pattern in patterns for file in root.glob(pattern)}
    return sorted(file for file in found if is_input(file))


def is_input(file: Path) -> bool:
    return file.is_file() and file.name != "sphinx.mo" and MADE_BY_OTHERS.isdisjoint(file.parts)


def fingerprint(*kinds: list[str], root: Path = ROOT) -> str:
    """One name for the content of the files of these kinds."""
    digest = hashlib.sha256()
    for file in files(*kinds, root=root):
        digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def record(app: "Sphinx", config: "Config") -> None:
    config.press_reading = fingerprint(READING)
    config.press_writing = fingerprint(WRITING)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    # Sphinx reads the pages again when a value of the first kind changes, and only writes them for one of the second.
    app.add_config_value("press_reading", "", "env")
    app.add_config_value("press_writing", "", "html")
    app.connect("config-inited", record)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    print(*(file.relative_to(ROOT) for file in files()))
