"""`{api} functions` shows a module of dlcourse from its docstrings, each formula linked to its equation."""

import re
from importlib.util import find_spec

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

TEXT = """\
```{{eval-rst}}
.. automodule:: dlcourse.{module}
   :members:
   :member-order: bysource
```
"""


def link_equations(app: Sphinx, what: str, name: str, object_: object, options: object, lines: list[str]) -> None:
    lines[:] = [re.sub(r"(?<![\w`-])eq-[\w-]+", r":eq:`\g<0>`", line) for line in lines]


class ApiDirective(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        if not find_spec(f"dlcourse.{self.arguments[0]}"):
            raise self.error(f"dlcourse に {self.arguments[0]} というモジュールはありません。綴りを確かめてください。")
        box = nodes.Element()
        text = TEXT.format(module=self.arguments[0]).splitlines()
        self.state.nested_parse(StringList(text, source=f"dlcourse.{self.arguments[0]}"), 0, box)
        return box.children


def setup(app: Sphinx) -> ExtensionMetadata:
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_directive("api", ApiDirective)
    app.connect("autodoc-process-docstring", link_equations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
