"""Technical terms stand in the glossary."""

import re
from collections.abc import Iterator

from docutils import nodes

from press.pages import BOOK
from press.rules.page import own, warn

TERM = re.compile(r"^(?!\s|#|`)(\S.*)\n  \((.+?)\) ", re.MULTILINE)
ENGLISH = re.compile(r"^\s?\([^)]*[A-Za-z]{3}[^)]*\)")


def known_terms() -> Iterator[str]:
    """The terms of the glossary and their other names."""
    glossary = BOOK / "glossary.md"
    for term, names in TERM.findall(glossary.read_text("utf-8") if glossary.exists() else ""):
        yield from [term, *names.split("、")]


def check_terms(page: str, tree: nodes.document) -> None:
    known = set(known_terms())
    for word in own(tree, nodes.strong):
        after = word.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and ENGLISH.match(after) and word.astext() not in known:
            warn(page, word, f"「{word.astext()}」が用語集にありません。book/glossary.md に加えてください。")
