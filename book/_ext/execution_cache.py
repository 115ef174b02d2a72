"""Run a page again when the code that it imports has changed.

jupyter-cache knows an execution by the notebook's own code, so a page would keep its old outputs after a
change inside dlcourse. Here every state of dlcourse and requirements.txt gets its own cache folder. The
setting also decides whether Sphinx reads the pages again, so changing it before the environment is loaded is enough.
"""

import hashlib
import shutil
from pathlib import Path


def state(root):
    """One name for what the cells import: the package's text and the versions of everything else."""
    digest = hashlib.sha256()
    for file in [*sorted((root / "dlcourse").rglob("*.py")), root / "requirements.txt"]:
        if file.exists():
            digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def choose_folder(app, config):
    root = Path(app.srcdir)
    caches = root / config.nb_execution_cache_path
    current = caches / state(root)
    for other in caches.glob("*"):
        if other.is_dir() and other != current:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(current)


def setup(app):
    app.connect("config-inited", choose_folder)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
