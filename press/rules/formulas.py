"""Equations have labels, and every symbol is explained."""

import functools
import re
from pathlib import Path

from docutils import nodes

from press.directives import notation
from press.languages import sources
from press.pages import CHAPTER
from press.rules.page import own, warn

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

EXPLAIN = "使うところで言葉で説明し、章の終わりの記号の表に加えてください。"


def symbols(formula: str) -> list[str]:
    """The letters of a formula; names of functions and commands are none."""
    found = SYMBOL.findall(WORDS.sub(" ", formula))
    return [symbol for symbol in found if len(symbol) == 1 or re.fullmatch(GREEK, symbol)]


@functools.cache
def listed(page: Path, saved: int) -> set[str]:
    """The symbols that the tables of a page list; `saved`, its time, makes it read again when that changes."""
    formulas = (formula for row in notation.rows(page.read_text("utf-8")) for formula in IN_FORMULAS.findall(row[0]))
    return {symbol for formula in formulas for symbol in symbols(formula)}


def known_symbols(chapter: int) -> set[str]:
    """What the tables of this and the earlier chapters list."""
    numbered = ((page, CHAPTER.match(page.name)) for page in sources("book/ch*.md"))
    pages = (page for page, number in numbered if number and int(number[1]) <= chapter)
    return EVERYDAY.union(*(listed(page, page.stat().st_mtime_ns) for page in pages))


def check_equations(page: str, tree: nodes.document) -> None:
    for block in own(tree, nodes.math_block):
        # \begin{align} without $$ gets a label that nobody knows.
        if not block.get("label") or "amsmath" in block["classes"]:
            warn(page, block, "式にラベルがありません。$$ で囲み、閉じる $$ のあとに (eq-名前) を付けてください。")


def check_symbols(page: str, tree: nodes.document) -> None:
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
