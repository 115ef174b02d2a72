"""A table shows itself when all of it has come.

Every row that comes over a slow network may widen a column, and with it all that is on the screen already. What
follows a table tells the style sheet (site.css) that the table is complete; where nothing follows, this adds it.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

END = '<span class="table-end" hidden></span>'


class Ends(SphinxPostTransform):
    default_priority = 800  # after what makes tables

    def run(self, **options: Any) -> None:
        for table in list(self.document.findall(nodes.table)):
            table.parent.insert(table.parent.index(table) + 1, nodes.raw("", END, format="html"))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_post_transform(Ends)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
