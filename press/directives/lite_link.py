"""`{lite}`text <ch1_input_to_hidden>`` leads to that notebook in JupyterLite, `{lite}`text`` to the list of all."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import ReferenceRole
from sphinx.util.typing import ExtensionMetadata

from press.exercises.source import released


class Link(ReferenceRole):
    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        page = "tree/index.html"
        if self.has_explicit_title:
            if self.target not in {notebook.stem for notebook in released()}:
                problem = f"exercises/ に {self.target} というノートブックはありません。"
                return [], [self.inliner.reporter.error(problem, line=self.lineno)]
            page = f"notebooks/index.html?path={self.target}.ipynb"
        up = "../" * self.env.docname.count("/")
        return [nodes.reference("", self.title, refuri=f"{up}lite/{page}", internal=True)], []


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_role("lite", Link())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
