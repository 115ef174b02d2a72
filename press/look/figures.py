"""A figure's place is kept before it is loaded, and it is loaded when the reader comes near."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from dlcourse import foreign


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    size = get_image_size(Path(translator.builder.srcdir) / node["uri"])
    type(translator).visit_image(translator, node)
    if size:
        place = f'<img width="{size[0]}" height="{size[1]}" loading="lazy"'
        translator.body[-1] = foreign.replace(translator.body[-1], "<img", place, where="sphinx: an image", times=1)


def depart_image(translator: HTML5Translator, node: nodes.image) -> None:
    type(translator).depart_image(translator, node)


def setup(app: Sphinx) -> ExtensionMetadata:
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
