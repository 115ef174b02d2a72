"""Running the cells of the pages.

The pages run again when what they import has changed. jupyter-cache knows an execution by the notebook's own code, so a
page would keep its old outputs after a change inside dlcourse. Here every state of what cells import has its own cache
folder. The setting also decides whether Sphinx reads the pages again, so changing it before the environment is loaded
is enough.

What a cell prints is one block with whole lines, however slowly it came. A kernel sends output several times a second,
at times in the middle of a line. The setting nb_merge_streams of myst-nb ends every such piece with a new line, so that
a busy machine made `W2 (3, 2)` two lines; nbclient puts the pieces together as they were, but jupyter-cache, which runs
the pages, has no setting for it.
"""

import os
import shutil
from functools import partial

import nbclient
from jupyter_cache.executors import utils as running
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

from dlcourse import foreign
from press import ROOT, made_from


def choose_folder(app: Sphinx, config: Config) -> None:
    caches = ROOT / config.nb_execution_cache_path
    current = caches / made_from.fingerprint(made_from.CELLS)[:16]
    for other in caches.glob("*"):
        if other.is_dir() and other != current:
            shutil.rmtree(other)
    config.nb_execution_cache_path = str(current)


def import_from_here(app: Sphinx) -> None:
    """The cells import the dlcourse of this folder, whichever one is installed."""
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(ROOT) not in path:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), *path]))


def list_fonts(app: Sphinx) -> None:
    """Let Matplotlib list the machine's fonts before the pages run.

    The first import on a new machine may take seconds and then says so on stderr. Inside a cell that message would be
    a warning of the build, and it would be kept in the execution cache.
    """
    import matplotlib.font_manager  # noqa: F401  (listing the fonts is what the import does)


def setup(app: Sphinx) -> ExtensionMetadata:
    foreign.patch(running, "executenb", partial(nbclient.execute, coalesce_streams=True))
    app.connect("config-inited", choose_folder)
    app.connect("builder-inited", import_from_here)
    app.connect("builder-inited", list_fonts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
