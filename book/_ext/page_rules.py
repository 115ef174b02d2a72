"""Warn, at the line, of what CONTRIBUTING.md asks of a page: labels, alternative texts, explained words and symbols.

A warning fails the build. What the exercises bring along is not looked at here: notebooks have no labels.
"""

import functools
import re
from pathlib import Path

import notation
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

BOOK = Path(__file__).resolve().parents[1]
CHAPTER = re.compile(r"ch(\d+)_")
TERM = re.compile(r"^(?!\s|#|`)(\S.*)\n  \((.+?)\) ", re.MULTILINE)
ENGLISH = re.compile(r"^\s?\([^)]*[A-Za-z]{3}[^)]*\)")
IN_FORMULAS = re.compile(r"\$(.+?)\$")

# Letters that stand in no table: constants, and the running numbers of sums and places.
EVERYDAY = {"e", r"\pi", "i", "j", "k", "n"}
GREEK = (
    r"\\(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi"
    r"|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega)(?![A-Za-z])"
)
WORDS = re.compile(r"\\(?:text|mathrm|operatorname|mathbf|begin|end)\*?\{[^{}]*\}")
SYMBOL = re.compile(rf"{GREEK}|\\[A-Za-z]+|[A-Za-z]")
# A letter on its own, with an index at most: the sentence speaks of the letter itself.
ALONE = re.compile(rf"({GREEK}|[A-Za-z])'*(?:[_^](?:\w|\{{[^{{}}]*\}}))*")

DESCRIBE = "何が見えるかを、図を見ない人が思い浮かべられる言葉で書いてください。"
EXPLAIN = "使うところで言葉で説明し、章の終わりの記号の表に加えてください。"


def symbols(formula):
    """The letters of a formula; names of functions and commands are none."""
    found = SYMBOL.findall(WORDS.sub(" ", formula))
    return [symbol for symbol in found if len(symbol) == 1 or re.fullmatch(GREEK, symbol)]


@functools.cache
def listed(page, saved):
    """The symbols that the tables of a page list; `saved`, its time, makes it read again when that changes."""
    formulas = (formula for row in notation.rows(page.read_text("utf-8")) for formula in IN_FORMULAS.findall(row[0]))
    return {symbol for formula in formulas for symbol in symbols(formula)}


def known_symbols(chapter):
    """What the tables of this and the earlier chapters list."""
    pages = (page for page in BOOK.glob("ch*.md") if int(CHAPTER.match(page.name)[1]) <= chapter)
    return EVERYDAY.union(*(listed(page, page.stat().st_mtime_ns) for page in pages))


def known_terms():
    """The terms of the glossary and their other names."""
    for term, names in TERM.findall((BOOK / "glossary.md").read_text("utf-8")):
        yield from [term, *names.split("、")]


def warn(page, node, message):
    """Name the nearest line; parts of a sentence have none of their own."""
    line = next((one.line for one in iter_up(node) if one.line), None)
    logger.warning(message, location=(page, line))


def iter_up(node):
    while node is not None:
        yield node
        node = node.parent


def own(tree, kind):
    """The nodes of this kind that stand in the page itself."""
    for node in tree.findall(kind):
        if not any("exercise" in one.get("classes", ()) for one in iter_up(node) if isinstance(one, nodes.Element)):
            yield node


def check_equations(page, tree):
    for block in own(tree, nodes.math_block):
        if not block.get("label"):
            warn(page, block, "式にラベルがありません。閉じる $$ のあとに (eq-名前) を付けてください。")


def check_images(page, tree):
    for image in own(tree, nodes.image):
        if not image.get("alt", "").strip():
            warn(page, image, f"図に代替テキスト(alt)がありません。{DESCRIBE}")


def check_terms(page, tree):
    known = set(known_terms())
    for word in own(tree, nodes.strong):
        after = word.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and ENGLISH.match(after) and word.astext() not in known:
            warn(page, word, f"「{word.astext()}」が用語集にありません。book/glossary.md に加えてください。")


def check_symbols(page, tree):
    chapter = CHAPTER.match(Path(page).name)
    if not chapter:
        return
    in_text, displayed = list(own(tree, nodes.math)), list(own(tree, nodes.math_block))
    explained = (ALONE.fullmatch(formula.astext().strip()) for formula in in_text)
    known = known_symbols(int(chapter[1])) | {found[1] for found in explained if found}
    for formula in [*in_text, *displayed]:
        for symbol in symbols(formula.astext()):
            if symbol not in known:
                warn(page, formula, f"記号 {symbol} の説明がありません。{EXPLAIN}")
                known.add(symbol)  # once is enough


def check(app, tree):
    for rule in (check_equations, check_images, check_terms, check_symbols):
        rule(app.env.docname, tree)


def setup(app):
    app.connect("doctree-read", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
