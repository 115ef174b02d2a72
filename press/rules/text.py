"""What is opened is closed: else Markdown takes it for text, or drops it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from docutils import nodes

from press.rules import fences
from press.rules.page import iter_up, logger, own, warn

if TYPE_CHECKING:  # what only builds need
    from sphinx.application import Sphinx

TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")
# Those that stand alone, and those that the next one ends.
NEED_NO_END = set("area base br col embed hr img input link meta source track wbr p li dt dd tr td th option".split())
FOOTNOTE = re.compile(r"^(\[\^[^\]]+\]):", re.MULTILINE)
LEFT_OVER = re.compile(r"\[\^|\]\[|\]\(|\$|\*\*|:::|`|(?<!\w)\{[a-z]{2,}(?::[a-z]+)?\}")


Attributes = list[tuple[str, str | None]]


def check_fences(app: "Sphinx", page: str, source: list[str]) -> None:
    lines = source[0].splitlines()
    for number in fences.unclosed(lines):
        logger.warning(fences.advice(lines[number - 1]), location=(page, number))


def plain_lines(text: str) -> Iterator[tuple[int, str]]:
    """The numbered lines that are no code; what stands in a directive counts as text."""
    verbatim = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = fences.FENCE.match(line)
        if verbatim:
            if fence and fence[1].startswith(verbatim) and not fence[2]:
                verbatim = None
        elif fence and fence[2] and not fences.DIRECTIVE.match(fence[2]):
            verbatim = fence[1]
        else:
            yield number, line


def check_tables(app: "Sphinx", page: str, source: list[str]) -> None:
    """Markdown drops the cells for which the header has no column."""
    columns, before = None, ""
    for number, line in plain_lines(source[0]):
        if columns and "|" in line:
            if row_length(line) > columns:
                message = f"表の行に、見出しの {columns} 列より多くのマスがあります。文字としての | は \\| と書きます。"
                logger.warning(message, location=(page, number))
        else:
            columns = row_length(before) if TABLE_RULE.fullmatch(line.strip()) and "|" in before else None
        before = line


def row_length(row: str) -> int:
    return len(re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|")))


def check_footnotes(app: "Sphinx", page: str, source: list[str]) -> None:
    """A note that the text does not call does not appear on the page."""
    for note in FOOTNOTE.finditer(source[0]):
        if source[0].count(note[1]) < 2:
            line = source[0].count("\n", 0, note.start()) + 1
            logger.warning(f"注 {note[1]} を呼ぶところが本文にないので、注は出ません。", location=(page, line))


def check_marks(page: str, tree: nodes.document) -> None:
    for text in own(tree, nodes.Text):
        # formulas, code and HTML hold these as themselves
        plain = not any(isinstance(one, nodes.FixedTextElement | nodes.literal | nodes.math) for one in iter_up(text))
        if plain and (found := LEFT_OVER.search(text)):
            around = text[max(0, found.start() - 10) : found.end() + 10]
            warn(page, text, f"「{around}」の {found[0]} が文字のまま出ます。閉じているか、綴りを確かめてください。")


class OpenTags(HTMLParser):
    """The tags that are open in the HTML of a page, each with the node that opened it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, nodes.Node]] = []
        self.node: nodes.Node | None = None

    def read(self, node: nodes.raw) -> None:
        self.node = node
        self.feed(node.astext())

    def handle_starttag(self, tag: str, attributes: Attributes) -> None:
        if tag not in NEED_NO_END:
            self.open.append((tag, self.node))

    def handle_startendtag(self, tag: str, attributes: Attributes) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        last = next((place for place, (name, _) in reversed(list(enumerate(self.open))) if name == tag), None)
        if last is not None:
            del self.open[last]


def check_html(page: str, tree: nodes.document) -> None:
    tags = OpenTags()
    for raw in own(tree, nodes.raw):
        if "html" in raw.get("format", ""):
            tags.read(raw)
    for tag, node in tags.open:
        warn(page, node, f"<{tag}> が閉じていません。</{tag}> で閉じてください。")
