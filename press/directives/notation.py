"""`{notation}` gathers the tables of symbols at the end of the chapters into one.

A chapter's table begins with the heading 記号 (Symbol) and stays the only place where its symbols are written: the
first chapter that uses a symbol lists it, a later one only when it gives the symbol another meaning.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from press.languages import sources
from press.pages import CHAPTER
from press.words import say

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

ROW = re.compile(r"^\|(.+)\|$")


def rows(text: str) -> Iterator[list[str]]:
    """The rows of every table of symbols: symbol, meaning, shape, name in the program."""
    inside = False
    for line in text.splitlines():
        row = ROW.match(line.strip())
        cells = [cell.strip() for cell in row[1].split("|")] if row else []
        if cells and cells[0] == say("記号"):
            inside = True
        elif not row:
            inside = False
        elif inside and not set(cells[0]) <= set(":- "):
            yield cells


def table() -> list[str]:
    """All symbols in the order of the chapters."""
    lines = [say("| 記号 | 意味 | 形 | プログラム | 章 |"), "|---|---|---|---|---|"]
    for page in sources("book/ch*.md"):
        number = CHAPTER.match(page.name)
        assert number, page
        chapter = f"{{doc}}`{number[1]} <{page.stem}>`"
        for row in rows(page.read_text(encoding="utf-8")):
            lines.append(f"| {' | '.join(row)} | {chapter} |")
    return lines


class NotationDirective(SphinxDirective):
    def run(self) -> list[nodes.Node]:
        for page in sources("book/ch*.md"):
            self.env.note_dependency(str(page))
        box = nodes.Element()
        self.state.nested_parse(StringList(table(), source="notation"), 0, box)
        return box.children


def setup(app: "Sphinx") -> "ExtensionMetadata":
    app.add_directive("notation", NotationDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
