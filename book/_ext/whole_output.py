"""What a cell prints is one block with whole lines, however slowly it came.

A kernel sends output several times a second, at times in the middle of a line. The setting nb_merge_streams of
myst-nb ends every such piece with a new line, so that a busy machine made `W2 (3, 2)` two lines; nbclient puts the
pieces together as they were, but jupyter-cache, which runs the pages, has no setting for it.
"""

from functools import partial

from jupyter_cache.executors import utils as running


def setup(app):
    running.executenb = partial(running.executenb, coalesce_streams=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
