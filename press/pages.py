"""The pages: where their files are, how they were read, and their order, for those that look at all of them."""

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from docutils import nodes
from sphinx.environment import BuildEnvironment

from press import ROOT

BOOK = ROOT / "book"
CHAPTER = re.compile(r"ch(\d+)_")  # how the name of a chapter's file begins
Context = dict[str, Any]  # what the template of a page is given


@functools.cache
def read(env: BuildEnvironment, page: str) -> nodes.document:
    """The tree of a page, unpickled once in a build. It is shared, so nobody changes it."""
    return env.get_doctree(page)


def order(env: BuildEnvironment) -> Callable[[str], tuple[bool, int]]:
    """The order in which a reader meets the pages, as a key for sorting: each is followed by those below it."""
    known = {page: place for place, page in enumerate(below(env, env.config.root_doc))}
    return lambda page: (page != "book/index", known.get(page, len(known)))


def below(env: BuildEnvironment, page: str) -> Iterator[str]:
    for child in env.toctree_includes.get(page, []):
        yield child
        yield from below(env, child)
