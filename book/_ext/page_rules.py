"""Warn, at the line, of what CONTRIBUTING.md asks of a page: labels, alternative texts, explained words and symbols,
and of what is opened and not closed, which Markdown takes for text.

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

SHOWN_BY_BROWSERS = (".svg", ".webp", ".png", ".jpg", ".jpeg", ".gif", ".avif")
# MyST-NB passes over what it does not know.
CELL_KEYS = {
    "": {"tags", "mystnb"},
    "tags": {f"{verb}-{part}" for verb in ("hide", "remove", "scroll") for part in ("cell", "input", "output")}
    | {"remove-stdout", "remove-stderr", "differs-live", "not-live"},
    "mystnb": {"figure", "image", "code_prompt_show", "code_prompt_hide", "number_source_lines", "output_stderr"},
    "figure": {"name", "caption", "classes", "align", "caption_before"},
    "image": {"alt", "classes", "align", "width", "height", "scale"},
}
# The name of a file, or only 図, describes nothing.
DESCRIPTION = re.compile("[ぁ-んァ-ヶ一-龠]{2}")
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*["']([^"']*)""", re.IGNORECASE)

FENCE = re.compile(r"^\s*(`{3,}|~{3,}|:{3,})\s*(.*?)\s*$")
DIRECTIVE = re.compile(r"\{(?!code|math|raw|literal)[^}]+\}")
FOOTNOTE = re.compile(r"^(\[\^[^\]]+\]):", re.MULTILINE)
LEFT_OVER = re.compile(r"\[\^|\]\[|\]\(|\$|\*\*|:::|`|(?<!\w)\{[a-z]{2,}(?::[a-z]+)?\}")

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
    glossary = BOOK / "glossary.md"
    for term, names in TERM.findall(glossary.read_text("utf-8") if glossary.exists() else ""):
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


def check_title(page, tree):
    titles = [part for part in tree.children if isinstance(part, nodes.section)]
    if not titles:
        logger.warning("ページの題がありません。「# 題」の行を、本文の前に1つ書いてください。", location=(page, 1))
    for further in titles[1:]:
        warn(page, further, "題(# の見出し)が2つあります。ページの題は1つだけにし、ほかは ## にしてください。")


def check_equations(page, tree):
    for block in own(tree, nodes.math_block):
        # \begin{align} without $$ gets a label that nobody knows.
        if not block.get("label") or "amsmath" in block["classes"]:
            warn(page, block, "式にラベルがありません。$$ で囲み、閉じる $$ のあとに (eq-名前) を付けてください。")


def check_images(page, tree):
    for image in own(tree, nodes.image):
        uri = image["uri"].lower()
        if not uri.startswith("data:") and not uri.endswith(SHOWN_BY_BROWSERS):
            warn(page, image, f"ブラウザーで開けない形式の図です: {uri}。SVG、WebP、PNG、JPEG にしてください。")
        if not DESCRIPTION.search(image.get("alt", "")):
            warn(page, image, f"図に代替テキスト(alt)がありません。{DESCRIBE}")
    for raw in own(tree, nodes.raw):
        for tag in IMAGE_TAG.findall(raw.astext()):
            found = ALT.search(tag)
            if not (found and DESCRIPTION.search(found[1])):
                warn(page, raw, f"<img> に代替テキスト(alt)がありません。{DESCRIBE}")


def check_cells(page, tree):
    for cell in own(tree, nodes.container):
        options = cell.get("cell_metadata", {})
        mystnb = options.get("mystnb") or {}
        given = {"": options, "mystnb": mystnb, "tags": options.get("tags") or []}
        for where, names in {**given, "figure": mystnb.get("figure") or {}, "image": mystnb.get("image") or {}}.items():
            for name in set(names) - CELL_KEYS[where]:
                known = "、".join(sorted(CELL_KEYS[where]))
                warn(page, cell, f"セルの {where or '設定'} に {name} はありません。使えるのは {known} です。")


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


def unclosed(lines, first=1):
    """The lines that open a block which none closes; what stands in a directive is looked at as well."""
    start = None
    for number, line in enumerate(lines, first):
        fence = FENCE.match(line)
        if not fence:
            continue
        if start is None:
            start, (marks, info) = number, fence.groups()
        elif fence[1].startswith(marks) and not fence[2]:
            if DIRECTIVE.match(info):
                yield from unclosed(lines[start - first + 1 : number - first], start + 1)
            start = None
    if start is not None:
        yield start


def check_fences(app, page, source):
    lines = source[0].splitlines()
    for number in unclosed(lines):
        mark = FENCE.match(lines[number - 1])[1]
        logger.warning(f"{mark} が閉じていません。同じ数の {mark} だけの行で閉じてください。", location=(page, number))


def check_footnotes(app, page, source):
    """A note that the text does not call does not appear on the page."""
    for note in FOOTNOTE.finditer(source[0]):
        if source[0].count(note[1]) < 2:
            line = source[0].count("\n", 0, note.start()) + 1
            logger.warning(f"注 {note[1]} を呼ぶところが本文にないので、注は出ません。", location=(page, line))


def check_marks(page, tree):
    for text in own(tree, nodes.Text):
        # formulas, code and HTML hold these as themselves
        plain = not any(isinstance(one, nodes.FixedTextElement | nodes.literal | nodes.math) for one in iter_up(text))
        if plain and (found := LEFT_OVER.search(text)):
            around = text[max(0, found.start() - 10) : found.end() + 10]
            warn(page, text, f"「{around}」の {found[0]} が文字のまま出ます。閉じているか、綴りを確かめてください。")


def check(app, tree):
    for rule in (check_title, check_equations, check_images, check_cells, check_terms, check_symbols, check_marks):
        rule(app.env.docname, tree)


def setup(app):
    app.connect("source-read", check_fences)
    app.connect("source-read", check_footnotes)
    app.connect("doctree-read", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
