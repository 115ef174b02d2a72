"""Addresses of parts that moved to another page still lead to them: no server sees what stands behind the `#`."""

import json
import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

# page → the page to which parts of it have moved
MOVED = {"book/ch4_gradient_descent": "book/ch4_optimizers"}
NUMBERED = re.compile(r"id\d+")  # given by docutils in the order of a page
SCRIPT = """addEventListener("DOMContentLoaded", () => {{
  if ({parts}.includes(decodeURIComponent(location.hash.slice(1)))) location.replace("{page}" + location.hash);
}});"""


def names_in(tree: nodes.document) -> set[str]:
    """Behind the # of an address."""
    return {name for node in tree.findall(nodes.Element) for name in node["ids"]}


def lead_on(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    if tree is None or page not in MOVED:
        return
    there = app.env.get_doctree(MOVED[page])
    parts = sorted(name for name in names_in(there) - names_in(tree) if not NUMBERED.fullmatch(name))
    address = app.builder.get_relative_uri(page, MOVED[page])
    app.add_js_file(None, body=SCRIPT.format(parts=json.dumps(parts), page=address))


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("html-page-context", lead_on)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
