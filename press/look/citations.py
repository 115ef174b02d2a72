"""Entries of the list of references as items of a list: the role that docutils gives them is deprecated."""

from docutils import nodes

from dlcourse import foreign

ROLE = 'role="doc-biblioentry"'


def visit_citation(translator, node):
    type(translator).visit_citation(translator, node)
    translator.body[-1] = foreign.replace(
        translator.body[-1], ROLE, 'role="listitem"', where="docutils: a citation", times=1
    )


def depart_citation(translator, node):
    type(translator).depart_citation(translator, node)


def setup(app):
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
