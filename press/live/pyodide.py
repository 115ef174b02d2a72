"""Fetch the Python that runs in the reader's browser: `python -m press.live.pyodide`.

It is the one that the grader's portable engine runs, too, so the lock and the fetching stand there. The files are
fetched once into the environment; every book is built from there, without a network.

To move to another version, unpack its official release and run `python -m press.live.pyodide pin FOLDER`.
"""

import json
import sys
from pathlib import Path

from dlcourse.grading.isolation.portable import pyodide
from dlcourse.grading.isolation.portable.pyodide import Incomplete, closure, digest

FOLDER = Path(sys.prefix) / "pyodide"
CORE = ["pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]
PACKAGES = [
    "numpy",
    "matplotlib",  # what the cells import, dlcourse itself aside
    "ipython",
    "jedi",
    "micropip",
    "sqlite3",
    "ssl",  # what the notebooks' kernel asks for when it starts
]


def fetch(folder: Path = FOLDER) -> None:
    try:
        pyodide.fetch(folder)
    except Incomplete as reason:
        sys.exit(f"✗ ページの中で動く {reason}")


def pin(release: str | Path) -> None:
    """Write the lock anew from an unpacked official release."""
    official = json.loads((Path(release) / pyodide.LOCK.name).read_text("utf-8"))
    names = closure(official["packages"], PACKAGES)
    cut = {
        "info": official["info"],
        "core": {name: digest((Path(release) / name).read_bytes()) for name in CORE},
        "packages": {name: official["packages"][name] for name in sorted(names)},
    }
    pyodide.LOCK.write_text(json.dumps(cut, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            fetch()
        case ["pin", release]:
            pin(release)
        case _:
            sys.exit(__doc__)
