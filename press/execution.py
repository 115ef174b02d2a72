"""Running the cells of the pages.

The pages run again when what they import has changed. jupyter-cache knows an execution by the notebook's own code, so a
page would keep its old outputs after a change inside dlcourse. Here every state of what cells import has its own cache
folder. The setting also decides whether Sphinx reads the pages again, so changing it before the environment is loaded
is enough.

What a cell prints is one block with whole lines, however slowly it came. A kernel sends output several times a second,
at times in the middle of a line. The setting nb_merge_streams of myst-nb ends every such piece with a new line, so that
a busy machine made `W2 (3, 2)` two lines; nbclient puts the pieces together as they were, but jupyter-cache, which runs
the pages, has no setting for it.

Pages run side by side, as many as there are processors, while Sphinx reads the first of them; each waits for its own
run where it would have begun it.
"""

import copy
import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import nbclient
from jupyter_cache import get_cache
from jupyter_cache.executors import utils as running
from myst_nb.core.execute import cache as of_pages
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
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


Begun = dict[tuple[str, ...], "Future[running.ExecutionResult]"]  # by the code of the cells
begun: Begun = {}


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def code_of(notebook: NotebookNode) -> tuple[str, ...]:
    return tuple(cell.source for cell in code_cells(notebook))


def begin(app: Sphinx, env: BuildEnvironment, pages: list[str]) -> None:
    """Start the runs of the pages that are to be read and that the cache does not know."""
    settings = env.mystnb_config  # type: ignore[attr-defined]  # myst-nb's, kept with what Sphinx knows of the pages
    if settings.execution_mode != "cache" or not settings.execution_cache_path:
        return
    cache = get_cache(settings.execution_cache_path)
    pool = ThreadPoolExecutor(os.cpu_count())
    for page in pages:
        path = Path(env.doc2path(page))
        notebook = read(env, path)
        if not notebook or not code_of(notebook) or is_known(cache, notebook):
            continue
        begun[code_of(notebook)] = pool.submit(
            running.single_nb_execution, notebook, cwd=str(path.parent), timeout=settings.execution_timeout,
            allow_errors=settings.execution_allow_errors, meta_override=True,
        )  # fmt: skip
    pool.shutdown(wait=False)


def read(env: BuildEnvironment, path: Path) -> NotebookNode | None:
    """The notebook that a page is; None where it is none, or cannot be read."""
    try:
        text = path.read_text("utf-8")
        reader = create_nb_reader(str(path), env.myst_config, env.mystnb_config, text)  # type: ignore[attr-defined]  # as above
        return reader and reader.read(text)
    except Exception:  # whatever a page may have wrong: Sphinx meets it next, and says so
        return None


def is_known(cache: Any, notebook: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def finish(notebook: NotebookNode, **settings: Any) -> running.ExecutionResult:
    """In the place of the run of one page: wait for the one that has begun."""
    run = begun.pop(code_of(notebook), None)
    if run is None:
        return running.single_nb_execution(notebook, **settings)
    result = run.result()
    for cell, done in zip(code_cells(notebook), code_cells(result.nb), strict=True):
        cell.outputs, cell.execution_count = done.get("outputs", []), done.get("execution_count")
    notebook.metadata.update(copy.deepcopy(result.nb.metadata))
    return running.ExecutionResult(notebook, result.cwd, result.time, result.err, result.exc_string)


def give_up(app: Sphinx, exception: Exception | None) -> None:
    """Of a build that has ended early nothing more is to begin."""
    for run in begun.values():
        run.cancel()
    begun.clear()


def setup(app: Sphinx) -> ExtensionMetadata:
    foreign.patch(running, "executenb", partial(nbclient.execute, coalesce_streams=True))
    foreign.patch(of_pages, "single_nb_execution", finish)
    app.connect("config-inited", choose_folder)
    app.connect("builder-inited", import_from_here)
    app.connect("builder-inited", list_fonts)
    app.connect("env-before-read-docs", begin, priority=900)
    app.connect("build-finished", give_up)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
