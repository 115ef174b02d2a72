"""What the rules share: the parts of a page that are its own, and a warning at the nearest line.

What the exercises bring along is not looked at: notebooks have no labels.
"""

from collections.abc import Iterator
from typing import TypeVar

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

Kind = TypeVar("Kind", bound=nodes.Node)


def warn(page: str, node: nodes.Node, message: str) -> None:
    """Name the nearest line; parts of a sentence have none of their own."""
    line = next((one.line for one in iter_up(node) if one.line), None)
    logger.warning(message, location=(page, line))


def iter_up(node: nodes.Node | None) -> Iterator[nodes.Node]:
    while node is not None:
        yield node
        node = node.parent


def own(tree: nodes.document, kind: type[Kind]) -> Iterator[Kind]:
    """The nodes of this kind that stand in the page itself."""
    for node in tree.findall(kind):
        if not any("exercise" in one.get("classes", ()) for one in iter_up(node) if isinstance(one, nodes.Element)):
            yield node
