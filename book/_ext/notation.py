"""`{notation}` gathers the tables of symbols at the end of the chapters into one.

A chapter's table begins with the heading 記号 and stays the only place where its symbols are written.
"""

import re
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

BOOK = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\|(.+)\|$")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def rows(text):
    """The rows of every table of symbols: symbol, name in the program, meaning."""
    inside = False
    for line in text.splitlines():
        row = ROW.match(line.strip())
        cells = [cell.strip() for cell in row[1].split("|")] if row else []
        if cells and cells[0] == "記号":
            inside = True
        elif not row:
            inside = False
        elif inside and not set(cells[0]) <= set(":- "):
            yield cells[:3]


def table():
    """All symbols in the order of the chapters; one with several meanings comes once with each."""
    lines = ["| 記号 | プログラム | 意味 | はじめて使う章 |", "|---|---|---|---|"]
    seen = set()
    for page in sorted(BOOK.glob("ch*.md")):
        text = page.read_text(encoding="utf-8")
        for symbol, name, meaning in rows(text):
            if (symbol, meaning) not in seen:
                seen.add((symbol, meaning))
                lines.append(f"| {symbol} | {name} | {meaning} | {{doc}}`{HEADING.search(text)[1]} <{page.stem}>` |")
    return lines


class NotationDirective(SphinxDirective):
    def run(self):
        for page in BOOK.glob("ch*.md"):
            self.env.note_dependency(str(page))
        box = nodes.Element()
        self.state.nested_parse(StringList(table(), source="notation"), 0, box)
        return box.children


def setup(app):
    app.add_directive("notation", NotationDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
