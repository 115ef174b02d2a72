"""Warn, at the line, of what CONTRIBUTING.md asks of a page; a warning fails the build.

draws              what random numbers give, shown over several seeds or said to be one draw
formulas           labels of equations, symbols that nothing explains
images_and_cells   alternative texts, names of figures, settings of cells
terms              technical terms that the glossary lacks
text               what is opened and not closed; cells of tables and footnotes that would be dropped
titles_and_links   titles, links and boxes without words

A rule looks at a page's tree (RULES, JAPANESE_RULES) or at its text (SOURCE_RULES); fences and page are what several
of them use.

settings says what is wrong in _config.yml, _toc.yml or the bibliography, before a build. Each rule's mistake
is in tests/builds/test_rules.py, which `make check` leaves out.
"""

from typing import TYPE_CHECKING

from docutils import nodes

from press.rules.draws import check_draws
from press.rules.formulas import check_equations, check_symbols
from press.rules.images_and_cells import check_cell_heads, check_cells, check_documented, check_images
from press.rules.terms import check_terms
from press.rules.text import check_fences, check_footnotes, check_html, check_marks, check_tables
from press.rules.titles_and_links import check_dropdowns, check_links, check_title

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

SOURCE_RULES = [check_fences, check_footnotes, check_tables, check_cell_heads, check_documented]
RULES = [
    check_title,
    check_equations,
    check_images,
    check_cells,
    check_marks,
    check_links,
    check_dropdowns,
    check_html,
]
# These go by Japanese words. A text in another language has the same cells and formulas: press.translation compares.
JAPANESE_RULES = [check_draws, check_terms, check_symbols]


def check(app: "Sphinx", tree: nodes.document) -> None:
    for rule in RULES + JAPANESE_RULES * (app.config.language == "ja"):
        rule(app.env.docname, tree)


def setup(app: "Sphinx") -> "ExtensionMetadata":
    for rule in SOURCE_RULES:
        app.connect("source-read", rule)
    app.connect("doctree-read", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
