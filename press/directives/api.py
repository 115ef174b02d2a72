"""`{api} functions` shows a module of dlcourse from its docstrings, in the edition's language, each formula linked to
its equation.
"""

import re
from importlib.util import find_spec

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from dlcourse import words
from press import docstrings

TEXT = """\
```{{eval-rst}}
.. automodule:: dlcourse.{module}
   :members:
   :member-order: bysource
```
"""


def translate(app: Sphinx, what: str, name: str, object_: object, options: object, lines: list[str]) -> None:
    lines[:] = docstrings.translated(lines)


def link_equations(app: Sphinx, what: str, name: str, object_: object, options: object, lines: list[str]) -> None:
    lines[:] = [re.sub(r"(?<= )(eq-[\w-]+)", r":eq:`\1`", line) for line in lines]


def translate_defaults(
    app: Sphinx, what: str, name: str, object_: object, options: object, signature: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """x_label='列' becomes what the figure says in this language."""
    return signature and re.sub(r"(?<=')[^']+(?=')", lambda text: words.say(text[0]), signature), returned


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
    app.connect("autodoc-process-docstring", translate, priority=400)  # before Napoleon reads its sections
    app.connect("autodoc-process-docstring", link_equations)
    app.connect("autodoc-process-signature", translate_defaults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
