"""Entries of the list of references as items of a list: the role that docutils gives them is deprecated."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from dlcourse import foreign

ROLE = 'role="doc-biblioentry"'


def visit_citation(translator: HTML5Translator, node: nodes.citation) -> None:
    type(translator).visit_citation(translator, node)
    translator.body[-1] = foreign.replace(
        translator.body[-1], ROLE, 'role="listitem"', where="docutils: a citation", times=1
    )


def depart_citation(translator: HTML5Translator, node: nodes.citation) -> None:
    type(translator).depart_citation(translator, node)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
